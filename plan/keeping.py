"""What an incident hands to the store, and when: entries in batches, at quiet moments, never one by one (R62).

Whoever keeps it checks that a batch continues the stored head. The database being away delays the record and never the
incident: facts go on being judged, notices sent; only the end waits until everything is kept.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from plan.kept_rows import ClockRow, IncidentRow, NoticeRow
from plan.record import Entry
from plan.values import Kept
from plan.vault import SEALED

MOST_BYTES: Final = 400_000
"""Of one batch as JSON, words included: Temporal warns of payloads from 512 KiB on."""
IN_A_CRISIS: Final = timedelta(minutes=15)
OTHERWISE: Final = timedelta(days=7)
"""How long what has changed waits at most for the next time that the incident is awake, while it is not over."""
SALT: Final = "salt"
"""Stands among the words: it has to go with the last of them."""


class KeepOrder(Kept):
    """The next entries with the words they commit to; the rows, with the last batch only."""

    incident_id: str
    run_id: str
    entries: tuple[Entry, ...]
    words: dict[str, JsonValue] = {}
    row: IncidentRow | None = None
    clocks: tuple[ClockRow, ...] = ()
    notices: tuple[NoticeRow, ...] = ()


class KeepAnswer(Kept):
    """How far the store's record of this incident reaches: whatever comes after is still to be sent."""

    sequence: int
    head: str


class LiveRow(Kept):
    """What an open incident answers to the figures and to the daily root: it need not be in the store yet."""

    row: IncidentRow
    clocks: tuple[ClockRow, ...] = ()
    sequence: int = 0
    head: str = ""


def batch(
    entries: Sequence[Entry], vault: Mapping[str, JsonValue], after: int, *, most: int = MOST_BYTES
) -> tuple[tuple[Entry, ...], dict[str, JsonValue]]:
    """The entries after a sequence number that fit into one batch, one at least, and the words they commit to."""
    chosen: list[Entry] = []
    words: dict[str, JsonValue] = {}
    size = 0
    for entry in entries[after:]:
        said = {name: vault[name] for name in commitments(entry.data) if name in vault}
        size += len(entry.model_dump_json()) + sum(len(repr(value).encode()) + 70 for value in said.values())
        if chosen and size > most:
            break
        chosen.append(entry)
        words |= said
    return tuple(chosen), words


def commitments(data: JsonValue | Mapping[str, JsonValue]) -> list[str]:
    """Every commitment in an entry's data."""
    if isinstance(data, list):
        return [found for item in data for found in commitments(item)]
    if not isinstance(data, Mapping):
        return []
    sealed = data.get(SEALED)
    if len(data) == 1 and isinstance(sealed, str):
        return [sealed]
    return [found for item in data.values() for found in commitments(item)]


def is_time(now: datetime, last: datetime, *, crisis: bool) -> bool:
    """Whether what has changed has waited long enough."""
    return now - last >= (IN_A_CRISIS if crisis else OTHERWISE)
