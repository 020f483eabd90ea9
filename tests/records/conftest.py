"""Stores to test with: each test that takes `store` runs on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import URL, make_url

from runtime.records.engine import Store, engine_of
from runtime.records.keys import RecordKeys
from runtime.records.migrating import upgrade
from tests.records.postgres import Postgres, postgres

KEYS = RecordKeys({"r1": bytes(range(32))})


@pytest.fixture(scope="session")
def cluster() -> Iterator[Postgres]:
    with postgres() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> URL:
    """An empty database of either kind."""
    if request.param == "sqlite":
        return make_url(f"sqlite:///{tmp_path}/records.sqlite")
    cluster: Postgres = request.getfixturevalue("cluster")
    return cluster.database()


@pytest.fixture
def store(url: URL) -> Iterator[Store]:
    """An empty store, up to date."""
    engine = engine_of(url)
    upgrade(engine)
    store = Store(engine, KEYS)
    yield store
    store.close()
