"""The worker on a real server: built over anybody's client, and run as a process of its own."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

import worker
from activities.channels.contract import Message
from activities.channels.null import NullChannel
from plan.complaint import Complaint
from plan.errors import Unreachable
from plan.orders import Delivered
from plan.organisation import Address
from runtime.filing import file
from runtime.seals import keyring
from runtime.settings import Settings
from runtime.temporal import data_converter
from worker import build_worker

pytestmark = pytest.mark.server

ROOT = Path(__file__).parents[2]


class Recording(NullChannel):
    """Tells when the first notice has come."""

    def __init__(self) -> None:
        super().__init__("outbox")
        self.first = asyncio.Event()

    async def send(self, message: Message, address: Address) -> Delivered:
        delivered = await super().send(message, address)
        self.first.set()
        return delivered


@pytest.mark.rule("R14")
async def test_over_a_client_with_the_data_converter_alone_notices_go_out(apart: Client) -> None:
    channel = Recording()
    plain = Client(apart.service_client, namespace=apart.namespace, data_converter=data_converter)
    complaint = Complaint.model_validate({"channel": "outlet", "reason": "x", "outlet": "gd-gz-th-0001"})

    async with build_worker(plain, channels={"outbox": channel}):
        filed = await file(plain, complaint, door="cli", keyring=keyring(Settings()))
        async with asyncio.timeout(30):
            await channel.first.wait()

    assert filed.created
    sent, _ = channel.sent[0]
    assert filed.incident_id in sent.text


@pytest.mark.parametrize("max_cached_workflows", [0, 1])
async def test_overrides_reach_the_worker_of_the_workflows(apart: Client, max_cached_workflows: int) -> None:
    async with build_worker(apart, max_cached_workflows=max_cached_workflows, task_queue="elsewhere"):
        pass


async def test_a_namespace_that_is_not_there_ends_both(env: WorkflowEnvironment) -> None:
    nowhere = Client(env.client.service_client, namespace="nowhere", data_converter=data_converter)

    with pytest.raises(RuntimeError, match="nowhere"):
        await build_worker(nowhere).run()


# -- as a process ------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def process(**environment: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    """`python worker.py`, ended with the test whatever happens."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "worker.py"),
        env={**os.environ, **environment},
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def says(process: asyncio.subprocess.Process, words: str) -> str:
    """Read on until a line with these words comes."""
    assert process.stderr
    async with asyncio.timeout(50):
        while line := await process.stderr.readline():
            if words in line.decode():
                return line.decode()
    raise AssertionError(f"it ended without saying {words}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_worker_told_to_stop_leaves_cleanly(env: WorkflowEnvironment, apart: Client, number: int) -> None:
    address = env.client.service_client.config.target_host
    async with process(TEMPORAL_ADDRESS=address, TEMPORAL_NAMESPACE=apart.namespace) as running:
        await says(running, "Serving")

        running.send_signal(number)

        assert await running.wait() == 0


async def test_a_worker_says_what_it_waits_for_and_can_be_stopped_meanwhile() -> None:
    async with process(TEMPORAL_ADDRESS="127.0.0.1:1") as running:
        assert "127.0.0.1:1" in await says(running, "Waiting")

        running.terminate()

        assert await running.wait() == 0


async def test_a_temporal_that_never_comes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.setattr(worker, "CONNECT_WITHIN", timedelta(0))

    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1"):
        await worker.serve(Settings())


async def test_a_wrong_setting_is_said_without_a_traceback() -> None:
    async with process(TOCSIN_LOG_LEVEL="loud") as running:
        _, said = await running.communicate()

    assert running.returncode == 2
    assert b"TOCSIN_LOG_LEVEL" in said
    assert b"Traceback" not in said


async def test_a_missing_namespace_is_said_without_a_traceback(env: WorkflowEnvironment) -> None:
    address = env.client.service_client.config.target_host
    async with process(TEMPORAL_ADDRESS=address, TEMPORAL_NAMESPACE="nowhere") as running:
        _, said = await running.communicate()

    assert running.returncode == 3
    assert b"nowhere" in said
    assert b"Traceback" not in said
