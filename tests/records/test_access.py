"""Keys, sessions and one-time links in the store, on either database (ADR 26)."""

import string
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from plan.access import Scope
from runtime.records.access_keys import SPELLING, keys, make_key, note_use
from runtime.records.access_tables import SESSIONS, SIGN_IN_LINKS
from runtime.records.engine import Store
from runtime.records.migrating import downgrade, upgrade
from runtime.records.reading import entries
from runtime.records.sessions import (
    IDLE,
    LINK,
    LONGEST,
    begin_session,
    end_session,
    end_sessions_of,
    link_is_good,
    make_link,
    session,
    use_link,
)
from runtime.records.writing import keep
from tests.records.made import order, played

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def test_of_a_key_the_store_has_a_hash_and_its_text_is_256_bits(store: Store) -> None:
    made = [make_key(store, f"system:s{n}", [Scope.READ], ("gd",), by="operator", now=NOW) for n in range(20)]
    texts = [text for _, text in made]
    assert all(SPELLING.fullmatch(text) for text in texts)
    assert len(set(texts)) == 20
    assert set("".join(text.split("_")[2] for text in texts)) <= set(string.ascii_letters + string.digits)
    found = {each.key_id: each for each in keys(store)}
    assert all(found[each.key_id] == each for each, _ in made)
    assert not any(text.split("_")[2] in repr(found) for text in texts)


def test_a_key_is_good_through_its_last_instant(store: Store) -> None:
    ends = NOW + timedelta(days=1)
    key, _ = make_key(store, "system:crm", [Scope.READ], ("gd",), by="operator", now=NOW, expires_at=ends)
    assert key.good_at(ends)
    assert not key.good_at(ends + TICK)


def test_a_keys_row_is_never_removed(store: Store) -> None:
    make_key(store, "system:crm", [Scope.READ], ("gd",), by="operator", now=NOW)
    with pytest.raises(DatabaseError, match="never changed"), store.engine.begin() as connection:
        connection.execute(text("DELETE FROM access_keys"))
    note_use(store, {keys(store)[0].key_id: NOW})
    assert keys(store)[0].used_at == NOW


def test_two_who_make_keys_at_once_make_no_third(store: Store) -> None:
    """However they fall together."""
    make_key(store, "system:crm", [Scope.READ], ("gd",), by="operator", now=NOW)
    refused: list[BaseException] = []

    def make() -> None:
        try:
            make_key(store, "system:crm", [Scope.READ], ("gd",), by="operator", now=NOW)
        except BaseException as no:  # noqa: BLE001
            refused.append(no)

    both = [threading.Thread(target=make) for _ in range(4)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert len(keys(store)) == 2
    assert len(refused) == 3


def test_a_session_is_a_hash_and_ends_when_idle_at_last_and_on_signing_out(store: Store) -> None:
    shown = begin_session(store, "gd-gz.work", way="link", now=NOW)
    with store.reading() as connection:
        assert shown not in str(connection.execute(select(SESSIONS)).all())
    found = session(store, shown, now=NOW + IDLE - TICK)
    assert found is not None
    assert found.person == "gd-gz.work"
    assert session(store, shown, now=NOW + IDLE + timedelta(hours=1)) is not None, "it was seen meanwhile"
    at = NOW + IDLE + timedelta(hours=1)
    assert session(store, shown, now=at + IDLE) is None
    for wrong in ("", shown[:-1], shown + "A", shown.swapcase(), "x"):
        assert session(store, wrong, now=at) is None
    while at < NOW + LONGEST:
        assert session(store, shown, now=at) is not None
        at += timedelta(hours=2)
    assert session(store, shown, now=NOW + LONGEST) is None
    other = begin_session(store, "gd-gz.work", way="oidc", now=NOW)
    end_session(store, other)
    assert session(store, other, now=NOW) is None


def test_somebody_can_be_signed_out_everywhere(store: Store) -> None:
    mine = [begin_session(store, "gd-gz.work", way="oidc", now=NOW) for _ in range(2)]
    another = begin_session(store, "hq.work", way="oidc", now=NOW)
    assert end_sessions_of(store, "gd-gz.work") == 2
    assert not any(session(store, each, now=NOW) for each in mine)
    assert session(store, another, now=NOW) is not None


def test_what_is_over_is_cleared_away(store: Store) -> None:
    begin_session(store, "hq.work", way="oidc", now=NOW)
    make_link(store, "hq.work", now=NOW)
    later = NOW + LONGEST + TICK
    begin_session(store, "gd-gz.work", way="oidc", now=later)
    make_link(store, "gd-gz.work", now=later)
    with store.reading() as connection:
        for table in (SESSIONS, SIGN_IN_LINKS):
            assert [row.person for row in connection.execute(select(table))] == ["gd-gz.work"]


def test_a_link_signs_in_once_and_looking_at_it_uses_nothing_up(store: Store) -> None:
    token = make_link(store, "gd-gz.work", now=NOW)
    assert all(link_is_good(store, token, now=NOW + LINK) for _ in range(3))
    assert use_link(store, token[:-1], now=NOW) is None
    assert use_link(store, token, now=NOW + LINK + TICK) is None
    assert use_link(store, token, now=NOW + LINK) == "gd-gz.work"
    assert not link_is_good(store, token, now=NOW)
    assert use_link(store, token, now=NOW) is None


def test_of_many_who_use_one_link_at_once_one_is_let_in(store: Store) -> None:
    token = make_link(store, "gd-gz.work", now=NOW)
    let_in: list[str | None] = []

    def use() -> None:
        let_in.append(use_link(store, token, now=NOW))

    many = [threading.Thread(target=use) for _ in range(4)]
    for each in many:
        each.start()
    for each in many:
        each.join()
    assert sorted(let_in, key=str) == [None, None, None, "gd-gz.work"]


def test_taken_back_and_up_again_the_records_stay_and_every_way_in_is_gone(store: Store) -> None:
    book = played().book
    keep(store, order(book))
    make_key(store, "system:crm", [Scope.READ], ("gd",), by="operator", now=NOW)
    shown = begin_session(store, "gd-gz.work", way="link", now=NOW)
    downgrade(store.engine, "0002")
    upgrade(store.engine)
    assert [e.hash for e in entries(store, "K-1")] == [e.hash for e in book.entries]
    assert keys(store) == []
    assert session(store, shown, now=NOW) is None
