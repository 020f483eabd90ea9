"""When a fact may be said: the conditions of the plan, kind by kind (contract, sections 4 and 5).

Who may say it stands in `authority.py`. Each guard cites its rule. Reporting is never held up by a missing record or by
calming (R35, R57.3, A11). Errors: none; a "no" is a value.
"""

from plan.actions import may_be_done, may_open
from plan.authority import Speaker, speaks_as
from plan.checklist import not_its_owner
from plan.closing import may_close, may_withdraw
from plan.facts import (
    AccountabilityDecided,
    ActionDone,
    ActionOpened,
    Assigned,
    ChecklistDone,
    Closed,
    ConvertedToGroupEvent,
    CrisisDeclared,
    DecisionRelayed,
    FactBase,
    HandedToInsurer,
    HandlingOpinionSubmitted,
    InsurerDecided,
    InsurerDueExtended,
    LineAgreed,
    MediaContacted,
    MemberJoined,
    MemberLeft,
    NoticeAcknowledged,
    NoticeResent,
    OpinionReviewed,
    PolicyExamined,
    Reopened,
    ReportAcknowledged,
    ReportSubmitted,
    Resolved,
    RootCauseRecorded,
    StatementIssued,
    StoodDown,
    Withdrawn,
)
from plan.handling_clocks import answer_due_at
from plan.incident import Form, Incident, Severity, Stage
from plan.lint import promises
from plan.marks import HandOver
from plan.parts import Outcome, ReportKind
from plan.playbook import ClockName, Playbook
from plan.receipts import Refusal
from plan.refusals import refusal
from plan.reports import report_kind, report_parties
from plan.resending import may_resend
from plan.roster import Role
from plan.spans import limit
from plan.told import Told
from plan.values import blank

AFTER_THE_END = ("reopened", "accountability_decided", "action_done", "noted", "notice_acknowledged", "rerouted")
"""What may still be said of a closed or withdrawn incident."""
MEMBERS_ONLY = (HandedToInsurer, InsurerDueExtended, InsurerDecided, DecisionRelayed, PolicyExamined)
BEFORE_RESOLVED = (HandedToInsurer, InsurerDueExtended, InsurerDecided)
FULL_AT = 500_000
LONG_TEXT = 500


def may_be_said_now(incident: Incident, playbook: Playbook, told: Told) -> Refusal | None:
    """None when the stage and the conditions of the plan allow it, else the first refusal."""
    fact = told.fact
    if incident.over and fact.kind not in AFTER_THE_END:
        return refusal("R58", "ended", kind=fact.kind, stage=incident.stage)
    if incident.form is Form.GROUP_EVENT and isinstance(fact, MEMBERS_ONLY):
        return refusal("R20", "group", kind=fact.kind)
    if incident.stage is Stage.RESOLVED and isinstance(fact, BEFORE_RESOLVED):
        return refusal("R20", "decided_late", kind=fact.kind, stage=incident.stage)
    if incident.weight > FULL_AT and len(fact.model_dump_json(exclude_none=True)) > LONG_TEXT + 300:
        return refusal("R24", "full", kind=fact.kind)
    return _handling(incident, playbook, told) or _crisis(incident, told) or _after(incident, playbook, told)


def _no(rule: str, why: str, fact: FactBase, **values: object) -> Refusal:
    return refusal(rule, why, kind=str(getattr(fact, "kind", "")), **values)


def _handling(incident: Incident, playbook: Playbook, told: Told) -> Refusal | None:
    match told.fact:
        case Assigned() as fact:
            if fact.outlet is None and fact.insurer is None:
                return _no("R4", "assigned_nothing", fact)
            moves = fact.outlet not in (None, incident.outlet)
            return _no("R43", "assigned_in_crisis", fact) if moves and incident.outlet and incident.episode else None
        case HandedToInsurer() as fact:
            return _hand_over(incident, playbook, told, fact)
        case InsurerDueExtended() as fact:
            return _extend(incident, playbook, told, fact)
        case PolicyExamined() as fact:
            return _examine(incident, told, fact)
        case InsurerDecided() as fact:
            return _no("R20", "blank_decision", fact) if blank(fact.decision) else None
        case LineAgreed() as fact:
            found = promises(fact.text)
            return _no(found[0].rule, "promise", fact, advice=found[0].advice) if found else None
        case DecisionRelayed() as fact:
            return None if incident.decided else _no("R55", "no_decision", fact)
        case ChecklistDone() as fact:
            return not_its_owner(incident, playbook, told, fact)
        case Resolved() as fact:
            if incident.stage is Stage.RESOLVED:
                return _no("R20", "resolved_already", fact, stage=incident.stage)
            return _resolve(incident, told, fact)
        case NoticeAcknowledged() as fact:
            return None if fact.notice_id in incident.notices else _no("R14", "no_notice", fact)
        case NoticeResent() as fact:
            return may_resend(incident, playbook, fact)
        case _:
            return None


def _hand_over(incident: Incident, playbook: Playbook, told: Told, fact: HandedToInsurer) -> Refusal | None:
    """R57.3 first, then R35; neither in a crisis nor with signs."""
    urgent = incident.severity is Severity.CRISIS or bool(incident.signs)
    if not urgent and incident.channel in ("outlet", "online", "hotline") and not incident.calmings:
        return _no("R57.3", "calm_first", fact)
    if not urgent and (missing := incident.customer.missing()):
        return _no("R35", "record_first", fact, missing=missing)
    if incident.insurer is None:
        return _no("R4", "no_insurer", fact)
    if fact.due_at is not None and fact.due_at <= told.received_at:
        return _no("R36", "due_past", fact)
    running = _running_hand_over(incident)
    within = limit(incident, playbook, ClockName.INSURER_ANSWER)
    if running and within and fact.due_at and fact.due_at > answer_due_at(incident, running, None, within):
        return _no("R36", "due_later", fact)
    return None


def _running_hand_over(incident: Incident) -> HandOver | None:
    """The first hand-over that is neither decided nor ended."""
    over = max((mark.at for mark in (*incident.decisions, *incident.endings)), default=None)
    return next((h for h in incident.handovers if over is None or h.at > over), None)


def _extend(incident: Incident, playbook: Playbook, told: Told, fact: InsurerDueExtended) -> Refusal | None:
    running = _running_hand_over(incident)
    within = limit(incident, playbook, ClockName.INSURER_ANSWER)
    if running is None or within is None:
        return _no("R36", "not_handed", fact)
    due = answer_due_at(incident, running, None, within)
    if blank(fact.reason):
        return _no("R36", "blank_reason", fact)
    if told.received_at > due:
        return _no("R36", "already_missed", fact)
    return _no("R36", "not_extended", fact) if fact.due_at <= due else None


def _examine(incident: Incident, told: Told, fact: PolicyExamined) -> Refusal | None:
    """The outlet does not judge the call-back, and cannot clear itself of mis-selling (R47-R50)."""
    if speaks_as(incident, told, Speaker.WORK_GROUP) or speaks_as(incident, told, Speaker.INSURER):
        return None
    if fact.call_back_made is not None or fact.call_back_compliant is not None:
        return _no("R49", "call_back", fact)
    return _no("R50", "mis_selling", fact) if fact.mis_selling_proven is False else None


def _resolve(incident: Incident, told: Told, fact: Resolved) -> Refusal | None:
    """The insurer decides (R20), except where no remedy was asked: calmed, nothing handed over (A21)."""
    calmed = (
        incident.severity is Severity.COMPLAINT
        and bool(incident.calmings_now)
        and incident.calmings_now[-1].outcome is Outcome.CALMED
        and not incident.handovers_now
    )
    if calmed:
        return None
    if not incident.decided and incident.form is Form.SINGLE:
        return _no("R20", "no_decision", fact)
    if speaks_as(incident, told, Speaker.WORK_GROUP) or speaks_as(incident, told, Speaker.INSURER):
        return None
    return _no("R20", "speaker", fact, speakers=(Speaker.WORK_GROUP, Speaker.INSURER))


def _crisis(incident: Incident, told: Told) -> Refusal | None:
    match told.fact:
        case CrisisDeclared() as fact:
            return _no("R2", "blank_reason", fact) if blank(fact.reason) else None
        case ReportSubmitted() as fact:
            return _report(incident, fact)
        case ReportAcknowledged() as fact:
            known = any(report.fact_id == fact.report_fact_id for report in incident.reports)
            return None if known else _no("R43", "no_report", fact)
        case HandlingOpinionSubmitted() as fact:
            return _no("R45", "blank_opinion", fact) if blank(fact.opinion) else None
        case OpinionReviewed() as fact:
            return None if incident.opinions else _no("R45", "no_opinion", fact)
        case MediaContacted() as fact:
            return None if _authorised(incident, fact.authorised_by) else _no("R57.4", "unauthorised", fact)
        case StatementIssued() as fact:
            return None if _authorised(incident, fact.authorised_by) else _no("R57.5", "unauthorised", fact)
        case ConvertedToGroupEvent() as fact:
            return _convert(incident, fact)
        case MemberJoined() as fact:
            if incident.form is not Form.GROUP_EVENT:
                return _no("A19", "not_a_group", fact)
            mixed = (fact.membership or {}).get("drill", incident.drill) != incident.drill
            return _no("A19", "drill_mix", fact) if mixed else None
        case MemberLeft() as fact:
            return _leave(incident, told, fact)
        case StoodDown() as fact:
            if incident.episode is None:
                return _no("A18", "no_crisis", fact)
            return _no("A18", "blank_reason", fact) if blank(fact.reason) else None
        case _:
            return None


def _report(incident: Incident, fact: ReportSubmitted) -> Refusal | None:
    """An initial report needs one sentence of what happened, and nothing else (R43)."""
    parties = report_parties(incident, fact)
    above = [unit.id for unit in incident.roster.above(parties.from_unit)] if parties.from_unit else []
    if parties.to_unit not in above:
        return _no("R43", "no_parties", fact)
    initial = report_kind(incident, fact) is ReportKind.INITIAL
    return _no("R43", "blank_course", fact) if initial and blank(fact.content.course) else None


def _authorised(incident: Incident, person: str | None) -> bool:
    """Only the leadership group speaks to the press, or lets somebody speak (R8)."""
    roles = incident.roster.roles_of(person) if person else ()
    return any(a.role is Role.LEADERSHIP_GROUP and not a.left for a in roles)


def _convert(incident: Incident, fact: ConvertedToGroupEvent) -> Refusal | None:
    if incident.form is Form.GROUP_EVENT or fact.group_id == incident.incident_id:
        return _no("A19", "in_a_group", fact, group=incident.incident_id)
    if incident.group_id is not None:
        return _no("A19", "in_a_group", fact, group=incident.group_id)
    if incident.outlet is None:
        return _no("R4", "no_outlet", fact)
    return None


def _leave(incident: Incident, told: Told, fact: MemberLeft) -> Refusal | None:
    if incident.form is Form.GROUP_EVENT:
        here = any(member.incident_id == fact.incident_id for member in incident.present_members)
        return None if here else _no("A19", "no_member", fact)
    return None if told.from_within else _no("A19", "not_a_group", fact)


def _after(incident: Incident, playbook: Playbook, told: Told) -> Refusal | None:
    match told.fact:
        case RootCauseRecorded() as fact:
            return _no("R58", "blank_causes", fact) if blank(fact.root_cause) or blank(fact.lessons) else None
        case AccountabilityDecided() as fact:
            if incident.stage not in (Stage.RESOLVED, Stage.CLOSED, Stage.WITHDRAWN):
                return _no("R60", "not_resolved", fact, stage=incident.stage)
            nothing = fact.outcome == "none" and blank(fact.decision)
            return _no("R60", "blank_reason", fact) if nothing else None
        case ActionOpened() as fact:
            return may_open(incident, told, fact)
        case ActionDone() as fact:
            return may_be_done(incident, fact)
        case Closed() as fact:
            return may_close(incident, playbook, told, fact.kind)
        case Withdrawn() as fact:
            return may_withdraw(incident, playbook, told, fact.kind)
        case Reopened() as fact:
            done = incident.over or incident.stage is Stage.RESOLVED
            return None if done else _no("R58", "not_ended", fact, stage=incident.stage)
        case _:
            return None
