"""The roles that docs/operating.md grants: a worker appends, and can neither change nor remove."""

import re

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ProgrammingError

from plan.errors import Misconfigured
from plan.figures import FiguresAsked
from runtime.records.engine import Store, engine_of
from runtime.records.erasing import erase
from runtime.records.figures import figures
from runtime.records.migrating import upgrade
from runtime.records.reading import entries
from runtime.records.roots import make_root
from runtime.records.writing import keep
from tests.docs.pages import page
from tests.records.conftest import KEYS
from tests.records.made import order, played
from tests.records.postgres import Postgres

ROLES = ("tocsin_writer", "tocsin_reader", "tocsin_eraser")


@pytest.fixture(scope="module")
def granted(cluster: Postgres) -> URL:
    """A database with the roles just as the page says, and their passwords away."""
    url = cluster.database()
    owner = engine_of(url)
    upgrade(owner)
    said = re.search(r"```sql\n(.*?)```", page("docs/operating.md"), re.DOTALL)
    assert said is not None
    with owner.begin() as connection:
        for statement in filter(None, (each.strip() for each in said[1].split(";"))):
            connection.execute(text(statement))
    owner.dispose()
    return url


def _as(url: URL, role: str) -> Store:
    return Store(engine_of(url.set(username=role)), KEYS)


@pytest.mark.rule("R62")
def test_the_writer_keeps_records_and_roots_and_changes_nothing(granted: URL) -> None:
    store = _as(granted, "tocsin_writer")
    book = played().book
    keep(store, order(book, upto=4, row=None))
    keep(store, order(book))
    keep(store, order(book))
    make_root(store)
    assert len(entries(store, "K-1")) == book.sequence
    for forbidden in (
        "UPDATE entries SET what = 'x'",
        "DELETE FROM entries",
        "TRUNCATE entries",
        "DELETE FROM vault",
        "DELETE FROM data_keys",
        "DELETE FROM heads",
        "ALTER TABLE entries DISABLE TRIGGER ALL",
        "DROP TABLE entries",
    ):
        with (
            pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
            store.engine.begin() as connection,
        ):
            connection.execute(text(forbidden))
    with pytest.raises(Misconfigured):
        erase(store, "K-1", by="operator", reason="asked")
    store.close()


def test_the_reader_counts_and_exports_and_writes_nothing(granted: URL) -> None:
    writer = _as(granted, "tocsin_writer")
    book = played("K-2").book
    keep(writer, order(book))
    writer.close()
    store = _as(granted, "tocsin_reader")
    assert entries(store, "K-2")
    assert figures(store, FiguresAsked(), book.entries[-1].recorded_at).incidents >= 1
    with pytest.raises(Misconfigured):
        keep(store, order(played("K-3").book))
    store.close()


@pytest.mark.rule("R62")
def test_the_eraser_erases_words_and_no_record(granted: URL) -> None:
    writer = _as(granted, "tocsin_writer")
    keep(writer, order(played("K-4").book))
    writer.close()
    store = _as(granted, "tocsin_eraser")
    assert erase(store, "K-4", by="operator", reason="asked").words
    with pytest.raises(ProgrammingError, match="permission denied"), store.engine.begin() as connection:
        connection.execute(text("DELETE FROM entries"))
    store.close()
