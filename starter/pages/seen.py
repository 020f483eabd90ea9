"""An incident as it was shown to somebody (contract, section 6): what that person may not see is absent."""

from datetime import timedelta

from pydantic import Field

from plan.notices import NOT_ARRIVED
from plan.values import Instant, Kept


class SeenClock(Kept):
    id: str
    rule: str | None = None
    statutory: bool = False
    starts_at: Instant | None = None
    due_at: Instant | None = None
    met_at: Instant | None = None
    state: str = ""
    owed_by: str | None = None
    outlet_first_told_at: Instant | None = None
    outlet_first_acknowledged_at: Instant | None = None


class SeenOwed(Kept):
    """What is owed next: a clock, an action, or a prompt, which has no due time and says what it still asks for."""

    what: str
    rule: str | None = None
    by: tuple[str, ...] = ()
    due_at: Instant | None = None
    state: str = ""
    lacks: tuple[str, ...] = ()


class SeenTry(Kept):
    """One way that was tried; `code` is the channel's own."""

    at: Instant
    channel: str
    delivered: bool = False
    code: str = ""
    why: str = ""


class SeenNotice(Kept):
    notice_id: str
    duty: str
    recipient: str
    unit: str | None = None
    channel: str | None = None
    state: str = ""
    attempts: int = 0
    created_at: Instant | None = None
    sent_at: Instant | None = None
    acknowledged_at: Instant | None = None
    held_until: Instant | None = None
    tries: tuple[SeenTry, ...] = ()
    resent: int = 0
    instead_of: str | None = None

    @property
    def arrived(self) -> bool:
        return self.state not in NOT_ARRIVED

    @property
    def last(self) -> SeenTry | None:
        return self.tries[-1] if self.tries else None

    @property
    def over(self) -> str | None:
        """The channel it went over, or was tried over last."""
        return self.channel or (self.last.channel if self.last else None)


class SeenRefusal(Kept):
    kind: str | None = None
    by: str | None = None
    rule: str | None = None
    reason: str | None = None
    reason_zh: str | None = None
    at: Instant | None = None


class SeenPolicy(Kept):
    policy_number: str | None = None
    found: str | None = Field(default=None, alias="class")
    possible: tuple[str, ...] = ()
    route: str | None = None


class SeenHeads(Kept):
    """One count of heads."""

    at: Instant
    headcount: int


class SeenMember(Kept):
    incident_id: str
    outlet: str | None = None
    insurer: str | None = None
    left_at: Instant | None = None


class SeenCustomer(Kept):
    name: str | None = None
    phone: str | None = None
    reason: str | None = None
    policy_numbers: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class SeenDecision(Kept):
    by: str | None = None
    at: Instant | None = None
    remedy: str | None = None
    decision: str | None = None
    amount: str | None = None


class SeenAction(Kept):
    """Something to be done by somebody until an instant."""

    action_id: str
    owner: str
    due_at: Instant
    feeds: str = ""
    text: str | None = None
    done_at: Instant | None = None
    done_by: str | None = None


class SeenItem(Kept):
    """Something to answer for; `evidence` are sequence numbers of the record."""

    about: str
    category: int
    rule: str | None = None
    called_for: bool = True
    person: str | None = None
    behaviour: int | None = None
    unit: str | None = None
    due_at: Instant | None = None
    met_at: Instant | None = None
    state: str | None = None
    late: timedelta | None = None
    first_told_at: Instant | None = None
    first_acknowledged_at: Instant | None = None
    acknowledged_by: str | None = None
    decided_by: tuple[str, ...] = ()
    evidence: tuple[int, ...] = ()


class Seen(Kept):
    """The whole view, with what the page shows of it."""

    incident_id: str
    form: str | None = None
    severity: str | None = None
    stage: str | None = None
    drill: bool = False
    imported: bool = False
    outlet: str | None = None
    scene: str | None = None
    insurer: str | None = None
    insurers: tuple[str, ...] = ()
    filed_at: Instant | None = None
    known_at: Instant | None = None
    criteria: tuple[str, ...] = ()
    people_count: int | None = None
    headcounts: tuple[SeenHeads, ...] = ()
    repeat_of: str | None = None
    repeats: int = 0
    group_signs: bool = False
    group_id: str | None = None
    members: tuple[SeenMember, ...] = ()
    clocks: tuple[SeenClock, ...] = ()
    policies: tuple[SeenPolicy, ...] = ()
    notices: tuple[SeenNotice, ...] = ()
    outstanding: tuple[SeenOwed, ...] = ()
    actions: tuple[SeenAction, ...] = ()
    accountability_items: tuple[SeenItem, ...] = ()
    refusals: tuple[SeenRefusal, ...] = ()
    decision: SeenDecision | None = None
    customer: SeenCustomer | None = None
    sequence: int | None = None
    head: str | None = None
