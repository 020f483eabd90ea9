"""A drill's scenario as data: the world outside, and what is expected of the people of the plan (R11, R31).

The drill plays customers, reporters and systems at their times: `seen` is told to the outlet, `tells` is stated by a
system, `complaint` is filed by another person. The people of the plan act for themselves, through the usual doors.
Units: durations, `at` and `after` from the beginning of the drill; a drill played faster shortens them, and no limit of
the plan nor what is `within`. Frozen into the drill. Errors: none; `drill_faults.py` says what may be wrong.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from plan.complaint import Channel, Subject
from plan.playbook import Within
from plan.values import Count, Flag, FreeText, Kept, Label, Plain, Ref

Offset = Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(days=14))]
Person = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{1,10}$")]
"""A customer of the scenario, by a letter; two complaints of one letter are one person's (A12)."""


class Standard(StrEnum):
    """What a drill is judged by."""

    ON_TIME = "on_time"
    """Every report, opinion and word to the regulator that came due was there in time."""
    ON_SCENE = "on_scene"
    """Whoever was called to the scene was there in time."""
    ANSWERED = "answered"
    """Every notice that is repeated until somebody answers was answered."""
    DONE = "done"
    """What the scenario expects, and what the plan asked of somebody, was done."""
    BY_THE_RULES = "by_the_rules"
    """Nobody tried what nobody may do (R57)."""
    DELIVERED = "delivered"
    """Everybody could be told."""


class Words(Kept):
    """In both languages. One line each: it goes into a notice."""

    zh: Annotated[str, Field(min_length=1, max_length=50), Plain]
    en: Annotated[str, Field(min_length=1, max_length=80), Plain]


class Complains(Kept):
    """A complaint as the drill files it."""

    person: Person
    channel: Channel = Channel.OUTLET
    subject: Subject = Subject.OTHER
    reason: Annotated[FreeText, Field(min_length=1)]


class Tells(Kept):
    """What a system states of the first incident of the drill (R2, R39)."""

    kind: Literal["circumstances_reported", "group_signs_seen"] = "circumstances_reported"
    headcount: Count | None = None
    government: Flag | None = None
    regulator: Flag | None = None
    media: Flag | None = None
    disrupts_outlet: Flag | None = None
    property_loss: Flag | None = None
    reputation_loss: Flag | None = None
    social_impact: Flag | None = None

    @property
    def stated(self) -> dict[str, int | bool]:
        """The fields of the fact."""
        return self.model_dump(mode="json", exclude_none=True, exclude={"kind"})


class Step(Kept):
    """Something happens. Several things at once stand in one step."""

    at: Offset
    seen: Words | None = None
    tells: Tells | None = None
    complaint: Complains | None = None


class Expected(Kept):
    """Somebody of the plan states a fact of this kind, from `after` on and within so much time.

    With `before`: and no fact of that kind came first.
    """

    kind: Ref
    after: Offset = timedelta(0)
    within: Within
    before: Ref | None = None


class Scenario(Kept):
    """The file. `complaint` is filed as the drill begins; it ends `lasts` later, or once everything is closed.

    `insurer`: the one it is about, else the first that answers for the outlet.
    """

    id: Ref
    version: Label
    title: Words
    insurer: Ref | None = None
    complaint: Complains
    steps: tuple[Step, ...] = ()
    lasts: Within
    expects: tuple[Expected, ...] = ()
    standards: tuple[Standard, ...] = tuple(Standard)
