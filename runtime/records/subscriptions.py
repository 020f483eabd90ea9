"""Subscriptions in the store: who is told of what, where, and the secrets that what is sent is signed with (R29).

A secret is `whsec_` and 32 random bytes in base64 (Standard Webhooks 1.0), shown once. A new one is signed beside the
old for a day, so that a receiver may exchange it in its own time. A subscription is ended and never deleted.
Errors: Refused where there are too many; NoSuchSubscription; Unreachable, Misconfigured.
"""

import base64
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import RowMapping, func, insert, or_, select, update

from plan.errors import Refused, TocsinError
from plan.subscriptions import MOST, NewSubscription, Subscription
from plan.values import Instant, Kept
from runtime.records.access_tables import ACCESS_KEYS
from runtime.records.engine import Store
from runtime.records.feed_tables import SUBSCRIPTIONS

OVERLAP: Final = timedelta(hours=24)
"""How long the secret before signs beside the new one."""


class NoSuchSubscription(TocsinError):
    """None of this id, or none of the caller's: one text for both."""

    exit_code = 4
    http_status = 404


class Secret(Kept):
    secret: str
    until: Instant | None = None


class Keyed(Kept):
    """A subscription with its secrets, for whoever signs."""

    subscription: Subscription
    secrets: tuple[Secret, ...]

    def signing(self, now: datetime) -> str:
        """Those that sign now, separated by blanks, the newest first."""
        return " ".join(each.secret for each in self.secrets if each.until is None or each.until > now)


def subscribe(
    store: Store, wanted: NewSubscription, *, system: str, units: tuple[str, ...], insurer: str | None
) -> tuple[Subscription, str]:
    """A new one, and its secret, which is told nowhere else."""
    made = Subscription(
        id=f"sub-{secrets.token_hex(8)}",
        system=system,
        url=wanted.url,
        types=wanted.types,
        units=units,
        insurer=insurer,
        created_at=datetime.now(UTC),
    )
    secret = _new_secret()
    key_id, sealed = store.keys.seal_secret(_place(made.id), _written([Secret(secret=secret)]))
    in_force = select(func.count()).where(SUBSCRIPTIONS.c.system == system, SUBSCRIPTIONS.c.ended_at.is_(None))
    with store.writing() as connection:
        if connection.execute(in_force).scalar_one() >= MOST:
            raise Refused(f"{system} has {MOST} subscriptions already. End one that is not needed any more.")
        row = {**made.model_dump(), "types": " ".join(made.types), "units": " ".join(made.units)}
        connection.execute(insert(SUBSCRIPTIONS), [{**row, "key_id": key_id, "secrets": sealed}])
    return made, secret


def subscriptions(store: Store, *, system: str | None = None, all_of_them: bool = False) -> list[Keyed]:
    """Those in force, oldest first; of one system where it is named; the ended ones too where all are asked for."""
    query = select(SUBSCRIPTIONS).order_by(SUBSCRIPTIONS.c.created_at, SUBSCRIPTIONS.c.id)
    if system is not None:
        query = query.where(SUBSCRIPTIONS.c.system == system)
    if not all_of_them:
        query = query.where(SUBSCRIPTIONS.c.ended_at.is_(None))
    with store.reading() as connection:
        return [_keyed(store, row) for row in connection.execute(query).mappings()]


def subscription(store: Store, id: str, *, system: str | None = None) -> Keyed:
    """One, in force or ended; of a system where it is named."""
    query = select(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.id == id)
    with store.reading() as connection:
        row = connection.execute(query).mappings().one_or_none()
    if row is None or system not in (None, row["system"]):
        raise _none(id)
    return _keyed(store, row)


def without_a_key(store: Store) -> frozenset[str]:
    """Systems whose keys for events are all revoked or over: they are told nothing more.

    Who never had one is not meant: an operator may subscribe a system that has no key at all.
    """
    keys, now = ACCESS_KEYS.c, datetime.now(UTC)
    with store.reading() as connection:
        had = connection.execute(select(keys.system).where(keys.scopes.contains("events"))).scalars().all()
        live = select(keys.system).where(
            keys.scopes.contains("events"),
            keys.revoked_at.is_(None),
            or_(keys.expires_at.is_(None), keys.expires_at > now),
        )
        return frozenset(had) - frozenset(connection.execute(live).scalars().all())


def end(store: Store, id: str, *, why: str) -> None:
    """For good; nothing where it is over already."""
    _set(store, id, ended_at=datetime.now(UTC), why=why)


def pause(store: Store, id: str, *, why: str) -> None:
    _set(store, id, paused_at=datetime.now(UTC), why=why)


def resume(store: Store, id: str) -> None:
    _set(store, id, paused_at=None, why=None)


def rotate(store: Store, id: str, *, system: str | None = None) -> str:
    """A new secret; the one before signs beside it for a while, those before that no more."""
    known = subscription(store, id, system=system)
    if not known.subscription.in_force:
        raise _none(id)
    secret, until = _new_secret(), datetime.now(UTC) + OVERLAP
    kept = [Secret(secret=secret), known.secrets[0].model_copy(update={"until": until})]
    key_id, sealed = store.keys.seal_secret(_place(id), _written(kept))
    _set(store, id, key_id=key_id, secrets=sealed)
    return secret


def _set(store: Store, id: str, **values: Any) -> None:
    with store.writing() as connection:
        connection.execute(
            update(SUBSCRIPTIONS).where(SUBSCRIPTIONS.c.id == id, SUBSCRIPTIONS.c.ended_at.is_(None)).values(**values)
        )


def _keyed(store: Store, row: RowMapping) -> Keyed:
    said = {**row, "types": row["types"].split(), "units": row["units"].split()}
    found = Subscription.model_validate(said)
    kept = cast("list[object]", store.keys.open_secret(_place(found.id), row["key_id"], row["secrets"]))
    return Keyed(subscription=found, secrets=tuple(Secret.model_validate(each) for each in kept))


def _written(kept: list[Secret]) -> list[Any]:
    return [each.model_dump(mode="json") for each in kept]


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _place(id: str) -> str:
    return f"subscription/{id}"


def _none(id: str) -> NoSuchSubscription:
    return NoSuchSubscription(f"There is no subscription {id[:40]!r}. List yours, and name one of them.")
