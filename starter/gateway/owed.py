"""What an incident asks of somebody, line by line, in the words of the pages (contract, section 6: outstanding).

Only what that person's own view holds. Units: times in Asia/Shanghai. Errors: none.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from plan.access import Caller
from plan.outstanding import ACTION
from starter.pages.seen import Seen, SeenNotice, SeenOwed
from starter.pages.times import clock_time, left
from starter.words import SEVERITIES, STAGES, Lang, clock_word, duty_word, either, word

LINES: Final = 12


class Line(NamedTuple):
    zh: str
    en: str
    by: str
    mine: bool
    late: bool
    at: str
    until: str
    left_zh: str
    left_en: str


class Told(NamedTuple):
    """A notice to this person; `since` is when they said received, if they did."""

    notice_id: str
    zh: str
    en: str
    since: str


class Shown(NamedTuple):
    """One incident as a page shows it. `known` is False where no worker answered."""

    incident_id: str
    crisis: bool
    drill: bool
    what_zh: str
    what_en: str
    lines: Sequence[Line] = ()
    waiting: int = 0
    known: bool = True
    others: int = 0
    """Lines that are left out."""


def shown(seen: Seen, caller: Caller, now: datetime, *, most: int = LINES) -> Shown:
    owed = lines(seen, caller, now)
    mine = [notice for notice in seen.notices if notice.recipient == caller.id]
    return Shown(
        incident_id=seen.incident_id,
        crisis=seen.severity == "crisis",
        drill=seen.drill,
        what_zh=f"{word(SEVERITIES, seen.severity, 'zh')} {word(STAGES, seen.stage, 'zh')}",
        what_en=f"{word(SEVERITIES, seen.severity, 'en')}, {word(STAGES, seen.stage, 'en')}",
        lines=owed[:most],
        others=max(0, len(owed) - most),
        waiting=sum(1 for notice in mine if waits(notice)),
    )


def lines(seen: Seen, caller: Caller, now: datetime) -> list[Line]:
    """Their own first, and in each part as the incident orders them: missed, then by due time."""
    own = {caller.id, *(unit for grant in caller.grants for unit in grant.units)}
    made = [_line(owed, own, now) for owed in seen.outstanding]
    return sorted(made, key=lambda line: not line.mine)


def notices(seen: Seen, caller: Caller, now: datetime) -> list[Told]:
    """Theirs, those that wait for an answer first."""
    mine = sorted((n for n in seen.notices if n.recipient == caller.id), key=lambda notice: not waits(notice))
    return [Told(n.notice_id, duty_word(n.duty, "zh"), duty_word(n.duty, "en"), received_since(n, now)) for n in mine]


def notice_of(seen: Seen, notice_id: str) -> SeenNotice | None:
    return next((notice for notice in seen.notices if notice.notice_id == notice_id), None)


def waits(notice: SeenNotice) -> bool:
    return notice.acknowledged_at is None


def received_since(notice: SeenNotice | None, now: datetime) -> str:
    at = notice.acknowledged_at if notice else None
    return clock_time(at, now) if at else ""


def _line(owed: SeenOwed, own: Iterable[str], now: datetime) -> Line:
    due = owed.due_at
    return Line(
        zh=_word(owed, "zh"),
        en=_word(owed, "en"),
        by="、".join(owed.by),
        mine=any(by in own for by in owed.by),
        late=due is not None and due < now,
        at=due.isoformat() if due else "",
        until=clock_time(due, now) if due else "",
        left_zh=left(due, now, "zh") if due else "",
        left_en=left(due, now, "en") if due else "",
    )


def _word(owed: SeenOwed, lang: Lang) -> str:
    if owed.state == ACTION:
        return f"{either(lang, '事项', 'action')} {owed.what.removeprefix(f'{ACTION}.')}"
    return clock_word(owed.what, lang) if owed.due_at else duty_word(owed.what, lang)
