"""A worker is healthy when Temporal says that it polls; nothing else counts."""

import asyncio
import os
import socket
import sys

import pytest
from temporalio.client import Client

from runtime.polled import POLLED, not_polled
from runtime.settings import Settings
from tests.deploy.files import ROOT, ran
from worker import build_worker

LOOK_AGAIN, TRIES = 0.1, 300
"""Seconds, and how often: the server itself keeps an answer for five seconds."""


@pytest.mark.server
@pytest.mark.slow
async def test_a_running_worker_is_healthy_and_another_host_is_not(apart: Client) -> None:
    async with build_worker(apart, settings=Settings()):
        assert await _missing_at_last(apart, socket.gethostname()) == []
        assert len(await not_polled(apart, "another-container")) == len(POLLED)


async def _missing_at_last(client: Client, host: str) -> list[str]:
    for _ in range(TRIES):
        if not await not_polled(client, host):
            break
        await asyncio.sleep(LOOK_AGAIN)
    return await not_polled(client, host)


@pytest.mark.server
async def test_without_a_worker_everything_is_missing(apart: Client) -> None:
    missing = await not_polled(apart, "nobody-here")
    assert missing == ["workflows (tocsin)", "rosters and links (tocsin)", "deliveries (tocsin.deliver)"]


def test_without_temporal_it_is_unhealthy_and_says_why() -> None:
    environment = {**os.environ, "TEMPORAL_ADDRESS": "127.0.0.1:1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(ROOT / "deploy/healthcheck.py")]
    checked = ran(command, environment)
    assert checked.returncode == 1
    assert checked.stdout.startswith("Temporal does not say who polls: Temporal does not answer at 127.0.0.1:1.")
    assert "Traceback" not in checked.stderr
