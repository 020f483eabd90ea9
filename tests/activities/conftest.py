"""A receiver, an HTTP client of our own and no proxy between them; and a namespace whose incidents are stubs."""

from collections.abc import AsyncGenerator, Generator
from datetime import timedelta

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from activities.http import HTTP
from runtime.names import WORKFLOWS_QUEUE
from runtime.settings import Settings
from runtime.temporal import plugin
from tests.activities.receiver import Receiver, receiving
from tests.activities.stub import StubIncident


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def receiver() -> Generator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
async def http() -> AsyncGenerator[HTTP]:
    """Patient enough for a loaded machine."""
    http = HTTP(patience=timedelta(seconds=20))
    yield http
    await http.aclose()


@pytest.fixture
async def impatient() -> AsyncGenerator[HTTP]:
    """Gives up soon, for whoever never answers."""
    http = HTTP(patience=timedelta(seconds=0.3))
    yield http
    await http.aclose()


@pytest.fixture
async def stub_client(apart: Client) -> AsyncGenerator[Client]:
    """A client whose incidents are kept by stubs."""
    async with Worker(apart, task_queue=WORKFLOWS_QUEUE, workflows=[StubIncident], plugins=[plugin(Settings())]):
        yield apart
