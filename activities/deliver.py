"""Tells one recipient over one channel (R14, R29). Read top-down: the activity, then its steps.

It decides nothing but "try again or not"; whom to tell instead is the plan's. The recipient is looked up in the
organisation as it is now, so that nobody who has left is told (R28), and the text is in the recipient's language
(`writing.py`). What may not be spoken to faster is not spoken to here: its letter goes into a mailbox (`posting.py`).
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from temporalio import activity

from activities.attempts import Attempt, attempting
from activities.channels.addresses import resolved
from activities.channels.contract import (
    Asks,
    Channel,
    ChannelBusy,
    ChannelMisconfigured,
    ChannelUnavailable,
    ChannelUnknown,
    Message,
)
from activities.directory import Directory, mention, way
from activities.lanes import Lanes
from activities.names import DELIVER_NOTICE
from activities.posting import Posting
from activities.storm import AT_MOST, Storm
from activities.writing import Words, Writing, as_read_there
from plan.orders import Delivered, DeliveryOrder
from plan.organisation import Address, Organisation
from plan.sms import MEANT_FOR
from plan.wording import Wording, written_out
from runtime.ack_links import AckLinks
from runtime.names import CRISIS_PRIORITY

NOT_TAKEN: Final = "not taken"
"""What an attempt leaves behind, with its number, where the channel surely did not take the message."""


class DeliveryActivities:
    """`organisation` gives its current version, `wording` that of a language; both are called in a thread.

    Without `posting` nothing is held; without `links` there are none.
    """

    def __init__(
        self,
        *,
        channels: Mapping[str, Channel],
        organisation: Callable[[], Organisation],
        wording: Callable[[str], Wording],
        posting: Posting | None = None,
        links: AckLinks | None = None,
        lanes: Lanes | None = None,
        env: Mapping[str, str] = os.environ,
    ) -> None:
        self._channels, self._directory, self._writing = channels, Directory(organisation), Writing(wording, links)
        self._posting, self._lanes, self._env = posting, lanes or Lanes(), env
        self._storm = Storm()

    @activity.defn(name=DELIVER_NOTICE)
    async def deliver_notice(self, order: DeliveryOrder) -> Delivered:
        """Tell one recipient over one channel (R14). Safe to repeat: the notice carries its key."""
        about, clock = activity.info(), asyncio.get_running_loop().time
        began = clock()
        self._storm.came(about.current_attempt_scheduled_time)
        delivered = await self._attempted(order)
        if delivered.held:
            return delivered
        at = about.started_time + timedelta(seconds=clock() - began)
        await self._storm.over(began + AT_MOST)
        return delivered.model_copy(update={"at": at})

    async def _attempted(self, order: DeliveryOrder) -> Delivered:
        async with attempting(order.recipient) as attempt:
            channel = channel_of(self._channels, order.channel, order.recipient)
            if not isinstance(channel, Asks):
                return await self._deliver(channel, order, attempt)
            async with _known_for_the_next(attempt):
                return await self._deliver(channel, order, attempt)

    async def _deliver(self, channel: Channel, order: DeliveryOrder, attempt: Attempt) -> Delivered:
        person = await self._directory.recipient(order)
        address = way(person, order)
        order, to = as_read_there(order, address), resolved(address, self._env)
        words = await self._writing.words(order, person, address)
        if self._posting is not None and self._posting.holds(order.channel):
            return await self._posting.post(order, to, self._writing.written(order, words))
        urgent = activity.info().priority.priority_key == CRISIS_PRIORITY
        async with self._lanes.enter(order.channel, to, urgent=urgent):
            attempt.tried = True
            delivered = await _said(channel, _message(order, words, mention(person, address)), address)
        digest = hashlib.sha256(words.whole.encode()).hexdigest()
        return delivered.model_copy(update={"digest": digest, "attempts": activity.info().attempt})


def channel_of(channels: Mapping[str, Channel], name: str, recipient: str) -> Channel:
    """A channel by its name. Errors: ChannelMisconfigured where this worker does not have it."""
    try:
        return channels[name]
    except KeyError:
        known = ", ".join(sorted(channels))
        raise ChannelMisconfigured(
            f"The notice for {recipient} was not delivered: this worker has no channel {name}. "
            f"Use one of {known} in the organisation, or start a worker that has it."
        ) from None


async def _said(channel: Channel, message: Message, address: Address) -> Delivered:
    """Sent; or, where an earlier attempt may have been taken and the channel can be asked, asked for (R14)."""
    if not isinstance(channel, Asks) or _nothing_taken_before():
        return await channel.send(message, address)
    if delivered := await channel.ask(message, address):
        return delivered
    raise ChannelUnknown(
        f"It is not known whether {address.channel} took the notice for {message.recipient}: it gave no answer, and "
        "does not know the notice yet. It is asked again, and nothing is sent twice."
    )


def _nothing_taken_before() -> bool:
    """The first attempt; or the one before said so. What it did not live to say may be anything."""
    about = activity.info()
    return about.attempt == 1 or list(about.heartbeat_details) == [NOT_TAKEN, about.attempt - 1]


@asynccontextmanager
async def _known_for_the_next(attempt: Attempt) -> AsyncGenerator[None]:
    """Leave word that nothing was taken, where that is sure: not sent at all, or turned away by the channel."""
    before = _nothing_taken_before()
    try:
        yield
    except BaseException as failed:
        if before and (not attempt.tried or isinstance(failed, ChannelBusy | ChannelUnavailable)):
            activity.heartbeat(NOT_TAKEN, activity.info().attempt)
        raise


def _message(order: DeliveryOrder, words: Words, mentions: tuple[str, ...]) -> Message:
    return Message(
        key=order.key,
        incident_id=order.incident_id,
        duty=order.duty,
        recipient=order.reaches,
        text=words.whole,
        due_at=order.due_at,
        drill=order.drill,
        ordered_at=order.now,
        lang=words.wording.lang,
        words={
            **written_out(words.wording, order.words, now=order.now),
            **{name: order.words.get(name, "") for name in ("role", MEANT_FOR)},
        },
        link=words.link,
        mentions=mentions,
    )
