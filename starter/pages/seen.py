"""An incident as it was shown to somebody (contract, section 6): what that person may not see is absent."""

from pydantic import Field

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
    """What is owed next: a clock, or a prompt, which has no due time."""

    what: str
    rule: str | None = None
    by: tuple[str, ...] = ()
    due_at: Instant | None = None
    state: str = ""


class SeenNotice(Kept):
    notice_id: str
    duty: str
    recipient: str
    unit: str | None = None
    channel: str | None = None
    state: str = ""
    attempts: int = 0
    sent_at: Instant | None = None


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
    group_signs: bool = False
    group_id: str | None = None
    members: tuple[SeenMember, ...] = ()
    clocks: tuple[SeenClock, ...] = ()
    policies: tuple[SeenPolicy, ...] = ()
    notices: tuple[SeenNotice, ...] = ()
    outstanding: tuple[SeenOwed, ...] = ()
    refusals: tuple[SeenRefusal, ...] = ()
    decision: SeenDecision | None = None
    customer: SeenCustomer | None = None
    sequence: int | None = None
    head: str | None = None
