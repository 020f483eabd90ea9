"""What is wrong with a whole organisation, every fault at once (R3-R5, R21, R28, R29).

An incident meets a faulty organisation at the worst hour, so that nothing is left to be found then: whoever must be
told can be told, and by no chat that others read. A fault says what, why and what to do, and where in the file it
stands; it names ids only, for names and phones are nobody's business in a log. Errors: none. The tree of units and the
insurers along it stand in `chain_faults.py`, the ways persons are reached in `address_faults.py`; here stand the groups
and the rest.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from plan.address_faults import address_faults
from plan.authority import SAID_BY_SYSTEMS
from plan.chain_faults import chain_faults, insurer_faults
from plan.facts import MODELS
from plan.fault import Fault
from plan.organisation import Organisation, Person, Side, Unit
from plan.playbook import Playbook, Statutory

VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""A version names a file where it is kept."""
ALERTS = ("alert_raised", "alert_lifted")
MAY_SAY = (*SAID_BY_SYSTEMS, "alert_raised")
"""What a system may say at all: facts of an incident, and that there is an alert (R32). To lift one is for people."""


def organisation_faults(organisation: Organisation, playbook: Playbook | None = None) -> list[Fault]:
    """Every fault; with a playbook by its own numbers (R5)."""
    numbers = playbook.statutory if playbook else Statutory()
    people = {person.id: person for person in organisation.persons}
    return [
        *_version(organisation),
        *_twice(organisation),
        *chain_faults(organisation),
        *_groups(organisation, people, numbers),
        *_outlets(organisation, people, numbers),
        *insurer_faults(organisation, people),
        *_operators(organisation, people),
        *_systems(organisation),
        *address_faults(organisation),
    ]


def _version(organisation: Organisation) -> Iterator[Fault]:
    if not VERSION.fullmatch(organisation.version):
        yield Fault(("version",), "may hold letters, digits, dots, dashes and underscores only; write it like 2026-11")


def _twice(organisation: Organisation) -> Iterator[Fault]:
    """One id, one thing; units and outlets share their ids, for both are places."""
    places = [(("units", n, "id"), unit.id) for n, unit in enumerate(organisation.units)]
    places += [(("outlets", n, "id"), outlet.id) for n, outlet in enumerate(organisation.outlets)]
    for kind in (
        places,
        [(("insurers", n, "id"), insurer.id) for n, insurer in enumerate(organisation.insurers)],
        [(("persons", n, "id"), person.id) for n, person in enumerate(organisation.persons)],
        [(("systems", n, "id"), system.id) for n, system in enumerate(organisation.systems)],
    ):
        seen: set[str] = set()
        for path, known in kind:
            if known in seen:
                yield Fault(path, f"{known} stands here a second time; give each its own id", "R28")
            seen.add(known)


def _groups(organisation: Organisation, people: dict[str, Person], numbers: Statutory) -> Iterator[Fault]:
    for n, unit in enumerate(organisation.units):
        path = ("units", n)
        yield from _unknown((*path, "work_group"), unit.work_group, people)
        yield from _unknown((*path, "leadership_group"), unit.leadership_group, people)
        yield from _unknown((*path, "contacts"), unit.contacts, people)
        yield from _work_group(path, unit, people)
        yield from _leadership(path, unit, people)
        yield from _contacts(path, unit.id, unit.contacts, people, numbers)


def _work_group(path: tuple[str, int], unit: Unit, people: dict[str, Person]) -> Iterator[Fault]:
    if not unit.work_group:
        yield Fault((*path, "work_group"), f"{unit.id} has no work group; name its head and a deputy", "R28")
    elif _all_left(unit.work_group, people):
        yield Fault((*path, "work_group"), f"everybody in the work group of {unit.id} has left; name a head", "R28")


def _leadership(path: tuple[str, int], unit: Unit, people: dict[str, Person]) -> Iterator[Fault]:
    """Joint: somebody of each side, at every level (R3) and at headquarters, for both sides decide there (A16)."""
    known = [people[person] for person in unit.leadership_group if person in people]
    for place, person in enumerate(unit.leadership_group):
        if person in people and people[person].side is None:
            yield Fault((*path, "leadership_group", place), f"{person} has no side; write post or bank", "R3")
    for side in Side:
        of_side = [person for person in known if person.side is side]
        if not of_side:
            yield Fault(
                (*path, "leadership_group"),
                f"the leadership group of {unit.id} has nobody of the side {side}; name one",
                "R3",
            )
        elif all(person.left for person in of_side):
            yield Fault(
                (*path, "leadership_group"),
                f"whoever stood for the side {side} in the leadership group of {unit.id} has left; name another",
                "R3",
            )


def _contacts(
    path: tuple[str, int], place: str, contacts: Sequence[str], people: dict[str, Person], numbers: Statutory
) -> Iterator[Fault]:
    """One or two, not counting who has left (R5)."""
    here = {person for person in contacts if person not in people or not people[person].left}
    least, most = numbers.contacts_at_least, numbers.contacts_at_most
    if not least <= len(here) <= most:
        yield Fault(
            (*path, "contacts"),
            f"{place} has {len(here)} designated contacts who have not left; name {least} to {most}",
            "R5",
        )


def _outlets(organisation: Organisation, people: dict[str, Person], numbers: Statutory) -> Iterator[Fault]:
    for n, outlet in enumerate(organisation.outlets):
        path = ("outlets", n)
        if outlet.lead not in people:
            yield Fault((*path, "lead"), f"{outlet.lead} is not among the persons; add them or correct the id", "R28")
        elif people[outlet.lead].left:
            yield Fault((*path, "lead"), f"{outlet.lead} has left and {outlet.id} has no other lead; name one", "R28")
        yield from _unknown((*path, "contacts"), outlet.contacts, people)
        yield from _contacts(path, outlet.id, outlet.contacts, people, numbers)


def _operators(organisation: Organisation, people: dict[str, Person]) -> Iterator[Fault]:
    yield from _unknown(("operators",), organisation.operators, people)
    if _all_left(organisation.operators, people):
        yield Fault(("operators",), "every operator has left; name one, for notices that fail end with them", "R28")


def _systems(organisation: Organisation) -> Iterator[Fault]:
    for n, system in enumerate(organisation.systems):
        if system.id == "system:tocsin":
            yield Fault(("systems", n, "id"), "system:tocsin speaks from within only; choose another id", "R28")
        for place, kind in enumerate(system.kinds):
            path = ("systems", n, "kinds", place)
            if kind in MODELS or kind in ALERTS:
                if kind not in MAY_SAY:
                    yield Fault(path, f"{kind} is for people to say; a system may say {', '.join(MAY_SAY)}", "R29")
            else:
                yield Fault(path, f"{kind[:40]} is not a kind of fact; `tocsin schema fact` lists them")


def _unknown(path: tuple[str | int, ...], named: Iterable[str], people: Collection[str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for place, person in enumerate(named):
        if person not in people:
            yield Fault((*path, place), f"{person} is not among the persons; add them or correct the id", "R28")
        if person in seen:
            yield Fault((*path, place), f"{person} is named twice; keep one", "R5")
        seen.add(person)


def _all_left(group: Sequence[str], people: dict[str, Person]) -> bool:
    known = [people[person] for person in group if person in people]
    return len(known) == len(group) > 0 and all(person.left for person in known)
