"""The facts people and systems may state (contract, section 4): one envelope, told apart by `kind`.

To add one: its model here, its line in `authority.py`, its rule in `guards.py`, its fold in `apply.py`, its tests. Who
may say it and when stands there, not here: a model only says what the fact looks like.
"""

from typing import Annotated, Literal, get_args

from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter

from plan.parts import (
    Circumstances,
    Feeds,
    Keys,
    Numbers,
    Outcome,
    Party,
    Remedy,
    ReportContent,
    ReportKind,
    SceneOutcome,
    Short,
    Via,
)
from plan.values import (
    Count,
    Day,
    FactId,
    Flag,
    FreeText,
    IncidentId,
    Instant,
    Json,
    Label,
    MaybePersonal,
    PersonalText,
    PersonKey,
    Ref,
    Sealed,
    Stated,
)


class FactBase(Stated):
    """The envelope: `fact_id` is the idempotency key, `by` a person or `system:<name>`, `occurred_at` as said."""

    fact_id: FactId | None = None
    by: Ref
    occurred_at: Instant | None = None


class Assigned(FactBase):
    kind: Literal["assigned"]
    outlet: Ref | None = None
    insurer: Ref | None = None


class CalmingAttempted(FactBase):
    kind: Literal["calming_attempted"]
    outcome: Outcome
    script: Label | None = None


class CustomerRecorded(FactBase):
    kind: Literal["customer_recorded"]
    name: MaybePersonal = None
    phone: MaybePersonal = None
    policy_numbers: Numbers = ()
    reason: FreeText | None = None
    person_key: PersonKey | None = None


class HandedToInsurer(FactBase):
    kind: Literal["handed_to_insurer"]
    due_at: Instant | None = None


class InsurerDueExtended(FactBase):
    kind: Literal["insurer_due_extended"]
    due_at: Instant
    reason: FreeText


class CircumstancesReported(Circumstances, FactBase):
    kind: Literal["circumstances_reported"]


class CrisisDeclared(FactBase):
    kind: Literal["crisis_declared"]
    reason: FreeText
    known_at: Instant | None = None


class GroupSignsSeen(FactBase):
    """`people` is how many distinct persons whoever says it counted; `declare` asks the work group what it is (A23)."""

    kind: Literal["group_signs_seen"]
    description: FreeText | None = None
    people: Count | None = None
    declare: Flag | None = None


class ReportSubmitted(FactBase):
    kind: Literal["report_submitted"]
    report: ReportKind | None = None
    from_unit: Ref | None = None
    to_unit: Ref | None = None
    content: ReportContent = ReportContent()
    circumstances: Circumstances | None = None
    via: Via = Via.SYSTEM
    spoken_with: Ref | None = None


class ReportAcknowledged(FactBase):
    kind: Literal["report_acknowledged"]
    report_fact_id: FactId


class HandlingOpinionSubmitted(FactBase):
    kind: Literal["handling_opinion_submitted"]
    opinion: FreeText


class OpinionReviewed(FactBase):
    kind: Literal["opinion_reviewed"]
    agreed: Flag
    note: FreeText | None = None


class RegulatorInformed(FactBase):
    kind: Literal["regulator_informed"]
    authority: Label | None = None
    reference: Label | None = None


class PoliceContacted(FactBase):
    kind: Literal["police_contacted"]
    reference: Label | None = None


class SceneSupportRequested(FactBase):
    kind: Literal["scene_support_requested"]


class OnTheWay(FactBase):
    kind: Literal["on_the_way"]
    party: Party
    expected_at: Instant | None = None


class ArrivedOnScene(FactBase):
    kind: Literal["arrived_on_scene"]
    party: Party
    person: Ref | None = None


class SceneOver(FactBase):
    kind: Literal["scene_over"]
    outcome: SceneOutcome


class PolicyExamined(FactBase):
    kind: Literal["policy_examined"]
    policy_number: PersonalText
    signed: Flag | None = None
    call_back_made: Flag | None = None
    call_back_compliant: Flag | None = None
    mis_selling_proven: Flag | None = None
    note: FreeText | None = None


class SpecialCareFlagged(FactBase):
    kind: Literal["special_care_flagged"]
    vulnerable: Flag | None = None
    extreme_behaviour: Flag | None = None
    collective_risk: Flag | None = None
    referred: Flag | None = None


class InsurerProgressed(FactBase):
    kind: Literal["insurer_progressed"]
    note: FreeText | None = None


class InsurerDecided(FactBase):
    kind: Literal["insurer_decided"]
    decision: FreeText
    remedy: Remedy = Remedy.OTHER
    amount: FreeText | None = None


class LineAgreed(FactBase):
    kind: Literal["line_agreed"]
    text: FreeText


class DecisionRelayed(FactBase):
    kind: Literal["decision_relayed"]
    how: FreeText | None = None


class EvidenceCollected(FactBase):
    kind: Literal["evidence_collected"]
    item: Label
    description: FreeText | None = None


class ChecklistDone(FactBase):
    kind: Literal["checklist_done"]
    item: Ref


class MediaContacted(FactBase):
    kind: Literal["media_contacted"]
    outlet_name: Label | None = None
    authorised_by: Ref | None = None


class StatementIssued(FactBase):
    kind: Literal["statement_issued"]
    text: FreeText | None = None
    authorised_by: Ref | None = None


class ConductReported(FactBase):
    kind: Literal["conduct_reported"]
    behaviour: Annotated[int, Field(strict=True, ge=1, le=7)]
    person: Ref | None = None
    evidence: FreeText | None = None


class ConductFound(FactBase):
    kind: Literal["conduct_found"]
    finding: FreeText
    person: Ref | None = None


class ConvertedToGroupEvent(FactBase):
    kind: Literal["converted_to_group_event"]
    group_id: IncidentId
    reason: FreeText | None = None
    scene: Ref | None = None


class MemberJoined(FactBase):
    """`membership` is what the member's own workflow sends along; a person need not know it."""

    kind: Literal["member_joined"]
    incident_id: IncidentId
    persons: Keys = ()
    membership: Annotated[Json, Sealed()] | None = None


class MemberLeft(FactBase):
    kind: Literal["member_left"]
    incident_id: IncidentId
    reason: FreeText | None = None


class RepeatOf(FactBase):
    """The same person and policy again, so soon after a resolution (R14).

    `number` is the how many-th repeat; `reopen`: the earlier incident is resolved and not closed.
    """

    kind: Literal["repeat_of"]
    incident_id: IncidentId
    number: Annotated[Count, Field(ge=1)] = 1
    reopen: Flag | None = None


class StoodDown(FactBase):
    kind: Literal["stood_down"]
    reason: FreeText


class Resolved(FactBase):
    kind: Literal["resolved"]
    summary: FreeText | None = None


class RootCauseRecorded(FactBase):
    kind: Literal["root_cause_recorded"]
    root_cause: FreeText
    lessons: FreeText


class AccountabilityDecided(FactBase):
    """A decision (`outcome`, "none" with a reason counts), or an open action with its owner and date (R60-R63)."""

    kind: Literal["accountability_decided"]
    category: Annotated[int, Field(strict=True, ge=1, le=3)]
    unit: Ref | None = None
    person: Ref | None = None
    decision: FreeText | None = None
    outcome: Label | None = None
    action_owner: Ref | None = None
    action_due_on: Day | None = None


class ActionOpened(FactBase):
    """Something to be done by somebody of Post or bank until an instant, so that it does not happen again (R58-R63).

    `action_id` is its name within the incident, numbered when absent; elsewhere it is `<incident>.<name>`.
    """

    kind: Literal["action_opened"]
    action_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,29}$")] | None = None
    text: Short
    owner: Ref
    due_at: Instant
    feeds: Feeds = Feeds.OTHER


class ActionDone(FactBase):
    """`action_id` with the incident before it, or without."""

    kind: Literal["action_done"]
    action_id: Ref
    note: Short | None = None


class Closed(FactBase):
    kind: Literal["closed"]
    reason: FreeText | None = None


class Withdrawn(FactBase):
    kind: Literal["withdrawn"]
    reason: FreeText | None = None


class Reopened(FactBase):
    kind: Literal["reopened"]
    reason: FreeText | None = None


class NoticeAcknowledged(FactBase):
    kind: Literal["notice_acknowledged"]
    notice_id: FactId


class NoticeResent(FactBase):
    """Send a notice again: to the same person over every way, or to another one of the chain."""

    kind: Literal["notice_resent"]
    notice_id: FactId
    to: Ref | None = None


class Rerouted(FactBase):
    """The people who answer have changed; `organisation apply` says from which version to which."""

    kind: Literal["rerouted"]
    unit: Ref | None = None
    group: Label | None = None
    people: Annotated[tuple[Ref, ...], Field(max_length=50)] = ()
    old_version: Label | None = None
    new_version: Label | None = None


class Noted(FactBase):
    kind: Literal["noted"]
    text: FreeText


AnyFact = (
    Assigned
    | CalmingAttempted
    | CustomerRecorded
    | HandedToInsurer
    | InsurerDueExtended
    | CircumstancesReported
    | CrisisDeclared
    | GroupSignsSeen
    | ReportSubmitted
    | ReportAcknowledged
    | HandlingOpinionSubmitted
    | OpinionReviewed
    | RegulatorInformed
    | PoliceContacted
    | SceneSupportRequested
    | OnTheWay
    | ArrivedOnScene
    | SceneOver
    | PolicyExamined
    | SpecialCareFlagged
    | InsurerProgressed
    | InsurerDecided
    | LineAgreed
    | DecisionRelayed
    | EvidenceCollected
    | ChecklistDone
    | MediaContacted
    | StatementIssued
    | ConductReported
    | ConductFound
    | ConvertedToGroupEvent
    | MemberJoined
    | MemberLeft
    | RepeatOf
    | StoodDown
    | Resolved
    | RootCauseRecorded
    | AccountabilityDecided
    | ActionOpened
    | ActionDone
    | Closed
    | Withdrawn
    | Reopened
    | NoticeAcknowledged
    | NoticeResent
    | Rerouted
    | Noted
)
Fact = Annotated[AnyFact, Field(discriminator="kind")]
FACT: TypeAdapter[AnyFact] = TypeAdapter(Fact, config=ConfigDict(hide_input_in_errors=True))
MODELS: dict[str, type[FactBase]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(AnyFact)
}
"""Every kind and its model, in the contract's order."""
