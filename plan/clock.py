"""One clock: an obligation with an instant, and its state (contract, section 6; R36, R40, R42-R46).

Units: aware UTC instants; a limit is elapsed time, nights and holidays included (A17). "Within" includes the last
instant: on the boundary is on time.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from plan.organisation import Level
from plan.playbook import ClockName
from plan.values import Instant, Kept

TICK = timedelta(milliseconds=1)
"""The engine's resolution: the first instant at which a due time has passed is `due_at + TICK`."""


class ClockState(StrEnum):
    RUNNING = "running"
    MET = "met"
    MET_LATE = "met_late"
    MISSED = "missed"
    CARRIED = "carried"
    CANCELLED = "cancelled"


class Breach(Kept):
    """A due time passed unmet. `at` is the clock's own instant; never deleted, but lifted when it proves wrong."""

    at: Instant
    recorded_at: Instant
    lifted_at: Instant | None = None
    outlet_first_told_at: Instant | None = None
    outlet_first_acknowledged_at: Instant | None = None
    acknowledged_by: str | None = None


class Clock(NamedTuple):
    """`since` is when we learned that it runs, so that no warning is sent for a time before that.

    Derived anew at every look and never kept, hence no model: a crisis of a day has fifty of them.
    """

    id: str
    name: ClockName
    rule: str
    anchored_by: str
    since: datetime
    starts_at: datetime
    due_at: datetime
    state: ClockState
    statutory: bool = False
    level: Level | None = None
    met_at: datetime | None = None
    met_by: str | None = None
    cancelled_at: datetime | None = None
    owed_by: str | None = None

    @property
    def open(self) -> bool:
        """Still owed: running, or missed, not yet met and not called off since."""
        return self.state in (ClockState.RUNNING, ClockState.MISSED) and self.cancelled_at is None


def owing(owed_by: str | None) -> tuple[str, ...]:
    """The places that owe a clock: one as a rule, several insurers of a group event with commas between."""
    return tuple(owed_by.split(",")) if owed_by else ()


def state_at(
    now: datetime,
    due_at: datetime,
    *,
    met_at: datetime | None = None,
    cancelled_at: datetime | None = None,
    carried: bool = False,
) -> ClockState:
    """R43 says "within": the last instant is still on time. What was met is met, whatever came after."""
    if met_at is not None and (cancelled_at is None or met_at <= cancelled_at):
        return ClockState.MET if met_at <= due_at else ClockState.MET_LATE
    if carried:
        return ClockState.CARRIED
    if cancelled_at is not None:
        return ClockState.CANCELLED if cancelled_at <= due_at else ClockState.MISSED
    return ClockState.RUNNING if now <= due_at else ClockState.MISSED
