"""A record is kept once, whole and in its chain, or not at all; what was kept is never changed."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from plan.errors import Conflict, NoSuchIncident
from plan.keeping import SALT, batch, commitments
from plan.record import append, export_line
from plan.vault import commit, opened
from plan.verification import verify
from runtime.records.engine import Store
from runtime.records.erasing import erase, erasures
from runtime.records.keys import RecordKeys
from runtime.records.reading import entries, reach, words
from runtime.records.roots import make_root
from runtime.records.tables import APPEND_ONLY, CLOCKS, DATA_KEYS, ENTRIES, HEADS, INCIDENTS, NOTICES, VAULT
from runtime.records.writing import keep
from tests.records.made import order, played


def _count(store: Store, table: Any) -> int:
    with store.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


@pytest.mark.rule("R62")
def test_a_record_comes_back_byte_for_byte_and_its_chain_verifies(store: Store) -> None:
    book = played().book
    answer = keep(store, order(book))
    assert (answer.sequence, answer.head) == (book.sequence, book.head)
    lines = [export_line(entry) for entry in entries(store, "K-1")]
    assert lines == [export_line(entry) for entry in book.entries]
    assert verify(lines, book.head).attested == book.sequence
    assert reach(store, "K-1") == (book.sequence, book.head)
    assert _count(store, NOTICES) == len(book.incident.notices)
    assert _count(store, CLOCKS) == len(book.clocks(book.entries[-1].recorded_at)) > 0


def test_a_batch_that_comes_twice_is_kept_once(store: Store) -> None:
    book = played().book
    first = keep(store, order(book))
    assert keep(store, order(book)) == first
    assert _count(store, ENTRIES) == book.sequence
    assert (_count(store, HEADS), _count(store, INCIDENTS)) == (1, 1)


def test_batches_follow_each_other_whatever_their_size(store: Store) -> None:
    book = played().book
    after = 0
    while after < book.sequence:
        sent, _ = batch(book.entries, book.vault, after, most=900)
        assert sent
        last = sent[-1].sequence == book.sequence
        row = order(book).row if last else None
        after = keep(store, order(book, after=after, upto=sent[-1].sequence, row=row)).sequence
    assert [e.hash for e in entries(store, "K-1")] == [e.hash for e in book.entries]
    assert set(words(store, "K-1")) == {SALT, *book.vault}


def test_what_comes_too_early_is_not_kept_and_the_answer_says_where_to_begin(store: Store) -> None:
    book = played().book
    keep(store, order(book, upto=2, row=None))
    answer = keep(store, order(book, after=4))
    assert (answer.sequence, answer.head) == (2, book.entries[1].hash)
    assert (_count(store, ENTRIES), _count(store, INCIDENTS)) == (2, 0)


def _other_chain(book: Any) -> Any:
    """The same up to the third entry, then another."""
    head = book.entries[2]
    return (*book.entries[:3], append(head.hash, 4, "noted", recorded_at=head.recorded_at, by="someone"))


def _wrong_hash(book: Any) -> Any:
    return (*book.entries[:3], book.entries[3].model_copy(update={"by": "someone"}))


def _gap(book: Any) -> Any:
    return (*book.entries[:2], *book.entries[3:5])


@pytest.mark.rule("R62")
@pytest.mark.parametrize(("bad", "known"), [(_other_chain, 6), (_wrong_hash, 2), (_gap, 2)])
def test_what_does_not_continue_the_stored_chain_is_refused_and_overwrites_nothing(
    store: Store, bad: Callable[[Any], Any], known: int
) -> None:
    book = played().book
    keep(store, order(book, upto=known, row=None))
    with pytest.raises(Conflict, match="was not kept"):
        keep(store, order(book, entries=bad(book)))
    assert [e.hash for e in entries(store, "K-1")] == [e.hash for e in book.entries[:known]]


def test_writers_at_the_same_time_keep_everything_once(store: Store) -> None:
    books = [played(f"K-{n}").book for n in range(3)]
    wrong: list[BaseException] = []

    def write() -> None:
        try:
            for book in books:
                for upto in range(2, book.sequence + 1, 3):
                    keep(store, order(book, upto=upto, row=None))
                keep(store, order(book))
        except BaseException as failed:  # noqa: BLE001
            wrong.append(failed)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not wrong
    assert _count(store, ENTRIES) == sum(book.sequence for book in books)
    for book in books:
        assert [e.hash for e in entries(store, book.incident.incident_id)] == [e.hash for e in book.entries]
        assert set(words(store, book.incident.incident_id)) == {SALT, *book.vault}


@pytest.mark.rule("R62")
@pytest.mark.parametrize("table", APPEND_ONLY, ids=lambda table: table.name)
def test_what_was_appended_is_changed_and_removed_by_nobody(store: Store, table: Any) -> None:
    keep(store, order(played().book))
    make_root(store)
    erase(store, "K-1", by="operator", reason="asked")
    before = _count(store, table)
    assert before
    column = next(column for column in table.columns if not column.primary_key)
    for change in (update(table).values({column.name: column}), delete(table)):
        with pytest.raises(DBAPIError, match="never changed"), store.engine.begin() as connection:
            connection.execute(change)
    if store.engine.dialect.name == "postgresql":
        with pytest.raises(DBAPIError, match="never changed"), store.engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {table.name} CASCADE"))
    assert _count(store, table) == before


def test_a_head_goes_on_and_never_back(store: Store) -> None:
    book = played().book
    keep(store, order(book))
    for change in (update(HEADS).values(sequence=1), delete(HEADS)):
        with pytest.raises(DBAPIError), store.engine.begin() as connection:
            connection.execute(change)


def test_confidential_words_are_in_the_database_only_encrypted(store: Store) -> None:
    book = played().book
    keep(store, order(book))
    with store.reading() as connection:
        sealed = [bytes(each) for each in connection.execute(select(VAULT.c.sealed)).scalars()]
        lines = " ".join(connection.execute(select(ENTRIES.c.line)).scalars())
    assert len(sealed) == len(book.vault) + 1
    assert "佘某" not in lines
    assert all("佘某".encode() not in each for each in sealed)
    noted = next(entry for entry in entries(store, "K-1") if entry.what == "noted")
    assert opened(noted.data, words(store, "K-1"))["text"] == "佘某在大厅"


def test_a_word_cannot_be_moved_to_another_incident(store: Store) -> None:
    keep(store, order(played("K-1").book))
    keep(store, order(played("K-2").book))
    with store.engine.begin() as connection:
        key = connection.execute(select(DATA_KEYS.c.wrapped).where(DATA_KEYS.c.incident_id == "K-1")).scalar_one()
        connection.execute(delete(DATA_KEYS).where(DATA_KEYS.c.incident_id == "K-2"))
        connection.execute(DATA_KEYS.insert().values(incident_id="K-2", key_id="r1", wrapped=key))
    with pytest.raises(Exception, match="under the key"):
        words(store, "K-2")


@pytest.mark.rule("R62")
def test_erasing_takes_the_words_and_the_salt_and_leaves_the_chain_whole(store: Store) -> None:
    book = played().book
    keep(store, order(book))
    keep(store, order(played("K-2").book))
    noted = next(entry for entry in book.entries if entry.what == "noted")
    assert commitments(noted.data) == [commit("salt", noted.sequence, "text", "佘某在大厅")]
    done = erase(store, "K-1", by="operator", reason="asked for by the customer")
    assert done.words == len(book.vault) + 1
    assert words(store, "K-1") == {}
    assert words(store, "K-2")
    lines = [export_line(entry) for entry in entries(store, "K-1")]
    assert verify(lines, book.head).fault is None
    again = erase(store, "K-1", by="operator", reason="again")
    assert (again.number, again.words) == (2, 0)
    assert [(e.by, e.reason) for e in erasures(store, "K-1")] == [
        ("operator", "asked for by the customer"),
        ("operator", "again"),
    ]


def test_an_erased_incident_that_goes_on_gets_a_key_of_its_own_again(store: Store) -> None:
    day = played()
    keep(store, order(day.book))
    erase(store, "K-1", by="operator", reason="asked")
    before = day.book.sequence
    day.tell("10:40", "gd-gz-th-0001.lead", "noted", text="新的话")
    keep(store, order(day.book, after=before))
    kept = words(store, "K-1")
    assert "新的话" in kept.values()
    assert "佘某在大厅" not in kept.values()


def test_what_is_not_kept_cannot_be_erased(store: Store) -> None:
    with pytest.raises(NoSuchIncident):
        erase(store, "K-9", by="operator", reason="asked")


def test_a_new_key_in_front_leaves_old_words_readable(store: Store) -> None:
    keep(store, order(played().book))
    both = Store(store.engine, RecordKeys({"r2": b"2" * 32, "r1": bytes(range(32))}))
    assert words(both, "K-1") == words(store, "K-1")
    keep(both, order(played("K-2").book))
    with pytest.raises(Exception, match="TOCSIN_RECORDS_KEYS"):
        words(store, "K-2")
