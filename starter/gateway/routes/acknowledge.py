"""Personal links: a page with one button, and what the button does (R14; contract, section 9).

The link is the proof, so that nobody needs to sign in. A GET never acknowledges: scanners open every link.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from plan.errors import NoSuchIncident, Refused, TocsinError
from plan.receipts import Answer, Receipt
from runtime.ack_links import LONGEST
from starter.gateway.arrival import arrived
from starter.gateway.owed import lines, notice_of, received_since
from starter.gateway.page import page, trouble, wants_html
from starter.gateway.parts import parts_of
from starter.gateway.problems import MEDIA_TYPE, Problem, problem
from starter.gateway.receiving import received_by_link, seen_if_soon, somebody
from starter.words import duty_word

router = APIRouter(tags=["notices"])
Token = Annotated[str, Path(max_length=LONGEST, description="Out of the link in a personal message.")]
_GONE = "The incident of this notice is over, and no longer there to be answered. There is nothing left to do."


def _problem(what: str) -> dict[str, Any]:
    return {"description": what, "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}}


@router.post(
    "/v1/notices/{token}/acknowledge",
    summary="收到 · Say received with a personal link",
    response_model=Receipt,
    responses={
        202: {"model": Receipt, "description": "Durably received, not judged yet: no worker answered."},
        404: _problem("The incident is over and gone."),
        409: _problem("The link is too old, or the plan does not take it from this person."),
        422: _problem("No link of ours, or only a part of one."),
        503: _problem("Temporal is out of reach; try again."),
    },
)
async def acknowledge(request: Request, token: Token) -> Response:
    """For its recipient, whoever sends it: the link proves to whom it went. Any body is ignored. Repeating it is fine.

    Received is not reported: every clock runs on. A browser that asks for text/html is answered with a page.
    """
    html = wants_html(request)
    try:
        return await _acknowledged(request, token, html)
    except NoSuchIncident as gone:
        told = NoSuchIncident(_GONE)
        if not html:
            raise told from gone
        return trouble(request, told)
    except TocsinError as error:
        if not html:
            raise
        return trouble(request, error)


@router.get("/n/{token}", include_in_schema=False)
async def notice(request: Request, token: Token) -> Response:
    """What it is about, in a line or two, and the button."""
    parts, now = parts_of(request), arrived(request).received_at
    try:
        said = parts.links.read(token, now)
    except TocsinError as error:
        return trouble(request, error)
    caller = await somebody(parts, said.recipient)
    seen = await seen_if_soon(parts, said.incident_id, said.recipient)
    this = notice_of(seen, said.notice_id)
    return page(
        request,
        "notice.html",
        incident_id=said.incident_id,
        token=token,
        drill=seen.drill,
        about_zh=duty_word(this.duty, "zh") if this else "",
        about_en=duty_word(this.duty, "en") if this else "",
        lines=[line for line in lines(seen, caller, now) if line.mine][:3],
        since=received_since(this, now),
    )


async def _acknowledged(request: Request, token: str, html: bool) -> Response:
    parts, now = parts_of(request), arrived(request).received_at
    said = parts.links.read(token, now)
    receipt = await received_by_link(parts, token, said, now)
    status = 202 if receipt.state is Answer.PENDING else 200 if receipt.accepted else 409
    if status == 409:
        why = f"{receipt.reason_zh or ''} {receipt.reason or ''}".strip()
        refused = Refused(why, rule=receipt.rule)
        content = receipt.model_dump(mode="json")
        return trouble(request, refused) if html else problem(request, refused, receipt=content)
    if not html:
        return JSONResponse(receipt.model_dump(mode="json"), status)
    pending = status == 202
    caller = await somebody(parts, said.recipient)
    seen = await seen_if_soon(parts, said.incident_id, said.recipient)
    return page(
        request,
        "received.html",
        status=status,
        incident_id=said.incident_id,
        pending=pending,
        since=received_since(notice_of(seen, said.notice_id), now) if receipt.duplicate else "",
        lines=[line for line in lines(seen, caller, now) if line.mine][:3],
    )
