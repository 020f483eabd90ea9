"""The gateway's connection to Temporal, which may come up after the gateway did, and go away and come back.

Errors: Unreachable, within `PATIENCE`, and at once while a failure is fresh: many callers do not each wait for it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from temporalio.client import Client

from plan.errors import Unreachable
from runtime.reach import PATIENCE, within
from runtime.settings import Settings
from runtime.temporal import connect

FRESH: Final = timedelta(seconds=1)
"""How long a failed attempt speaks for the next callers."""


class Connected:
    """Of a client that somebody has made already: it connects again by itself."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def client(self) -> Client:
        return self._client


class Connecting:
    """Made when first needed; one attempt at a time serves all who wait."""

    def __init__(self, settings: Settings, connect: Callable[[Settings], Awaitable[Client]] = connect) -> None:
        self._settings, self._connect = settings, connect
        self._client: Client | None = None
        self._one_at_a_time = asyncio.Lock()
        self._failed_at: float | None = None

    async def client(self) -> Client:
        if self._client is None:
            async with self._one_at_a_time:
                self._client = self._client or await self._connected()
        return self._client

    async def _connected(self) -> Client:
        now = asyncio.get_running_loop().time
        if self._failed_at is not None and now() < self._failed_at + FRESH.total_seconds():
            raise _away()
        try:
            client = await within(PATIENCE, self._attempt())
        except Unreachable:
            client = None
        if client is None:
            self._failed_at = now()
            raise _away()
        return client

    async def _attempt(self) -> Client:
        return await self._connect(self._settings)


def _away() -> Unreachable:
    return Unreachable("Temporal does not answer. Nothing was taken; send it again with the same ids.")
