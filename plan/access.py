"""Who may do what over HTTP: one pure function decides (R29, R57.6; contract, section 9).

A system has the scopes and the units that its key was given; a person those that the organisation gives. What is not
given is not allowed. What of an incident somebody sees is another matter: `visibility.py`, by the seat.
Readings: an insurer's people and keys reach their own insurer's incidents alone, below the units they stand for; a
person may state facts for themself alone, and nobody but the insurer's own people and keys for an insurer's people
(R20). What the organisation does not know is headquarters' business. Whoever left is nobody.
Errors: none; a "no" is a value.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from plan.organisation import Organisation
from plan.receipts import Refusal
from plan.roster import Role
from plan.values import Kept


class Scope(StrEnum):
    """What a caller may do, within its units."""

    FILE = "file"
    """File complaints, one or many."""
    TELL = "tell"
    """State facts for itself."""
    SPEAK = "speak"
    """State facts for persons of its units: a system through which they act."""
    READ = "read"
    """List and see incidents and their timelines, as masked as its seat sees them."""
    RECORD = "record"
    """Read whole records, whatever the seat: for those who check them."""
    FIGURES = "figures"
    EVENTS = "events"
    """Subscribe to changes of state."""


class Grant(Kept):
    """What somebody was given: scopes, within these units or outlets, each with everything below it.

    `insurer`: of the incidents there only those of this one. `everywhere`: also what stands below no unit.
    """

    scopes: frozenset[Scope] = frozenset()
    units: tuple[str, ...] = ()
    insurer: str | None = None
    everywhere: bool = False


class Caller(Grant):
    """Somebody who proved who they are, with what they were given.

    `also` are further grants, each by itself: who is an outlet's lead and an insurer's contact has two.
    """

    id: str
    also: tuple[Grant, ...] = ()

    @property
    def is_system(self) -> bool:
        return self.id.startswith("system:")

    @property
    def grants(self) -> tuple[Grant, ...]:
        return (self, *self.also)


class Place(Kept):
    """Where something is: the outlet, the units above it, nearest first, and the insurers that it concerns.

    `known` is False where the organisation does not know the outlet or the unit; the top unit stands for it then.
    """

    outlet: str | None = None
    units: tuple[str, ...] = ()
    insurers: tuple[str, ...] = ()
    known: bool = True


_INTERNAL = frozenset({Scope.FILE, Scope.TELL, Scope.READ, Scope.RECORD, Scope.FIGURES})
_PARTY = frozenset({Scope.FILE, Scope.TELL, Scope.READ})
OF_A_ROLE: Mapping[Role, frozenset[Scope]] = {
    Role.OUTLET_LEAD: _PARTY,
    Role.OUTLET_CONTACT: _PARTY,
    Role.WORK_GROUP: _INTERNAL,
    Role.LEADERSHIP_GROUP: _INTERNAL,
    Role.UNIT_CONTACT: _INTERNAL,
    Role.INSURER: _PARTY,
    Role.OPERATOR: _INTERNAL | {Scope.EVENTS},
    Role.SYSTEM: frozenset(),
}
"""What a person may do for being this. A whole record holds what only the internal seats see."""


def allowed(caller: Caller, scope: Scope, place: Place) -> Refusal | None:
    """None where one of the caller's grants covers it; else why not."""
    with_scope = [grant for grant in caller.grants if scope in grant.scopes]
    if not with_scope:
        return _no_scope(caller, scope)
    return None if any(_reaches(grant, place) for grant in with_scope) else _not_there(caller)


def allowed_somewhere(caller: Caller, scope: Scope) -> Refusal | None:
    """None where the caller may do it somewhere: for a list, of which each line is judged by itself."""
    somewhere = any(scope in g.scopes and (g.units or g.everywhere) for g in caller.grants)
    return None if somewhere else _no_scope(caller, scope)


def caller_of(organisation: Organisation, person_id: str) -> Caller | None:
    """A person with what the organisation gives; None for whoever is not in it, or left."""
    if not any(person.id == person_id and not person.left for person in organisation.persons):
        return None
    first, *also = (*_grants(organisation, person_id),) or (Grant(),)
    return Caller(
        id=person_id,
        scopes=first.scopes,
        units=first.units,
        insurer=first.insurer,
        everywhere=first.everywhere,
        also=tuple(also),
    )


def place_in(
    organisation: Organisation, *, outlet: str | None = None, unit: str | None = None, insurers: tuple[str, ...] = ()
) -> Place:
    """Where an outlet or a unit stands. Where nothing is named it is the whole: the top unit."""
    place = next((each for each in organisation.outlets if each.id == outlet), None) if outlet else None
    units = _upwards(organisation, place.superior if place else unit)
    tops = tuple(each.id for each in organisation.units if each.superior is None)
    return Place(
        outlet=place.id if place else None,
        units=units or tops,
        insurers=insurers,
        known=bool(units) or not (outlet or unit),
    )


def may_speak_for(caller: Caller, person_id: str, organisation: Organisation) -> bool:
    """Whether the caller may state a fact `by` this person, or by this system."""
    if person_id == caller.id:
        return any(Scope.TELL in grant.scopes for grant in caller.grants)
    speaker = caller_of(organisation, person_id) if caller.is_system else None
    theirs = [grant for grant in speaker.grants if grant.scopes] if speaker else []
    mine = [grant for grant in caller.grants if Scope.SPEAK in grant.scopes]
    return bool(theirs) and all(any(_covers(organisation, own, each) for own in mine) for each in theirs)


def _reaches(grant: Grant, place: Place) -> bool:
    if grant.everywhere:
        return True
    if grant.insurer is not None and (not place.known or grant.insurer not in place.insurers):
        return False
    return any(unit in (place.outlet, *place.units) for unit in grant.units)


def _covers(organisation: Organisation, own: Grant, theirs: Grant) -> bool:
    """All of a person's grant lies within a key's: the same insurer or none, every unit below one of its own."""
    if theirs.everywhere or theirs.insurer != own.insurer:
        return False
    above = [_with_what_is_above(organisation, each) for each in theirs.units]
    return bool(above) and all(any(unit in own.units for unit in path) for path in above)


def _upwards(organisation: Organisation, lowest: str | None) -> tuple[str, ...]:
    """A unit and those above it, nearest first; empty where there is no such unit."""
    superior = {unit.id: unit.superior for unit in organisation.units}
    path: list[str] = []
    while lowest in superior and lowest not in path:
        path.append(lowest)
        lowest = superior[lowest]
    return tuple(path)


def _with_what_is_above(organisation: Organisation, place: str) -> tuple[str, ...]:
    """A unit or an outlet, and the units above it."""
    is_outlet = any(outlet.id == place for outlet in organisation.outlets)
    found = place_in(organisation, outlet=place) if is_outlet else place_in(organisation, unit=place)
    return (place, *found.units) if found.known else ()


def _grants(organisation: Organisation, person: str) -> Iterator[Grant]:
    """What the organisation gives, one grant for each role that the person has."""
    if person in organisation.operators:
        yield Grant(scopes=OF_A_ROLE[Role.OPERATOR], everywhere=True)
    units = {
        Role.WORK_GROUP: [unit.id for unit in organisation.units if person in unit.work_group],
        Role.LEADERSHIP_GROUP: [unit.id for unit in organisation.units if person in unit.leadership_group],
        Role.UNIT_CONTACT: [unit.id for unit in organisation.units if person in unit.contacts],
        Role.OUTLET_LEAD: [outlet.id for outlet in organisation.outlets if person == outlet.lead],
        Role.OUTLET_CONTACT: [outlet.id for outlet in organisation.outlets if person in outlet.contacts],
    }
    for role, where in units.items():
        if where:
            yield Grant(scopes=OF_A_ROLE[role], units=tuple(where))
    for insurer in organisation.insurers:
        if where := [contact.unit for contact in insurer.contacts if contact.person == person]:
            yield Grant(scopes=OF_A_ROLE[Role.INSURER], units=tuple(where), insurer=insurer.id)


def _no_scope(caller: Caller, scope: Scope) -> Refusal:
    if caller.is_system:
        return Refusal(
            rule="R29",
            reason=f"The key of {caller.id} does not have the scope `{scope}`. Ask the operator for a key that has it.",
            reason_zh=f"{caller.id} 的密钥没有权限 {scope}。请向系统管理员申请。",
        )
    return Refusal(
        rule="R29",
        reason=f"In the organisation {caller.id} is nobody who may do this (`{scope}`). Ask the operator.",
        reason_zh=f"按机构资料，{caller.id} 没有此项权限（{scope}）。请联系系统管理员。",
    )


def _not_there(caller: Caller) -> Refusal:
    return Refusal(
        rule="R29",
        reason=f"Outside of what {caller.id} answers for: another unit's, or another insurer's. Ask the operator.",
        reason_zh=f"这不在 {caller.id} 的管辖范围内：属于其他机构或其他保险公司。请联系系统管理员。",
    )
