"""What a person who is signed in owes, and until when; signed out, the way to sign in. The console comes later."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from plan.access import Caller
from plan.errors import NoSuchIncident, Refused, TocsinError
from plan.receipts import Answer
from runtime.reach import no_such
from starter.gateway.arrival import arrived
from starter.gateway.owed import Shown, lines, notice_of, notices, received_since, shown
from starter.gateway.page import TEMPLATES, page, trouble
from starter.gateway.parts import parts_of
from starter.gateway.problems import Forbidden, Unauthenticated
from starter.gateway.receiving import received_by, seen_by, seen_if_soon
from starter.gateway.routes.signing_in import sign_in_page
from starter.gateway.seen import seen_lines
from starter.listing import Listed, Wanted
from starter.pages.seen import Seen

router = APIRouter(include_in_schema=False)
MOST: Final = 12
"""Incidents on the front page, what is due first."""
BRIEF: Final = 3
"""Lines of each of them."""
Said = Annotated[str, Form(max_length=200)]


@router.get("/style.css")
async def style() -> Response:
    return FileResponse(
        TEMPLATES / "style.css",
        media_type="text/css",
        headers={"cache-control": "max-age=300", "x-content-type-options": "nosniff"},
    )


@router.get("/")
async def front(request: Request) -> Response:
    """Every open incident that is this person's business, what is due first."""
    try:
        caller = await _person(request)
    except TocsinError as error:
        return _signed_out(request, error)
    try:
        return await _front(request, caller)
    except TocsinError as error:
        return trouble(request, error, person=caller.id)


@router.get("/incidents/{incident_id}")
async def incident(request: Request, incident_id: str) -> Response:
    try:
        caller = await _person(request)
    except TocsinError as error:
        return _signed_out(request, error)
    try:
        seen, now = await _seen(request, caller, incident_id), arrived(request).received_at
    except TocsinError as error:
        return trouble(request, error, person=caller.id)
    of_theirs = notices(seen, caller, now)
    return page(request, "incident.html", person=caller.id, each=shown(seen, caller, now), notices=of_theirs)


@router.post("/incidents/{incident_id}/acknowledge")
async def acknowledge(request: Request, incident_id: str, notice_id: Said) -> Response:
    """Received, for a notice to oneself."""
    try:
        caller = await _person(request)
    except TocsinError as error:
        return _signed_out(request, error)
    try:
        return await _acknowledged(request, caller, incident_id, notice_id)
    except TocsinError as error:
        return trouble(request, error, person=caller.id)


async def _acknowledged(request: Request, caller: Caller, incident_id: str, notice_id: str) -> Response:
    parts, now = parts_of(request), arrived(request).received_at
    await _seen(request, caller, incident_id)
    receipt = await received_by(parts, caller.id, incident_id, notice_id, now)
    if not receipt.accepted and receipt.state is not Answer.PENDING:
        raise Refused(f"{receipt.reason_zh or ''} {receipt.reason or ''}".strip(), rule=receipt.rule)
    seen = await seen_if_soon(parts, incident_id, caller.id)
    return page(
        request,
        "received.html",
        person=caller.id,
        incident_id=incident_id,
        pending=receipt.state is Answer.PENDING,
        since=received_since(notice_of(seen, notice_id), now) if receipt.duplicate else "",
        lines=[line for line in lines(seen, caller, now) if line.mine][:3],
    )


async def _front(request: Request, caller: Caller) -> Response:
    parts, now = parts_of(request), arrived(request).received_at
    mine = await seen_lines(parts, caller, Wanted())
    seen = await asyncio.gather(*(seen_if_soon(parts, each.incident_id, caller.id) for each in mine[:MOST]))
    incidents = [
        shown(view, caller, now, most=BRIEF) if view.stage else _unanswered(line)
        for view, line in zip(seen, mine, strict=False)
    ]
    return page(request, "front.html", person=caller.id, incidents=incidents, more=max(0, len(mine) - MOST))


def _unanswered(line: Listed) -> Shown:
    """No worker has answered: the list's own line, without what is owed."""
    view = Seen(incident_id=line.incident_id, severity=line.severity, stage=line.stage, drill=line.drill)
    return shown(view, Caller(id=""), line.filed_at)._replace(known=False)


async def _seen(request: Request, caller: Caller, incident_id: str) -> Seen:
    """As this person may see it; a stranger is told what is told of one that does not exist."""
    try:
        seen = await seen_by(parts_of(request), incident_id, caller.id)
    except NoSuchIncident:
        raise no_such(incident_id) from None
    if seen.stage is None:
        raise no_such(incident_id)
    return seen


async def _person(request: Request) -> Caller:
    """Pages are for people; a system has the paths below /v1."""
    caller = await parts_of(request).callers.caller(request)
    if caller.is_system:
        raise Forbidden("网页供个人使用，系统请用 /v1 接口。 Pages are for people; a system calls the paths below /v1.")
    return caller


def _signed_out(request: Request, error: TocsinError) -> Response:
    if not isinstance(error, Unauthenticated):
        return trouble(request, error)
    back = request.url.path if request.method == "GET" else "/"
    answer = sign_in_page(request, back, status=401)
    answer.headers["www-authenticate"] = "Bearer"
    return answer
