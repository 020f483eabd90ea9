"""What is wrong with the tree of units, and with the insurers along it (R4, R20, R28, A15).

Every outlet needs a superior, a province and headquarters above it, and a contact of every insurer at or above it: a
notice with nobody to go to is found here, not at night. Errors: none.
"""

from collections.abc import Iterator

from plan.fault import Fault
from plan.organisation import Insurer, Level, Organisation, Outlet, Person, Unit

_HEIGHT = {level: height for height, level in enumerate(reversed(Level))}
SHOWN = 3
"""Outlets named in one fault."""


def chain_faults(organisation: Organisation) -> list[Fault]:
    """Superiors unknown, in a circle or at the wrong level; outlets without a province above."""
    units = {unit.id: unit for unit in organisation.units}
    return [*_headquarters(organisation), *_superiors(organisation, units), *_above_outlets(organisation, units)]


def insurer_faults(organisation: Organisation, people: dict[str, Person]) -> list[Fault]:
    """Contacts that do not exist or belong to the other side, and outlets nobody would come to."""
    units = {unit.id: unit for unit in organisation.units}
    ours = _ours(organisation)
    found: list[Fault] = []
    for n, insurer in enumerate(organisation.insurers):
        found += _contacts(n, insurer, organisation, people, ours)
        found += _uncovered(n, insurer, organisation, units, people)
    return found


def _headquarters(organisation: Organisation) -> Iterator[Fault]:
    tops = [n for n, unit in enumerate(organisation.units) if unit.level is Level.HQ]
    if not tops:
        yield Fault(("units",), "there is no headquarters; add a unit of the level hq", "R45")
    for n in tops[1:]:
        known = organisation.units[tops[0]].id
        yield Fault(("units", n, "level"), f"is a second headquarters beside {known}; keep one", "R45")


def _superiors(organisation: Organisation, units: dict[str, Unit]) -> Iterator[Fault]:
    told: set[str] = set()
    for n, unit in enumerate(organisation.units):
        path = ("units", n, "superior")
        if unit.superior is None:
            if unit.level is not Level.HQ:
                yield Fault(path, f"{unit.id} has no superior; name the unit it reports to", "R28")
        elif unit.superior not in units:
            yield Fault(path, f"{unit.superior} is not among the units; add it or correct the id", "R28")
        elif unit.id in told:
            continue
        elif circle := _circle(unit, units):
            told.update(circle)
            yield Fault(path, f"{' > '.join([*circle, circle[0]])} is a circle; correct one superior", "R28")
        elif _HEIGHT[units[unit.superior].level] <= _HEIGHT[unit.level]:
            above = units[unit.superior]
            yield Fault(
                path,
                f"{above.id} ({above.level}) is not above {unit.id} ({unit.level}); name a unit of a higher level",
                "R28",
            )


def _circle(unit: Unit, units: dict[str, Unit]) -> list[str]:
    """The units from this one back to itself; empty where there is no way back."""
    seen: list[str] = []
    at: str | None = unit.id
    while at is not None and at in units and at not in seen:
        seen.append(at)
        at = units[at].superior
    return seen if at == unit.id and seen else []


def _above_outlets(organisation: Organisation, units: dict[str, Unit]) -> Iterator[Fault]:
    outlets = {outlet.id for outlet in organisation.outlets}
    for n, outlet in enumerate(organisation.outlets):
        path = ("outlets", n, "superior")
        if outlet.superior not in units:
            why = "is an outlet" if outlet.superior in outlets else "is not among the units"
            yield Fault(path, f"{outlet.superior} {why}; name the unit that {outlet.id} reports to", "R28")
            continue
        above = _way_up(outlet, units)
        if above and all(unit.level is not Level.PROVINCE for unit in above):
            yield Fault(path, f"there is no province above {outlet.id}; correct the superiors on the way up", "R45")


def _way_up(outlet: Outlet, units: dict[str, Unit]) -> list[Unit]:
    """The units from an outlet to headquarters; empty where the way breaks off, at a unit that is at fault itself."""
    chain: list[Unit] = []
    at: str | None = outlet.superior
    while at is not None and at in units and units[at] not in chain:
        chain.append(units[at])
        at = units[at].superior
    return chain if chain and chain[-1].level is Level.HQ else []


def _ours(organisation: Organisation) -> set[str]:
    """Everybody who stands for Post or Bank."""
    groups = [group for unit in organisation.units for group in (unit.work_group, unit.leadership_group, unit.contacts)]
    groups += [(outlet.lead, *outlet.contacts) for outlet in organisation.outlets]
    return {person for group in groups for person in group} | set(organisation.operators)


def _contacts(
    n: int, insurer: Insurer, organisation: Organisation, people: dict[str, Person], ours: set[str]
) -> Iterator[Fault]:
    places = {unit.id for unit in organisation.units} | {outlet.id for outlet in organisation.outlets}
    for place, contact in enumerate(insurer.contacts):
        path = ("insurers", n, "contacts", place)
        if contact.unit not in places:
            yield Fault((*path, "unit"), f"{contact.unit} is no unit or outlet; add it or correct the id", "R28")
        if contact.person not in people:
            yield Fault(
                (*path, "person"), f"{contact.person} is not among the persons; add them or correct the id", "R28"
            )
        elif contact.person in ours or people[contact.person].side is not None:
            yield Fault(
                (*path, "person"),
                f"{contact.person} stands for {insurer.id} and for Post or Bank as well; the insurer decides by people "
                "of its own; name one, without a side",
                "R20",
            )


def _uncovered(
    n: int, insurer: Insurer, organisation: Organisation, units: dict[str, Unit], people: dict[str, Person]
) -> Iterator[Fault]:
    """Outlets with no contact of this insurer who has not left, there or anywhere above."""
    covered = {c.unit for c in insurer.contacts if c.person not in people or not people[c.person].left}
    bare = [
        outlet.id
        for outlet in organisation.outlets
        if (above := _way_up(outlet, units)) and not covered & {outlet.id, *(unit.id for unit in above)}
    ]
    if bare:
        more = f" and {len(bare) - SHOWN} more" if len(bare) > SHOWN else ""
        yield Fault(
            ("insurers", n, "contacts"),
            f"{insurer.id} has no contact for {', '.join(bare[:SHOWN])}{more}; name one there or at a unit above",
            "R28",
        )
