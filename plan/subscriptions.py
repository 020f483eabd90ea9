"""A subscription: which system is told of which incidents, where, and what its address may be (R29).

Readings: who subscribes is told no more than its key reaches, so units and insurer are taken from there. An address
begins with https://, or with http:// on this machine alone; it names no password and no fragment, its port is 443 or a
high one. Where the name leads is another matter, asked at every delivery: `forbidden`. Without a list of hosts that is
whatever is public, and this machine; with one, just what it names. Never: what hands out a machine's own secrets
(link-local addresses), multicast, the unspecified, and ways to write such an address as another one.
Errors: ValueError, which says what to write instead and repeats nothing.
"""

import re
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Annotated, Final

from pydantic import AfterValidator, Field, field_validator

from plan.events import TYPES, About
from plan.values import Inbound, Instant, Kept, Ref

LONGEST: Final = 2000
MOST: Final = 50
"""Subscriptions of one system that are in force."""
_PORT: Final = (
    "443|102[4-9]|10[3-9][0-9]|1[1-9][0-9]{2}|[2-9][0-9]{3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}"
    "|655[0-2][0-9]|6553[0-5]"
)
URL: Final = (
    r"^(https://([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])|http://(127\.0\.0\.1|localhost|\[::1\]))"
    rf'(:({_PORT}))?([/?][!"$-~]*)?$'
)
"""Plain on purpose: what two readers could take for two addresses is none."""
_METADATA: Final = frozenset({ip_address("100.100.100.200"), ip_address("fd00:ec2::254")})
"""Where clouds hand out a machine's secrets under addresses that are not link-local."""
_TRANSLATED: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("::/96"))
"""IPv4 addresses in the clothes of IPv6: a gateway would lead anywhere."""

Host = IPv4Address | IPv6Address


def checked_url(url: str) -> str:
    """An address that may be written down. Errors: ValueError."""
    if len(url) > LONGEST or not re.fullmatch(URL, url):
        raise ValueError(
            "is not an address that events are sent to; write https://HOST/PATH, port 443 or one from 1024 on, without "
            "a password or #; http:// only for a receiver on this machine (127.0.0.1)"
        )
    return url


def forbidden(host: str, address: str, hosts: Collection[str] = ()) -> str | None:
    """Why nothing is sent to this address of a host, None where it may be. `hosts` are names, `*.` names, networks."""
    where = ip_address(address.partition("%")[0])
    plain = _unwrapped(where)
    if plain is None or plain.is_link_local or plain.is_multicast or plain.is_unspecified or plain in _METADATA:
        return "it leads to an address that nothing is ever sent to"
    if hosts:
        return None if _listed(host.lower().rstrip("."), plain, hosts) else "TOCSIN_EVENT_HOSTS does not name it"
    if plain.is_loopback or plain.is_global:
        return None
    return "it leads into a private network; an operator names what may be reached there in TOCSIN_EVENT_HOSTS"


def _unwrapped(where: Host) -> Host | None:
    """The address that is meant; None where it is hidden in another one."""
    if isinstance(where, IPv4Address):
        return where
    if where.ipv4_mapped is not None:
        return where.ipv4_mapped
    hidden = where.sixtofour is not None or where.teredo is not None or where.is_site_local
    translated = any(where in network for network in _TRANSLATED) and not (where.is_loopback or where.is_unspecified)
    return None if hidden or translated else where


def _listed(host: str, where: Host, hosts: Collection[str]) -> bool:
    for each in hosts:
        if each.startswith("*."):
            if host.endswith(each[1:]):
                return True
        elif each == host or (_is_network(each) and where in ip_network(each)):
            return True
    return False


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def checked_host(text: str) -> str:
    """One of TOCSIN_EVENT_HOSTS. Errors: ValueError."""
    host = text.strip().lower()
    if _is_network(host) or re.fullmatch(r"(\*\.)?[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", host):
        return host
    raise ValueError("one of the hosts is neither a name nor a network")


EventType = Annotated[str, Field(max_length=80, json_schema_extra={"enum": [*TYPES]})]


class NewSubscription(Inbound):
    """What somebody asks for. No types are all; no units are all that the key reaches."""

    url: Annotated[
        str, AfterValidator(checked_url), Field(max_length=LONGEST, json_schema_extra={"pattern": URL, "format": "uri"})
    ]
    types: Annotated[tuple[EventType, ...], Field(max_length=len(TYPES))] = ()
    units: Annotated[tuple[Ref, ...], Field(max_length=100)] = ()

    @field_validator("types")
    @classmethod
    def _known(cls, types: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [each for each in types if each not in TYPES]:
            raise ValueError(f"{len(unknown)} of them are no types of events; docs/reference.md lists them")
        return tuple(dict.fromkeys(types))


class Subscription(Kept):
    """One that there is. `units`: with everything below each; none is the whole organisation.

    `paused_at`: nothing is sent until it is resumed, and nothing is forgotten. `ended_at`: for good.
    """

    id: str
    system: str
    url: str = Field(repr=False)
    types: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    insurer: str | None = None
    created_at: Instant
    paused_at: Instant | None = None
    ended_at: Instant | None = None
    why: str | None = None

    @property
    def in_force(self) -> bool:
        return self.ended_at is None

    def concerns(self, about: About) -> bool:
        """Whether this incident is within it, as it stands now."""
        mine = self.insurer is None or self.insurer in about.insurers
        return mine and (not self.units or any(unit in about.units for unit in self.units))

    def may_concern(self, units: Collection[str], insurers: Collection[str]) -> bool:
        """The same of what is known of an incident so far; who is not known yet may be anybody."""
        mine = self.insurer is None or not insurers or self.insurer in insurers
        return mine and (not self.units or not units or any(unit in units for unit in self.units))
