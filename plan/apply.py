"""How a fact changes what is known: fold it, then see what follows from it (contract, sections 4-6).

`apply` presumes that `check` found nothing against the fact. It never edits, it makes the next incident. Instants are
the fact's receipt; only circumstances may stand earlier, where people say they knew (A7).
"""

from typing import Any, assert_never

from plan.actions import decided, done, opened
from plan.after import asked_after, fields_of
from plan.consequences import consequences
from plan.crisis import with_crisis
from plan.facts import (
    AccountabilityDecided,
    ActionDone,
    ActionOpened,
    AnyFact,
    ArrivedOnScene,
    Assigned,
    CalmingAttempted,
    ChecklistDone,
    CircumstancesReported,
    Closed,
    ConductFound,
    ConductReported,
    ConvertedToGroupEvent,
    CrisisDeclared,
    CustomerRecorded,
    DecisionRelayed,
    EvidenceCollected,
    GroupSignsSeen,
    HandedToInsurer,
    HandlingOpinionSubmitted,
    InsurerDecided,
    InsurerDueExtended,
    InsurerProgressed,
    LineAgreed,
    MediaContacted,
    MemberJoined,
    MemberLeft,
    Noted,
    NoticeAcknowledged,
    NoticeResent,
    OnTheWay,
    OpinionReviewed,
    PoliceContacted,
    PolicyExamined,
    RegulatorInformed,
    Reopened,
    RepeatOf,
    ReportAcknowledged,
    ReportSubmitted,
    Rerouted,
    Resolved,
    RootCauseRecorded,
    SceneOver,
    SceneSupportRequested,
    SpecialCareFlagged,
    StatementIssued,
    StoodDown,
    Withdrawn,
)
from plan.incident import Incident, NoticeState, Stage
from plan.linking import joined_member, left_group, member_came
from plan.marks import (
    Accountability,
    Calming,
    Care,
    Conduct,
    Decision,
    HandOver,
    Mark,
    OnScene,
    Repeat,
    Report,
    SceneEnd,
)
from plan.placing import circumstance
from plan.playbook import Playbook
from plan.policies import examined
from plan.reports import report_kind, report_parties
from plan.resending import resent
from plan.roster import Role
from plan.told import Told

Changes = dict[str, Any]


def apply(incident: Incident, playbook: Playbook, told: Told) -> Incident:
    """The incident after an accepted fact, with what people must be told of because of it."""
    changes = _fold(incident, playbook, told)
    changes["weight"] = incident.weight + len(told.fact.model_dump_json(exclude_none=True))
    folded = incident.model_copy(update=changes)
    judged = with_crisis(folded, playbook.statutory.group_of, told.fact_id, told.received_at)
    return asked_after(consequences(incident, judged, told), playbook, told)


def _mark(told: Told) -> Changes:
    return {"at": told.received_at, "by": told.fact.by, "fact_id": told.fact_id}


def _fold(incident: Incident, playbook: Playbook, told: Told) -> Changes:
    fact: AnyFact = told.fact
    mark = Mark(**_mark(told))
    match fact:
        case Assigned():
            return {"outlet": fact.outlet or incident.outlet, "insurer": fact.insurer or incident.insurer}
        case CalmingAttempted():
            return {"calmings": (*incident.calmings, Calming(**_mark(told), outcome=fact.outcome))}
        case CustomerRecorded():
            return {"customer": _recorded(incident, told, fact)}
        case HandedToInsurer():
            handed = HandOver(**_mark(told), due_at=fact.due_at)
            return {"handovers": (*incident.handovers, handed), "stage": _onward(incident, Stage.WITH_INSURER)}
        case InsurerDueExtended():
            return {"extensions": (*incident.extensions, HandOver(**_mark(told), due_at=fact.due_at))}
        case CircumstancesReported():
            stated = circumstance(incident, playbook, told, fact)
            return {"circumstances": (*incident.circumstances, stated)}
        case CrisisDeclared():
            stated = circumstance(incident, playbook, told, None, known_at=fact.known_at, declared=True)
            return {"circumstances": (*incident.circumstances, stated)}
        case GroupSignsSeen():
            return {"signs": (*incident.signs, mark)}
        case ReportSubmitted():
            return _reported(incident, playbook, told, fact)
        case ReportAcknowledged():
            return {"reports": tuple(_acknowledged(report, told, fact) for report in incident.reports)}
        case HandlingOpinionSubmitted():
            return {"opinions": (*incident.opinions, mark)}
        case OpinionReviewed():
            return {"reviews": (*incident.reviews, mark)}
        case RegulatorInformed():
            return {"regulator": (*incident.regulator, mark)}
        case PoliceContacted():
            return {"police": (*incident.police, mark)}
        case SceneSupportRequested():
            return {"requests": (*incident.requests, mark)}
        case OnTheWay():
            going = OnScene(**_mark(told), party=fact.party, expected_at=fact.expected_at)
            return {"journeys": (*incident.journeys, going)}
        case ArrivedOnScene():
            there = OnScene(**_mark(told), party=fact.party, person=fact.person)
            return {"arrivals": (*incident.arrivals, there)}
        case SceneOver():
            return {"scene_ends": (*incident.scene_ends, SceneEnd(**_mark(told), outcome=fact.outcome))}
        case PolicyExamined():
            return {"policies": _examined(incident, fact)}
        case SpecialCareFlagged():
            return {"care": _cared(incident.care, fact)}
        case InsurerDecided():
            decision = Decision(**_mark(told), remedy=fact.remedy, decision=fact.decision, amount=fact.amount)
            return {"decisions": (*incident.decisions, decision), "stage": _onward(incident, Stage.DECIDED)}
        case LineAgreed():
            return {"line": fact.text}
        case DecisionRelayed():
            return {"relays": (*incident.relays, mark), "stage": _onward(incident, Stage.RELAYED)}
        case EvidenceCollected():
            return {"evidence": tuple(dict.fromkeys((*incident.evidence, fact.item)))}
        case ChecklistDone():
            return {"checklist": tuple(dict.fromkeys((*incident.checklist, fact.item)))}
        case ConductReported():
            said = Conduct(**_mark(told), behaviour=fact.behaviour, person=fact.person)
            return {"conduct": (*incident.conduct, said)}
        case ConvertedToGroupEvent():
            return {"group_id": fact.group_id, "scene": fact.scene or incident.outlet, "joined_at": None}
        case MemberJoined():
            return member_came(incident, joined_member(told, fact))
        case MemberLeft():
            return left_group(incident, told, fact)
        case RepeatOf():
            return {"repeat": Repeat(**_mark(told), incident_id=fact.incident_id, number=fact.number)}
        case StoodDown():
            return {"episodes": _stood_down(incident, told)}
        case Resolved():
            return {"resolutions": (*incident.resolutions, mark), "stage": Stage.RESOLVED}
        case RootCauseRecorded():
            return {"root_cause": mark}
        case AccountabilityDecided():
            said = Accountability(
                **_mark(told), category=fact.category, unit=fact.unit, person=fact.person, outcome=fact.outcome
            )
            return {
                "accountability": (*incident.accountability, said),
                "actions": decided(incident, told, fact),
            }
        case ActionOpened():
            return {"actions": opened(incident, told, fact)}
        case ActionDone():
            return {"actions": done(incident, told, fact)}
        case Closed() | Withdrawn():
            stage = Stage.CLOSED if isinstance(fact, Closed) else Stage.WITHDRAWN
            return {"endings": (*incident.endings, mark), "stage": stage}
        case Reopened():
            return {"reopenings": (*incident.reopenings, mark), "stage": Stage.OPEN}
        case NoticeAcknowledged():
            return {"notices": _answered(incident, told, fact)}
        case NoticeResent():
            return resent(incident, told, fact)
        case InsurerProgressed() | MediaContacted() | StatementIssued() | ConductFound() | Rerouted() | Noted():
            return {}
        case _:
            assert_never(fact)


def _onward(incident: Incident, stage: Stage) -> Stage:
    """Stages only move on (contract, section 5); what is owed anew after a second decision is a clock's to say."""
    order = list(Stage)
    return max(incident.stage, stage, key=order.index)


def _recorded(incident: Incident, told: Told, fact: CustomerRecorded) -> object:
    said = fact.model_dump(include={"name", "phone", "reason", "person_key"}, exclude_none=True)
    if fact.policy_numbers:
        said["policy_numbers"] = tuple(dict.fromkeys((*incident.customer.policy_numbers, *fact.policy_numbers)))
    if fact.person_key and incident.customer.keyed_at is None:
        said["keyed_at"] = told.received_at  # another key later is the same person, known since then (A12)
    return incident.customer.model_copy(update=said)


def _reported(incident: Incident, playbook: Playbook, told: Told, fact: ReportSubmitted) -> Changes:
    """The circumstances are folded first, so that one form starts the clock and meets it."""
    parties = report_parties(incident, fact)
    report = Report(
        **_mark(told),
        number=1 + sum(1 for report in incident.reports if report.from_unit == parties.from_unit),
        kind=report_kind(incident, fact),
        from_unit=parties.from_unit or "",
        to_unit=parties.to_unit or "",
        via=fact.via,
        fields=fields_of(fact.content),
    )
    changes: Changes = {"reports": (*incident.reports, report)}
    if fact.circumstances is not None:
        stated = circumstance(incident, playbook, told, fact.circumstances)
        changes["circumstances"] = (*incident.circumstances, stated)
    return changes


def _acknowledged(report: Report, told: Told, fact: ReportAcknowledged) -> Report:
    if report.fact_id != fact.report_fact_id or report.acknowledged_at is not None:
        return report
    return report.model_copy(update={"acknowledged_at": told.received_at})


def _examined(incident: Incident, fact: PolicyExamined) -> object:
    by_work_group = any(a.role is Role.WORK_GROUP for a in incident.roster.roles_of(fact.by))
    known = {file.policy_number: file for file in incident.policies}
    known[fact.policy_number] = examined(known.get(fact.policy_number), fact, by_work_group=by_work_group)
    return tuple(known.values())


def _cared(care: Care, fact: SpecialCareFlagged) -> Care:
    said = fact.model_dump(
        include={"vulnerable", "extreme_behaviour", "collective_risk", "referred"}, exclude_none=True
    )
    return care.model_copy(update=said)


def _stood_down(incident: Incident, told: Told) -> object:
    ended = incident.episodes[-1].model_copy(update={"ended_at": told.received_at})
    return (*incident.episodes[:-1], ended)


def _answered(incident: Incident, told: Told, fact: NoticeAcknowledged) -> Changes:
    notice = incident.notices[fact.notice_id]
    answered = notice.model_copy(update={"state": NoticeState.ACKNOWLEDGED, "acknowledged_at": told.received_at})
    return {**incident.notices, fact.notice_id: answered}
