"""Whom an outlet calls, nearest first: its superior's work group, the insurers' contacts, the police (R27, R28, R41).

People who have left are not named; who is absent is, marked so. Errors: `Malformed` for an outlet that nobody knows.
"""

from difflib import get_close_matches

from plan.errors import Malformed
from plan.organisation import Organisation, Outlet
from plan.roster import Answerer, Role, Roster, roster
from plan.values import Instant, Kept


class Contact(Kept):
    """One person and a number to dial."""

    person: str
    name: str
    role: Role
    unit: str
    insurer: str | None = None
    phone: str | None = None
    absent_until: Instant | None = None


class Contacts(Kept):
    """Everybody an outlet calls, in the order it would."""

    outlet: str
    outlet_name: str
    address: str
    superior: str | None
    superior_name: str | None
    superiors: tuple[Contact, ...]
    insurers: tuple[Contact, ...]
    police_station: str
    police_phone: str
    emergency_phone: str = "110"
    organisation_version: str


def contacts_of(organisation: Organisation, outlet: str) -> Contacts:
    """The contacts of one outlet."""
    place = _outlet(organisation, outlet)
    insurers = tuple(insurer.id for insurer in organisation.insurers)
    answering = roster(organisation, outlet=outlet, unit=None, insurers=insurers)
    superior = answering.superior
    above = [who for who in answering.people if superior and who.unit == superior.id]
    return Contacts(
        outlet=place.id,
        outlet_name=place.name,
        address=place.address,
        superior=superior.id if superior else None,
        superior_name=superior.name if superior else None,
        superiors=_contacts(organisation, [who for who in above if who.role in (Role.WORK_GROUP, Role.UNIT_CONTACT)]),
        insurers=_contacts(organisation, _nearest(answering, insurers)),
        police_station=place.police_station.name,
        police_phone=place.police_station.phone,
        organisation_version=organisation.version,
    )


def _outlet(organisation: Organisation, wanted: str) -> Outlet:
    found = next((outlet for outlet in organisation.outlets if outlet.id == wanted), None)
    if found is None:
        near = get_close_matches(wanted, [outlet.id for outlet in organisation.outlets], n=3, cutoff=0.3)
        meant = f" Did you mean {', '.join(near)}?" if near else ""
        raise Malformed(f"{wanted} is not an outlet of the organisation (version {organisation.version}).{meant}")
    return found


def _nearest(answering: Roster, insurers: tuple[str, ...]) -> list[Answerer]:
    """One contact per insurer: the nearest unit's, who has not left."""
    people = [who for who in answering.people if who.role is Role.INSURER and not who.left]
    firsts = (next((who for who in people if who.insurer == insurer), None) for insurer in insurers)
    return [who for who in firsts if who is not None]


def _contacts(organisation: Organisation, people: list[Answerer]) -> tuple[Contact, ...]:
    known = {person.id: person for person in organisation.persons}
    return tuple(
        Contact(
            person=who.person,
            name=known[who.person].name,
            role=who.role,
            unit=who.unit,
            insurer=who.insurer,
            phone=known[who.person].duty_phone,
            absent_until=who.absent_until,
        )
        for who in people
        if who.person in known and not who.left
    )
