"""Subscriptions in the store: their secrets sealed, exchanged with an overlap, ended and never deleted (R29)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from temporalio.client import Client

from activities.record_pages import RecordPages
from activities.shelf import Shelf
from plan.errors import Misconfigured, Refused
from plan.events import About
from plan.subscriptions import MOST, NewSubscription, Subscription
from runtime.records.engine import Store
from runtime.records.keys import RecordKeys
from runtime.records.subscriptions import (
    OVERLAP,
    NoSuchSubscription,
    end,
    pause,
    resume,
    rotate,
    subscribe,
    subscription,
    subscriptions,
)
from runtime.records.writing import keep
from tests.records.made import order, played

WANTED = NewSubscription(url="https://crm.example.cn/x", types=("cn.tocsin.incident.filed",))


def _made(store: Store, system: str = "system:crm") -> tuple[Subscription, str]:
    return subscribe(store, WANTED, system=system, units=("gd", "hq"), insurer=None)


def test_what_is_subscribed_is_kept_as_it_was_asked_for(store: Store) -> None:
    made, secret = _made(store)
    (found,) = subscriptions(store, system="system:crm")
    assert found.subscription == made
    assert found.signing(datetime.now(UTC)) == secret
    with store.reading() as connection:
        row = str(connection.execute(text("SELECT * FROM subscriptions")).all())
    assert secret not in row
    assert secret.removeprefix("whsec_") not in row


def test_two_secrets_sign_for_a_day_and_never_three(store: Store) -> None:
    made, first = _made(store)
    second = rotate(store, made.id)
    third = rotate(store, made.id)
    keyed, now = subscription(store, made.id), datetime.now(UTC)
    assert keyed.signing(now) == f"{third} {second}"
    assert keyed.signing(now + OVERLAP + timedelta(minutes=1)) == third
    assert first not in keyed.signing(now)


def test_anothers_is_as_if_it_were_not_there(store: Store) -> None:
    made, _ = _made(store)
    texts = set[str]()
    for id, system in ((made.id, "system:hotline"), ("sub-0", "system:crm")):
        with pytest.raises(NoSuchSubscription) as none:
            subscription(store, id, system=system)
        texts.add(str(none.value).replace(id, "…"))
    assert len(texts) == 1


def test_an_ended_one_stays_on_record_and_does_nothing_more(store: Store) -> None:
    made, _ = _made(store)
    pause(store, made.id, why="silent")
    assert subscription(store, made.id).subscription.paused_at is not None
    resume(store, made.id)
    end(store, made.id, why="asked")
    end(store, made.id, why="again")
    resume(store, made.id)
    assert subscriptions(store) == []
    (kept,) = subscriptions(store, all_of_them=True)
    assert (kept.subscription.in_force, kept.subscription.why) == (False, "asked")
    with pytest.raises(NoSuchSubscription):
        rotate(store, made.id)
    with pytest.raises(DBAPIError, match="never changed"), store.engine.begin() as connection:
        connection.execute(text("DELETE FROM subscriptions"))


def test_a_system_has_only_so_many(store: Store) -> None:
    for _ in range(MOST):
        _made(store)
    with pytest.raises(Refused, match=str(MOST)):
        _made(store)
    _made(store, "system:hotline")


def test_without_its_key_a_secret_is_not_read_and_the_message_says_which(store: Store) -> None:
    made, _ = _made(store)
    stranger = Store(store.engine, RecordKeys({"r2": bytes(32)}))
    with pytest.raises(Misconfigured, match="'r1'"):
        subscription(stranger, made.id)


@pytest.mark.server
async def test_what_temporal_no_longer_has_is_read_from_the_store(apart: Client, store: Store, tmp_path: Path) -> None:
    book = played().book
    keep(store, order(book))
    shelf = Shelf(lambda: store)
    pages = RecordPages(apart, shelf)
    whole = await pages.after("K-1", 0)
    assert whole is not None
    assert [each.hash for each in whole.entries] == [each.hash for each in book.entries]
    assert (whole.last, whole.over) == (True, True)
    row = order(book).row
    assert row is not None
    assert whole.about == About(incident_id="K-1", units=row.units, insurers=row.insurers)
    rest = await pages.after("K-1", 3)
    assert rest is not None
    assert rest.entries[0].sequence == 4
    assert await pages.after("K-none", 0) is None
    await shelf.aclose()
