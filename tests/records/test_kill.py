"""Whoever dies in the middle of keeping a record, writer or database, leaves it whole, once and checked (R62)."""

import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from plan.errors import Unreachable
from plan.record import export_line
from plan.verification import verify
from runtime.records.engine import Store, engine_of
from runtime.records.migrating import upgrade
from runtime.records.reading import entries, reach, words
from runtime.records.writing import keep
from tests.records.conftest import KEYS
from tests.records.made import order, played
from tests.records.postgres import Postgres

pytestmark = pytest.mark.timeout(60)

WRITER = """
import sys, time
from sqlalchemy import event
from sqlalchemy.engine import make_url
from runtime.records.engine import Store, engine_of
from runtime.records.writing import keep
from tests.records.conftest import KEYS
from tests.records.made import order, played

store = Store(engine_of(make_url(sys.argv[1])), KEYS)
stop_at = sys.argv[2]

def half(connection, cursor, statement, parameters, context, executemany):
    if stop_at in statement:
        print("half", flush=True)
        time.sleep(600)

event.listen(store.engine, "after_cursor_execute", half)
book = played().book
keep(store, order(book, upto=4, row=None) if sys.argv[3] == "first" else order(book))
"""
PLACES = ("INSERT INTO heads", "INSERT INTO entries", "UPDATE heads", "INSERT INTO vault", "INSERT INTO incidents")


def _writing(url: URL, stop_at: str, which: str = "all") -> "subprocess.Popen[str]":
    """A process that stands in the middle of its batch, behind this statement."""
    said = url.render_as_string(hide_password=False)
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", WRITER, said, stop_at, which],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], 30)
    assert ready, "it never came to the middle"
    assert process.stdout.readline() == "half\n", process.stderr.read() if process.stderr else ""
    return process


def _killed(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def _whole(store: Store) -> None:
    """Everything, once, with its words, in one chain."""
    book = played().book
    kept = entries(store, "K-1")
    assert [entry.hash for entry in kept] == [entry.hash for entry in book.entries]
    assert verify([export_line(entry) for entry in kept], book.head).fault is None
    assert set(book.vault) <= set(words(store, "K-1"))


@pytest.mark.rule("R62")
@pytest.mark.parametrize("stop_at", PLACES)
def test_a_writer_killed_in_the_middle_of_a_batch_leaves_nothing_of_it(url: URL, store: Store, stop_at: str) -> None:
    _killed(_writing(url, stop_at))
    assert entries(store, "K-1") == []
    assert reach(store, "K-1") is None
    keep(store, order(played().book))
    keep(store, order(played().book))
    _whole(store)


@pytest.mark.rule("R62")
def test_a_writer_killed_in_its_second_batch_leaves_the_first(url: URL, store: Store) -> None:
    keep(store, order(played().book, upto=4, row=None))
    _killed(_writing(url, "INSERT INTO entries"))
    assert len(entries(store, "K-1")) == 4
    keep(store, order(played().book))
    _whole(store)


@pytest.fixture
def kept_in(cluster: Postgres) -> URL:
    url = cluster.database()
    engine = engine_of(url)
    upgrade(engine)
    engine.dispose()
    return url


@pytest.mark.rule("R62")
@pytest.mark.parametrize("stop_at", ["INSERT INTO entries", "INSERT INTO incidents"])
def test_a_database_killed_in_the_middle_of_a_batch_has_all_of_it_afterwards_or_nothing(
    cluster: Postgres, kept_in: URL, stop_at: str
) -> None:
    store = Store(engine_of(kept_in), KEYS)
    keep(store, order(played().book, upto=4, row=None))
    writer = _writing(kept_in, stop_at)
    try:
        cluster.kill()
        with pytest.raises(Unreachable):
            keep(store, order(played().book))
    finally:
        _killed(writer)
        cluster.start()
    assert len(entries(store, "K-1")) == 4
    keep(store, order(played().book))
    _whole(store)
    store.close()


@pytest.mark.rule("R62")
def test_a_connection_cut_in_the_middle_of_a_batch_leaves_nothing_of_it(kept_in: URL) -> None:
    store = Store(engine_of(kept_in), KEYS)
    writer = _writing(kept_in, "INSERT INTO vault")
    with store.engine.begin() as connection:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"  # noqa: S608
        assert connection.execute(text(cut)).all()
    _killed(writer)
    assert entries(store, "K-1") == []
    keep(store, order(played().book))
    _whole(store)
    store.close()
