"""What a drill came to, as it is kept and shown (R11): the score sheet. `score.py` fills it.

Persons are ids. Nothing personal and no free text stands here: of a refused attempt its kind and rule, no more.
"""

from datetime import timedelta
from enum import StrEnum

from plan.drill_scenario import Standard, Words
from plan.values import Instant, Kept


class Timing(Kept):
    """One clock that people of the plan owed: until when, when it was met, how long it took from its start.

    `state` is the clock's; `cancelled` means that it was not due when the drill, or the scene, was over.
    """

    clock: str
    incident_id: str
    rule: str
    owed_by: str | None = None
    starts_at: Instant
    due_at: Instant
    met_at: Instant | None = None
    took: timedelta | None = None
    state: str


class Answered(Kept):
    """One person who was told something: when first, when they first said "received", when they first did something.

    `asked`: one of the notices is repeated until somebody answers. `waited` is until the first of the two.
    """

    person: str
    unit: str = ""
    notices: int
    asked: bool = False
    told_at: Instant
    answered_at: Instant | None = None
    acted_at: Instant | None = None
    waited: timedelta | None = None


class Kind(StrEnum):
    """What a missed step is."""

    CLOCK = "clock"
    """A clock came due and was not met."""
    EXPECTED = "expected"
    """The scenario expected it."""
    PROMPT = "prompt"
    """The plan asked somebody for it."""
    UNANSWERED = "unanswered"
    """A notice was repeated, and nobody answered."""


class Missed(Kept):
    """Something that ought to have been done by `due_at`, where it has a time. `what` is a clock, a fact or a duty."""

    kind: Kind
    what: str
    incident_id: str | None = None
    rule: str | None = None
    by: tuple[str, ...] = ()
    due_at: Instant | None = None
    late_at: Instant | None = None
    """It was done all the same, later; or too late, after what it should have come before."""


class Attempt(Kept):
    """What somebody tried and was refused."""

    kind: str
    by: str | None = None
    rule: str | None = None
    incident_id: str
    at: Instant


class NotTold(Kept):
    """A notice that did not reach its recipient over any channel."""

    notice_id: str
    recipient: str
    incident_id: str


class Judged(Kept):
    """How a standard was kept: so many of so many. `counts`: the drill is judged by it."""

    standard: Standard
    passed: bool
    kept: int = 0
    of: int = 0
    counts: bool = True


class Sheet(Kept):
    """`points`: of a hundred, what came due and was done in time; what was late counts half. None: nothing came due.

    `passed` when every standard that counts was kept. `unseen` are incidents that ended by force, so that nothing of
    them is scored.
    """

    drill_id: str
    scenario: str
    title: Words
    started_at: Instant
    ended_at: Instant
    why: str
    incidents: tuple[str, ...] = ()
    reports: tuple[Timing, ...] = ()
    arrivals: tuple[Timing, ...] = ()
    others: tuple[Timing, ...] = ()
    answers: tuple[Answered, ...] = ()
    missed: tuple[Missed, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    not_told: tuple[NotTold, ...] = ()
    standards: tuple[Judged, ...] = ()
    passed: bool = False
    points: int | None = None
    unseen: tuple[str, ...] = ()
