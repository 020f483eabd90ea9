"""The whole system for the stories: a world with one worker, as `build_worker` makes it, and worlds without one."""

from collections.abc import AsyncGenerator

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from runtime.settings import Settings
from tests.environment import namespace_apart
from tests.server.world import World


@pytest.fixture(scope="session")
def settings() -> Settings:
    """The tests' own home; TOCSIN_MAX_CACHED_WORKFLOWS=0 makes every task replay."""
    return Settings()


@pytest.fixture(scope="session")
async def world(env: WorkflowEnvironment, settings: Settings) -> AsyncGenerator[World]:
    """Where stories play; its worker serves as long as the tests run."""
    world = World(await namespace_apart(env), settings)
    async with world.worker():
        yield world


@pytest.fixture
def alone(apart: Client, settings: Settings) -> World:
    """A world without a worker: the test starts and stops its own."""
    return World(apart, settings)
