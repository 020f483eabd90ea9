"""A notice that belongs to no incident (R10, R11, R13, R30, R32): one duty, told to an audience, way after way.

Whom it goes to is resolved in the organisation as it is then; the words are the wording's, as everywhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, assert_never

from plan.organisation import Insurer, Organisation, Outlet, Person, Unit
from plan.roster import Role, Way
from plan.values import Flag, Instant, Kept
from plan.watchdog import Looked

WORDS: Final[Mapping[str, frozenset[str]]] = {
    "tell.alert": frozenset({"insurer", "due"}),
    "tell.alert_over": frozenset({"insurer"}),
    "tell.watchdog": frozenset({"number", "state"}),
    "tell.drill_scene": frozenset({"incident", "outlet", "seen"}),
    "tell.drill_over": frozenset({"incident", "outlet"}),
    "tell.meeting": frozenset(
        {"unit", "due", "since", "new", "open", "overdue", "crises", "breaches", "undelivered", "actions", "waiting"}
    ),
    "prompt.screening": frozenset({"unit", "due", "outlets", "watched", "points"}),
    "prompt.training": frozenset({"unit", "due", "outlets", "lacking"}),
    "prompt.readiness": frozenset({"unit", "due", "outlets", "number"}),
    "prompt.action": frozenset({"unit", "due", "action"}),
    "warn.action": frozenset({"unit", "due", "left", "action"}),
    "breach.action": frozenset({"unit", "due", "late", "action"}),
    "breach.round": frozenset({"unit", "due", "late", "state", "lacking"}),
}
"""The duties that belong to no incident, and the words their texts may use beside `recipient_unit`."""


class Audience(StrEnum):
    """Groups of people outside an incident. `unit`, `insurer` and `person` of the selector say which."""

    OUTLETS = "outlets"
    """The lead of every outlet below the unit."""
    WORK_GROUP = "work_group"
    LEADERSHIP_GROUP = "leadership_group"
    CONTACTS = "contacts"
    INSURER = "insurer"
    """The insurer's contact for the unit, else for the nearest above it; without an insurer, of every insurer."""
    OPERATOR = "operator"
    PERSON = "person"
    """One person, in whatever he or she is."""


class To(Kept):
    """One group of people."""

    who: Audience
    unit: str | None = None
    insurer: str | None = None
    person: str | None = None


class Listener(Kept):
    """One person to be told, with the ways in order, and whom he or she stands for."""

    person: str
    role: Role
    unit: str = ""
    unit_name: str = ""
    unit_name_en: str = ""
    ways: tuple[Way, ...] = ()


class AudienceOrder(Kept):
    """Resolve who is meant; `now` decides who is away. `insurer` is one the text names."""

    reference: str
    to: tuple[To, ...]
    now: Instant
    insurer: str | None = None


class AudienceAnswer(Kept):
    """`words` are the names that the order asked for."""

    listeners: tuple[Listener, ...]
    words: dict[str, str] = {}


class Bulletin(Kept):
    """What is told. `reference` is its id; `words` the values of its text (`plan.wording.PLACEHOLDERS`).

    `insurer` is one the text names. `confidential` skips chats that insurers read; `urgent` overtakes what is not.
    """

    reference: str
    duty: str
    rule: str
    to: tuple[To, ...]
    words: dict[str, str] = {}
    insurer: str | None = None
    due_at: Instant | None = None
    drill: Flag = False
    confidential: Flag = False
    urgent: Flag = False


def about_trouble(looked: Looked) -> dict[str, str]:
    """The words of a watchdog's notice: how many, and of which kinds."""
    number = sum(len(found.ids) for found in looked.findings)
    return {"number": str(number), "state": ",".join(found.trouble for found in looked.findings)}


def named(organisation: Organisation, insurer: str | None) -> dict[str, str]:
    """The words for an insurer; its id where the organisation does not know it."""
    if insurer is None:
        return {}
    known = next((one for one in organisation.insurers if one.id == insurer), None)
    name, english = (known.name, known.name_en or known.name) if known else (insurer, insurer)
    return {"insurer": name, "insurer_en": english}


def listeners(organisation: Organisation, to: Iterable[To], now: datetime) -> tuple[Listener, ...]:
    """Everybody meant, each once, in the order asked for; nobody who has left, the deputy for who is away."""
    found: dict[str, Listener] = {}
    persons = {person.id: person for person in organisation.persons}
    for group in to:
        for place, role, ids in _groups(organisation, group):
            for person in _answering([persons[one] for one in ids if one in persons], role, now):
                found.setdefault(person.id, _listener(person, role, place))
    return tuple(found.values())


Place = Unit | Outlet | Insurer | None


def _groups(organisation: Organisation, to: To) -> list[tuple[Place, Role, Sequence[str]]]:
    unit = next((unit for unit in organisation.units if unit.id == to.unit), None)
    match to.who:
        case Audience.OUTLETS:
            below = _below(organisation, to.unit)
            outlets = [outlet for outlet in organisation.outlets if outlet.superior in below or outlet.id == to.unit]
            return [(outlet, Role.OUTLET_LEAD, (outlet.lead, *outlet.contacts)) for outlet in outlets]
        case Audience.WORK_GROUP:
            return [(unit, Role.WORK_GROUP, unit.work_group)] if unit else []
        case Audience.LEADERSHIP_GROUP:
            return [(unit, Role.LEADERSHIP_GROUP, unit.leadership_group)] if unit else []
        case Audience.CONTACTS:
            return [(unit, Role.UNIT_CONTACT, unit.contacts)] if unit else []
        case Audience.INSURER:
            chain = _chain(organisation, to.unit)
            insurers = [one for one in organisation.insurers if to.insurer in (None, one.id)]
            return [(one, Role.INSURER, _contacts(one, chain)) for one in insurers]
        case Audience.OPERATOR:
            return [(None, Role.OPERATOR, organisation.operators)]
        case Audience.PERSON:
            return [(*_what_is(organisation, to.person), [to.person])] if to.person else []
        case _:
            assert_never(to.who)


def _what_is(organisation: Organisation, person: str) -> tuple[Place, Role]:
    """What a person answers for first: an outlet, a unit, an insurer; else an operator."""
    for outlet in organisation.outlets:
        if person in (outlet.lead, *outlet.contacts):
            return outlet, Role.OUTLET_LEAD if person == outlet.lead else Role.OUTLET_CONTACT
    for unit in organisation.units:
        groups = ((Role.WORK_GROUP, unit.work_group), (Role.LEADERSHIP_GROUP, unit.leadership_group))
        for role, people in (*groups, (Role.UNIT_CONTACT, unit.contacts)):
            if person in people:
                return unit, role
    for insurer in organisation.insurers:
        if any(contact.person == person for contact in insurer.contacts):
            return insurer, Role.INSURER
    return None, Role.OPERATOR


def _answering(people: list[Person], role: Role, now: datetime) -> list[Person]:
    """All of a leadership group, the first who answers of any other."""
    here = [person for person in people if not person.left]
    awake = [person for person in here if person.absent_until is None or person.absent_until <= now] or here
    return awake if role is Role.LEADERSHIP_GROUP else awake[:1]


def _contacts(insurer: Insurer, chain: list[str]) -> list[str]:
    """Nearest first."""
    return [contact.person for place in chain for contact in insurer.contacts if contact.unit == place]


def _chain(organisation: Organisation, lowest: str | None) -> list[str]:
    above: dict[str, str | None] = {unit.id: unit.superior for unit in organisation.units}
    above |= {outlet.id: outlet.superior for outlet in organisation.outlets}
    chain: list[str] = []
    while lowest is not None and lowest in above and lowest not in chain:
        chain.append(lowest)
        lowest = above[lowest]
    return chain


def _below(organisation: Organisation, top: str | None) -> list[str]:
    """The unit and every unit below it; all of them where none is named."""
    return [unit.id for unit in organisation.units if top is None or top in _chain(organisation, unit.id)]


def _listener(person: Person, role: Role, place: Place) -> Listener:
    return Listener(
        person=person.id,
        role=role,
        unit=place.id if place else "",
        unit_name=place.name if place else "",
        unit_name_en=(place.name_en or place.name) if place else "",
        ways=tuple(Way(channel=address.channel, audience=address.audience) for address in person.channels),
    )
