"""Many complaints in one call (contract, section 9)."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from plan.access import Scope
from starter.gateway import examples
from starter.gateway.answers import Rows, rows
from starter.gateway.arrival import arrived
from starter.gateway.bodies import LINES, call_key, rows_of
from starter.gateway.documented import WITH_A_BODY, Body, answer, body, problems
from starter.gateway.idempotency import key_of_row
from starter.gateway.many import Named, check_count, file_many, raise_if_away
from starter.gateway.parts import parts_of
from starter.gateway.permission import permit_somewhere

router = APIRouter(tags=["incidents"])


@router.post(
    "/v1/incidents/bulk",
    summary="批量受理 · File many complaints",
    response_class=Response,
    responses={200: answer(Rows, "逐行结果 · Every row's own answer, in order"), **problems(*WITH_A_BODY)},
    openapi_extra=body(
        Body("Complaints", {"two": [examples.COMPLAINT, examples.CRISIS]}),
        Body("ComplaintLines", {}, LINES, "As JSON Lines each line is one complaint."),
    ),
)
async def file_bulk(request: Request) -> Response:
    """At most 2,000 rows. A bad row stops no other; crises go first, and whoever files meanwhile overtakes the rest.

    The call itself is 200 whatever became of the rows: each has a status of its own, and 207 is WebDAV's, whose answer
    is XML. With an Idempotency-Key rows without an id have theirs from it and their number.
    """
    parts, stamp = parts_of(request), arrived(request).received_at
    caller = await parts.callers.caller(request)
    permit_somewhere(caller, Scope.FILE)
    key = call_key(request)
    sent = await rows_of(request)
    check_count(sent)
    named = {n: Named(row, key_of_row(key, n) if key else None) for n, row in enumerate(sent, 1)}
    answers = [answer for _, answer in sorted((await file_many(request, parts, caller, named, stamp)).items())]
    raise_if_away(answers)
    return JSONResponse(rows(answers).model_dump(mode="json", exclude_none=True))
