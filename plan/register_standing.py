"""What persons and places are to a unit's register, in the organisation as it is now (R28).

Looked up anew for every item, so that nobody who has left enters anything. An insurer's people have no part in it.
Errors: none; a unit that nobody knows is not known.
"""

from collections.abc import Iterable
from typing import Final, assert_never

from plan.organisation import Organisation, Outlet
from plan.register_items import (
    ActionDone,
    ActionOpened,
    ItemTold,
    OutletScreened,
    ReadinessConfirmed,
    RoundAsked,
    TrainingHeld,
)
from plan.rhythm import ActionRules
from plan.rounds import units_above, units_below
from plan.values import Kept

MOST_OUTLETS: Final = 300
"""Outlets of one unit whose people a register knows; more than any county has."""


class StandingOrder(Kept):
    """Look up what these persons and places are to a unit's register."""

    unit: str
    persons: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


class Standing(Kept):
    """What they are. `places` are those at or below the unit, with what each counts for; `persons` may own an action.

    `at_outlets`: of whom was asked, and of the people of an outlet that was asked for, the outlets they answer for.
    """

    known: bool = False
    unit_name: str = ""
    unit_name_en: str = ""
    rules: ActionRules = ActionRules()
    internal: tuple[str, ...] = ()
    at_outlets: dict[str, tuple[str, ...]] = {}
    persons: tuple[str, ...] = ()
    places: dict[str, str] = {}


def standing(organisation: Organisation, rules: ActionRules, order: StandingOrder) -> Standing:
    """In the organisation as it is now."""
    unit = next((unit for unit in organisation.units if unit.id == order.unit), None)
    if unit is None:
        return Standing(rules=rules)
    insurers = {contact.person for insurer in organisation.insurers for contact in insurer.contacts}
    here = {person.id for person in organisation.persons if not person.left and person.id not in insurers}
    above, below = units_above(organisation, unit.id), units_below(organisation, unit.id)
    internal = [
        person
        for each in organisation.units
        if each.id in above
        for person in (*each.work_group, *each.leadership_group, *each.contacts)
    ]
    outlets = [outlet for outlet in organisation.outlets if outlet.superior in below]
    places = {each: each for each in (*below, *(outlet.id for outlet in outlets))}
    for each in organisation.units:
        if each.id in below:
            places |= dict.fromkeys((*each.work_group, *each.leadership_group, *each.contacts), each.id)
    places |= {person: outlet.id for outlet in outlets for person in (outlet.lead, *outlet.contacts)}
    asked = {*order.persons, *order.places}
    return Standing(
        known=True,
        unit_name=unit.name,
        unit_name_en=unit.name_en or unit.name,
        rules=rules,
        internal=tuple(dict.fromkeys(p for p in (*internal, *organisation.operators) if p in here)),
        at_outlets=_at_outlets(outlets, here, asked),
        persons=tuple(person for person in dict.fromkeys(order.persons) if person in here),
        places={name: place for name, place in places.items() if name in asked},
    )


def _at_outlets(outlets: Iterable[Outlet], here: set[str], asked: set[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for outlet in outlets:
        for person in (outlet.lead, *outlet.contacts):
            if person in here and (person in asked or outlet.id in asked):
                found[person] = (*found.get(person, ()), outlet.id)
    return found


def asks_for(unit: str, told: Iterable[ItemTold]) -> StandingOrder:
    """What must be looked up to judge these items."""
    persons: list[str] = []
    places: list[str] = []
    for each in told:
        persons.append(each.item.by)
        match each.item:
            case ActionOpened(owner=owner, outlet=outlet):
                persons.append(owner)
                places += [outlet] if outlet else []
            case TrainingHeld(who=place) | OutletScreened(outlet=place) | ReadinessConfirmed(outlet=place):
                places.append(place)
            case RoundAsked(held=held):
                places += held.outlets[:MOST_OUTLETS]
            case ActionDone():
                pass
            case _:
                assert_never(each.item)
    return StandingOrder(unit=unit, persons=tuple(dict.fromkeys(persons)), places=tuple(dict.fromkeys(places)))
