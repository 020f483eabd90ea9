"""The store of records as the gateway uses it: opened once, at the first need, and every call in a thread.

    found = await store.do(lambda each: keys(each))

No call waits without a bound; what is abandoned ends by itself. Errors: Unreachable, Misconfigured.
"""

import asyncio
import threading
from collections.abc import Callable
from typing import Final, TypeVar

from plan.errors import Unreachable
from runtime.records.engine import Store, open_store
from runtime.settings import Settings

PATIENCE: Final = 8.0
"""Seconds for one call, waiting for a connection included."""
Answer = TypeVar("Answer")


class OpenedStore:
    """A store that could not be opened is tried again with the next call."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._store: Store | None = None
        self._turn = threading.Lock()

    async def do(self, work: Callable[[Store], Answer]) -> Answer:
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.to_thread(lambda: work(self._opened()))
        except TimeoutError:
            raise Unreachable("The records' database does not answer in time. Try again in a moment.") from None

    def close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    def _opened(self) -> Store:
        with self._turn:
            if self._store is None:
                self._store = open_store(self._settings)
            return self._store
