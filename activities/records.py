"""Keeping records in the store, and the root of the day over all of them (R62; `runtime/records`).

Whatever the store may recover from is tried again by Temporal. Errors: RECORD_REFUSED, never again, where it holds
another chain.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from activities.names import KEEP_RECORD, MAKE_ROOT, RECORD_REFUSED, RECORDS_AWAY
from activities.shelf import Shelf
from plan.errors import Conflict, TocsinError
from plan.keeping import KeepAnswer, KeepOrder, LiveRow
from plan.root import Leaf
from runtime.records.live import live_rows
from runtime.records.roots import make_root
from runtime.records.writing import keep

TRIES: Final = 3
"""How often subscribers are tried to be told that a record was kept, before it is let be."""

Kept = Callable[[KeepOrder, KeepAnswer], Awaitable[None]]


class RecordActivities:
    """`kept` is told of every batch."""

    def __init__(self, client: Client, shelf: Shelf, kept: Kept | None = None) -> None:
        self._client, self._shelf, self._kept = client, shelf, kept

    @activity.defn(name=KEEP_RECORD)
    async def keep_record(self, order: KeepOrder) -> KeepAnswer:
        """Keep a batch. Safe to repeat: what is there already is compared, not written again."""
        try:
            answer = await self._shelf.ask(lambda store: keep(store, order))
        except Conflict as refused:
            raise ApplicationError(str(refused), type=RECORD_REFUSED, non_retryable=True) from None
        except TocsinError as away:
            raise ApplicationError(str(away), type=RECORDS_AWAY) from None
        await self._say(order, answer)
        return answer

    async def _say(self, order: KeepOrder, answer: KeepAnswer) -> None:
        """Whoever subscribes is to hear of it for certain; an incident's end does not wait for it for ever."""
        try:
            if self._kept is not None:
                await self._kept(order, answer)
        except RPCError as failed:
            if activity.info().attempt < TRIES:
                raise ApplicationError("subscribers were not told of it yet", type="Unreachable") from failed

    @activity.defn(name=MAKE_ROOT)
    async def make_root(self) -> dict[str, Any]:
        """Today's root, over the store and the heads of open incidents; the same again once it is made."""
        live = [_leaf(row) async for row in self._open_incidents()]
        try:
            signed = await self._shelf.ask(lambda store: make_root(store, live))
        except TocsinError as away:
            raise ApplicationError(str(away), type=RECORDS_AWAY) from None
        return signed.model_dump(mode="json")

    async def _open_incidents(self) -> AsyncIterator[LiveRow]:
        """Who does not answer now stands under tomorrow's root; how far it was kept, under today's."""
        async for _, row in live_rows(self._client):
            activity.heartbeat()
            if row is not None:
                yield row


def _leaf(live: LiveRow) -> Leaf:
    return Leaf(incident_id=live.row.incident_id, sequence=live.sequence, head=live.head)
