"""What is wrong with the ways persons are reached, every fault at once (R14, R22, R29, R40, R42, R43).

A chat is read by many: it says who reads it, the same to everybody, and insurers read no chat of Post and Bank. Its
robot's address is a secret, so that the file names the environment variable that holds it; only a simulator on this
machine may stand here itself. And a chat wakes nobody at three: whoever must come, or report within the hour, has
another way too. Police and regulators are nobody's way at all. A fault repeats no address. Errors: none.
"""

import re
from collections.abc import Iterator
from typing import Final

from plan.channels import MANNERS, is_group
from plan.fault import Fault
from plan.organisation import Address, Audience, Organisation

Path = tuple[str | int, ...]
NEEDS_NONE: Final = frozenset({"outbox"})
"""Channels without an address."""

_SECRET = re.compile(
    r"(?:\b|_)(?:key|token|secret|sign|signature|password|passwd|pwd)=|/hook/[^/\s]+|://[^/\s@]*:[^/\s@]*@|^SEC[0-9a-f]{16}",
    re.IGNORECASE,
)
_LOOPBACK = re.compile(
    r"https?://(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?(?:[/?#]|$)", re.IGNORECASE
)
_FORMATS: Final = {
    "smtp": (
        re.compile(r"[!#-'*+/-9=?A-Z^-~-]+(?:\.[!#-'*+/-9=?A-Z^-~-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*"),
        "one plain mail address; write it like duty@example.cn",
    ),
    "sms": (
        re.compile(r"(?:\+?86|0086)?1[3-9][0-9]{9}|\+[1-9][0-9]{6,14}"),
        "a mobile number; write its eleven digits, or + and the country's code in front",
    ),
    "voice": (re.compile(r"\+?[0-9]{3,20}"), "a telephone number; write its digits, a landline's with its area code"),
    "webhook": (re.compile(r"https?://[^\s/?#]+\S*"), "an address of the web; write it like https://example.cn/tocsin"),
}
"""How a written address looks, where it is no chat's; a number may be grouped."""
_GROUPING = re.compile(r"[ ()-]")
_AUTHORITIES: Final = frozenset({"110", "112", "119", "120", "122", "12337", "12345", "12363", "12378"})
"""Police, fire, ambulance and the authorities' hotlines: people ring them, never the software."""
_MOBILE = re.compile(r"(?:\+?86[ -]?)?1[3-9][0-9]{9}")
_MENTIONS: Final = {
    "wecom": (re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}"), True),
    "dingtalk": (re.compile(r"[A-Za-z0-9$_.:+/=-]{1,100}"), False),
    "feishu": (re.compile(r"[A-Za-z0-9_-]{1,100}"), False),
}
"""The ids by which each service knows a person, and whether a mobile number is one: others show it to the chat."""


def address_faults(organisation: Organisation) -> list[Fault]:
    """Every fault of every way, and of persons whom no way wakes."""
    theirs = _insurers_people(organisation)
    read_along = {_to(a) for p in organisation.persons if p.id in theirs for a in p.channels if _shared(a)}
    authorities = _AUTHORITIES | {_GROUPING.sub("", o.police_station.phone) for o in organisation.outlets}
    said: dict[tuple[str, str, str | None], Audience] = {}
    found: list[Fault] = []
    for n, person in enumerate(organisation.persons):
        for place, address in enumerate(person.channels):
            path = ("persons", n, "channels", place)
            found += _written(path, person.id, address)
            found += _authority(path, person.id, address, authorities)
            found += _mention(path, person.id, address)
            found += _audience(path, person.id, address, insurers=person.id in theirs)
            if address.audience is Audience.INTERNAL and person.id not in theirs and _to(address) in read_along:
                found += _read_along(path, person.id)
            elif _shared(address) and is_group(address.channel):
                first = said.setdefault(_to(address), address.audience)
                found += _two_audiences(path, first, address) if first is not address.audience else []
    return [*found, *_asleep(organisation)]


def _to(address: Address) -> tuple[str, str, str | None]:
    return address.channel, address.to, address.to_env


def _shared(address: Address) -> bool:
    return bool(address.to or address.to_env)


def _written(path: Path, person: str, address: Address) -> Iterator[Fault]:
    """Its channel, and one address in one place, as that channel has it, and no secret."""
    channel = address.channel
    if channel not in MANNERS:
        yield Fault((*path, "channel"), f"{channel} is not a channel; write one of {', '.join(MANNERS)}")
    elif not _shared(address) and channel not in NEEDS_NONE:
        what = f"{person} has no address for {channel}"
        yield Fault(path, f"{what}; write it in to, or name in to_env the environment variable that holds it", "R28")
    if address.to and address.to_env:
        yield Fault((*path, "to_env"), f"an address of {person} stands in to and in to_env; keep one of them")
    if address.to_env is not None and address.to_env == address.secret_env:
        yield Fault((*path, "secret_env"), f"names the address of {person} a second time; name the secret's variable")
    if address.to and not _on_this_machine(address.to):
        yield from _secret_or_misspelt((*path, "to"), person, address)


def _secret_or_misspelt(path: Path, person: str, address: Address) -> Iterator[Fault]:
    if is_group(address.channel):
        what = "a robot's address is a secret: whoever has it can speak in the chat"
        yield Fault(path, f"{what}; put it into an environment variable and name that in to_env", "R29")
    elif _SECRET.search(address.to):
        what = f"an address of {person} holds a secret; take it out, put it into an environment variable and name that"
        yield Fault(path, f"{what} in {'secret_env' if address.to.startswith('SEC') else 'to_env'}", "R29")
    elif address.channel in _FORMATS and not _FORMATS[address.channel][0].fullmatch(_plain(address)):
        yield Fault(path, f"an address of {person} is not {_FORMATS[address.channel][1]}", "R28")


def _plain(address: Address) -> str:
    return _GROUPING.sub("", address.to) if address.channel in ("sms", "voice") else address.to


def _authority(path: Path, person: str, address: Address, authorities: frozenset[str]) -> Iterator[Fault]:
    if address.channel in ("sms", "voice") and _plain(address) in authorities:
        what = f"an address of {person} is an authority's, and authorities are spoken to by people"
        yield Fault((*path, "to"), f"{what}; write the person's own number", "R41")


def _on_this_machine(to: str) -> bool:
    """A simulator's: nobody else reaches it."""
    return _LOOPBACK.match(to) is not None


def _mention(path: Path, person: str, address: Address) -> Iterator[Fault]:
    if address.mention is None:
        return
    at = (*path, "mention")
    if address.channel not in _MENTIONS:
        if address.channel in MANNERS:
            yield Fault(at, f"{address.channel} is no chat, and nobody is mentioned there; take it out")
        return
    known, by_number = _MENTIONS[address.channel]
    everybody = address.mention.lower().lstrip("@") in ("all", "everyone")
    number = _MOBILE.fullmatch(address.mention) is not None
    if everybody or (number and not by_number) or not (number or known.fullmatch(address.mention)):
        or_number = ", or a mobile number" if by_number else ", no telephone number"
        yield Fault(at, f"is no id by which {address.channel} knows {person}; write their user id{or_number}", "R29")


def _audience(path: Path, person: str, address: Address, *, insurers: bool) -> Iterator[Fault]:
    at = (*path, "audience")
    if is_group(address.channel) and address.audience is Audience.PERSONAL:
        what = f"{address.channel} writes into a chat, and a chat is read by many"
        yield Fault(at, f"{what}; write internal, or tripartite where an insurer reads along", "R29")
    if insurers and address.audience is Audience.INTERNAL:
        what = f"{person} is an insurer's, and internal is for Post and Bank alone"
        yield Fault(at, f"{what}; write tripartite, or personal for a way of their own", "R29")


def _read_along(path: Path, person: str) -> list[Fault]:
    what = f"an insurer's person is reached by the same address as {person}"
    return [Fault((*path, "audience"), f"{what}; write tripartite, or use a chat of Post and Bank alone", "R29")]


def _two_audiences(path: Path, first: Audience, address: Address) -> list[Fault]:
    what = f"the same chat is {first} for one person and {address.audience} for another"
    return [Fault((*path, "audience"), f"{what}; write for both who really reads it", "R29")]


def _asleep(organisation: Organisation) -> Iterator[Fault]:
    """Who must come or report, and is reached by chats alone."""
    needed = _needed(organisation)
    for n, person in enumerate(organisation.persons):
        why = needed.get(person.id)
        if why and not person.left and all(is_group(address.channel) for address in person.channels):
            what = f"{person.id} {why[0]} and is reached by chats alone, which wake nobody"
            yield Fault(("persons", n, "channels"), f"{what}; add voice, sms or another way of their own", why[1])


def _needed(organisation: Organisation) -> dict[str, tuple[str, str]]:
    """Why somebody must be woken, and the rule; the heads of work groups, for the deputy is told when they are away."""
    units = organisation.units
    return {
        **dict.fromkeys(_insurers_people(organisation), ("is to come to the scene", "R22")),
        **{person: ("is to command at the scene", "R42") for unit in units for person in unit.leadership_group},
        **{person: ("is to go to the scene", "R40") for unit in units for person in unit.work_group[:1]},
        **{outlet.lead: ("is to report within the hour", "R43") for outlet in organisation.outlets},
    }


def _insurers_people(organisation: Organisation) -> set[str]:
    return {contact.person for insurer in organisation.insurers for contact in insurer.contacts}
