"""The span of a clock: from when, until when, what met it, what called it off. `clocks.py` adds the state.

Helpers here pair what starts a clock with what ends it; the three families stand in `reporting_clocks.py`,
`handling_clocks.py` and `scene_clocks.py`.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from plan.incident import Incident
from plan.marks import Mark
from plan.organisation import Level
from plan.playbook import ClockName, Playbook

S = TypeVar("S", bound=Mark)


class Span(NamedTuple):
    """One run of a clock. `number` tells several runs apart; `level` several levels."""

    name: ClockName
    anchored_by: str
    since: datetime
    starts_at: datetime
    due_at: datetime
    number: int = 1
    level: Level | None = None
    met_at: datetime | None = None
    met_by: str | None = None
    cancelled_at: datetime | None = None
    carried: bool = False
    owed_by: str | None = None

    @property
    def clock_id(self) -> str:
        """`outlet_report`, `outlet_report.2`, `relay.county`, `progress.1` (contract, section 6)."""
        named = str(self.name) if self.level is None else f"{self.name}.{self.level}"
        return f"{named}.{self.number}" if self.number > 1 or self.name is ClockName.PROGRESS else named


def limit(incident: Incident, playbook: Playbook, name: ClockName, level: Level | None = None) -> timedelta | None:
    """How long this clock runs here; None where the playbook does not run it (R9)."""
    if playbook.clock(name) is None:
        return None
    return playbook.within(name, insurer=incident.insurer, level=level)


def first_from(marks: Iterable[Mark], start: datetime) -> Mark | None:
    """The earliest mark at or after an instant."""
    return min((mark for mark in marks if mark.at >= start), key=lambda mark: mark.at, default=None)


def ended_after(incident: Incident, start: datetime) -> datetime | None:
    """The first closing or withdrawal from an instant on; re-opening does not undo what it called off."""
    ending = first_from(incident.endings, start)
    return ending.at if ending else None


def rounds(starts: Sequence[S], ends: Sequence[Mark]) -> Iterator[tuple[S, Mark | None]]:
    """Pair each start that finds no round open with the first end at or after it."""
    open_until: datetime | None = None
    for start in sorted(starts, key=lambda mark: mark.at):
        if open_until is not None and start.at <= open_until:
            continue
        end = first_from(ends, start.at)
        yield start, end
        if end is None:
            return
        open_until = end.at
