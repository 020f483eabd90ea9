"""Puts together what falls due at one instant: who comes first waits a moment for the others (R14).

    bundles = Bundles(post)          # post(key, items)
    await bundles.add(key, item)     # returns when the item was posted, with whatever came for this key meanwhile

The wait ends once no more come, or the first has waited long enough. What `post` raises, everybody in the bundle is
told. Who is cancelled meanwhile holds up nobody else, and goes along all the same: whoever posts may be asked twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final, Generic, TypeVar

Item = TypeVar("Item")

NEXT_WITHIN: Final = timedelta(milliseconds=30)
"""What falls due at one instant comes no further apart, as a rule; nobody waits for what does."""
AT_MOST: Final = timedelta(milliseconds=150)
"""The longest that the first of them waits."""
MOST: Final = 30
"""In one bundle."""


class Bundles(Generic[Item]):
    """One bundle open for each key."""

    def __init__(self, post: Callable[[str, Sequence[Item]], Awaitable[None]]) -> None:
        self._post = post
        self._open: dict[str, tuple[list[Item], asyncio.Future[None]]] = {}

    async def add(self, key: str, item: Item) -> None:
        if key not in self._open:
            items: list[Item] = []
            posted = asyncio.ensure_future(self._posted(key, items))
            posted.add_done_callback(_heard)
            self._open[key] = items, posted
        items, posted = self._open[key]
        items.append(item)
        if len(items) == MOST:
            del self._open[key]
        await asyncio.shield(posted)

    async def _posted(self, key: str, items: list[Item]) -> None:
        await _whole(items)
        if key in self._open and self._open[key][0] is items:
            del self._open[key]
        await self._post(key, items)


async def _whole(items: Sequence[object]) -> None:
    clock = asyncio.get_running_loop().time
    last = clock() + AT_MOST.total_seconds()
    came = -1
    while came < len(items) < MOST and (left := last - clock()) > 0:
        came = len(items)
        await asyncio.sleep(min(left, NEXT_WITHIN.total_seconds()))


def _heard(posted: asyncio.Future[None]) -> None:
    """Where nobody waits any more, there is nobody to tell of an error."""
    if not posted.cancelled():
        posted.exception()
