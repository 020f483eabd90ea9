"""Who a notice goes to: selectors of the playbook resolved to persons (R4, R6, R14, R28, R42; stories, section 2).

Group duties go to the head, or to the deputy while the head is away or gone; a leadership group to each member of both
sides. Police, regulator, media and customers cannot be named: there is no selector for them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import assert_never

from plan.clock import owing
from plan.incident import Incident, Occasion
from plan.organisation import Level
from plan.playbook import Recipients
from plan.roster import Answerer, Role, Roster, RosterUnit


def people(
    incident: Incident, selectors: Iterable[Recipients], now: datetime, *, about: Occasion | None, owed_by: str | None
) -> tuple[str, ...]:
    """The persons meant, each once, in the playbook's order; of a drill without insurers none of theirs."""
    found: list[str] = []
    for selector in selectors:
        found += _resolve(incident, selector, now, about, owed_by)
    return tuple(person for person in dict.fromkeys(found) if hears(incident, person))


def hears(incident: Incident, person: str) -> bool:
    """False for an insurer's person in a drill that tells no insurers (R11)."""
    roles = incident.roster.roles_of(person) if not incident.tells_insurers else ()
    return not roles or any(role.role is not Role.INSURER for role in roles)


def left_out(incident: Incident, selectors: Iterable[Recipients], owed_by: str | None = None) -> bool:
    """Whether insurers alone are meant, and a drill tells them nothing: nobody is to be told, and nobody is missing."""
    if incident.tells_insurers:
        return False
    theirs = bool(owed_by) and set(owing(owed_by)) <= set(incident.insurers)
    insurers = {Recipients.INSURER, Recipients.INSURER_NEXT, *([Recipients.OWING] if theirs else [])}
    return set(selectors) <= insurers


def waits_for_place(incident: Incident, selectors: Iterable[Recipients]) -> bool:
    """Whether some recipient is not known before `assigned` is told, and who answers resolved (contract, section 3)."""
    insurers = {Recipients.INSURER, Recipients.INSURER_NEXT}
    outlets = {Recipients.OUTLET_LEAD, Recipients.OUTLET_CONTACT}
    wanted, roster = set(selectors), incident.roster
    no_outlet = incident.outlet is None or incident.outlet != roster.outlet
    no_insurer = not incident.insurers or any(insurer not in roster.insurer_names for insurer in incident.insurers)
    no_insurer = no_insurer and incident.tells_insurers
    return bool((no_outlet and wanted & outlets) or (no_insurer and wanted & insurers))


def fallback(incident: Incident, person: str, now: datetime) -> tuple[str, ...]:
    """Whom to tell instead of somebody who cannot be reached: the next in the same place, then the next level up.

    Never empty while there is an operator (architecture: nothing is silent).
    """
    roster = incident.roster
    roles = roster.roles_of(person)
    found: list[str] = []
    for role in roles:
        match role.role:
            case Role.OUTLET_LEAD:
                found += _at(roster, now, Role.OUTLET_CONTACT)[:1] + _group(roster, now, roster.superior)
            case Role.OUTLET_CONTACT:
                found += _group(roster, now, roster.superior)
            case Role.WORK_GROUP | Role.UNIT_CONTACT | Role.LEADERSHIP_GROUP:
                above = roster.above(role.unit)
                peers = _at(roster, now, role.role, unit=role.unit)
                found += [peer for peer in peers if peer != person][:1]
                found += _at(roster, now, role.role, unit=above[0].id)[:1] if above else []
            case Role.INSURER:
                found += [other for other in _insurer(roster, now, role.insurer) if other != person][:1]
                found += _group(roster, now, roster.superior)
            case Role.OPERATOR | Role.SYSTEM:
                pass
            case _:
                assert_never(role.role)
        break
    found += _at(roster, now, Role.OPERATOR)[:1] if not found else []
    return tuple(other for other in dict.fromkeys(found) if other != person)


def _resolve(
    incident: Incident, selector: Recipients, now: datetime, about: Occasion | None, owed_by: str | None
) -> Sequence[str]:
    roster = incident.roster
    match selector:
        case Recipients.OUTLET_LEAD:
            return _lead(roster, now)
        case Recipients.OUTLET_CONTACT:
            return _at(roster, now, Role.OUTLET_CONTACT)
        case Recipients.SUPERIOR_WORK_GROUP:
            return _group(roster, now, roster.superior)
        case Recipients.SUPERIOR_LEADERSHIP:
            return [person for unit in _local(incident) for person in _leaders(roster, now, unit)]
        case Recipients.NEXT_WORK_GROUP:
            return _group(roster, now, roster.units[1] if len(roster.units) > 1 else None)
        case Recipients.CHAIN_WORK_GROUPS:
            return _chain(roster, now)
        case Recipients.PROVINCE_WORK_GROUP:
            return _group(roster, now, roster.unit_at(Level.PROVINCE))
        case Recipients.PROVINCE_LEADERSHIP:
            return _leaders(roster, now, roster.unit_at(Level.PROVINCE))
        case Recipients.HQ_LEADERSHIP:
            return _leaders(roster, now, roster.unit_at(Level.HQ))
        case Recipients.INSURER:
            return [person for each in incident.insurers for person in _insurer(roster, now, each)[:1]]
        case Recipients.INSURER_NEXT:
            return [person for each in incident.insurers for person in _insurer(roster, now, each)[1:2]]
        case Recipients.RECEIVING_WORK_GROUP:
            return _owing(incident, now, about.unit if about else None)
        case Recipients.OWING:
            return _owing(incident, now, owed_by)
        case Recipients.TOLD_OF_CRISIS:
            return _told(incident, "tell.crisis", again=True)
        case Recipients.HEARD_OF_BREACH:
            return _told(incident, f"breach.{about.number if about else ''}", again=False)
        case Recipients.OPERATOR:
            return _at(roster, now, Role.OPERATOR)
        case _:
            assert_never(selector)


def _at(roster: Roster, now: datetime, role: Role, unit: str | None = None) -> list[str]:
    """Those who hold a role and answer now; all of them but those who have left when nobody else would be told."""
    holders = [a for a in roster.people if a.role is role and (unit is None or a.unit == unit) and not a.left]
    return [a.person for a in holders if a.answers_at(now)] or [a.person for a in holders]


def _lead(roster: Roster, now: datetime) -> list[str]:
    """The outlet's lead, or its contact while the lead is away or gone."""
    own = (Role.OUTLET_LEAD, Role.OUTLET_CONTACT)
    return _available((a for a in roster.people if a.role in own and not a.left), now)[:1]


def _group(roster: Roster, now: datetime, unit: RosterUnit | None) -> list[str]:
    """The head of a work group, or the deputy; where both have left, the next level's."""
    for level in (unit, *roster.above(unit.id)) if unit else ():
        if found := _at(roster, now, Role.WORK_GROUP, unit=level.id):
            return found[:1]
    return []


def _local(incident: Incident) -> list[RosterUnit]:
    """Where an event is local: the outlet's superior; of a group event also the members' common superior (R42, A19)."""
    units = list(incident.roster.units)
    chains = [member.units for member in incident.present_members if member.units]
    common = next((unit for unit in units if all(unit.id in chain for chain in chains)), None)
    return list(dict.fromkeys([*units[:1], *([common] if chains and common else [])]))


def _leaders(roster: Roster, now: datetime, unit: RosterUnit | None) -> list[str]:
    return _at(roster, now, Role.LEADERSHIP_GROUP, unit=unit.id) if unit else []


def _chain(roster: Roster, now: datetime) -> list[str]:
    """The work group of every level up to the province."""
    return [person for unit in roster.units if unit.level is not Level.HQ for person in _group(roster, now, unit)]


def _insurer(roster: Roster, now: datetime, insurer: str | None) -> list[str]:
    """The insurer's contacts, nearest first."""
    contacts = [a for a in roster.people if a.role is Role.INSURER and a.insurer == insurer and not a.left]
    return _available(contacts, now)


def _available(answerers: Iterable[Answerer], now: datetime) -> list[str]:
    known = list(answerers)
    return [a.person for a in known if a.answers_at(now)] or [a.person for a in known]


def _owing(incident: Incident, now: datetime, owed_by: str | None) -> list[str]:
    """Whoever answers for an outlet or a unit, or for each of the insurers that owe it together."""
    return [person for place in owing(owed_by) for person in _answering_for(incident, now, place)]


def _answering_for(incident: Incident, now: datetime, place: str) -> list[str]:
    roster = incident.roster
    if place == roster.outlet:
        return _lead(roster, now)
    if place in incident.insurers:
        return _insurer(roster, now, place)[:1]
    return _group(roster, now, next((unit for unit in roster.units if unit.id == place), None))


def _told(incident: Incident, duty: str, *, again: bool) -> list[str]:
    """Everybody who was told under a duty, or under a numbered one of its name too, in the order told."""
    prefix = f"{duty}."
    return [n.recipient for n in incident.notices.values() if n.duty == duty or (again and n.duty.startswith(prefix))]
