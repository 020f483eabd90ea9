"""What people must be told because of a fact (R4, R6, R8, R14, R17, R35, R38-R46, R55; stories, section 2).

An occasion is raised once and numbered when it comes again (`tell.calming_failed.2`). Who hears of it, and how often,
is the playbook's; that it must be told is the plan's.
"""

from datetime import datetime

from plan.facts import (
    CalmingAttempted,
    GroupSignsSeen,
    HandedToInsurer,
    HandlingOpinionSubmitted,
    InsurerDecided,
    OnTheWay,
    RepeatOf,
    ReportSubmitted,
    Resolved,
    StoodDown,
)
from plan.incident import Form, Incident, Occasion
from plan.marks import Criterion
from plan.parts import Outcome, ReportKind
from plan.scene_clocks import scene_ends
from plan.told import Told


def raised(incident: Incident, duty: str, at: datetime, **details: object) -> Incident:
    """The incident with one more occasion, numbered from the second on."""
    before = sum(1 for o in incident.occasions if o.duty == duty or o.duty.startswith(f"{duty}."))
    named = duty if before == 0 else f"{duty}.{before + 1}"
    occasion = Occasion.model_validate({"duty": named, "at": at, **details})
    return incident.model_copy(update={"occasions": (*incident.occasions, occasion)})


def consequences(before: Incident, after: Incident, told: Told) -> Incident:
    """The occasions of one fact, in the order in which they should go out. An import tells nobody."""
    if after.imported:
        return after
    after = crisis_consequences(before, after, told.received_at)
    return _of_the_fact(before, after, told)


def crisis_consequences(before: Incident, after: Incident, at: datetime) -> Incident:
    """A crisis begun, a criterion added, an anchor moved back (R6, R8, R42, R43)."""
    was, now = before.episode, after.episode
    if now is None:
        return after
    if was is None:
        after = raised(after, "tell.crisis", at)
        after = raised(after, "prompt.regulator", at)
    elif now.criteria != was.criteria:
        after = raised(after, "prompt.follow_up", at)
    if was is not None and now.anchor < was.anchor:
        after = raised(after, "tell.anchor_moved", at)
    earlier = was.criteria if was else ()
    if Criterion.GROUP_OF_FIVE in now.criteria and Criterion.GROUP_OF_FIVE not in earlier and not _come(after):
        after = raised(after, "tell.group_event", at)
    if _media(after) and not (was and _media(before)):
        after = raised(after, "tell.media", at)
    return after


def group_called(incident: Incident, at: datetime) -> Incident:
    """A group event is opened: leadership, work group and insurers come at once, the police are told (R40-R42)."""
    for duty in ("tell.group_event", "tell.group_signs", "prompt.police"):
        incident = raised(incident, duty, at)
    return incident


def _come(incident: Incident) -> bool:
    """The leadership was called to a group event before its fifth person was known, and the scene is not over."""
    called = [occasion.at for occasion in incident.occasions if occasion.duty.startswith("tell.group_event")]
    ends = scene_ends(incident)
    return incident.form is Form.GROUP_EVENT and bool(called) and (not ends or called[-1] > ends[-1])


def _media(incident: Incident) -> bool:
    """The press is part of the crisis that is open now."""
    ended = max((episode.ended_at for episode in incident.episodes if episode.ended_at), default=None)
    return any(told.media and (ended is None or told.at > ended) for told in incident.circumstances)


def _of_the_fact(before: Incident, after: Incident, told: Told) -> Incident:
    at = told.received_at
    match told.fact:
        case CalmingAttempted(outcome=Outcome.NOT_PERSUADED):
            after = raised(after, "tell.not_persuaded", at)
            return raised(after, "prompt.customer_record", at) if after.customer.missing() else after
        case CalmingAttempted(outcome=Outcome.FAILED):
            return raised(after, "tell.calming_failed", at)
        case GroupSignsSeen() as fact:
            return _signs(before, after, fact, at)
        case RepeatOf() as fact:
            after = raised(after, "tell.repeat", at, number=str(fact.number))
            return raised(after, "prompt.reopen", at) if fact.reopen else after
        case ReportSubmitted():
            return raised(
                after, "tell.report", at, unit=after.reports[-1].to_unit, number=str(after.reports[-1].number)
            )
        case HandlingOpinionSubmitted():
            return raised(after, "tell.opinion", at)
        case HandedToInsurer():
            return raised(after, "tell.handed_over", at)
        case InsurerDecided():
            return raised(after, "tell.decided", at)
        case OnTheWay() as fact:
            return raised(after, "tell.on_the_way", at, party=str(fact.party), expected_at=fact.expected_at)
        case StoodDown():
            return raised(after, "tell.stood_down", at)
        case Resolved():
            return _resolved(after, at)
        case _:
            return after


def _signs(before: Incident, after: Incident, fact: GroupSignsSeen, at: datetime) -> Incident:
    """Who was called is called; the work group is asked what it is whenever somebody asks (A23)."""
    if not _signs_now(before):
        after = raised(raised(after, "tell.group_signs", at), "prompt.police", at)
    asked = fact.declare and before.episode is None
    return raised(after, "prompt.declare", at, number=str(fact.people) if fact.people else None) if asked else after


def _signs_now(incident: Incident) -> bool:
    """Signs were seen, or a group event opened, and the scene is not over: who was called is called."""
    opened = [incident.filed_at] if incident.form is Form.GROUP_EVENT else []
    seen = [*opened, *(mark.at for mark in incident.signs)]
    ends = scene_ends(incident)
    return bool(seen) and (not ends or seen[-1] > ends[-1])


def _resolved(incident: Incident, at: datetime) -> Incident:
    incident = raised(incident, "tell.resolved", at) if incident.ever_crisis else incident
    relayed = incident.relays and incident.decisions and incident.relays[-1].at >= incident.decisions[-1].at
    if incident.decisions and not relayed:
        incident = raised(incident, "prompt.decision_relay", at)
    written = any(report.kind is ReportKind.FINAL for report in incident.reports)
    if incident.ever_crisis and not written and not reported_by_the_group(incident):
        incident = raised(incident, "prompt.final_report", at)
    return incident


def reported_by_the_group(incident: Incident) -> bool:
    """One final report for all: the group event's (R59, A19)."""
    return incident.joined_at is not None and incident.rules_version >= 2
