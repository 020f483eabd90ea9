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
from starter import simulation
from tests.cli.conftest import ROOT, Process, Tocsin
from tests.simulators.caller import get
from tests.simulators.remote import Remote

pytestmark = [pytest.mark.server, pytest.mark.slow]
COMPLAINT = (
    b'{"incident_id": "UP-1", "channel": "outlet", "reason": "r", "outlet": "gd-gz-th-0001", "insurer": "anhe-life"}'
)


@asynccontextmanager
async def up(home: Path, *options: str) -> AsyncGenerator[dict[str, Any]]:
    """Started, and stopped as by Ctrl-C; yields what it says on stdout."""
    ports = ["--port", str(free_port()), "--ui-port", str(free_port())]
    ports += [] if "--http-port" in options else ["--http-port", str(free_port())]
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "starter.main", "up", "--json", *ports, *options),
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


async def test_the_gateway_comes_up_too_and_links_lead_to_it(process: Process, tmp_path: Path) -> None:
    home, http = tmp_path / "home", free_port()
    async with up(home, "--http-port", str(http)) as said:
        assert said["http"] == f"http://127.0.0.1:{http}"
        assert (await get(f"{said['http']}/readyz")).text.startswith('{"status":"ready"')
        where = {"TEMPORAL_ADDRESS": said["temporal"], "TOCSIN_HOME": str(home)}
        assert (await process("file", "-", stdin=COMPLAINT, **where)).code == 0
        assert f"{said['http']}/n/" in await _outbox(home)
        taken = await process("up", "--port", str(free_port()), "--http-port", str(http), TOCSIN_HOME=f"{home}-2")
        assert (taken.code, "--http-port" in taken.err) == (2, True)
    with pytest.raises(OSError, match="refused"):
        await get(said["http"])


async def _outbox(home: Path) -> str:
    """The first notices, once they are there."""
    path = home / "outbox.jsonl"
    async with asyncio.timeout(20):
        while True:
            if path.exists() and "/n/" in (said := path.read_text("utf-8")):
                return said
            await asyncio.sleep(0.1)


async def test_a_port_in_use_is_named(process: Process, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = await process("up", "--port", str(taken.getsockname()[1]), TOCSIN_HOME=str(tmp_path))
    assert said.code == 2
    assert "--port" in said.err


async def test_simulated_channels_show_what_a_complaint_sets_off_and_touch_no_other_home(
    process: Process, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    async with up(home, "--simulate") as said:
        assert said["home"] == f"{home}-simulated"
        where = {"TEMPORAL_ADDRESS": said["temporal"], "TOCSIN_HOME": said["home"]}
        assert (await process("file", "-", stdin=COMPLAINT, **where)).code == 0
        control = Remote(f"{said['simulators']}control")
        first, *_ = await asyncio.to_thread(control.arrivals, "wecom/gd-gz-th", wait=20)
        assert "UP-1" in first.text
        page = await get(f"{said['simulators']}see/wecom/gd-gz-th")
        assert "天河区分公司内部值班群" in page.text
        assert "UP-1" in page.text
    assert not home.exists()
    with pytest.raises(OSError, match="refused"):
        await get(said["simulators"])


def test_simulating_needs_a_checkout_and_a_server_of_its_own(
    tocsin: Tocsin, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    both = tocsin("up", "--simulate", "--temporal", "127.0.0.1:7233")
    assert (both.code, "a server of its own" in both.err) == (2, True)
    monkeypatch.setattr(simulation, "CHECKOUT", tmp_path)
    said = tocsin("up", "--simulate")
    assert (said.code, "needs a checkout" in said.err) == (2, True)
    monkeypatch.setattr(simulation, "CHECKOUT", ROOT)
    monkeypatch.setattr(simulation, "TOOLS", ("no_such_tool",))
    said = tocsin("up", "--simulate")
    assert (said.code, "no_such_tool" in said.err) == (2, True)
