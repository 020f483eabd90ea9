"""What `view` says of an incident: JSON values under the contract's names (section 6), nothing of it personal.

Policy numbers show their last two characters, the customer only what is recorded, texts not at all; `revealed` puts the
words in for somebody whom the plan allows (`visibility.py`).
"""

from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from plan.clock import Clock
from plan.evidence import accountability_items
from plan.hearing import outlet_heard
from plan.incident import Incident, Notice, RefusalSeen
from plan.marks import Action
from plan.members import Member
from plan.notices import NOT_ARRIVED
from plan.organisation import Level
from plan.outstanding import outstanding
from plan.people import people_count
from plan.playbook import Playbook
from plan.policies import PolicyFile, masked, route
from plan.record import Entry
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
    entries: Sequence[Entry] = (),
) -> Json:
    """Everything known, owed and sent, as of `now`; `entries` is the record that the evidence points into."""
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
        "product_line": incident.product_line,
        "repeat_of": incident.repeat.incident_id if incident.repeat else None,
        "repeats": incident.repeat.number if incident.repeat else 0,
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
        "headcounts": headcounts(incident),
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
        "accountability_items": [
            item.model_dump(mode="json") for item in accountability_items(incident, running, entries, now)
        ],
        "actions": [_action(action, revealed) for action in incident.actions],
        "reports": [report.model_dump(mode="json") for report in incident.reports],
        "opinions": [mark.model_dump(mode="json") for mark in incident.opinions],
        "breaches": {clock: breach.model_dump(mode="json") for clock, breach in incident.breaches.items()},
        "organisation_version": incident.roster.version,
        "playbook_version": playbook.version if playbook else None,
        "rules_version": incident.rules_version,
        "sequence": sequence,
        "head": head,
    }


def headcounts(incident: Incident) -> list[JsonValue]:
    """How many people were counted, when and by whom, in the order in which it was told (A12)."""
    told = (each for each in incident.circumstances if each.headcount)
    return [
        {"at": _iso(each.at), "placed_at": _iso(each.placed_at), "by": each.by, "headcount": each.headcount}
        for each in told
    ]


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
    """Those that have not arrived, and the last 50."""
    every = list(incident.notices.values())
    last = every[-LAST_NOTICES:]
    return [notice for notice in every[:-LAST_NOTICES] if notice.state in NOT_ARRIVED] + last


def _notice(notice: Notice) -> Json:
    return notice.model_dump(mode="json")


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


def _action(action: Action, revealed: bool) -> Json:
    masked_words = {} if revealed else {"text": MASK, "note": MASK if action.note else None}
    return {**action.model_dump(mode="json"), **masked_words}


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
