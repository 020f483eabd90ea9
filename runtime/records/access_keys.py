"""Keys by which systems call: `tcs_<id>_<secret>`, of which the store has a SHA-256 (ADR 26).

A secret is 256 random bits, so that a fast hash is enough. What a key may do is never changed: make another, move over,
revoke the old one; a system has two at most that are good at once. Units: instants in UTC; a key is good up to the
instant it expires at, that one included.
Errors: Refused, NoSuchKey; Unreachable, Misconfigured.
"""

import hashlib
import re
import secrets
import string
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select, text, update

from plan.access import Scope
from plan.errors import Refused, TocsinError
from plan.values import Instant, Kept
from runtime.records.access_tables import ACCESS_KEYS
from runtime.records.engine import Store

AT_ONCE: Final = 2
"""Keys of a system that are good at the same time: the one in use, and the one that takes over."""
SPELLING: Final = re.compile(r"tcs_([0-9a-z]{10})_[0-9A-Za-z]{43}")
_LOCK: Final = 7_062_144
"""PostgreSQL's advisory lock of making keys."""
_BASE62: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase


class NoSuchKey(TocsinError):
    exit_code = 2
    http_status = 404


class AccessKey(Kept):
    """A key as it is kept. `used_at` is coarse: when it was last noted."""

    key_id: str
    system: str
    hash: str
    scopes: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    insurer: str | None = None
    created_at: Instant
    created_by: str
    expires_at: Instant | None = None
    revoked_at: Instant | None = None
    revoked_by: str | None = None
    used_at: Instant | None = None

    def good_at(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now <= self.expires_at)


def make_key(
    store: Store,
    system: str,
    scopes: Iterable[Scope],
    units: tuple[str, ...],
    *,
    by: str,
    now: datetime,
    insurer: str | None = None,
    expires_at: datetime | None = None,
) -> tuple[AccessKey, str]:
    """A new key and its text, which nobody can be told again. Refused where the system has two good ones."""
    key_id = "".join(secrets.choice(_BASE62[:10] + _BASE62[36:]) for _ in range(10))
    secret = f"tcs_{key_id}_{_written(secrets.token_bytes(32))}"
    key = AccessKey(
        key_id=key_id,
        system=system,
        hash=hash_of(secret),
        scopes=tuple(str(scope) for scope in Scope if scope in set(scopes)),
        units=units,
        insurer=insurer,
        created_at=now,
        created_by=by,
        expires_at=expires_at,
    )
    with store.writing() as connection:
        _one_at_a_time(connection)
        rows = connection.execute(select(ACCESS_KEYS).where(ACCESS_KEYS.c.system == system)).mappings()
        good = [each.key_id for each in map(_key, rows) if each.good_at(now)]
        if len(good) >= AT_ONCE:
            raise Refused(
                f"{system} has {len(good)} good keys already ({', '.join(good)}): the one in use, and the one that "
                "takes over. Revoke the older one first: tocsin keys revoke KEY_ID."
            )
        values = key.model_dump() | {"scopes": " ".join(key.scopes), "units": " ".join(key.units)}
        connection.execute(insert(ACCESS_KEYS), [values])
    return key, secret


def keys(store: Store) -> list[AccessKey]:
    """All there are, oldest first."""
    with store.reading() as connection:
        query = select(ACCESS_KEYS).order_by(ACCESS_KEYS.c.created_at, ACCESS_KEYS.c.key_id)
        return [_key(row) for row in connection.execute(query).mappings()]


def revoke_key(store: Store, key_id: str, *, by: str, now: datetime) -> AccessKey:
    """It is good no more, for ever; repeating it changes nothing."""
    with store.writing() as connection:
        found = connection.execute(select(ACCESS_KEYS).where(ACCESS_KEYS.c.key_id == key_id)).mappings().first()
        if found is None:
            raise NoSuchKey(f"There is no key {key_id}. `tocsin keys list` names those there are.")
        key = _key(found)
        if key.revoked_at is not None:
            return key
        said = {"revoked_at": now, "revoked_by": by}
        connection.execute(update(ACCESS_KEYS).where(ACCESS_KEYS.c.key_id == key_id).values(said))
    return key.model_copy(update=said)


def note_use(store: Store, used: Mapping[str, datetime]) -> None:
    """When keys were last used."""
    with store.writing() as connection:
        for key_id, at in used.items():
            connection.execute(update(ACCESS_KEYS).where(ACCESS_KEYS.c.key_id == key_id).values(used_at=at))


def hash_of(text: str) -> str:
    """How a secret is kept."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _one_at_a_time(connection: Connection) -> None:
    """Two who count at once would both find room. On SQLite the transaction itself is the lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})


def _key(row: Mapping[Any, Any]) -> AccessKey:
    said = dict(row)
    return AccessKey.model_validate(said | {"scopes": said["scopes"].split(), "units": said["units"].split()})


def _written(secret: bytes) -> str:
    """256 bits in 43 characters."""
    number, digits = int.from_bytes(secret), ""
    for _ in range(43):
        number, digit = divmod(number, 62)
        digits += _BASE62[digit]
    return digits
