"""Telling the simulators what to do over HTTP, and asking what came: what `Town` can do, as JSON."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.simulators.faults import EVERYWHERE, Fault
from tests.simulators.inbox import Arrival, Audience, Kind, Member
from tests.simulators.town import Town


class Opened(BaseModel):
    """An inbox that is asked for."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    id: str
    title: str = ""
    people: tuple[Member, ...] = ()
    audience: Audience = ""
    key: str | None = None
    secret: str | None = None


class Opening(BaseModel):
    """What is there from the beginning: inboxes, and what is registered with the SMS gateway."""

    model_config = ConfigDict(extra="forbid")

    inboxes: tuple[Opened, ...] = ()
    sign_name: str | None = None
    templates: dict[str, str] = {}


class Spoiling(BaseModel):
    """Faults that are asked for."""

    model_config = ConfigDict(extra="forbid")

    inbox: str = EVERYWHERE
    faults: tuple[Fault, ...]


LONGEST_WAIT: Final = 30
"""Seconds."""
ARRIVALS = TypeAdapter(list[Arrival])


def open_one(town: Town, asked: Opened) -> Mapping[str, object]:
    inbox = town.open(**{name: getattr(asked, name) for name in Opened.model_fields})
    return inbox.model_dump(mode="json")


def open_all(town: Town, asked: Opening) -> None:
    for inbox in asked.inboxes:
        open_one(town, inbox)
    town.sms.templates.update(asked.templates)
    town.sms.sign_name = asked.sign_name or town.sms.sign_name


class Control:
    """`release` ends hung calls, on the loop they hang on."""

    def __init__(self, town: Town, addresses: Callable[[], dict[str, object]], release: Callable[[], None]) -> None:
        self._town, self._addresses, self._release = town, addresses, release

    def routes(self) -> list[Route]:
        return [
            Route("/control", self._where),
            Route("/control/inboxes", self._open, methods=["POST"]),
            Route("/control/faults", self._fault, methods=["POST"]),
            Route("/control/arrivals", self._came),
            Route("/control/{what}", self._do, methods=["POST"]),
        ]

    async def _where(self, request: Request) -> Response:
        return JSONResponse(self._addresses())

    async def _open(self, request: Request) -> Response:
        try:
            return JSONResponse(open_one(self._town, Opened.model_validate_json(await request.body())))
        except ValidationError as wrong:
            return JSONResponse({"error": str(wrong)}, 422)

    async def _fault(self, request: Request) -> Response:
        try:
            asked = Spoiling.model_validate_json(await request.body())
        except ValidationError as wrong:
            return JSONResponse({"error": str(wrong)}, 422)
        self._town.fault(asked.inbox, *asked.faults)
        return JSONResponse({"inbox": asked.inbox, "faults": len(asked.faults)})

    async def _do(self, request: Request) -> Response:
        match request.path_params["what"]:
            case "mend":
                self._town.mend()
            case "forget":
                self._town.forget()
            case "release":
                self._release()
            case _:
                return JSONResponse({"error": "unknown"}, 404)
        return JSONResponse({})

    async def _came(self, request: Request) -> Response:
        after, wait = (request.query_params.get(name, "0") for name in ("after", "wait"))
        place = request.query_params.get("inbox", EVERYWHERE)
        if not (after.isdecimal() and wait.isdecimal()):
            return JSONResponse({"error": "after and wait are whole numbers"}, 422)

        def newer() -> list[Arrival]:
            return [each for each in self._town.arrivals(place) if each.number > int(after)]

        if int(wait):
            with suppress(TimeoutError):
                await self._town.until(lambda: bool(newer()), timedelta(seconds=min(int(wait), LONGEST_WAIT)))
        return Response(await asyncio.to_thread(ARRIVALS.dump_json, newer()), media_type="application/json")
