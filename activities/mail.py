"""What a mailbox asks of the world: send one message, and tell incidents what became of their letters (R14, R29).

The words stand fixed in the order; who may still be told, and where, is looked up at the moment of sending: somebody
may have left, an address may be another by now, insurers may have joined a chat. Then nothing is sent, and the mailbox
is told which of its letters must not go there.
"""

import asyncio
import hashlib
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.attempts import attempting
from activities.channels.addresses import resolved
from activities.channels.contract import Channel, ChannelMisconfigured, Message
from activities.deliver import channel_of
from activities.directory import Directory, mention, way
from activities.lanes import Lanes
from activities.names import CHANNEL_MISCONFIGURED, SEND_LETTERS, SETTLE_LETTERS
from activities.posting import mailbox_of
from plan.orders import DeliveryOrder, Outcome, SendAnswer, SendOrder, SettleOrder
from plan.organisation import Address, Organisation
from plan.settling import DOOR, SETTLED
from runtime.names import CRISIS_PRIORITY, SETTLE, incident_id_of
from runtime.seals import Keyring, stamp

log: Final = logging.getLogger(__name__)

SIGNALS_AT_ONCE: Final = 8
PASSING: Final = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.ABORTED,
        RPCStatusCode.INTERNAL,
        RPCStatusCode.UNKNOWN,
        RPCStatusCode.CANCELLED,
    }
)
"""Of a call to Temporal: tried again. Any other is an incident that is over, or takes no more messages."""


class MailActivities:
    """`organisation` gives its current version; it is called in a thread."""

    def __init__(
        self,
        client: Client,
        keyring: Keyring,
        *,
        channels: Mapping[str, Channel],
        organisation: Callable[[], Organisation],
        lanes: Lanes | None = None,
        env: Mapping[str, str] = os.environ,
    ) -> None:
        self._client, self._keyring = client, keyring
        self._channels, self._directory = channels, Directory(organisation)
        self._lanes, self._env = lanes or Lanes(), env

    @activity.defn(name=SEND_LETTERS)
    async def send_letters(self, order: SendOrder) -> SendAnswer:
        """Send one message to one address. Safe to repeat: its key stands for exactly its words."""
        async with attempting(f"{len(order.orders)} notices") as attempt:
            channel = channel_of(self._channels, order.channel, _who(order))
            ways = [await self._way(each, order.mailbox) for each in order.orders]
            if unfit := tuple(found for found in ways if isinstance(found, Outcome)):
                return SendAnswer(unfit=unfit)
            found = [found for found in ways if not isinstance(found, Outcome)]
            address, to, _ = found[0]
            message = _message(order, [each for _, _, mentions in found for each in mentions])
            urgent = activity.info().priority.priority_key == CRISIS_PRIORITY
            async with self._lanes.enter(order.channel, to, urgent=urgent):
                attempt.tried = True
                delivered = await channel.send(message, address)
        digest = hashlib.sha256(order.text.encode()).hexdigest()
        return SendAnswer(delivered=delivered.model_copy(update={"digest": digest}))

    async def _way(self, order: DeliveryOrder, mailbox: str) -> tuple[Address, str, tuple[str, ...]] | Outcome:
        """Where it goes, and whom it calls; or why it must not go out of this mailbox."""
        try:
            person = await self._directory.recipient(order)
            address = way(person, order)
            to = resolved(address, self._env)
        except ApplicationError as no:
            if not no.non_retryable:
                raise
            return Outcome(key=order.key, failure=f"{no.type}: {no.message}"[:300])
        except ChannelMisconfigured as no:
            return Outcome(key=order.key, failure=f"{CHANNEL_MISCONFIGURED}: {no}"[:300])
        if mailbox_of(order.channel, to) != mailbox:
            return Outcome(key=order.key, again=True)
        return address, to, mention(person, address)

    @activity.defn(name=SETTLE_LETTERS)
    async def settle_letters(self, order: SettleOrder) -> None:
        """Tell incidents what became of their letters, sealed. An incident that is over needs to know no more."""
        turn = asyncio.Semaphore(SIGNALS_AT_ONCE)

        async def told(workflow: str, outcomes: Sequence[Outcome]) -> None:
            async with turn:
                await self._tell(workflow, outcomes)

        told_all = await asyncio.gather(
            *(told(workflow, outcomes) for workflow, outcomes in order.outcomes.items()), return_exceptions=True
        )
        for failed in told_all:
            if isinstance(failed, BaseException):
                raise failed

    async def _tell(self, workflow: str, outcomes: Sequence[Outcome]) -> None:
        said: list[Any] = [outcome.model_dump(mode="json", exclude_defaults=True) for outcome in outcomes]
        fact = {"kind": SETTLED, "outcomes": said}
        envelope = self._keyring.envelope(incident_id_of(workflow), fact, stamp(datetime.now(UTC)), DOOR)
        try:
            await self._client.get_workflow_handle(workflow).signal(SETTLE, envelope)
        except RPCError as failed:
            if failed.status in PASSING:
                raise
            if failed.status is not RPCStatusCode.NOT_FOUND:
                log.warning("%s could not be told what became of its notices (%s)", workflow, failed.status.name)


def _message(order: SendOrder, mentions: Sequence[str]) -> Message:
    """A notice alone goes out as what it is; several have no one incident, duty or recipient."""
    first = order.orders[0]
    alone = len(order.orders) == 1
    return Message(
        key=order.key,
        incident_id=first.incident_id,
        duty=first.duty if alone else "digest",
        recipient=_who(order),
        text=order.text,
        due_at=min((each.due_at for each in order.orders if each.due_at), default=None),
        drill=order.drill,
        ordered_at=first.now,
        lang=order.lang,
        mentions=tuple(dict.fromkeys(mentions)),
    )


def _who(order: SendOrder) -> str:
    return order.orders[0].reaches if len(order.orders) == 1 else f"{len(order.orders)} recipients"
