"""Sessions of browsers, and the one-time links that begin one (ADR 26).

A browser holds a random id and nothing else; what it stands for is a row here, under the id's SHA-256, so that signing
out ends it everywhere at once. Units: a session ends `IDLE` after it was last seen, and at its `ends_at` whatever
happens; a link is good for `LINK` and for one use. Errors: Unreachable, Misconfigured.
"""

import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select, update

from plan.values import Instant, Kept
from runtime.records.access_keys import hash_of
from runtime.records.access_tables import SESSIONS, SIGN_IN_LINKS
from runtime.records.engine import Store

IDLE: Final = timedelta(hours=4)
LONGEST: Final = timedelta(hours=12)
"""A long shift."""
LINK: Final = timedelta(minutes=10)
NOTED: Final = timedelta(minutes=1)
"""How exactly it is kept when a session was last seen."""


class Session(Kept):
    person: str
    way: str
    begun_at: Instant
    seen_at: Instant
    ends_at: Instant

    def good_at(self, now: datetime) -> bool:
        return now < self.ends_at and now < self.seen_at + IDLE


def begin_session(store: Store, person: str, *, way: str, now: datetime) -> str:
    """The new session's id, for the browser alone. What is over is cleared away."""
    new = secrets.token_urlsafe(32)
    row = {"hash": hash_of(new), "person": person, "way": way}
    with store.writing() as connection:
        connection.execute(delete(SESSIONS).where(SESSIONS.c.ends_at < now))
        times = {"begun_at": now, "seen_at": now, "ends_at": now + LONGEST}
        connection.execute(insert(SESSIONS), [row | times])
    return new


def session(store: Store, shown: str, *, now: datetime) -> Session | None:
    """The session of an id, if it is good; it is noted as seen."""
    this = SESSIONS.c.hash == hash_of(shown)
    with store.reading() as connection:
        row = connection.execute(select(SESSIONS).where(this)).mappings().first()
    found = Session.model_validate(dict(row)) if row else None
    if found is None or not found.good_at(now):
        return None
    if now - found.seen_at >= NOTED:
        with store.writing() as connection:
            connection.execute(update(SESSIONS).where(this).values(seen_at=now))
    return found


def end_session(store: Store, shown: str) -> None:
    """Signed out; the id opens nothing any more."""
    with store.writing() as connection:
        connection.execute(delete(SESSIONS).where(SESSIONS.c.hash == hash_of(shown)))


def end_sessions_of(store: Store, person: str) -> int:
    """Signed out everywhere; how many there were."""
    with store.writing() as connection:
        gone = connection.execute(delete(SESSIONS).where(SESSIONS.c.person == person).returning(SESSIONS.c.hash))
        return len(gone.all())


def make_link(store: Store, person: str, *, now: datetime) -> str:
    """The token of a link by which this person signs in, once."""
    token = secrets.token_urlsafe(32)
    row = {"hash": hash_of(token), "person": person, "made_at": now, "ends_at": now + LINK, "used_at": None}
    with store.writing() as connection:
        connection.execute(delete(SIGN_IN_LINKS).where(SIGN_IN_LINKS.c.ends_at < now))
        connection.execute(insert(SIGN_IN_LINKS), [row])
    return token


def link_is_good(store: Store, token: str, *, now: datetime) -> bool:
    """Looking at it uses nothing up."""
    with store.reading() as connection:
        return connection.execute(select(SIGN_IN_LINKS.c.person).where(*_good(token, now))).first() is not None


def use_link(store: Store, token: str, *, now: datetime) -> str | None:
    """The person whom it signs in, once; None where it is not good, or not any more."""
    with store.writing() as connection:
        taken = update(SIGN_IN_LINKS).where(*_good(token, now)).values(used_at=now)
        return connection.execute(taken.returning(SIGN_IN_LINKS.c.person)).scalar_one_or_none()


def _good(token: str, now: datetime):
    links = SIGN_IN_LINKS.c
    return links.hash == hash_of(token), links.used_at.is_(None), links.ends_at >= now
