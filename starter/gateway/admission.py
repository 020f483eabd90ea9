"""Before a path is looked at: who asks, once, and whether it is too much (`rate.py`).

Who is asking is found here and remembered for the path's own question, also when the answer is an error.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final, cast

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from plan.access import Caller
from plan.errors import TocsinError, Unreachable
from plan.urgency import cannot_wait
from runtime.settings import Settings
from starter.gateway.metrics import Metrics
from starter.gateway.parts import Callers
from starter.gateway.problems import TooMany, problem
from starter.gateway.rate import WINDOW, Buckets, Left, Policy

FREE: Final = ("/healthz", "/readyz", "/metrics")
"""Asked all the time, by what keeps the gateway running."""
_ASKED: Final = "asked"


class Remembering:
    """Callers, asked once for each request."""

    def __init__(self, callers: Callers) -> None:
        self._callers = callers

    async def caller(self, connection: HTTPConnection) -> Caller:
        found = getattr(connection.state, _ASKED, None)
        if found is None:
            try:
                found = await self._callers.caller(connection)
            except TocsinError as unknown:
                found = unknown
            setattr(connection.state, _ASKED, found)
        if isinstance(found, TocsinError):
            raise found
        return cast(Caller, found)


@dataclass(frozen=True)
class Rates:
    """Who we know, each by name, and who we do not, by address."""

    known: Buckets
    unknown: Buckets


def rates_of(settings: Settings, now: Callable[[], float] = time.monotonic) -> Rates:
    """As the environment says."""
    return Rates(
        known=Buckets(Policy("caller", settings.rate * WINDOW), now),
        unknown=Buckets(Policy("address", settings.rate_unknown * WINDOW), now),
    )


class Admission:
    """Middleware. `callers` is what the paths ask too."""

    def __init__(self, app: ASGIApp, callers: Callers, rates: Rates, metrics: Metrics) -> None:
        self._app, self._callers, self._rates, self._beyond = app, callers, rates, metrics.rate_limited

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in FREE:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            caller = await self._caller(request)
        except Unreachable:
            await self._app(scope, receive, send)  # nobody can say who this is: the path answers so
            return
        left = self._rates.known.take(caller.id) if caller else self._rates.unknown.take(_address(scope))

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(left.fields)
            await send(message)

        if left.taken:
            await self._app(scope, receive, told)
        elif caller is not None and request.method == "POST":
            await self._judged(request, left, told)
        else:
            await self._refused(request, left, told)

    async def _caller(self, request: Request) -> Caller | None:
        try:
            return await self._callers.caller(request)
        except Unreachable:
            raise
        except TocsinError:
            return None  # the path says why, where it asks at all

    async def _judged(self, request: Request, left: Left, told: Send) -> None:
        """Beyond the bucket: the body is read here to see whether it can wait."""
        try:
            body = await request.body()
        except HTTPException as too_much:
            await self._app(request.scope, _raising(too_much), told)
            return
        if urgent(body):
            self._beyond.labels("taken").inc()
            await self._app(request.scope, _again(body, request.receive), told)
        else:
            await self._refused(request, left, told)

    async def _refused(self, request: Request, left: Left, told: Send) -> None:
        self._beyond.labels("refused").inc()
        await problem(request, too_many(left))(request.scope, request.receive, told)


def urgent(body: bytes) -> bool:
    """Whether what was sent, as one JSON document or one a line, cannot wait. What cannot be read as such is not
    judged here but taken, and refused for what it is."""
    try:
        return cannot_wait(json.loads(body))
    except (ValueError, RecursionError):
        pass
    try:
        return any(cannot_wait(json.loads(line)) for line in body.splitlines() if line.strip())
    except (ValueError, RecursionError):
        return True


def too_many(left: Left) -> TooMany:
    policy = left.policy
    return TooMany(
        f"These are more calls than agreed: {policy.quota} in ten seconds. Wait {left.next_in} s and send this again. "
        "What makes a crisis, or may, is never made to wait.",
        retry_after=left.next_in,
    )


def _again(body: bytes, then: Receive) -> Receive:
    """The body once more, for the path; after it, whatever comes."""
    waiting = [body]

    async def receive() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await then()

    return receive


def _raising(error: Exception) -> Receive:
    async def receive() -> Message:
        raise error

    return receive


def _address(scope: Scope) -> str:
    """Of IPv6 the network that one household or office has."""
    client = scope.get("client")
    host = str(client[0]) if client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str(int(address) >> 64) if isinstance(address, IPv6Address) else host
