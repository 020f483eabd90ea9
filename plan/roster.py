"""Who answers for one incident: a snapshot of the organisation along the outlet's chain (R3-R5, R14, R28).

Taken at the start by an activity, kept in the incident with its version, taken again when the outlet is assigned or the
people change. It holds ids, roles and the names of channels; names, phones and addresses stay in the organisation.
"""

from datetime import datetime
from enum import StrEnum

from plan.organisation import Level, Organisation, Side
from plan.values import Instant, Kept


class Role(StrEnum):
    """What a person is to the incident."""

    OUTLET_LEAD = "outlet_lead"
    OUTLET_CONTACT = "outlet_contact"
    WORK_GROUP = "work_group"
    LEADERSHIP_GROUP = "leadership_group"
    UNIT_CONTACT = "unit_contact"
    INSURER = "insurer"
    OPERATOR = "operator"
    SYSTEM = "system"


class Way(Kept):
    """A channel a person can be reached by, and who else reads it."""

    channel: str
    audience: str = "personal"


class Answerer(Kept):
    """One person in one role. `unit` is an outlet, a unit, or the unit an insurer's contact stands for."""

    person: str
    role: Role
    unit: str
    level: Level | None = None
    side: Side | None = None
    insurer: str | None = None
    left: bool = False
    absent_until: Instant | None = None
    ways: tuple[Way, ...] = ()
    kinds: tuple[str, ...] = ()

    def answers_at(self, now: datetime) -> bool:
        """Neither gone nor away at this instant."""
        return not self.left and (self.absent_until is None or self.absent_until <= now)


class RosterUnit(Kept):
    id: str
    name: str
    name_en: str = ""
    level: Level


class Roster(Kept):
    """The chain from the outlet's superior up to headquarters, and everybody on it.

    `people` is in order: nearest unit first, head before deputy. `unknown` names what the organisation does not know
    (an outlet, a unit, an insurer): it is flagged and told to the operator, never refused.
    """

    version: str
    outlet: str | None = None
    outlet_name: str = ""
    outlet_name_en: str = ""
    outlet_side: Side | None = None
    units: tuple[RosterUnit, ...] = ()
    people: tuple[Answerer, ...] = ()
    insurer_names: dict[str, str] = {}
    insurer_names_en: dict[str, str] = {}
    unknown: tuple[str, ...] = ()

    @property
    def superior(self) -> RosterUnit | None:
        """The next existing unit above the outlet (A15)."""
        return self.units[0] if self.units else None

    def unit_at(self, level: Level) -> RosterUnit | None:
        """The chain's unit of a level; None where the chain has none."""
        return next((unit for unit in self.units if unit.level is level), None)

    def above(self, unit_id: str) -> tuple[RosterUnit, ...]:
        """The units above an outlet or a unit of the chain, nearest first."""
        if unit_id == self.outlet:
            return self.units
        place = next((n for n, unit in enumerate(self.units) if unit.id == unit_id), None)
        return () if place is None else self.units[place + 1 :]

    def roles_of(self, person: str) -> tuple[Answerer, ...]:
        """Everything a person is to this incident; empty for a stranger."""
        return tuple(answerer for answerer in self.people if answerer.person == person)


def roster(
    organisation: Organisation, *, outlet: str | None, unit: str | None, insurers: tuple[str, ...] = ()
) -> Roster:
    """Resolve who answers. Never fails: what is not known is named in `unknown` (contract, section 3)."""
    known = {place.id: place for place in organisation.outlets}
    place = known.get(outlet or "")
    units = _chain(organisation, place.superior if place else unit)
    unknown = [*([outlet] if outlet and not place else []), *([unit] if unit and not place and not units else [])]
    people = [*_of_outlet(organisation, outlet), *_of_units(organisation, units)]
    for insurer in insurers:
        found = _of_insurer(organisation, insurer, ([outlet] if place and outlet else []) + [u.id for u in units])
        people += found
        unknown += [] if any(known.id == insurer for known in organisation.insurers) else [insurer]
    people += [_answerer(organisation, person, Role.OPERATOR, "") for person in organisation.operators]
    people += [
        Answerer(person=system.id, role=Role.SYSTEM, unit="", kinds=system.kinds) for system in organisation.systems
    ]
    return Roster(
        version=organisation.version,
        outlet=place.id if place else None,
        outlet_name=place.name if place else "",
        outlet_name_en=(place.name_en or place.name) if place else "",
        outlet_side=place.side if place else None,
        units=tuple(units),
        people=tuple(people),
        insurer_names={known.id: known.name for known in organisation.insurers if known.id in insurers},
        insurer_names_en={k.id: k.name_en or k.name for k in organisation.insurers if k.id in insurers},
        unknown=tuple(unknown),
    )


def _chain(organisation: Organisation, lowest: str | None) -> list[RosterUnit]:
    units = {unit.id: unit for unit in organisation.units}
    chain: list[RosterUnit] = []
    while lowest is not None and lowest in units and all(lowest != seen.id for seen in chain):
        unit = units[lowest]
        chain.append(RosterUnit(id=unit.id, name=unit.name, name_en=unit.name_en or unit.name, level=unit.level))
        lowest = unit.superior
    return chain


def _of_outlet(organisation: Organisation, outlet: str | None) -> list[Answerer]:
    place = next((place for place in organisation.outlets if place.id == outlet), None)
    if place is None:
        return []
    lead = _answerer(organisation, place.lead, Role.OUTLET_LEAD, place.id)
    return [lead, *(_answerer(organisation, person, Role.OUTLET_CONTACT, place.id) for person in place.contacts)]


def _of_units(organisation: Organisation, units: list[RosterUnit]) -> list[Answerer]:
    full = {unit.id: unit for unit in organisation.units}
    return [
        _answerer(organisation, person, role, unit.id, unit.level)
        for unit in units
        for role, group in (
            (Role.WORK_GROUP, full[unit.id].work_group),
            (Role.LEADERSHIP_GROUP, full[unit.id].leadership_group),
            (Role.UNIT_CONTACT, full[unit.id].contacts),
        )
        for person in group
    ]


def _of_insurer(organisation: Organisation, insurer: str, places: list[str]) -> list[Answerer]:
    """The insurer's contacts, nearest unit first; whom a higher one stands for, the fallback of the nearer."""
    levels = {unit.id: unit.level for unit in organisation.units}
    contacts = next((known.contacts for known in organisation.insurers if known.id == insurer), ())
    return [
        _answerer(organisation, contact.person, Role.INSURER, place, levels.get(place), insurer)
        for place in places
        for contact in contacts
        if contact.unit == place
    ]


def _answerer(
    organisation: Organisation,
    person: str,
    role: Role,
    unit: str,
    level: Level | None = None,
    insurer: str | None = None,
) -> Answerer:
    known = next((known for known in organisation.persons if known.id == person), None)
    return Answerer(
        person=person,
        role=role,
        unit=unit,
        level=level,
        insurer=insurer,
        side=known.side if known else None,
        left=known.left if known else True,
        absent_until=known.absent_until if known else None,
        ways=tuple(Way(channel=a.channel, audience=a.audience) for a in known.channels) if known else (),
    )
