"""`tocsin up`: a system of one's own on this machine, whose incidents outlive it."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from runtime.ports import free_port
from tests.cli.conftest import ROOT, Process

pytestmark = [pytest.mark.server, pytest.mark.slow]
COMPLAINT = (
    b'{"incident_id": "UP-1", "channel": "outlet", "reason": "r", "outlet": "gd-gz-th-0001", "insurer": "anhe-life"}'
)


@asynccontextmanager
async def up(home: Path) -> AsyncGenerator[dict[str, Any]]:
    """Started, and stopped as by Ctrl-C; yields what it says on stdout."""
    ports = ["--port", str(free_port()), "--ui-port", str(free_port())]
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "starter.main", "up", "--json", *ports),
        cwd=ROOT,
        env={**os.environ, "TOCSIN_HOME": str(home)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert running.stdout is not None
    try:
        yield json.loads(await running.stdout.readuntil(b"\n}\n"))
    finally:
        running.send_signal(signal.SIGINT)
        assert await running.wait() == 0


async def test_a_second_start_finds_every_open_incident_again(process: Process, tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with up(home) as said:
        where = {"TEMPORAL_ADDRESS": said["temporal"], "TOCSIN_HOME": str(home)}
        assert (await process("file", "-", stdin=COMPLAINT, **where)).code == 0
        assert (await process("show", "UP-1", "--json", **where)).json["stage"] == "open"
        second = await process("up", "--port", str(free_port()), TOCSIN_HOME=str(home))
        assert second.code == 2
        assert "in use" in second.err
        wrong = await process("file", "-", stdin=COMPLAINT.replace(b"th-0001", b"th-001"), **where)
        assert (wrong.code, "Did you mean gd-gz-th-0001?" in wrong.err) == (2, True)
    async with up(home) as said:
        where["TEMPORAL_ADDRESS"] = said["temporal"]
        found = await process("list", "--json", **where)
        assert [incident["incident_id"] for incident in found.json["incidents"]] == ["UP-1"]
        told = await process("tell", "UP-1", "group_signs_seen", "--by", "gd-gz-th-0001.lead", "--json", **where)
        assert told.json["accepted"] is True


async def test_a_port_in_use_is_named(process: Process, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = await process("up", "--port", str(taken.getsockname()[1]), TOCSIN_HOME=str(tmp_path))
    assert said.code == 2
    assert "--port" in said.err
