"""Answers that no decent server gives: none at all, a late one, half of one.

They need the connection itself, which uvicorn keeps to itself; `Protocol` hands it on in the scope (uvicorn 0.54).
"""

import asyncio
import socket
import struct
from typing import Any, Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_TRANSPORT: Final = "tocsin.transport"


class Protocol(H11Protocol):
    """Uvicorn's own, whose application may break the connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        app: Any = self.app

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, _TRANSPORT: transport}, receive, send)

        self.app = with_transport


class Gate:
    """Where hung calls wait; each opening lets those through that wait now."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    async def wait(self) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting.add(turn)
        try:
            await turn
        finally:
            self._waiting.discard(turn)

    def open(self) -> None:
        for turn in self._waiting:
            if not turn.done():
                turn.set_result(None)


class Hung(Response):
    """Nothing, until the caller hangs up or the gate opens."""

    def __init__(self, gate: Gate) -> None:
        super().__init__()
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _either(self._gate.wait(), _hung_up(receive))
        _transport(scope).abort()
        await _hung_up(receive)


class Slow(Response):
    """Another answer, later."""

    def __init__(self, answer: Response, seconds: float, gate: Gate) -> None:
        super().__init__()
        self._answer, self._seconds, self._gate = answer, seconds, gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _either(self._gate.wait(), asyncio.sleep(self._seconds))
        await self._answer(scope, receive, send)


class Broken(Response):
    """The connection is reset; with an answer, in the middle of it."""

    def __init__(self, answer: Response | None = None) -> None:
        super().__init__()
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._answer is None:
            _reset(_transport(scope))
        else:
            body = bytes(self._answer.body)
            headers = self._answer.raw_headers
            await send({"type": "http.response.start", "status": self._answer.status_code, "headers": headers})
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            _transport(scope).close()  # what is written still goes out
        await _hung_up(receive)


def _reset(transport: asyncio.Transport) -> None:
    """With RST, as a machine does that knows nothing of the connection."""
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _transport(scope: Scope) -> asyncio.Transport:
    return scope[_TRANSPORT]


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _either(*ways: Any) -> None:
    """Until the first of them is over; the others are dropped."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
