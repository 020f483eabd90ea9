"""Tells the feeds of subscriptions that something may have happened (decision 27): quickly, and for certain.

Quickly: a task of the worker passes on what incidents of this process say (`runtime/happened.py`), a moment's words at
once. For certain: whoever keeps a record says it again (`kept`). Both are signal-with-start, and neither ever holds up
an incident: a fault here is a warning in the log.
"""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from temporalio.client import Client
from temporalio.common import Priority, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError

from activities.subscribers import Subscribers
from plan.errors import TocsinError
from plan.keeping import KeepAnswer, KeepOrder
from plan.subscriptions import Subscription
from runtime.happened import Happened, Word
from runtime.names import FEED, HAPPENED, IMPORT_PRIORITY, WORKFLOWS_QUEUE, feed_id

A_MOMENT: Final = timedelta(seconds=0.2)
"""So long words are gathered before they are passed on."""
AGAIN: Final = timedelta(seconds=1)
"""What failed is tried again after this long; a stopping worker finishes what it passes on within it."""
AT_ONCE: Final = 500
"""Incidents in one signal."""
RPC_LIMIT: Final = timedelta(seconds=5)

log: Final = logging.getLogger(__name__)


class Hinting:
    """Serves beside the workers: `run`, `shutdown`."""

    def __init__(self, client: Client, subscribers: Subscribers, happened: Happened) -> None:
        self._client, self._subscribers, self._happened = client, subscribers, happened
        self._stop = asyncio.Event()
        self._failing = False

    async def run(self) -> None:
        stop = asyncio.create_task(self._stop.wait())
        try:
            while not stop.done():
                await self._first_of(stop, self._happened.something())
                await self._first_of(stop, self._pass_on(stop), grace=AGAIN)
        finally:
            stop.cancel()

    async def _first_of(
        self, stop: "asyncio.Task[bool]", step: Coroutine[Any, Any, None], grace: timedelta = timedelta(0)
    ) -> None:
        """A step, which is broken off a little after it is time to stop: nobody waits for a dead database."""
        task = asyncio.create_task(step)
        await asyncio.wait([stop, task], return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait([task], timeout=grace.total_seconds())
        task.cancel()

    async def shutdown(self) -> None:
        self._stop.set()

    async def kept(self, order: KeepOrder, answer: KeepAnswer) -> None:
        """A record has been kept so far. Errors: RPCError, where it is worth another try."""
        row = order.row
        if row is not None and row.imported:
            return
        word = Word(answer.sequence, row.units if row else (), row.insurers if row else ())
        with suppress(TocsinError):
            await self._tell({order.incident_id: word})

    async def _pass_on(self, stop: "asyncio.Task[bool]") -> None:
        await asyncio.wait([stop], timeout=A_MOMENT.total_seconds())
        words = self._happened.take()
        try:
            await self._tell(words)
        except (RPCError, TocsinError) as failed:
            for incident_id, word in words.items():
                self._happened.say(incident_id, *word)
            self._warn(len(words), failed)
            await asyncio.wait([stop], timeout=AGAIN.total_seconds())
        except Exception as failed:  # noqa: BLE001  nothing here may stop a worker that keeps incidents
            self._warn(len(words), failed)
        else:
            self._failing = False

    def _warn(self, number: int, failed: Exception) -> None:
        """Once, until it goes well again."""
        if not self._failing:
            log.warning("subscribers are not told of %d incidents yet (%s)", number, type(failed).__name__)
        self._failing = True

    async def _tell(self, words: Mapping[str, Word]) -> None:
        for keyed in await self._subscribers.in_force() if words else ():
            theirs = [
                {"incident_id": incident_id, "sequence": word.sequence}
                for incident_id, word in words.items()
                if keyed.subscription.may_concern(word.units, word.insurers)
            ]
            for first in range(0, len(theirs), AT_ONCE):
                await hint(self._client, keyed.subscription, HAPPENED, theirs[first : first + AT_ONCE])


async def hint(client: Client, subscription: Subscription, signal: str, said: object) -> None:
    """Tell a feed something; it is begun where it does not run. Errors: RPCError."""
    await client.start_workflow(
        FEED,
        {},
        id=feed_id(subscription.id),
        task_queue=WORKFLOWS_QUEUE,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal=signal,
        start_signal_args=[said],
        priority=Priority(priority_key=IMPORT_PRIORITY),
        static_summary=f"事件推送 · events → {subscription.system}",
        rpc_timeout=RPC_LIMIT,
    )
