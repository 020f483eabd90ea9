"""An import whose server is killed in the middle: it goes on, and nothing is filed twice (contract, section 1)."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from temporalio.client import Client

from runtime.documents import SAMPLE
from runtime.embedded import EmbeddedServer
from runtime.home import Home
from runtime.ports import free_port
from tests.cli.conftest import Process

ROWS = 400
FIRST = 40
"""So many rows are filed when the server is killed."""
MAP = (
    'id: {column: "id", prefix: "R-"}\n'
    'complaint: {channel: {value: "outlet"}, reason: {value: "r"}, outlet: {value: "gd-gz-th-0001"}}\n'
    'history: {received_at: {column: "day", date: "%Y-%m-%d", at: "09:00"}}\n'
)


@pytest.mark.server
@pytest.mark.parametrize("how", [(), ("--live",)], ids=["history", "live"])
async def test_an_import_goes_on_over_a_killed_server_and_files_nothing_twice(
    process: Process, tmp_path: Path, how: tuple[str, ...]
) -> None:
    rows, chosen, home, port = tmp_path / "rows.csv", tmp_path / "map.yaml", Home(tmp_path / "home"), free_port()
    rows.write_text("id,day\n" + "".join(f"{n},2026-01-05\n" for n in range(ROWS)), encoding="utf-8")
    chosen.write_text(MAP, encoding="utf-8")
    where = {"TEMPORAL_ADDRESS": f"127.0.0.1:{port}", "TOCSIN_ORGANISATION": str(SAMPLE)}
    command = ("import", rows, "--map", chosen, "--json", *how)
    async with EmbeddedServer(home, port) as server:
        first = asyncio.ensure_future(process(*command, **where))
        await filed(await server.connect(), FIRST)
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        assert not first.done(), "it was killed in the middle"
    async with EmbeddedServer(home, port) as server:
        interrupted = await first
        assert interrupted.code in (0, 3), interrupted.err
        again = await process(*command, **where)
        assert (again.code, again.json["created"] + again.json["existing"]) == (0, ROWS), again.err
        third = await process(*command, **where)
        assert (third.json["created"], third.json["existing"]) == (0, ROWS)
        await filed(await server.connect(), ROWS)


async def filed(client: Client, rows: int) -> None:
    """Until so many incidents are there; never more than there are rows."""
    count = 0
    async with asyncio.timeout(60):
        while count < rows:
            count = (await client.count_workflows("WorkflowType = 'Incident'")).count
    assert count <= ROWS
