"""A world of its own with a store, a receiver, and a subscription of that receiver."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from temporalio.testing import WorkflowEnvironment

from runtime.records.engine import Store, engine_of
from runtime.records.migrating import upgrade
from runtime.settings import Settings
from tests.activities.receiver import Receiver, receiving
from tests.environment import namespace_apart
from tests.events.subscribed import Subscribed
from tests.records.conftest import KEYS
from tests.server.world import World


@pytest.fixture
async def world(env: WorkflowEnvironment) -> World:
    return World(await namespace_apart(env), Settings())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    engine = engine_of(make_url(f"sqlite:///{tmp_path}/records.sqlite"))
    upgrade(engine)
    store = Store(engine, KEYS)
    yield store
    store.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def subscribed(store: Store, receiver: Receiver) -> Subscribed:
    """To everything."""
    return Subscribed.to(store, receiver)
