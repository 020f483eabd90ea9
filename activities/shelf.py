"""The store as activities share it: opened once, when it is first needed, and again where that failed.

The database blocks, so that it is spoken to in threads of its own: when it hangs, nobody else waits.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Final, TypeVar

from runtime.records.engine import Store

THREADS: Final = 4

Answer = TypeVar("Answer")


class Shelf:
    """`opens` opens the store."""

    def __init__(self, opens: Callable[[], Store]) -> None:
        self._opens = opens
        self._store: Store | None = None
        self._opening = Lock()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="records")

    async def ask(self, work: Callable[[Store], Answer]) -> Answer:
        """Whatever the work raises goes up unchanged."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: work(self._opened()))

    async def aclose(self) -> None:
        """Nothing is asked any more; a thread that hangs in a dead database is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._store is not None:
            await asyncio.to_thread(self._store.close)
            self._store = None

    def _opened(self) -> Store:
        with self._opening:
            if self._store is None:
                self._store = self._opens()
            return self._store
