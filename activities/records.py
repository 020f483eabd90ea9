"""Keeping records in the store, and the root of the day over all of them (R62; `runtime/records`).

The database blocks, so that it is spoken to in threads of its own: when it hangs, nobody else waits. Whatever it may
recover from is tried again by Temporal. Errors: RECORD_REFUSED, never again, where the store holds another chain.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any, Final, TypeVar

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.names import KEEP_RECORD, MAKE_ROOT, RECORD_REFUSED, RECORDS_AWAY
from plan.errors import Conflict, TocsinError
from plan.keeping import KeepAnswer, KeepOrder, LiveRow
from plan.root import Leaf
from runtime.records.engine import Store
from runtime.records.live import live_rows
from runtime.records.roots import make_root
from runtime.records.writing import keep

THREADS: Final = 4

Answer = TypeVar("Answer")


class RecordActivities:
    """`opens` opens the store: once, when it is first needed, and again where that failed."""

    def __init__(self, client: Client, opens: Callable[[], Store]) -> None:
        self._client, self._opens = client, opens
        self._store: Store | None = None
        self._opening = Lock()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="records")

    @activity.defn(name=KEEP_RECORD)
    async def keep_record(self, order: KeepOrder) -> KeepAnswer:
        """Keep a batch. Safe to repeat: what is there already is compared, not written again."""
        try:
            return await self._in_a_thread(partial(self._keep, order))
        except Conflict as refused:
            raise ApplicationError(str(refused), type=RECORD_REFUSED, non_retryable=True) from None
        except TocsinError as away:
            raise ApplicationError(str(away), type=RECORDS_AWAY) from None

    @activity.defn(name=MAKE_ROOT)
    async def make_root(self) -> dict[str, Any]:
        """Today's root, over the store and the heads of open incidents; the same again once it is made."""
        live = [_leaf(row) async for row in self._open_incidents()]
        try:
            signed = await self._in_a_thread(lambda: make_root(self._opened(), live))
        except TocsinError as away:
            raise ApplicationError(str(away), type=RECORDS_AWAY) from None
        return signed.model_dump(mode="json")

    async def _open_incidents(self) -> AsyncIterator[LiveRow]:
        """Who does not answer now stands under tomorrow's root; how far it was kept, under today's."""
        async for _, row in live_rows(self._client):
            activity.heartbeat()
            if row is not None:
                yield row

    async def aclose(self) -> None:
        """Nothing is kept any more; a thread that hangs in a dead database is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._store is not None:
            await asyncio.to_thread(self._store.close)
            self._store = None

    def _keep(self, order: KeepOrder) -> KeepAnswer:
        return keep(self._opened(), order)

    def _opened(self) -> Store:
        with self._opening:
            if self._store is None:
                self._store = self._opens()
            return self._store

    async def _in_a_thread(self, work: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _leaf(live: LiveRow) -> Leaf:
    return Leaf(incident_id=live.row.incident_id, sequence=live.sequence, head=live.head)
