"""Puts a notice into the mailbox of its address, where the address may not be spoken to faster (R14).

A mailbox is a workflow: begun with its first letters, in one step with them, and ended when nothing waits any more. Its
id names the address by a digest, for a robot's address is a secret. What an incident owes to several people of one chat
falls due at one instant: such letters are posted together (`bundles.py`), so that they are folded and nobody reads the
same words twice. Errors: those of Temporal go up unchanged; the same letter may be posted again.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from temporalio import activity
from temporalio.client import Client
from temporalio.common import Priority, WorkflowIDConflictPolicy

from activities.bundles import Bundles
from plan.channels import MANNERS, Manner
from plan.digest import Written
from plan.orders import Delivered, DeliveryOrder, Letter
from runtime.names import CRISIS_PRIORITY, MAILBOX, POST, USUAL_PRIORITY, WORKFLOWS_QUEUE, mailbox_id

POSTED: Final = "posted"
"""The code of what lies in a mailbox."""
HELD_AT_MOST: Final = timedelta(minutes=10)
"""Where the order for the delivery set no limit."""
RPC_LIMIT: Final = timedelta(seconds=5)


def mailbox_of(channel: str, to: str) -> str:
    """The id of an address's mailbox."""
    return mailbox_id(channel, hashlib.sha256(to.encode(errors="replace")).hexdigest()[:16])


class Posting:
    """`manners` say how fast each channel may be spoken to; they go along with the first letter of a mailbox."""

    def __init__(self, client: Client, *, manners: Mapping[str, Manner] = MANNERS) -> None:
        self._client, self._manners = client, manners
        self._bundles = Bundles(self._post)

    def holds(self, channel: str) -> bool:
        """Whether what goes over it waits its turn in a mailbox."""
        return channel in self._manners and bool(self._manners[channel].rates)

    async def post(self, order: DeliveryOrder, to: str, written: Written) -> Delivered:
        """Durable when it returns; what becomes of it the mailbox tells the incident."""
        about = activity.info()
        letter = Letter(
            order=order,
            written=written,
            workflow_id=about.workflow_id or "",
            priority=about.priority.priority_key or USUAL_PRIORITY,
            give_up_after=about.schedule_to_close_timeout or HELD_AT_MOST,
        )
        await self._bundles.add(mailbox_of(order.channel, to), letter)
        return Delivered(channel=order.channel, code=POSTED, held=True)

    async def _post(self, mailbox: str, letters: Sequence[Letter]) -> None:
        channel = letters[0].order.channel
        await self._client.start_workflow(
            MAILBOX,
            {"manner": self._manners[channel].model_dump(mode="json")},
            id=mailbox,
            task_queue=WORKFLOWS_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=POST,
            start_signal_args=[letters],
            priority=Priority(priority_key=CRISIS_PRIORITY),
            static_summary=f"{channel} 信箱",
            rpc_timeout=RPC_LIMIT,
        )
