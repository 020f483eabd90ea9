"""The gateway's app: its paths, what stands before all of them, and one answer to whatever goes wrong.

    app = make_app(parts)

Outermost first: `Arrival` (request id, instant of receipt), `Measured` (counts, the log's line), `Guard` (a fault of
ours is a problem without its text), `Limits` (the body's size and pace), `Admission` (who asks, how often), the paths.
`app.state.parts` and `app.state.stopping` are there for every handler.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, cast

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from plan.errors import Flaw, Malformed, Misconfigured, TocsinError
from plan.malformed import flaws_of
from starter.gateway.admission import Admission, Rates, Remembering, rates_of
from starter.gateway.arrival import Arrival, arrived
from starter.gateway.clock_check import ClockCheck
from starter.gateway.guard import Guard
from starter.gateway.limits import Limits
from starter.gateway.metrics import Measured, Metrics
from starter.gateway.openapi import describe
from starter.gateway.parts import Parts
from starter.gateway.problems import HTTPProblem, problem
from starter.gateway.routes import (
    acknowledge,
    bulk,
    cloud_events,
    facts,
    figures,
    health,
    incidents,
    pages,
    records,
    signing_in,
    subscriptions,
)

ROUTERS: Final = (
    health.router,
    incidents.router,
    facts.router,
    records.router,
    figures.router,
    bulk.router,
    cloud_events.router,
    subscriptions.router,
    acknowledge.router,
    signing_in.router,
    pages.router,
)
PARAMETERS: Final = ("query", "path", "header", "cookie")
_UNREADABLE: Final = "The request cannot be read; put right and send it again:"
_SAYS: Final = {
    400: "The request cannot be read. Send what the OpenAPI document at /openapi.json describes.",
    404: "There is nothing at this path. /openapi.json lists what there is.",
    405: "This path does not take this method; the header Allow lists those it takes.",
    406: "This path cannot answer in the media type asked for. Ask for application/json.",
    408: "The body did not arrive in time. Send it again, faster or in smaller parts.",
    413: "The body is larger than this path takes. Send less at once.",
    415: "This path does not read this media type. Send application/json.",
}

log: Final = logging.getLogger(__name__)


def make_app(parts: Parts, *, routers: Sequence[APIRouter] = ROUTERS, rates: Rates | None = None) -> FastAPI:
    """An app over its parts, which serves nothing yet. `rates`: else as the settings say."""
    parts = replace(parts, callers=Remembering(parts.callers))
    check = ClockCheck(parts.clock, parts.temporal)
    app = FastAPI(title="Tocsin", docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.parts, app.state.stopping = parts, asyncio.Event()
    app.state.clock_check, app.state.readiness = check, health.Readiness(check)
    app.state.metrics = Metrics(check)
    for router in routers:
        app.include_router(router)
    describe(app)
    app.add_exception_handler(TocsinError, _answered)
    app.add_exception_handler(HTTPException, _refused_by_http)
    app.add_exception_handler(RequestValidationError, _unreadable)
    rates = rates or rates_of(parts.settings)
    app.add_middleware(Admission, callers=parts.callers, rates=rates, metrics=app.state.metrics)
    app.add_middleware(Limits)
    app.add_middleware(Guard)
    app.add_middleware(Measured, metrics=app.state.metrics)
    app.add_middleware(Arrival, clock=parts.clock)
    return app


async def _answered(request: Request, error: Exception) -> Response:
    known = cast(TocsinError, error)
    if isinstance(known, Misconfigured):
        log.error("request %s: %s", arrived(request).request_id, known)
    return problem(request, known)


async def _refused_by_http(request: Request, error: Exception) -> Response:
    refused = cast(HTTPException, error)
    if refused.status_code == 400 and isinstance(refused.__cause__, RecursionError | UnicodeError):
        return problem(request, Malformed(f"{_UNREADABLE}\n", flaws=[Flaw("", "is nested too deeply, or not UTF-8")]))
    said = _SAYS.get(refused.status_code, _SAYS[400])
    return problem(request, HTTPProblem(refused.status_code, said, headers=refused.headers))


async def _unreadable(request: Request, error: Exception) -> Response:
    """FastAPI's own checks; what was sent is not repeated."""
    found = cast("Sequence[ErrorDetails]", cast(RequestValidationError, error).errors())
    return problem(request, Malformed(_UNREADABLE, flaws=flaws_of([_within_the_body(f) for f in found], PARAMETERS)))


def _within_the_body(fault: ErrorDetails) -> ErrorDetails:
    """The body is where pointers begin. What is not JSON at all has no place in it."""
    place = fault["loc"]
    if fault["type"] == "json_invalid":
        place = ()
    elif place[:1] == ("body",):
        place = place[1:]
    return cast(ErrorDetails, cast("dict[str, Any]", fault) | {"loc": place})
