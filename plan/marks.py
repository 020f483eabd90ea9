"""What was done, by whom, when: the parts an incident is folded from. Frozen, and kept in histories (`incident.py`).

Every `at` is the instant of receipt (contract, section 4); `known_at` and `placed_at` are what people say they knew.
"""

from enum import StrEnum

from plan.parts import Feeds, Outcome, Party, Remedy, ReportKind, SceneOutcome, Via
from plan.values import Instant, Kept


class Criterion(StrEnum):
    """What makes a complaint a crisis (R2): the five of the plan, and a named person's declaration."""

    GROUP_OF_FIVE = "group_of_five"
    AUTHORITY_OR_MEDIA = "authority_or_media"
    DISRUPTS_OUTLET = "disrupts_outlet"
    MAJOR_LOSS = "major_loss"
    SOCIAL_IMPACT = "social_impact"
    DECLARED = "declared"


class Mark(Kept):
    """Something was done: when it was received, by whom, in which fact."""

    at: Instant
    by: str
    fact_id: str


class Circumstance(Mark):
    """One statement of circumstances. `placed_at` is min(known_at, at): where it stands when the anchor is sought."""

    placed_at: Instant
    persons: tuple[str, ...] = ()
    headcount: int = 0
    criteria: tuple[Criterion, ...] = ()
    media: bool = False


class Episode(Kept):
    """One crisis from its anchor to its standing down (A7, A18). `crisis_at` is the receipt of the deciding fact."""

    number: int
    anchor: Instant
    anchored_by: str
    crisis_at: Instant
    criteria: tuple[Criterion, ...]
    five_at: Instant | None = None
    five_by: str | None = None
    ended_at: Instant | None = None


class Customer(Kept):
    """The record the plan asks for (R35). Personal: masked wherever it is shown."""

    name: str | None = None
    phone: str | None = None
    policy_numbers: tuple[str, ...] = ()
    reason: str | None = None
    person_key: str | None = None
    keyed_at: Instant | None = None

    def missing(self) -> tuple[str, ...]:
        """Which of the four are not there yet."""
        have = {
            "policy_numbers": self.policy_numbers,
            "name": self.name,
            "phone": self.phone,
            "reason": self.reason,
        }
        return tuple(field for field, value in have.items() if not value)


class Calming(Mark):
    outcome: Outcome


class Report(Mark):
    """`fields` are the parts of its content that were filled in; the words are in the record's vault alone."""

    number: int
    kind: ReportKind
    from_unit: str
    to_unit: str
    via: Via = Via.SYSTEM
    acknowledged_at: Instant | None = None
    fields: tuple[str, ...] = ()


class HandOver(Mark):
    due_at: Instant | None = None


class Decision(Mark):
    """The insurer's decision (R20, R53). Words and amount are confidential until they are relayed."""

    remedy: Remedy
    decision: str
    amount: str | None = None


class OnScene(Mark):
    party: Party
    person: str | None = None
    expected_at: Instant | None = None


class SceneEnd(Mark):
    outcome: SceneOutcome


class Care(Kept):
    """Who needs special care (R52)."""

    vulnerable: bool = False
    extreme_behaviour: bool = False
    collective_risk: bool = False
    referred: bool = False

    @property
    def any(self) -> bool:
        return self.vulnerable or self.extreme_behaviour or self.collective_risk or self.referred


class Repeat(Mark):
    """The same person and policy again after a resolution (R14): of which incident, and the how many-th time."""

    incident_id: str
    number: int


class Conduct(Mark):
    behaviour: int
    person: str | None = None


class Action(Mark):
    """Something to be done by somebody until an instant; it outlives the incident in the unit's register."""

    action_id: str
    text: str
    owner: str
    due_at: Instant
    feeds: Feeds = Feeds.OTHER
    done_at: Instant | None = None
    done_by: str | None = None
    note: str | None = None

    @property
    def open(self) -> bool:
        return self.done_at is None


class Accountability(Mark):
    category: int
    unit: str | None = None
    person: str | None = None
    outcome: str | None = None
