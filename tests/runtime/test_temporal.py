"""Connecting says plainly what is wrong; preparing may be repeated."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.testing import WorkflowEnvironment

from plan.errors import Misconfigured, Unreachable
from runtime.names import INCIDENT, WORKFLOWS_QUEUE
from runtime.ports import free_port
from runtime.search_attributes import ALL, OVERDUE
from runtime.temporal import connect, data_converter, prepare

NOBODY = "127.0.0.1:1"


async def test_a_server_that_is_not_there_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="TEMPORAL_ADDRESS"):
        await connect(address=NOBODY)


async def test_a_profile_that_cannot_be_read_is_misconfigured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "temporal.toml").write_text("[profile", encoding="utf-8")
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "temporal.toml"))
    with pytest.raises(Misconfigured, match="TEMPORAL_PROFILE"):
        await connect()


@pytest.mark.server
async def test_the_environment_says_where_temporal_is(
    env: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", env.client.service_client.config.target_host)
    client = await connect()
    assert client.namespace == "default"
    assert client.data_converter is data_converter


@pytest.mark.server
async def test_many_may_prepare_at_once_and_again(apart: Client) -> None:
    await asyncio.gather(*(prepare(apart) for _ in range(4)))
    everything: dict[Any, Any] = {"Keyword": "x", "Int": 1, "Bool": True}
    pairs = [
        SearchAttributePair(key, everything[key.indexed_value_type.name.title()])
        for key in ALL
        if key.indexed_value_type.name.title() in everything
    ]
    attributes = TypedSearchAttributes(pairs)
    identity = f"prepared-{uuid4().hex[:8]}"
    handle = await apart.start_workflow(INCIDENT, id=identity, task_queue=WORKFLOWS_QUEUE, search_attributes=attributes)
    described = await handle.describe()
    assert described.typed_search_attributes[OVERDUE] == 1
    await handle.terminate()


@pytest.mark.server
async def test_a_process_serves_its_metrics_where_it_is_told_to(env: WorkflowEnvironment) -> None:
    """In a process of its own: the SDK's runtime is made once per process."""
    address = f"127.0.0.1:{free_port()}"
    code = (
        "import asyncio, urllib.request; from runtime.temporal import connect; from runtime.leaving import leave, run\n"
        "async def main():\n"
        "    await connect()\n"
        f"    body = await asyncio.to_thread(lambda: urllib.request.urlopen('http://{address}/metrics').read())\n"
        "    print(body.decode())\n"
        "    return 0\n"
        "leave(run(main()))"
    )
    target = env.client.service_client.config.target_host
    environment = {**os.environ, "TOCSIN_METRICS": address, "TEMPORAL_ADDRESS": target}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, env=environment
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    assert "temporal_request" in said.decode()
