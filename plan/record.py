"""The record of an incident: append-only entries in a hash chain (contract, section 8; R62).

Each entry's hash is SHA-256 over the RFC 8785 form of the entry without its hash, which includes the previous hash.
Personal data and free text enter as salted commitments; the words stand in the vault (`vault.py`), so that they can be
erased with the chain whole. Instants are UTC, written with microseconds and `Z`.
Errors: none; a broken chain is a finding, not an exception (`verification.py`).
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import rfc8785
from pydantic import JsonValue, StringConstraints

from plan.values import Kept, Stamp, stamp

GENESIS = "0" * 64
"""What stands before the first entry."""

Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Entry(Kept):
    """One entry. `about` is a fact id, a clock id or a notice id; `data` holds commitments, never personal words."""

    sequence: int
    recorded_at: Stamp
    received_at: Stamp
    what: str
    by: str | None = None
    door: str | None = None
    rule: str | None = None
    about: str | None = None
    data: dict[str, JsonValue]
    previous: Hash
    hash: Hash


def append(
    previous: str,
    sequence: int,
    what: str,
    *,
    recorded_at: datetime,
    received_at: datetime | None = None,
    by: str | None = None,
    door: str | None = None,
    rule: str | None = None,
    about: str | None = None,
    data: Mapping[str, JsonValue] | None = None,
) -> Entry:
    """The next entry, after the entry whose hash is `previous` (`GENESIS` before the first, whose sequence is 1).

    What was not received through a door (a clock's event, a notice) was received when it was recorded.
    """
    received_at = received_at or recorded_at
    body: dict[str, JsonValue] = {
        "sequence": sequence,
        "recorded_at": stamp(recorded_at),
        "received_at": stamp(received_at),
        "what": what,
        "by": by,
        "door": door,
        "rule": rule,
        "about": about,
        "data": dict(data or {}),
        "previous": previous,
    }
    return Entry.model_validate({**body, "recorded_at": recorded_at, "received_at": received_at, "hash": digest(body)})


def digest(body: Mapping[str, JsonValue]) -> str:
    """The hash of an entry written as JSON, its own hash aside."""
    return hashlib.sha256(rfc8785.dumps({name: body[name] for name in body if name != "hash"})).hexdigest()


def export_line(entry: Entry) -> str:
    """One line of `tocsin audit export`: the entry in its RFC 8785 form, without a line end."""
    return rfc8785.dumps(entry.model_dump(mode="json")).decode()
