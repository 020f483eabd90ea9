"""What facts are made of: the choices they offer, circumstances, a report's content (R2, R34, R43)."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from plan.values import Count, Flag, FreeText, Instant, PersonalText, PersonKey, Plain, Sealed, Stated

MAX_REPORT = 32_768
"""Bytes of UTF-8 of one report's content (architecture: payloads stay bounded)."""


Keys = Annotated[tuple[PersonKey, ...], Field(max_length=1_000)]


Numbers = Annotated[tuple[PersonalText, ...], Field(max_length=50)]


LONGEST = 500
Short = Annotated[str, StringConstraints(max_length=LONGEST, min_length=1, strip_whitespace=True), Plain, Sealed()]
"""A text that people write: confidential, for names get into it."""


class Outcome(StrEnum):
    """How calming went (R34)."""

    CALMED = "calmed"
    NOT_PERSUADED = "not_persuaded"
    FAILED = "failed"
    NOT_REACHABLE = "not_reachable"


class ReportKind(StrEnum):
    INITIAL = "initial"
    FOLLOW_UP = "follow_up"
    FINAL = "final"


class Via(StrEnum):
    SYSTEM = "system"
    PHONE = "phone"
    PAPER = "paper"


class Party(StrEnum):
    """Who comes to the scene (R22, R40, R42)."""

    INSURER = "insurer"
    WORK_GROUP = "work_group"
    LEADERSHIP_GROUP = "leadership_group"


class SceneOutcome(StrEnum):
    CALMED = "calmed"
    LEFT = "left"
    MOVED = "moved"
    DISPERSED = "dispersed"


class Remedy(StrEnum):
    EXPLANATION = "explanation"
    ASSISTANCE = "assistance"
    EX_GRATIA = "ex_gratia"
    OTHER = "other"


class Feeds(StrEnum):
    """What an action makes better once it is done."""

    SCREENING_STANDARD = "screening_standard"
    """A point that every later screening looks at (R58)."""
    MECHANISM = "mechanism"
    """How complaints and crises are handled (R59)."""
    OTHER = "other"
    """Whatever else was decided, such as who answers for it (R60-R63)."""


class FinalPart(StrEnum):
    """What a final report tells (R59): the course, what was done, how it stands, what is still to be done, and why."""

    COURSE = "course"
    HANDLING = "handling"
    TREND = "trend"
    NEXT_STEPS = "next_steps"
    CAUSE = "cause"
    LESSONS = "lessons"
    ACCOUNTABILITY = "accountability"


class Circumstances(Stated):
    """What makes a complaint a crisis (R2, R2.1-R2.5). Anything not said is unknown, not false."""

    known_at: Instant | None = None
    persons: Keys = ()
    headcount: Count | None = None
    government: Flag | None = None
    regulator: Flag | None = None
    media: Flag | None = None
    disrupts_outlet: Flag | None = None
    property_loss: Flag | None = None
    reputation_loss: Flag | None = None
    social_impact: Flag | None = None


class ReportContent(Stated):
    """The fields of a report (domain, section 5). An initial one needs a `course` and nothing else."""

    course: FreeText | None = None
    occurred_at: Instant | None = None
    place: FreeText | None = None
    source: FreeText | None = None
    nature: FreeText | None = None
    people_count: Count | None = None
    amount_estimate: FreeText | None = None
    cause: FreeText | None = None
    measures_taken: FreeText | None = None
    authorities: FreeText | None = None
    trend: FreeText | None = None
    leaders_on_scene: FreeText | None = None
    requests: FreeText | None = None
    next_steps: FreeText | None = None
    handling: FreeText | None = None
    lessons: FreeText | None = None
    accountability: FreeText | None = None
    issuer: FreeText | None = None
    contact: FreeText | None = None
    late_reason: FreeText | None = None

    @model_validator(mode="after")
    def _is_not_too_long(self) -> Self:
        texts = (value for value in self.__dict__.values() if isinstance(value, str))
        if sum(len(text.encode()) for text in texts) > MAX_REPORT:
            raise ValueError("is longer than 32 kB in all; shorten it, or send the rest as a follow-up report")
        return self
