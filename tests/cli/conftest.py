"""Running `tocsin` in tests: inside this process, or, where a server answers, as a process of its own."""

import asyncio
import io
import json
import os
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from runtime.settings import Settings
from starter.door import guarded
from starter.main import run

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "connecticut"


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture(scope="session")
async def serving(client: Client) -> AsyncGenerator[None]:
    """A worker for the tests that need one, in the tests' own home."""
    from worker import build_worker

    async with build_worker(client, settings=Settings()):
        yield


Tocsin = Callable[..., Said]
Process = Callable[..., Awaitable[Said]]


@pytest.fixture
def tocsin(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Tocsin:
    """`tocsin("file", "-", stdin=b"{}")`: through the outer door, in English unless it says otherwise."""
    monkeypatch.setenv("TOCSIN_LANG", "en")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")  # nothing answers there

    def call(*arguments: str | Path, stdin: bytes = b"") -> Said:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capfd.readouterr()
        code = guarded(run, [str(argument) for argument in arguments])
        told = capfd.readouterr()
        return Said(code, told.out, told.err)

    return call


@pytest.fixture
def process(client: Client) -> Process:
    """The same as a process of its own, against the tests' server."""
    address = client.service_client.config.target_host

    async def call(*arguments: str | Path, stdin: bytes = b"", **environment: str) -> Said:
        running = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "starter.main",
            *(str(argument) for argument in arguments),
            cwd=ROOT,
            env={**os.environ, "TEMPORAL_ADDRESS": address, "TOCSIN_LANG": "en", "PYTHONUTF8": "1", **environment},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await running.communicate(stdin)
        return Said(running.returncode or 0, out.decode(), err.decode())

    return call
