"""An incident and its group event: joining, carrying clocks, leaving (A12, A19; contract, section 6, "Conversion").

The group takes over the province's and the regulator's clocks of its members, and the outlet's hour of members at the
scene, where still running or missed. A member's clock shows `carried` only after the group's receipt.
"""

from datetime import datetime
from typing import Any

from pydantic import ValidationError

from plan.clock import Clock
from plan.clocks import clocks
from plan.facts import ConvertedToGroupEvent, MemberJoined, MemberLeft
from plan.incident import Form, Incident
from plan.members import CarriedClock, Member
from plan.people import people_count
from plan.playbook import ClockName, Playbook
from plan.told import Told

TAKEN_OVER = (ClockName.OUTLET_REPORT, ClockName.PROVINCE_OPINION, ClockName.REGULATOR_REPORT)


def membership(incident: Incident, playbook: Playbook, now: datetime) -> dict[str, Any]:
    """What a member sends its group event along with `member_joined`."""
    episode = incident.episode
    keys = (incident.customer.person_key,) if incident.customer.person_key else ()
    persons = tuple(dict.fromkeys((*keys, *(key for c in incident.circumstances for key in c.persons))))
    member = Member(
        incident_id=incident.incident_id,
        joined_at=now,
        outlet=incident.outlet,
        insurer=incident.insurer,
        units=tuple(unit.id for unit in incident.roster.units),
        persons=persons,
        headcount=people_count(incident) if any(c.headcount for c in incident.circumstances) else 0,
        anchor=episode.anchor if episode else None,
        five_at=episode.five_at if episode else None,
        criteria=episode.criteria if episode else (),
        carried=tuple(_carried(incident, playbook, now)),
        done=tuple(_done(incident, playbook, now)),
        reported_at=_first(incident, playbook, now, ClockName.OUTLET_REPORT),
        opinion_at=_first(incident, playbook, now, ClockName.PROVINCE_OPINION),
        regulator_at=_first(incident, playbook, now, ClockName.REGULATOR_REPORT),
    )
    return {**member.model_dump(mode="json"), "drill": incident.drill}


def moves_who_answers(before: Incident, after: Incident, kind: str) -> bool:
    """Whether it must be resolved anew who answers: a place or a person was changed, or an insurer came in (R28, A19).

    A crowd joins one by one, and everybody waits while it is resolved.
    """
    if kind == "member_joined" and after.rules_version >= 2:
        return not set(after.insurers) <= set(before.insurers)
    return kind in ("assigned", "rerouted", "member_joined")


def joined(incident: Incident, at: datetime) -> Incident:
    """The group event has received the member: its reporting clocks are carried from now on."""
    return incident.model_copy(update={"joined_at": at})


def not_joined(incident: Incident) -> Incident:
    """The group event would not have it: nothing was carried."""
    return incident.model_copy(update={"group_id": None, "joined_at": None, "scene": None})


def joined_member(told: Told, fact: MemberJoined) -> Member:
    """The member as it came; when only a person says that it belongs, what that person says."""
    said = Member(incident_id=fact.incident_id, joined_at=told.received_at, persons=fact.persons)
    if not told.from_within:
        return said
    try:
        sent = Member.model_validate(fact.membership)
    except ValidationError:
        return said
    persons = tuple(dict.fromkeys((*fact.persons, *sent.persons)))
    return sent.model_copy(
        update={"incident_id": fact.incident_id, "joined_at": told.received_at, "left_at": None, "persons": persons}
    )


def member_came(incident: Incident, member: Member) -> dict[str, Any]:
    """The group event with one member more, or the same as it is now; what was done already is not done again."""
    others = tuple(m for m in incident.members if m.incident_id != member.incident_id or m.left_at is not None)
    done = {*member.done, *(duty for clock in member.carried for duty in clock.told)}
    return {"members": (*others, member), "started": incident.started | done}


def left_group(incident: Incident, told: Told, fact: MemberLeft) -> dict[str, Any]:
    """On the group, the member is gone from now; on the member, its clocks are its own again."""
    if incident.form is not Form.GROUP_EVENT:
        left = (*incident.left_groups, *([incident.group_id] if incident.group_id else []))
        return {"group_id": None, "joined_at": None, "scene": None, "left_groups": tuple(dict.fromkeys(left))}
    return {
        "members": tuple(
            member.model_copy(update={"left_at": told.received_at})
            if member.incident_id == fact.incident_id and member.left_at is None
            else member
            for member in incident.members
        )
    }


def opening(fact: ConvertedToGroupEvent, incident: Incident) -> dict[str, Any]:
    """The rest of the start of the group event a conversion names, where it does not exist yet."""
    plan = {"drill_plan": incident.drill_plan.model_dump(mode="json")} if incident.drill_plan else {}
    return {"group": {"scene": fact.scene or incident.outlet, "drill": incident.drill, **plan}}


def _done(incident: Incident, playbook: Playbook, now: datetime) -> list[str]:
    """What was told of clocks of the crisis that were met, late perhaps: the group does not tell it again."""
    number = incident.episode.number if incident.episode else 0
    met = [c for c in clocks(incident, playbook, now) if c.name in TAKEN_OVER and c.met_at and _number(c) == number]
    return sorted(duty for clock in met for duty in _told_of(incident, clock))


def _number(clock: Clock) -> int:
    last = clock.id.rpartition(".")[2]
    return int(last) if last.isdigit() else 1


def _told_of(incident: Incident, clock: Clock) -> list[str]:
    """The warnings and the breach of a clock, under the name that the group's own first clock has."""
    return sorted(duty.replace(clock.id, clock.name, 1) for duty in incident.started if _about(duty, clock.id))


def _carried(incident: Incident, playbook: Playbook, now: datetime) -> list[CarriedClock]:
    found: list[CarriedClock] = []
    for clock in clocks(incident, playbook, now):
        at_scene = clock.name is not ClockName.OUTLET_REPORT or incident.scene in (None, incident.outlet)
        if clock.name in TAKEN_OVER and clock.open and at_scene:
            told = tuple(_told_of(incident, clock))
            found.append(
                CarriedClock(
                    name=clock.name,
                    starts_at=clock.starts_at,
                    due_at=clock.due_at,
                    anchored_by=clock.anchored_by,
                    told=told,
                )
            )
    return found


def _about(duty: str, clock_id: str) -> bool:
    what, _, rest = duty.partition(".")
    return what in ("warn", "breach") and (rest == clock_id or rest.startswith(f"{clock_id}."))


def _first(incident: Incident, playbook: Playbook, now: datetime, name: ClockName) -> datetime | None:
    """When the member itself met it; None while it has not."""
    done = [clock.met_at for clock in clocks(incident, playbook, now) if clock.name is name and clock.met_at]
    return min(done, default=None)
