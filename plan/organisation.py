"""The organisation as its file says it (contract, section 7; R3-R5, R28): units, outlets, insurers, persons, systems.

Ids are strings. Nothing here is resolved or judged: `organisation_faults.py` finds what is wrong with a whole
organisation, `roster.py` says who answers for one incident. Names and phones never leave for logs or group chats.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from plan.values import Flag, Inbound, Instant, Label, Plain, Ref

Name = Annotated[str, Field(min_length=1, max_length=200), Plain]
Phone = Annotated[str, Field(pattern=r"^[0-9+()\- ]{3,30}$")]


class Level(StrEnum):
    """Levels from the top down (R3); an outlet stands below any of them (A15)."""

    HQ = "hq"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


class Side(StrEnum):
    POST = "post"
    BANK = "bank"


class Audience(StrEnum):
    """Who reads a channel: one person, the two distributing sides, or all three parties (R29)."""

    PERSONAL = "personal"
    INTERNAL = "internal"
    TRIPARTITE = "tripartite"


class Address(Inbound):
    """One way to reach a person, in order of preference. A secret is named, never written.

    `to` is the address, or `to_env` the environment variable that holds it (a robot's address is a secret itself).
    `mention` is the id by which the chat service knows the person (for WeCom also a mobile number).
    """

    channel: Ref
    to: Annotated[str, Field(max_length=500), Plain] = ""
    to_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] | None = None
    secret_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] | None = None
    mention: Annotated[str, Field(max_length=100), Plain] | None = None
    audience: Audience = Audience.PERSONAL


class Person(Inbound):
    id: Ref
    name: Name
    side: Side | None = None
    duty_phone: Phone | None = None
    left: Flag = False
    absent_until: Instant | None = None
    lang: Annotated[str, Field(pattern=r"^(zh|en)$")] = "zh"
    channels: Annotated[tuple[Address, ...], Field(min_length=1, max_length=10)]


class Unit(Inbound):
    """A unit between headquarters and the outlets, with its joint groups, head first, then the deputy."""

    id: Ref
    name: Name
    name_en: Name | None = None
    level: Level
    superior: Ref | None = None
    work_group: tuple[Ref, ...] = ()
    leadership_group: tuple[Ref, ...] = ()
    contacts: tuple[Ref, ...] = ()


class PoliceStation(Inbound):
    name: Name
    phone: Phone


class Outlet(Inbound):
    id: Ref
    name: Name
    name_en: Name | None = None
    superior: Ref
    side: Side
    lead: Ref
    contacts: tuple[Ref, ...] = ()
    address: Name
    police_station: PoliceStation


class InsurerContact(Inbound):
    """The insurer's responsible person for a unit and everything below it (or for one outlet)."""

    unit: Ref
    person: Ref


class Insurer(Inbound):
    id: Ref
    name: Name
    name_en: Name | None = None
    contacts: tuple[InsurerContact, ...] = ()


class System(Inbound):
    """A system that files complaints or states facts, with the kinds it may say (contract, section 4)."""

    id: Annotated[str, Field(pattern=r"^system:[a-z0-9-]{1,40}$")]
    kinds: tuple[str, ...] = ()


class Organisation(Inbound):
    version: Label
    units: tuple[Unit, ...]
    outlets: tuple[Outlet, ...]
    insurers: tuple[Insurer, ...] = ()
    persons: tuple[Person, ...]
    operators: Annotated[tuple[Ref, ...], Field(min_length=1)] = ("operator",)
    systems: tuple[System, ...] = ()
