"""An organisation whose people are reached over simulated channels (`tocsin up --simulate`, R28, R29).

Each unit has one chat for its own people and those of the outlets right below it; each insurer one with a city it
answers for, that both sides and the insurer read. Whoever leads a group or works for an insurer's headquarters is no
reader of a chat and is told in person first. A robot's address and secret stand in environment variables; everybody
has a mobile number and a mail box of their own. Errors: none.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from plan.organisation import Address, Audience, Level, Organisation, Person, Unit

SERVICES: Final = MappingProxyType(
    {Level.HQ: "feishu", Level.PROVINCE: "feishu", Level.CITY: "dingtalk", Level.COUNTY: "wecom"}
)
"""Which service a unit's own chat is in, so that all three are seen."""
SHARED: Final = "wecom"
"""The service of the chats with insurers."""
DOMAIN: Final = "simulated.example"
DESK: Final = "desk"
DESK_VARIABLE: Final = "SIMULATED_DESK"
"""The receiver of the operators' webhooks."""


@dataclass(frozen=True)
class Chat:
    """A chat with its robot, and the persons in it by id."""

    channel: str
    id: str
    title: str
    audience: Audience
    people: dict[str, str] = field(default_factory=dict[str, str])
    """What each of them is there."""

    @property
    def variable(self) -> str:
        """The environment variable that holds the robot's address; `…_SECRET` holds its secret."""
        return f"SIMULATED_{self.channel}_{self.id}".upper().replace("-", "_")


@dataclass(frozen=True)
class Simulated:
    organisation: Organisation
    chats: tuple[Chat, ...]


def simulated(organisation: Organisation) -> Simulated:
    """The same people and places, other ways. Its version says what it was made of, and changes with it."""
    own = {unit.id: _own_chat(unit, organisation) for unit in organisation.units}
    shared = dict(_shared_chats(organisation))
    chats = {person: chat for chat in (*shared.values(), *own.values()) for person in chat.people}
    in_person = {person for unit in organisation.units for person in unit.leadership_group}
    persons = tuple(
        person.model_copy(update={"channels": _ways(person, organisation, chats.get(person.id), in_person)})
        for person in organisation.persons
    )
    made = organisation.model_copy(update={"persons": persons})
    digest = hashlib.sha256(made.model_dump_json().encode()).hexdigest()[:8]
    version = f"{organisation.version[:40]}-simulated-{digest}"
    return Simulated(made.model_copy(update={"version": version}), (*own.values(), *shared.values()))


def mention_of(channel: str, person: str) -> str:
    """The id by which the service knows somebody."""
    return f"ou_{hashlib.sha256(person.encode()).hexdigest()[:32]}" if channel == "feishu" else person


def _own_chat(unit: Unit, organisation: Organisation) -> Chat:
    people = dict(_named((unit.work_group, "工作组"), (unit.leadership_group, "领导小组"), (unit.contacts, "联系人")))
    for outlet in organisation.outlets:
        if outlet.superior == unit.id:
            people |= _named(((outlet.lead,), f"{outlet.name}负责人"), (outlet.contacts, f"{outlet.name}联系人"))
    return Chat(SERVICES[unit.level], unit.id, f"{unit.name}内部值班群", Audience.INTERNAL, people)


def _shared_chats(organisation: Organisation) -> Iterator[tuple[str, Chat]]:
    """By the insurer's person; a chat for the levels above would be read by too many."""
    units = {unit.id: unit for unit in organisation.units}
    for insurer in organisation.insurers:
        for contact in insurer.contacts:
            unit = units.get(contact.unit)
            if unit is None or unit.level in (Level.HQ, Level.PROVINCE):
                continue
            people = dict(_named(((contact.person,), insurer.name), (unit.work_group, f"{unit.name}工作组")))
            title = f"{unit.name}·{insurer.name} 三方沟通群"
            yield contact.person, Chat(SHARED, f"{unit.id}-{insurer.id}", title, Audience.TRIPARTITE, people)


def _named(*groups: tuple[Iterable[str], str]) -> dict[str, str]:
    return {person: role for people, role in groups for person in people}


def _ways(
    person: Person, organisation: Organisation, chat: Chat | None, in_person: Iterable[str]
) -> tuple[Address, ...]:
    """In order of preference; a call last but one, for it wakes people."""
    if person.id in organisation.operators:
        first = [Address(channel="webhook", to_env=DESK_VARIABLE, secret_env=f"{DESK_VARIABLE}_SECRET")]
    else:
        first = [_in_chat(chat, person)] if chat else []
    phone = person.duty_phone
    rest = [Address(channel="sms", to=phone), Address(channel="voice", to=phone)] if phone else []
    rest.append(Address(channel="smtp", to=mail_box(person)))
    return tuple([*rest[:1], *first, *rest[1:]] if person.id in in_person else [*first, *rest])


def _in_chat(chat: Chat, person: Person) -> Address:
    return Address(
        channel=chat.channel,
        to_env=chat.variable,
        secret_env=None if chat.channel == "wecom" else f"{chat.variable}_SECRET",
        mention=mention_of(chat.channel, person.id),
        audience=chat.audience,
    )


def mail_box(person: Person) -> str:
    return f"{person.id}@{DOMAIN}"


def inboxes(made: Simulated) -> list[Mapping[str, object]]:
    """What the simulators open: each chat with who is in it, each phone and mail box with its owner, the receiver."""
    people = {person.id: person for person in made.organisation.persons}
    opened: list[Mapping[str, object]] = [
        {
            "kind": chat.channel,
            "id": chat.id,
            "title": chat.title,
            "audience": chat.audience,
            "people": [
                {"name": people[who].name, "role": role, "mentions": [mention_of(chat.channel, who)]}
                for who, role in chat.people.items()
                if who in people
            ],
        }
        for chat in made.chats
    ]
    opened.append({"kind": "webhook", "id": DESK, "title": "值班台", "audience": "personal"})
    for person in people.values():
        if person.duty_phone:
            opened += [_of(person, kind, person.duty_phone) for kind in ("sms", "voice")]
        opened.append(_of(person, "smtp", mail_box(person)))
    return opened


def _of(person: Person, kind: str, to: str) -> Mapping[str, object]:
    return {"kind": kind, "id": to, "title": f"{person.name} {person.id}", "audience": "personal"}
