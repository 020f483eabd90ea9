"""What is known of one incident, folded from facts. Frozen: `apply.py` makes the next one, nothing edits it.

Every `at` is the instant of receipt (contract, section 4); `known_at` is what people say they knew. Kept in histories:
fields are never renamed, and a field added later has a default. Clocks are derived from this (`clocks.py`); only what
must outlive a change of mind, a breach, is written down here.
"""

from enum import StrEnum

from pydantic import field_serializer

from plan.clock import Breach
from plan.drill_plan import DrillPlan
from plan.marks import (
    Accountability,
    Action,
    Calming,
    Care,
    Circumstance,
    Conduct,
    Customer,
    Decision,
    Episode,
    HandOver,
    Mark,
    OnScene,
    Repeat,
    Report,
    SceneEnd,
)
from plan.members import Member
from plan.policies import PolicyFile
from plan.roster import Roster
from plan.values import Instant, Kept

RULES_VERSION = 2
"""Frozen into each incident with its playbook; code that changes a rule keeps the old branch behind it (architecture).

1: an incident that does not say. 2: `TocsinNotices` is published; a member passes on to its group event what it learns
of the crisis and the scene, and is not asked for a final report of its own; a member of an insurer that is known
already changes nothing about who answers for the group event.
"""


class Form(StrEnum):
    SINGLE = "single"
    GROUP_EVENT = "group_event"


class Severity(StrEnum):
    COMPLAINT = "complaint"
    CRISIS = "crisis"


class Stage(StrEnum):
    OPEN = "open"
    WITH_INSURER = "with_insurer"
    DECIDED = "decided"
    RELAYED = "relayed"
    RESOLVED = "resolved"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Occasion(Kept):
    """Something people must be told of, once. `duty` is `tell.<what>` or `prompt.<what>`, with `.n` from the second."""

    duty: str
    at: Instant
    unit: str | None = None
    people: tuple[str, ...] = ()
    party: str | None = None
    expected_at: Instant | None = None
    number: str | None = None


class NoticeState(StrEnum):
    PENDING = "pending"
    HELD = "held"
    DELIVERED = "delivered"
    FAILED = "failed"
    ACKNOWLEDGED = "acknowledged"


class Try(Kept):
    """One way that was tried: when it ended, the channel's own code and message id, or why it failed; no addresses."""

    at: Instant
    channel: str
    delivered: bool
    code: str = ""
    message_id: str = ""
    why: str = ""
    attempts: int = 1


class Notice(Kept):
    """One duty to one recipient. Acknowledged is not reported: the clock runs on (A6).

    `held_until` is when a channel that may not be spoken to faster takes it; `tries` is the ledger, oldest first;
    `resent` counts how often somebody had it sent again; `instead_of` is the notice whose recipient this one stands in
    for, where somebody re-routed it.
    """

    notice_id: str
    duty: str
    rule: str
    recipient: str
    unit: str
    channel: str | None = None
    state: NoticeState = NoticeState.PENDING
    attempts: int = 0
    created_at: Instant
    sent_at: Instant | None = None
    acknowledged_at: Instant | None = None
    held_until: Instant | None = None
    tries: tuple[Try, ...] = ()
    resent: int = 0
    instead_of: str | None = None


class RefusalSeen(Kept):
    """What was not accepted: for the view; the record has it for good."""

    sequence: int
    kind: str
    by: str | None
    rule: str | None
    reason: str
    reason_zh: str = ""
    at: Instant


class Incident(Kept):
    """Everything known. `roster` is who answers; empty until it is resolved.

    `to_resend` are the notices somebody had sent again, until that has begun; `left_groups` the group events it was
    taken out of; `repeat` the resolved complaint it repeats.
    """

    rules_version: int = 1
    incident_id: str
    form: Form = Form.SINGLE
    drill: bool = False
    drill_plan: DrillPlan | None = None
    imported: bool = False
    filed_at: Instant
    filed_by: str | None = None
    channel: str | None = None
    subject: str | None = None
    outlet: str | None = None
    unit: str | None = None
    insurer: str | None = None
    product_line: str | None = None
    scene: str | None = None
    stage: Stage = Stage.OPEN
    roster: Roster = Roster(version="")
    customer: Customer = Customer()

    circumstances: tuple[Circumstance, ...] = ()
    episodes: tuple[Episode, ...] = ()
    signs: tuple[Mark, ...] = ()
    calmings: tuple[Calming, ...] = ()
    handovers: tuple[HandOver, ...] = ()
    extensions: tuple[HandOver, ...] = ()
    decisions: tuple[Decision, ...] = ()
    relays: tuple[Mark, ...] = ()
    reports: tuple[Report, ...] = ()
    opinions: tuple[Mark, ...] = ()
    reviews: tuple[Mark, ...] = ()
    regulator: tuple[Mark, ...] = ()
    police: tuple[Mark, ...] = ()
    requests: tuple[Mark, ...] = ()
    journeys: tuple[OnScene, ...] = ()
    arrivals: tuple[OnScene, ...] = ()
    scene_ends: tuple[SceneEnd, ...] = ()
    policies: tuple[PolicyFile, ...] = ()
    care: Care = Care()
    line: str | None = None
    checklist: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    conduct: tuple[Conduct, ...] = ()
    root_cause: Mark | None = None
    accountability: tuple[Accountability, ...] = ()
    actions: tuple[Action, ...] = ()
    resolutions: tuple[Mark, ...] = ()
    reopenings: tuple[Mark, ...] = ()
    endings: tuple[Mark, ...] = ()

    group_id: str | None = None
    joined_at: Instant | None = None
    members: tuple[Member, ...] = ()
    left_groups: tuple[str, ...] = ()
    repeat: Repeat | None = None

    weight: int = 0
    breaches: dict[str, Breach] = {}
    occasions: tuple[Occasion, ...] = ()
    notices: dict[str, Notice] = {}
    started: frozenset[str] = frozenset()
    to_resend: tuple[str, ...] = ()

    @field_serializer("started")
    def _in_order(self, started: frozenset[str]) -> list[str]:
        return sorted(started)

    @property
    def episode(self) -> Episode | None:
        """The crisis that is open now."""
        return self.episodes[-1] if self.episodes and self.episodes[-1].ended_at is None else None

    @property
    def severity(self) -> Severity:
        """Never lowered except by standing down (contract, section 5)."""
        return Severity.CRISIS if self.episode else Severity.COMPLAINT

    @property
    def ever_crisis(self) -> bool:
        """A crisis that was stood down still owes what it started (A18, A24)."""
        return bool(self.episodes)

    @property
    def place(self) -> str | None:
        """Who owes the report: the scene of a group event, else the outlet, else the unit while no outlet is known."""
        return (self.scene if self.form is Form.GROUP_EVENT else None) or self.outlet or self.unit

    @property
    def over(self) -> bool:
        return self.stage in (Stage.CLOSED, Stage.WITHDRAWN)

    @property
    def tells_insurers(self) -> bool:
        """Of a drill insurers hear only where it says so (R11)."""
        return not self.drill or self.drill_plan is None or self.drill_plan.insurers

    @property
    def desk(self) -> DrillPlan | None:
        """Of a drill whose notices all go to its desk: to whom, and how."""
        return self.drill_plan if self.drill and self.drill_plan and self.drill_plan.desk else None

    @property
    def present_members(self) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.left_at is None)

    @property
    def insurers(self) -> tuple[str, ...]:
        """The insurers concerned, in the order they came in."""
        own = (self.insurer,) if self.insurer else ()
        return tuple(dict.fromkeys(own + tuple(m.insurer for m in self.present_members if m.insurer)))

    @property
    def since(self) -> Instant | None:
        """When the present round began: the last re-opening; None in the first round."""
        return self.reopenings[-1].at if self.reopenings else None

    @property
    def decided(self) -> bool:
        """The insurer has decided in the present round (R20)."""
        return any(self._is_now(decision) for decision in self.decisions)

    @property
    def calmings_now(self) -> tuple[Calming, ...]:
        return tuple(mark for mark in self.calmings if self._is_now(mark))

    @property
    def handovers_now(self) -> tuple[HandOver, ...]:
        return tuple(mark for mark in self.handovers if self._is_now(mark))

    @property
    def actions_now(self) -> tuple[Action, ...]:
        return tuple(mark for mark in self.actions if self._is_now(mark))

    def _is_now(self, mark: Mark) -> bool:
        return self.since is None or mark.at > self.since
