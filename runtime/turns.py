"""Turns at filing: of many complaints at once a few are under way, and a crisis goes before all that wait (R2, R24).

    async with turns(client).turn(rank):
        await client.start_workflow(...)

Two thousand starts at once only wait for each other, and what each may take is over before Temporal has come to the
last ones; in turn every one of them is taken, as fast as Temporal can. The lowest rank goes first, and of the same rank
who came first. Who waited while somebody else heard nothing need not try and hear nothing too.
Errors: Unreachable, for those who waited meanwhile or for longer than `PATIENCE`.
"""

import asyncio
import heapq
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final
from weakref import WeakKeyDictionary

from temporalio.client import Client

from plan.errors import Unreachable
from runtime.silence import Silence, now

WIDTH: Final = 64
"""Under way at once, of one process."""
PATIENCE: Final = timedelta(minutes=2)
"""How long one may wait for its turn."""


class Turns:
    def __init__(self, width: int = WIDTH, patience: timedelta = PATIENCE) -> None:
        self._free, self._patience = width, patience
        self._line: list[tuple[int, int, asyncio.Future[None]]] = []
        self._came = 0
        self._silence = Silence()

    @asynccontextmanager
    async def turn(self, rank: int) -> AsyncGenerator[None]:
        """Wait for a turn, and hold it."""
        came_at = now()
        await self._place(rank)
        began_at = now()
        try:
            if self._silence.since(came_at):
                raise _away()
            try:
                yield
            except Unreachable:
                self._silence.heard(False, began_at)
                raise
            self._silence.heard(True, began_at)
        finally:
            self._leave()

    async def _place(self, rank: int) -> None:
        if self._free:
            self._free -= 1
            return
        self._came += 1
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._line, (rank, self._came, place))
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                await place
        except BaseException as left:
            if place.done() and not place.cancelled():
                self._leave()  # it was ours already
            if isinstance(left, TimeoutError):
                raise _away() from None
            raise

    def _leave(self) -> None:
        while self._line:
            _, _, place = heapq.heappop(self._line)
            if not place.done():
                place.set_result(None)
                return
        self._free += 1


_known: WeakKeyDictionary[Client, Turns] = WeakKeyDictionary()


def turns(client: Client) -> Turns:
    """Those of a client: everybody who files through it waits in one line."""
    return _known.setdefault(client, Turns())


def _away() -> Unreachable:
    return Unreachable(
        "Temporal does not answer in time, so this is not filed. "
        "File it again under the same id; it will be there once."
    )
