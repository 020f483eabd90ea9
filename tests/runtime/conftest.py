"""A worker that keeps small workflows in the incident's place, in a namespace of its own."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from runtime.names import WORKFLOWS_QUEUE
from runtime.seals import Keyring, keyring
from runtime.settings import Settings
from runtime.temporal import plugin
from tests.runtime.small import Small


@pytest.fixture
def keys() -> Keyring:
    return keyring(Settings())


def small_worker(client: Client) -> AbstractAsyncContextManager[Worker]:
    return Worker(client, task_queue=WORKFLOWS_QUEUE, workflows=[Small], plugins=[plugin(Settings())])


@pytest.fixture
async def kept(apart: Client) -> AsyncGenerator[Client]:
    """A client whose incidents are kept by a worker."""
    async with small_worker(apart):
        yield apart
