"""Who may say what (contract, section 4): one table, kind by speaker. When it may be said stands in `guards.py`.

Source: the plan, part 2 (duties), part 3 (the insurer alone decides, R20, R26) and R29. A stranger, or somebody who has
left, is judged like any other: refused, and on record.
"""

from enum import StrEnum

from plan.actions import action_named
from plan.facts import ActionDone, ArrivedOnScene, NoticeAcknowledged, OnTheWay, ReportAcknowledged, ReportSubmitted
from plan.incident import Form, Incident
from plan.organisation import Level
from plan.parts import Party
from plan.passing import PASSED_ON
from plan.receipts import Refusal
from plan.refusals import refusal
from plan.reports import report_parties
from plan.roster import Answerer, Role
from plan.told import WITHIN, Told


class Speaker(StrEnum):
    """Groups of people as the contract's table names them."""

    OUTLET_LEAD = "outlet lead"
    OUTLET = "outlet"
    WORK_GROUP = "work group"
    LEADERSHIP = "leadership group"
    PROVINCE_GROUPS = "province work or leadership group"
    PROVINCE = "province"
    HQ_LEADERSHIP = "hq leadership group"
    INSURER = "insurer"
    CHAIN = "anyone in the chain"
    OPERATOR = "operator"
    SYSTEM = "systems"
    PARTY = "that party"
    REPORTING_UNIT = "the reporting unit"
    RECEIVING_UNIT = "the receiving unit"
    RECIPIENT = "its recipient"
    OWNER = "its owner"
    WITHIN = "tocsin itself"


S = Speaker
TABLE: dict[str, tuple[str, tuple[Speaker, ...]]] = {
    "assigned": ("R4", (S.WORK_GROUP, S.OPERATOR)),
    "calming_attempted": ("R16", (S.OUTLET, S.WORK_GROUP)),
    "customer_recorded": ("R35", (S.OUTLET, S.WORK_GROUP)),
    "handed_to_insurer": ("R36", (S.OUTLET, S.WORK_GROUP)),
    "insurer_due_extended": ("R36", (S.WORK_GROUP,)),
    "circumstances_reported": ("R2", (S.CHAIN, S.SYSTEM)),
    "crisis_declared": ("R2", (S.OUTLET_LEAD, S.WORK_GROUP, S.LEADERSHIP)),
    "group_signs_seen": ("R39", (S.CHAIN, S.SYSTEM, S.WITHIN)),
    "report_submitted": ("R43", (S.REPORTING_UNIT,)),
    "report_acknowledged": ("R43", (S.RECEIVING_UNIT,)),
    "handling_opinion_submitted": ("R45", (S.PROVINCE_GROUPS,)),
    "opinion_reviewed": ("R45", (S.HQ_LEADERSHIP,)),
    "regulator_informed": ("R46", (S.PROVINCE,)),
    "police_contacted": ("R41", (S.WORK_GROUP, S.OUTLET_LEAD)),
    "scene_support_requested": ("R22", (S.OUTLET, S.WORK_GROUP)),
    "on_the_way": ("R22", (S.PARTY,)),
    "arrived_on_scene": ("R22", (S.PARTY, S.OUTLET)),
    "scene_over": ("R40", (S.OUTLET, S.WORK_GROUP)),
    "policy_examined": ("R47", (S.OUTLET, S.WORK_GROUP, S.INSURER)),
    "special_care_flagged": ("R52", (S.OUTLET, S.WORK_GROUP)),
    "insurer_progressed": ("R23", (S.INSURER,)),
    "insurer_decided": ("R20", (S.INSURER,)),
    "line_agreed": ("R29", (S.INSURER, S.WORK_GROUP)),
    "decision_relayed": ("R55", (S.OUTLET, S.WORK_GROUP)),
    "evidence_collected": ("R18", (S.OUTLET, S.WORK_GROUP)),
    "checklist_done": ("R30", (S.CHAIN,)),
    "media_contacted": ("R57.4", (S.CHAIN,)),
    "statement_issued": ("R57.5", (S.CHAIN,)),
    "conduct_reported": ("R57", (S.CHAIN,)),
    "conduct_found": ("R56", (S.WORK_GROUP,)),
    "converted_to_group_event": ("R2.1", (S.OUTLET_LEAD, S.WORK_GROUP, S.LEADERSHIP, S.SYSTEM, S.WITHIN)),
    "member_joined": ("A19", (S.SYSTEM, S.WORK_GROUP, S.WITHIN)),
    "member_left": ("A19", (S.LEADERSHIP, S.WITHIN)),
    "repeat_of": ("R14", (S.WITHIN,)),
    "stood_down": ("A18", (S.LEADERSHIP,)),
    "resolved": ("R20", (S.WORK_GROUP, S.INSURER, S.OUTLET)),
    "root_cause_recorded": ("R58", (S.WORK_GROUP,)),
    "accountability_decided": ("R60", (S.LEADERSHIP,)),
    "action_opened": ("R58", (S.WORK_GROUP,)),
    "action_done": ("R58", (S.OWNER, S.WORK_GROUP)),
    "closed": ("R58", (S.WORK_GROUP,)),
    "withdrawn": ("R58", (S.WORK_GROUP,)),
    "reopened": ("R58", (S.WORK_GROUP,)),
    "notice_acknowledged": ("R14", (S.RECIPIENT,)),
    "notice_resent": ("R28", (S.WORK_GROUP, S.OPERATOR)),
    "rerouted": ("R28", (S.WORK_GROUP, S.OPERATOR, S.WITHIN)),
    "noted": ("R29", (S.CHAIN,)),
}
"""Kind → the rule a refusal cites, and who may say it."""

OF_A_DRILL = ("circumstances_reported", "group_signs_seen", "withdrawn")
"""What Tocsin itself says in a drill, from within: it plays the world outside, and ends what it began (R11)."""

SAID_BY_SYSTEMS = tuple(kind for kind, (_, speakers) in TABLE.items() if S.SYSTEM in speakers)
"""What a system may say at all; which of it, its line in the organisation says."""

PARTIES = {
    Party.INSURER: S.INSURER,
    Party.WORK_GROUP: S.WORK_GROUP,
    Party.LEADERSHIP_GROUP: S.LEADERSHIP,
}


def may_say(incident: Incident, told: Told) -> Refusal | None:
    """None when the speaker stands in the table for this kind, else the refusal with its rule."""
    fact = told.fact
    rule, speakers = TABLE[fact.kind]
    if (
        of_a_drill(incident, told)
        or _passed_on(incident, told)
        or any(_is(incident, told, speaker) for speaker in speakers)
    ):
        return None
    return refusal(rule, "speaker", kind=fact.kind, speakers=speakers)


def of_a_drill(incident: Incident, told: Told) -> bool:
    """Whether the drill itself says it; never of an incident that is none (R11)."""
    return incident.drill and told.from_within and told.fact.by == WITHIN and told.fact.kind in OF_A_DRILL


def _passed_on(incident: Incident, told: Told) -> bool:
    """A member has judged who said it, who may be a stranger to the group event's chain (A19)."""
    group = incident.form is Form.GROUP_EVENT and incident.rules_version >= 2
    return group and told.from_within and told.fact.by != WITHIN and told.fact.kind in PASSED_ON


def speaks_as(incident: Incident, told: Told, speaker: Speaker) -> bool:
    """Whether who said it belongs to a group of the table."""
    return _is(incident, told, speaker)


def _is(incident: Incident, told: Told, speaker: Speaker) -> bool:
    fact = told.fact
    if fact.by == WITHIN:
        return speaker is S.WITHIN and told.from_within
    mine = [answerer for answerer in incident.roster.roles_of(fact.by) if not answerer.left]
    match speaker:
        case S.PARTY:
            return isinstance(fact, OnTheWay | ArrivedOnScene) and _is(incident, told, PARTIES[fact.party])
        case S.REPORTING_UNIT:
            return isinstance(fact, ReportSubmitted) and _may_report(incident, mine, fact)
        case S.RECEIVING_UNIT:
            return isinstance(fact, ReportAcknowledged) and _received(incident, mine, fact)
        case S.RECIPIENT:
            gone = not mine and bool(incident.roster.roles_of(fact.by))
            return isinstance(fact, NoticeAcknowledged) and not gone and _told(incident, fact)
        case S.OWNER:
            return isinstance(fact, ActionDone) and bool(mine) and _owns(incident, fact)
        case S.SYSTEM:
            return any(a.role is Role.SYSTEM and fact.kind in a.kinds for a in mine)
        case _:
            return any(_stands_for(incident, answerer, speaker) for answerer in mine)


def _stands_for(incident: Incident, answerer: Answerer, speaker: Speaker) -> bool:
    role, level = answerer.role, answerer.level
    match speaker:
        case S.OUTLET_LEAD:
            return role is Role.OUTLET_LEAD
        case S.OUTLET:
            return role in (Role.OUTLET_LEAD, Role.OUTLET_CONTACT)
        case S.WORK_GROUP:
            return role is Role.WORK_GROUP
        case S.LEADERSHIP:
            return role is Role.LEADERSHIP_GROUP
        case S.PROVINCE_GROUPS:
            return level is Level.PROVINCE and role in (Role.WORK_GROUP, Role.LEADERSHIP_GROUP)
        case S.PROVINCE:
            return level is Level.PROVINCE and role in (Role.WORK_GROUP, Role.LEADERSHIP_GROUP, Role.UNIT_CONTACT)
        case S.HQ_LEADERSHIP:
            return level is Level.HQ and role is Role.LEADERSHIP_GROUP
        case S.INSURER:
            return role is Role.INSURER and answerer == nearest_contact(incident, answerer.insurer)
        case S.CHAIN:
            return role not in (Role.OPERATOR, Role.SYSTEM) and (
                role is not Role.INSURER or answerer == nearest_contact(incident, answerer.insurer)
            )
        case S.OPERATOR:
            return role is Role.OPERATOR
        case _:
            return False


def nearest_contact(incident: Incident, insurer: str | None) -> Answerer | None:
    """The insurer's responsible person: the contact of the nearest unit, outlets included, who has not left."""
    return next(
        (a for a in incident.roster.people if a.role is Role.INSURER and a.insurer == insurer and not a.left), None
    )


def _may_report(incident: Incident, mine: list[Answerer], fact: ReportSubmitted) -> bool:
    """The reporting unit; by telephone also the unit that took the call (A22)."""
    parties = report_parties(incident, fact)
    units = {answerer.unit for answerer in mine if answerer.role in _OF_A_UNIT}
    return parties.from_unit in units or (fact.via == "phone" and parties.to_unit in units)


def _received(incident: Incident, mine: list[Answerer], fact: ReportAcknowledged) -> bool:
    units = {answerer.unit for answerer in mine if answerer.role in _OF_A_UNIT}
    report = next((report for report in incident.reports if report.fact_id == fact.report_fact_id), None)
    return report is not None and report.to_unit in units


def _told(incident: Incident, fact: NoticeAcknowledged) -> bool:
    """Whom it was for; in a drill at a desk also the desk, which has it."""
    notice = incident.notices.get(fact.notice_id)
    desk = incident.desk.desk if incident.desk else None
    return notice is not None and fact.by in (notice.recipient, desk)


def _owns(incident: Incident, fact: ActionDone) -> bool:
    action = action_named(incident, fact.action_id)
    return action is not None and action.owner == fact.by


_OF_A_UNIT = (Role.OUTLET_LEAD, Role.OUTLET_CONTACT, Role.WORK_GROUP, Role.LEADERSHIP_GROUP, Role.UNIT_CONTACT)
