"""The embedded server keeps its home to itself and every incident through any kill."""

import asyncio
import os
import signal
import socket
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from plan.errors import Misconfigured, Unreachable
from plan.receipts import Answer
from runtime.embedded import HOST, RETENTION, EmbeddedServer, find_cli
from runtime.home import Home
from runtime.names import VIEW
from runtime.ports import free_port
from runtime.seals import Keyring
from runtime.telling import ask, file, tell_fact
from runtime.temporal import connect_embedded
from tests.runtime.conftest import small_worker
from tests.runtime.small import LONG
from tests.runtime.test_telling import complaint, noted

OWNER = """
import asyncio, pathlib, sys
from runtime.embedded import EmbeddedServer
from runtime.home import Home

async def main():
    async with EmbeddedServer(Home(pathlib.Path(sys.argv[1]))) as server:
        print(server.address, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.server
async def test_a_killed_server_finds_every_incident_again(tmp_path: Path, keys: Keyring) -> None:
    home = Home(tmp_path / "a home with spaces")
    async with EmbeddedServer(home) as server:
        client = await server.connect()
        assert await retention_of(client) == RETENTION
        await file(client, complaint("A-1"), door="test", keyring=keys)
        kept = await tell_fact(client, "A-1", noted(), door="test", keyring=keys, patience=timedelta(seconds=0.2))
        assert kept.state is Answer.PENDING
        kill(server.pid)
        with pytest.raises(Unreachable, match="same fact_id"):
            await tell_fact(client, "A-1", noted(2), door="test", keyring=keys, patience=timedelta(seconds=0.2))
    async with EmbeddedServer(home) as server:
        client = await server.connect()
        assert await file(client, complaint("A-1"), door="test", keyring=keys) == ("A-1", False)
        async with small_worker(client):
            seen = await ask(client, "A-1", VIEW, patience=LONG)
        assert [fact["fact_id"] for fact in seen["said"]] == ["f-1"]


@pytest.mark.server
async def test_a_home_has_one_server(tmp_path: Path) -> None:
    async with EmbeddedServer(Home(tmp_path)):
        with pytest.raises(Misconfigured, match="--temporal HOST:PORT"):
            async with EmbeddedServer(Home(tmp_path)):
                pass


@pytest.mark.server
async def test_a_server_that_outlived_its_owner_is_replaced(tmp_path: Path) -> None:
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", OWNER, str(tmp_path), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert owner.stdout is not None
    abandoned = (await owner.stdout.readline()).decode().strip()
    owner.kill()
    await owner.wait()
    async with EmbeddedServer(Home(tmp_path)) as server:
        assert server.address != abandoned
        with pytest.raises(Unreachable):
            await connect_embedded(abandoned)


@pytest.mark.server
async def test_a_server_that_does_not_come_up_says_where_to_look(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.database.mkdir()
    with pytest.raises(Unreachable, match=r"temporal\.log says why"):
        async with EmbeddedServer(home):
            pass
    assert home.server_log.read_text(encoding="utf-8")
    home.database.rmdir()
    async with EmbeddedServer(home):
        pass


@pytest.mark.server
async def test_a_server_that_ends_by_itself_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one does whose port another program took between looking and listening."""
    once, temporal = tmp_path / "once", tmp_path / "temporal"
    temporal.write_text(f'#!/bin/sh\nmkdir "{once}" 2>/dev/null && exit 1\nexec "{find_cli()}" "$@"\n')
    temporal.chmod(0o755)
    monkeypatch.setenv("TEMPORAL_CLI", str(temporal))
    port = free_port()
    async with EmbeddedServer(Home(tmp_path / "home"), port) as server:
        assert server.address == f"{HOST}:{port}"
    assert once.is_dir()


def test_a_port_that_is_taken_is_not_mistaken_for_our_own_server(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind((HOST, 0))
        other.listen()
        with pytest.raises(Misconfigured, match="--temporal 127"):
            EmbeddedServer(Home(tmp_path), port=other.getsockname()[1])


def test_the_command_is_the_named_one_else_the_installed_one_else_the_path_s(tmp_path: Path) -> None:
    named = tmp_path / "temporal"
    named.touch(mode=0o755)
    assert find_cli({"TEMPORAL_CLI": str(named)}) == named
    assert find_cli({}).name == "temporal"
    with pytest.raises(Misconfigured, match="TEMPORAL_CLI"):
        find_cli({"TEMPORAL_CLI": str(tmp_path / "absent")})


async def retention_of(client: Client) -> timedelta:
    request = DescribeNamespaceRequest(namespace=client.namespace)
    described = await client.workflow_service.describe_namespace(request)
    return described.config.workflow_execution_retention_ttl.ToTimedelta()


def kill(pid: int | None) -> None:
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
