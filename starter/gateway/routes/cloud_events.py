"""CloudEvents in: complaints and facts as other systems publish them (docs/http.md)."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from plan.access import Caller, Scope
from plan.errors import TocsinError
from plan.receipts import Receipt
from starter.gateway import examples
from starter.gateway.answers import FiledAnswer, PendingReceipt, Row, Rows, rows
from starter.gateway.arrival import arrived
from starter.gateway.bodies import JSON, Unreadable
from starter.gateway.cloud_event import BATCHED, COMPLAINT, NAME_IS, STRUCTURED, CloudEvent, event_of
from starter.gateway.documented import WITH_A_BODY, Body, answer, body, problems
from starter.gateway.intake import filed, read_complaint
from starter.gateway.many import Named, check_count, failed, file_many, raise_if_away
from starter.gateway.parts import Parts, parts_of
from starter.gateway.permission import permit_somewhere
from starter.gateway.problems import problem_of
from starter.gateway.routes.facts import answered
from starter.gateway.told import refusal_of, status_of, told

router = APIRouter(tags=["events"])


@router.post(
    "/v1/events",
    summary="接收 CloudEvents · Take CloudEvents",
    response_class=Response,
    responses={
        200: answer(
            FiledAnswer | Receipt | Rows,
            "已接受或此前已受理；批量为逐项结果 · Accepted or there before; of a batch every event's answer",
        ),
        201: answer(FiledAnswer, "已受理 · A complaint was filed", Location="Where the incident is."),
        202: answer(PendingReceipt, "已可靠收下，尚未判定 · A fact was received, not judged yet"),
        **problems(404, 409, 410, *WITH_A_BODY),
    },
    openapi_extra=body(
        Body("CloudEvent", {"complaint": examples.EVENT, "fact": examples.FACT_EVENT}, (STRUCTURED,)),
        Body("CloudEvents", {"batch": [examples.EVENT, examples.FACT_EVENT]}, (BATCHED,)),
        Body("EventData", {}, (JSON,), "In binary mode the attributes are headers `ce-…` and the body is the data."),
        keyed=False,
    ),
)
async def take_event(request: Request) -> Response:
    """`tocsin.complaint` is filed, `tocsin.fact` told of the incident that is its subject, as by the paths for them."""
    parts, stamp = parts_of(request), arrived(request).received_at
    caller = await parts.callers.caller(request)
    _permit(caller)
    sent = await event_of(request)
    if isinstance(sent, list):
        return await _batch(request, parts, caller, sent, stamp)
    if sent.type == COMPLAINT:
        return await _filed(parts, caller, sent, stamp)
    fact, subject = sent.content(), sent.subject or ""
    receipt = await told(parts, caller, subject, fact, stamp, named=sent.key, name_is=NAME_IS)
    return answered(request, receipt, str(fact.get("kind")), subject)


async def _filed(parts: Parts, caller: Caller, event: CloudEvent, received_at: datetime) -> Response:
    said = event.content()
    complaint = await read_complaint(parts, caller, said, named=event.key)
    derived = NAME_IS if said.get("incident_id") is None else None
    done = await filed(parts, complaint, received_at, derived_from=derived)
    content = FiledAnswer(incident_id=done.incident_id, created=done.created).model_dump(mode="json")
    return JSONResponse(
        content, 201 if done.created else 200, headers={"Location": f"/v1/incidents/{done.incident_id}"}
    )


async def _batch(
    request: Request, parts: Parts, caller: Caller, sent: Sequence[CloudEvent | Unreadable], received_at: datetime
) -> Response:
    """Complaints first; then facts, of each incident in the order in which they were sent."""
    check_count(sent, "events")
    complaints: dict[int, Named] = {}
    facts: defaultdict[str, dict[int, CloudEvent]] = defaultdict(dict)
    for n, event in enumerate(sent, 1):
        if isinstance(event, Unreadable) or event.type == COMPLAINT:
            complaints[n] = _named(event)
        else:
            facts[event.subject or ""][n] = event
    answers = await file_many(request, parts, caller, complaints, received_at)
    at_once = asyncio.Semaphore(_INCIDENTS_AT_ONCE)

    async def tell(incident_id: str, events: Mapping[int, CloudEvent]) -> None:
        async with at_once:
            for n, event in events.items():
                answers[n] = await _told(request, parts, caller, n, incident_id, event, received_at)

    await asyncio.gather(*(tell(*each) for each in facts.items()))
    ordered = [answer for _, answer in sorted(answers.items())]
    raise_if_away(ordered)
    return JSONResponse(rows(ordered).model_dump(mode="json", exclude_none=True))


_INCIDENTS_AT_ONCE = 16


def _named(event: CloudEvent | Unreadable) -> Named:
    if isinstance(event, Unreadable):
        return Named(event)
    try:
        return Named(event.content(), event.key, NAME_IS)
    except TocsinError as error:
        return Named(Unreadable(error))


async def _told(
    request: Request, parts: Parts, caller: Caller, n: int, incident_id: str, event: CloudEvent, received_at: datetime
) -> Row:
    try:
        said = event.content()
        receipt = await told(parts, caller, incident_id, said, received_at, named=event.key, name_is=NAME_IS)
    except TocsinError as error:
        return failed(request, n, error)
    return _row(request, n, receipt, str(said.get("kind")), incident_id)


def _row(request: Request, n: int, receipt: Receipt, kind: str, incident_id: str) -> Row:
    no = refusal_of(receipt, kind, incident_id) if status_of(receipt) == 409 else None
    said = problem_of(request, no) if no else None
    return Row(row=n, status=status_of(receipt), incident_id=incident_id, receipt=receipt, problem=said)


def _permit(caller: Caller) -> None:
    """Whoever may neither file nor tell has no business here."""
    scopes = {scope for grant in caller.grants for scope in grant.scopes}
    if not scopes & {Scope.TELL, Scope.SPEAK}:
        permit_somewhere(caller, Scope.FILE)
