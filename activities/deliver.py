"""Tells one recipient over one channel (R14, R29). Read top-down: the activity, then its steps.

It decides nothing but "try again or not"; whom to tell instead is the plan's. The recipient is looked up in the
organisation as it is now, so that nobody who has left is told (R28), and the text is in the recipient's language.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.channels.contract import (
    Channel,
    ChannelBusy,
    ChannelError,
    ChannelMisconfigured,
    ChannelRefused,
    Message,
)
from activities.lanes import Lanes
from activities.names import CHANNEL_UNAVAILABLE, DELIVER_NOTICE, MISCONFIGURED, NO_SUCH_WAY, PERSON_LEFT
from plan.errors import Misconfigured
from plan.orders import Delivered, DeliveryOrder
from plan.organisation import Address, Audience, Organisation, Person
from plan.wording import Wording, render
from runtime.names import CRISIS_PRIORITY

SHARE: Final = 0.9
"""Of `start_to_close`: ended by ourselves, an attempt says why; ended by the server, it says nothing."""
PATIENCE: Final = timedelta(seconds=10)
"""Where the order for the attempt set no limit."""


class DeliveryActivities:
    """`organisation` gives its current version, `wording` that of a language; both are called in a thread."""

    def __init__(
        self,
        *,
        channels: Mapping[str, Channel],
        organisation: Callable[[], Organisation],
        wording: Callable[[str], Wording],
        lanes: Lanes | None = None,
    ) -> None:
        self._channels, self._directory, self._wording = channels, _Directory(organisation), wording
        self._lanes = lanes or Lanes()

    @activity.defn(name=DELIVER_NOTICE)
    async def deliver_notice(self, order: DeliveryOrder) -> Delivered:
        """Tell one recipient over one channel (R14). Safe to repeat: the notice carries its key."""
        try:
            async with asyncio.timeout(_limit().total_seconds()):
                return await self._deliver(order)
        except (ChannelRefused, ChannelMisconfigured) as never:
            raise ApplicationError(str(never), type=type(never).__name__, non_retryable=True) from never
        except ChannelBusy as later:
            kind, wait = type(later).__name__, later.retry_after
            raise ApplicationError(str(later), type=kind, next_retry_delay=wait) from later
        except ChannelError as again:
            raise ApplicationError(str(again), type=type(again).__name__) from again
        except TimeoutError:
            why = f"The channel {order.channel} gave no answer for {order.recipient} in time. It is tried again."
            raise ApplicationError(why, type=CHANNEL_UNAVAILABLE) from None

    async def _deliver(self, order: DeliveryOrder) -> Delivered:
        channel = self._channel(order)
        person = await self._recipient(order)
        address = _way(person, order)
        text = await self._text(order, person.lang)
        urgent = activity.info().priority.priority_key == CRISIS_PRIORITY
        async with self._lanes.enter(order.channel, address.to, urgent=urgent):
            delivered = await channel.send(_message(order, text), address)
        digest = hashlib.sha256(text.encode()).hexdigest()
        return delivered.model_copy(update={"digest": digest, "attempts": activity.info().attempt})

    def _channel(self, order: DeliveryOrder) -> Channel:
        try:
            return self._channels[order.channel]
        except KeyError:
            known = ", ".join(sorted(self._channels))
            raise ChannelMisconfigured(
                f"The notice for {order.recipient} was not delivered: this worker has no channel {order.channel}. "
                f"Use one of {known} in the organisation, or start a worker that has it."
            ) from None

    async def _recipient(self, order: DeliveryOrder) -> Person:
        try:
            person = await asyncio.to_thread(self._directory.person, order.recipient)
        except (Misconfigured, OSError, ValueError) as wrong:
            raise ApplicationError(_unreadable(order, "organisation", wrong), type=MISCONFIGURED) from None
        if person is None or person.left:
            raise ApplicationError(
                f"{order.recipient} was not told (R28): they have left or stand in the organisation no longer. "
                "Their deputy is told instead; correct the organisation where that is wrong.",
                type=PERSON_LEFT,
                non_retryable=True,
            )
        return person

    async def _text(self, order: DeliveryOrder, lang: str) -> str:
        try:
            wording = await asyncio.to_thread(self._wording, lang)
            return render(wording, order.duty, order.words, drill=order.drill, now=order.now)
        except (Misconfigured, OSError, ValueError, LookupError) as wrong:
            raise ApplicationError(_unreadable(order, "wording", wrong), type=MISCONFIGURED) from None


class _Directory:
    """The persons of an organisation by id. The index lives as long as the organisation it was made of."""

    def __init__(self, organisation: Callable[[], Organisation]) -> None:
        self._organisation = organisation
        self._indexed: tuple[Organisation, dict[str, Person]] | None = None

    def person(self, person: str) -> Person | None:
        current, known = self._organisation(), self._indexed
        if known is None or known[0] is not current:
            known = self._indexed = (current, {each.id: each for each in current.persons})
        return known[1].get(person)


def _way(person: Person, order: DeliveryOrder) -> Address:
    """The first address of this channel; for a confidential notice none that insurers read along (R29, R62)."""
    for address in person.channels:
        if address.channel == order.channel and not (order.confidential and address.audience is Audience.TRIPARTITE):
            return address
    raise ApplicationError(
        f"{order.recipient} was not told over {order.channel}: it is none of their ways, or insurers read it too and "
        "the notice is confidential (R29). Their next way is tried; correct the organisation where that is wrong.",
        type=NO_SUCH_WAY,
        non_retryable=True,
    )


def _message(order: DeliveryOrder, text: str) -> Message:
    return Message(
        key=order.key,
        incident_id=order.incident_id,
        duty=order.duty,
        recipient=order.recipient,
        text=text,
        due_at=order.due_at,
        drill=order.drill,
        ordered_at=order.now,
    )


def _limit() -> timedelta:
    allowed = activity.info().start_to_close_timeout
    return allowed * SHARE if allowed else PATIENCE


def _unreadable(order: DeliveryOrder, what: str, wrong: Exception) -> str:
    """The faults themselves stay out: they may quote a file that holds names and phones."""
    return (
        f"{order.recipient} was not told: the {what} cannot be read ({type(wrong).__name__}). Run `tocsin check` where "
        "the worker runs and mend the file; it is tried again by itself."
    )
