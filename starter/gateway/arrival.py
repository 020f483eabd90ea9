"""What a request is given as it arrives, before its body is read: an id, and the instant of receipt.

    arrived(request).received_at

The id is the caller's own `X-Request-Id` where that is one, else made here; every answer carries it, problems and the
log name it. The instant comes from the gateway's one clock: a slow body does not make a report late (R43).
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from starter.gateway.parts import Clock

HEADER: Final = "x-request-id"
_SANE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_STATE: Final = "arrived"


@dataclass(frozen=True)
class Arrived:
    request_id: str
    received_at: datetime


def arrived(connection: HTTPConnection) -> Arrived:
    """What this request was given."""
    found = getattr(connection.state, _STATE, None)
    if not isinstance(found, Arrived):
        raise TypeError("the app was made without its arrival")
    return found


class Arrival:
    """Middleware, the outermost."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app, self._clock = app, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = Headers(scope=scope).get(HEADER, "")
        known = Arrived(said if _SANE.fullmatch(said) else secrets.token_hex(8), self._clock.now())
        scope["state"] = {**scope.get("state", {}), _STATE: known}

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = known.request_id
            await send(message)

        await self._app(scope, receive, named)
