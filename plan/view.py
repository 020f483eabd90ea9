"""What `view` says of an incident: JSON values under the contract's names (section 6), nothing of it personal.

Policy numbers show their last two characters, the customer only what is recorded, texts not at all; `revealed` puts the
words in for somebody whom the plan allows (`visibility.py`).
"""

from datetime import datetime

from pydantic import JsonValue

from plan.clock import Clock
from plan.hearing import outlet_heard
from plan.incident import Incident, Notice, NoticeState, RefusalSeen
from plan.members import Member
from plan.organisation import Level
from plan.outstanding import outstanding
from plan.people import people_count
from plan.playbook import Playbook
from plan.policies import PolicyFile, masked, route
from plan.scene_clocks import scene_ends

LAST_NOTICES = 50
MASK = "***"

Json = dict[str, JsonValue]


def view(
    incident: Incident,
    playbook: Playbook | None,
    now: datetime,
    *,
    running: list[Clock],
    refusals: list[RefusalSeen],
    sequence: int,
    head: str,
    revealed: bool = False,
) -> Json:
    """Everything known, owed and sent, as of `now`."""
    episode = incident.episodes[-1] if incident.episodes else None
    return {
        "incident_id": incident.incident_id,
        "form": str(incident.form),
        "severity": str(incident.severity),
        "stage": str(incident.stage),
        "drill": incident.drill,
        "imported": incident.imported,
        "channel": incident.channel,
        "subject": incident.subject,
        "outlet": incident.outlet,
        "province": province(incident),
        "scene": incident.scene,
        "insurer": incident.insurer,
        "insurers": list(incident.insurers),
        "filed_at": _iso(incident.filed_at),
        "known_at": _iso(episode.anchor) if episode else None,
        "crisis_at": _iso(episode.crisis_at) if episode else None,
        "criteria": [str(criterion) for criterion in episode.criteria] if episode else [],
        "people_count": people_count(incident),
        "group_signs": group_signs(incident),
        "group_id": incident.group_id,
        "members": [_member(member) for member in incident.members],
        "clocks": [_clock(incident, clock) for clock in running],
        "policies": [_policy(incident, file, revealed) for file in incident.policies],
        "notices": [_notice(notice) for notice in _shown(incident)],
        "outstanding": [o.model_dump(mode="json") for o in outstanding(incident, playbook, now, running)]
        if playbook
        else [],
        "refusals": [refusal.model_dump(mode="json") for refusal in refusals],
        "decision": _decision(incident, revealed),
        "customer": _customer(incident, revealed),
        "care": incident.care.model_dump(mode="json"),
        "line": (incident.line if revealed else MASK) if incident.line else None,
        "checklist": list(incident.checklist),
        "evidence": list(incident.evidence),
        "conduct": [mark.model_dump(mode="json") for mark in incident.conduct],
        "accountability": [mark.model_dump(mode="json") for mark in incident.accountability],
        "reports": [report.model_dump(mode="json") for report in incident.reports],
        "opinions": [mark.model_dump(mode="json") for mark in incident.opinions],
        "breaches": {clock: breach.model_dump(mode="json") for clock, breach in incident.breaches.items()},
        "organisation_version": incident.roster.version,
        "playbook_version": playbook.version if playbook else None,
        "rules_version": incident.rules_version,
        "sequence": sequence,
        "head": head,
    }


def province(incident: Incident) -> str | None:
    """The chain's province."""
    unit = incident.roster.unit_at(Level.PROVINCE)
    return unit.id if unit else None


def group_signs(incident: Incident) -> bool:
    """Signs were seen and the scene is not over (A13)."""
    ends = scene_ends(incident)
    return bool(incident.signs) and (not ends or incident.signs[-1].at > ends[-1])


def _iso(instant: datetime) -> str:
    return instant.isoformat()


def _clock(incident: Incident, clock: Clock) -> Json:
    heard = outlet_heard(incident, clock.since)
    return {
        "id": clock.id,
        "rule": clock.rule,
        "statutory": clock.statutory,
        "anchored_by": clock.anchored_by,
        "starts_at": _iso(clock.starts_at),
        "due_at": _iso(clock.due_at),
        "met_at": _iso(clock.met_at) if clock.met_at else None,
        "met_by": clock.met_by,
        "state": str(clock.state),
        "owed_by": clock.owed_by,
        "outlet_first_told_at": _iso(heard.told_at) if heard.told_at else None,
        "outlet_first_acknowledged_at": _iso(heard.acknowledged_at) if heard.acknowledged_at else None,
    }


def _shown(incident: Incident) -> list[Notice]:
    """The open ones and the last 50."""
    every = list(incident.notices.values())
    last = every[-LAST_NOTICES:]
    return [n for n in every[:-LAST_NOTICES] if n.state in (NoticeState.PENDING, NoticeState.HELD)] + last


def _notice(notice: Notice) -> Json:
    return notice.model_dump(mode="json", exclude={"created_at"})


def _policy(incident: Incident, file: PolicyFile, revealed: bool) -> Json:
    found = file.classification
    way = route(found, special_care=incident.care.any)
    return {
        "policy_number": file.policy_number if revealed else masked(file.policy_number),
        "class": str(found.policy_class),
        "possible": [str(possible) for possible in found.possible],
        "route": str(way) if way else None,
    }


def _decision(incident: Incident, revealed: bool) -> JsonValue:
    if not incident.decisions:
        return None
    last = incident.decisions[-1]
    return {
        "at": _iso(last.at),
        "by": last.by,
        "remedy": str(last.remedy),
        "decision": last.decision if revealed else MASK,
        "amount": last.amount if revealed else (MASK if last.amount else None),
    }


def _customer(incident: Incident, revealed: bool) -> Json:
    customer = incident.customer
    numbers: list[JsonValue] = [number if revealed else masked(number) for number in customer.policy_numbers]
    shown: Json = {
        name: (value if revealed else MASK) if value else None
        for name, value in (("name", customer.name), ("phone", customer.phone), ("reason", customer.reason))
    }
    return {**shown, "policy_numbers": numbers, "missing": list(customer.missing())}


def _member(member: Member) -> Json:
    return {
        "incident_id": member.incident_id,
        "outlet": member.outlet,
        "insurer": member.insurer,
        "joined_at": _iso(member.joined_at),
        "left_at": _iso(member.left_at) if member.left_at else None,
        "persons": len(member.persons),
    }
