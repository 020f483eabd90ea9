"""`tocsin gateway`: the doors over HTTP as a process of their own."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from temporalio.client import Client

from runtime.ports import free_port
from tests.cli.conftest import ROOT, Tocsin
from tests.simulators.caller import get

pytestmark = [pytest.mark.server, pytest.mark.slow]


@asynccontextmanager
async def _gateway(home: Path, address: str, number: signal.Signals) -> AsyncGenerator[str]:
    """Started, and stopped in order; yields where it is."""
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "starter.main", "gateway", "--json", "--port", str(free_port())),
        cwd=ROOT,
        env={**os.environ, "TOCSIN_HOME": str(home), "TEMPORAL_ADDRESS": address},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert running.stdout is not None
    try:
        yield json.loads(await running.stdout.readuntil(b"\n}\n"))["http"]
    finally:
        running.send_signal(number)
        _, said = await running.communicate()
        assert (running.returncode, b"Traceback" in said) == (0, False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_serves_until_told_to_stop(client: Client, tmp_path: Path, number: signal.Signals) -> None:
    async with _gateway(tmp_path, client.service_client.config.target_host, number) as url:
        assert (await get(f"{url}/healthz")).text == '{"status":"ok"}'
        assert (await get(f"{url}/v1/incidents")).status == 401
    with pytest.raises(OSError, match="refused"):
        await get(url)


async def test_it_comes_up_before_temporal_does_and_says_so(tmp_path: Path) -> None:
    async with _gateway(tmp_path, "127.0.0.1:1", signal.SIGTERM) as url:
        said = await get(f"{url}/readyz")
        assert said.status == 503
        assert "Temporal does not answer" in said.text


def test_plain_http_does_not_leave_this_machine_unless_somebody_has_thought_of_it(
    tocsin: Tocsin, monkeypatch: pytest.MonkeyPatch
) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1"):  # noqa: S104
        said = tocsin("gateway", "--host", host)
        assert (said.code, "TOCSIN_PUBLIC_URL" in said.err) == (2, True)
    monkeypatch.setenv("TOCSIN_PUBLIC_URL", "https://tocsin.example.cn")
    said = tocsin("gateway", "--host", "192.0.2.1")  # an address of nobody here
    assert (said.code, "cannot listen" in said.err) == (2, True)
    assert tocsin("gateway", "--host", "nowhere").code == 2
