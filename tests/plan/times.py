"""Times of a story: Shanghai's, written `09:12`, `09:12:30` or `D+1 09:12`; D is 2026-11-24."""

import re
from datetime import UTC, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8))
D = datetime(2026, 11, 24, tzinfo=SHANGHAI)
_TIME = re.compile(r"(?:D\+(\d+) )?(\d{1,2}):(\d{2})(?::(\d{2}))?")


def at(when: str | datetime) -> datetime:
    """The instant of a time of day in a story."""
    if isinstance(when, datetime):
        return when
    found = _TIME.fullmatch(when)
    assert found is not None, f"{when!r} is not a time of day"
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return (D + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)).astimezone(UTC)


def said(instant: datetime | None) -> str | None:
    """An instant as a story writes it: `09:12`, with seconds where there are any, `D+1 09:12` on another day."""
    if instant is None:
        return None
    local = instant.astimezone(SHANGHAI)
    days = (local.date() - D.date()).days
    clock = f"{local:%H:%M:%S}" if local.second or local.microsecond else f"{local:%H:%M}"
    return f"D+{days} {clock}" if days else clock
