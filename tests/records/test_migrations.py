"""The tables are made, brought up to date and taken back, with what is in them."""

import threading
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.engine import URL

from plan.errors import Misconfigured, Unreachable
from runtime.records.engine import Store, engine_of
from runtime.records.migrating import downgrade, newest, revision, upgrade
from runtime.records.reading import entries, words
from runtime.records.roots import make_root, root_on
from runtime.records.tables import META
from runtime.records.writing import keep
from tests.records.conftest import KEYS
from tests.records.made import order, played


def _revision(store: Store) -> str | None:
    with store.engine.connect() as connection:
        return revision(connection)


def test_the_migrations_make_just_the_tables_that_the_code_has(store: Store) -> None:
    with store.engine.connect() as connection:
        found: list[Any] = compare_metadata(MigrationContext.configure(connection), META)
    assert found == []


def test_up_down_and_up_again_keeps_every_record(url: URL) -> None:
    engine = engine_of(url)
    upgrade(engine, "0001")
    store = Store(engine, KEYS)
    book = played().book
    keep(store, order(book))
    upgrade(engine)
    assert _revision(store) == newest()
    make_root(store)
    assert root_on(store) is not None
    downgrade(engine, "0001")
    assert [e.hash for e in entries(store, "K-1")] == [e.hash for e in book.entries]
    assert words(store, "K-1")
    upgrade(engine)
    assert root_on(store) is None
    assert make_root(store).root.leaves == 1
    store.close()


def test_taken_back_to_the_base_nothing_is_left(url: URL) -> None:
    engine = engine_of(url)
    upgrade(engine)
    store = Store(engine, KEYS)
    keep(store, order(played().book))
    downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            left = connection.execute(text("SELECT count(*) FROM pg_proc WHERE proname LIKE 'tocsin%'")).scalar_one()
        assert left == 0
    upgrade(engine)
    keep(store, order(played().book))
    store.close()


def test_two_who_bring_it_up_to_date_at_once_wait_for_each_other(url: URL) -> None:
    wrong: list[BaseException] = []

    def bring() -> None:
        engine = engine_of(url)
        try:
            upgrade(engine)
        except BaseException as failed:  # noqa: BLE001
            wrong.append(failed)
        finally:
            engine.dispose()

    both = [threading.Thread(target=bring) for _ in range(3)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert not wrong


def test_a_database_without_tables_says_what_to_do(url: URL) -> None:
    store = Store(engine_of(url), KEYS)
    with pytest.raises((Misconfigured, Unreachable)) as failed:
        keep(store, order(played().book))
    if url.get_backend_name() == "postgresql":
        assert "python -m runtime.records upgrade" in str(failed.value)
    store.close()


def test_a_database_that_is_away_is_unreachable_and_its_password_is_not_told() -> None:
    store = Store(engine_of(URL.create("postgresql+psycopg", "u", "hush", "127.0.0.1", 1, "d")), KEYS)
    with pytest.raises(Unreachable) as failed:
        keep(store, order(played().book))
    assert "hush" not in str(failed.value)
    assert failed.value.__cause__ is None
    store.close()
