"""In a storm of notices everybody is told first, and it is written down after that (R14).

What a delivery came to costs the server and its incident as much as the delivery itself. When hundreds fall due at the
same instant, writing down that the first have been told would keep the last ones waiting. So while many are ordered of
this worker, one that has succeeded waits before it says so; several of one incident are then written down together. A
worker that dies meanwhile sends again under the same key, as one does that dies a moment sooner. Units: seconds.
Errors: none.
"""

import asyncio
from collections import deque
from datetime import datetime, timedelta
from typing import Final

from temporalio import activity

MANY: Final = 25
"""Deliveries ordered within `WITHIN`, by the server's clock: more than a single crisis asks for at once."""
WITHIN: Final = timedelta(seconds=1)
CALM: Final = 0.5
"""So long after the last of many it is over."""
AT_MOST: Final = 8.0
"""After its beginning a success is held back no longer: an attempt may take 12."""


class Storm:
    """One for all deliveries of a worker."""

    def __init__(self) -> None:
        self._ordered: deque[datetime] = deque(maxlen=MANY)
        self._over = asyncio.Event()
        self._over.set()
        self._over_at = 0.0

    def came(self, ordered_at: datetime) -> None:
        """One more delivery has come."""
        self._ordered.append(ordered_at)
        if len(self._ordered) < MANY or abs(ordered_at - self._ordered[0]) >= WITHIN:
            return
        self._over_at = _now() + CALM
        if self._over.is_set():
            self._over.clear()
            self._look()

    async def over(self, until: float) -> None:
        """Wait until it is over, or the worker is to stop, but not beyond an instant of the loop's clock."""
        left = until - _now()
        if self._over.is_set() or left <= 0:
            return
        ends = [asyncio.ensure_future(each) for each in (self._over.wait(), activity.wait_for_worker_shutdown())]
        try:
            await asyncio.wait(ends, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in ends:
                each.cancel()

    def _look(self) -> None:
        if _now() >= self._over_at:
            self._over.set()
        else:
            asyncio.get_running_loop().call_at(self._over_at, self._look)


def _now() -> float:
    return asyncio.get_running_loop().time()
