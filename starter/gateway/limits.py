"""How large a body may be, and how long it may take to come: counted as it streams, whatever its header says.

A body beyond it is a problem 413 or 408, and the connection is closed. What such a caller still sends is read for a
moment and thrown away, for a connection that is closed in the middle of it takes the answer with it.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LINGERING: Final = timedelta(seconds=2)
CLOSED: Final = {"connection": "close"}


@dataclass(frozen=True)
class Limit:
    """Bytes of a whole body, and from the request's arrival until its last byte."""

    size: int
    within: timedelta


USUAL: Final = Limit(2**20, timedelta(seconds=10))
BULK: Final = Limit(2**24, timedelta(seconds=60))
BULK_PATHS: Final = ("/v1/incidents/bulk",)


class Limits:
    """Middleware. `bulk_paths` take the larger limit."""

    def __init__(
        self, app: ASGIApp, *, usual: Limit = USUAL, bulk: Limit = BULK, bulk_paths: Collection[str] = BULK_PATHS
    ) -> None:
        self._app, self._usual, self._bulk, self._bulk_paths = app, usual, bulk, bulk_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._bulk if scope["path"] in self._bulk_paths else self._usual
        body = _Body(limit, Headers(scope=scope), receive)

        async def lingering(message: Message) -> None:
            last = message["type"] == "http.response.body" and not message.get("more_body", False)
            if not (last and body.refused):
                await send(message)
                return
            await send({**message, "more_body": True})
            await body.thrown_away()
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self._app(scope, body.receive, lingering)


class _Body:
    """One request's body, as far as it has come."""

    def __init__(self, limit: Limit, headers: Headers, receive: Receive) -> None:
        self._limit, self._receive = limit, receive
        announced = headers.get("content-length", "")
        self._announced = int(announced) if announced.isdecimal() else 0
        self._last = asyncio.get_running_loop().time() + limit.within.total_seconds()
        self._come, self._whole = 0, False
        self.refused = False

    async def receive(self) -> Message:
        if self._whole:
            return await self._receive()  # waits until the caller is gone
        if self.refused or self._announced > self._limit.size:
            raise self._refuse(413)
        try:
            async with asyncio.timeout_at(self._last):
                message = await self._receive()
        except TimeoutError:
            raise self._refuse(408) from None
        self._count(message)
        if self._come > self._limit.size:
            raise self._refuse(413)
        return message

    def _count(self, message: Message) -> None:
        self._come += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)

    def _refuse(self, status: int) -> HTTPException:
        """Passed through by FastAPI, which makes a 400 of any other error that comes up while a body is read."""
        self.refused = True
        return HTTPException(status, headers=CLOSED)

    async def thrown_away(self) -> None:
        """What still comes, for a moment."""
        try:
            async with asyncio.timeout(LINGERING.total_seconds()):
                while not self._whole:
                    self._count(await self._receive())
        except TimeoutError:
            pass
