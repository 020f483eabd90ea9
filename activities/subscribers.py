"""Who is told of what happens: the subscriptions in force, as the store had them a moment ago (R29).

Read again when somebody asks and what is known is older than `FRESH`. Where the store is away, what was known last
holds: nobody who was told before goes without. Errors: Unreachable, Misconfigured, where nothing is known at all.
"""

import asyncio
import time
from datetime import timedelta
from typing import Final

from activities.shelf import Shelf
from plan.errors import TocsinError
from runtime.records.subscriptions import Keyed, NoSuchSubscription, subscription, subscriptions, without_a_key

FRESH: Final = timedelta(seconds=1)


class Subscribers:
    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._known: dict[str, Keyed] | None = None
        self._without_a_key = frozenset[str]()
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def in_force(self) -> list[Keyed]:
        async with self._reading:
            if time.monotonic() - self._read_at > FRESH.total_seconds():
                await self._read()
        return list((self._known or {}).values())

    async def one(self, id: str) -> Keyed | None:
        """None where it is over, or there never was one."""
        await self.in_force()
        known = self._known or {}
        if id in known:
            return known[id]
        try:
            found = await self._shelf.ask(lambda store: subscription(store, id))
        except NoSuchSubscription:
            return None
        return found if found.subscription.in_force else None

    def has_no_key(self, system: str) -> bool:
        """All of its keys for events were taken back."""
        return system in self._without_a_key

    def forget(self) -> None:
        """Something was changed: read it again."""
        self._read_at = float("-inf")

    async def _read(self) -> None:
        try:
            found = await self._shelf.ask(subscriptions)
            self._without_a_key = await self._shelf.ask(without_a_key)
        except TocsinError:
            self._read_at = time.monotonic()  # asked again in a moment, not by everybody at once
            if self._known is None:
                raise
            return
        self._known = {each.subscription.id: each for each in found}
        self._read_at = time.monotonic()
