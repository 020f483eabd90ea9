"""Whom a notice is for, and where it goes: looked up in the organisation as it is now (R14, R28, R29).

Nobody who has left is told, and nothing confidential goes where insurers read along. Errors: ApplicationError, for good
where the organisation says no, to be tried again where it cannot be read.
"""

import asyncio
import re
from collections.abc import Callable

from activities.attempts import failure
from activities.names import MISCONFIGURED, NO_SUCH_WAY, PERSON_LEFT
from plan.errors import Misconfigured
from plan.orders import DeliveryOrder
from plan.organisation import Address, Audience, Organisation, Person


class Directory:
    """`organisation` gives its current version; it is called in a thread, for it may open files."""

    def __init__(self, organisation: Callable[[], Organisation]) -> None:
        self._organisation = organisation
        self._indexed: tuple[Organisation, dict[str, Person]] | None = None

    async def recipient(self, order: DeliveryOrder) -> Person:
        """The person, who has not left; in a drill its desk, where that is told instead."""
        try:
            person = await asyncio.to_thread(self._person, order.reaches)
        except (Misconfigured, OSError, ValueError) as wrong:
            raise failure(MISCONFIGURED, unreadable(order, "organisation", wrong)) from None
        if person is None or person.left:
            raise failure(
                PERSON_LEFT,
                f"{order.reaches} was not told (R28): they have left or stand in the organisation no longer. "
                "Their deputy is told instead; correct the organisation where that is wrong.",
                never=True,
            )
        return person

    def _person(self, person: str) -> Person | None:
        """The index lives as long as the organisation it was made of."""
        current, known = self._organisation(), self._indexed
        if known is None or known[0] is not current:
            known = self._indexed = (current, {each.id: each for each in current.persons})
        return known[1].get(person)


def way(person: Person, order: DeliveryOrder) -> Address:
    """The first address of this channel; for a confidential notice none that insurers read along (R29, R62)."""
    for address in person.channels:
        if address.channel == order.channel and not (order.confidential and address.audience is Audience.TRIPARTITE):
            return address
    raise failure(
        NO_SUCH_WAY,
        f"{order.reaches} was not told over {order.channel}: it is none of their ways, or insurers read it too and "
        "the notice is confidential (R29). Their next way is tried; correct the organisation where that is wrong.",
        never=True,
    )


def mention(person: Person, address: Address) -> tuple[str, ...]:
    """How a chat calls the person; over WeCom, which shows a name instead, also by the mobile number on duty."""
    if address.mention:
        return (address.mention,)
    called_by_phone = address.channel == "wecom" and person.duty_phone
    return (re.sub(r"[^0-9+]", "", person.duty_phone or ""),) if called_by_phone else ()


def unreadable(order: DeliveryOrder, what: str, wrong: Exception) -> str:
    """The faults themselves stay out: they may quote a file that holds names and phones."""
    return (
        f"{order.recipient} was not told: the {what} cannot be read ({type(wrong).__name__}). Run `tocsin check` where "
        "the worker runs and mend the file; it is tried again by itself."
    )
