"""The members of a group event, and the clocks they bring (A12, A19; contract, section 6, "Conversion")."""

from plan.marks import Criterion
from plan.values import Instant, Kept


class CarriedClock(Kept):
    """A reporting clock a member brings to its group event: absolute instants, never clamped (A19)."""

    name: str
    starts_at: Instant
    due_at: Instant
    anchored_by: str
    told: tuple[str, ...] = ()


class Member(Kept):
    """One incident of a group event, as it was when it joined."""

    incident_id: str
    joined_at: Instant
    left_at: Instant | None = None
    outlet: str | None = None
    insurer: str | None = None
    units: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    headcount: int = 0
    anchor: Instant | None = None
    five_at: Instant | None = None
    criteria: tuple[Criterion, ...] = ()
    carried: tuple[CarriedClock, ...] = ()
    done: tuple[str, ...] = ()
    reported_at: Instant | None = None
    opinion_at: Instant | None = None
    regulator_at: Instant | None = None
