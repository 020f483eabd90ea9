"""Stating one fact about an incident (contract, sections 4 and 9)."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from plan.access import Scope
from plan.receipts import Receipt
from starter.gateway import examples
from starter.gateway.answers import PendingReceipt
from starter.gateway.arrival import arrived
from starter.gateway.bodies import call_key, json_object
from starter.gateway.documented import WITH_A_BODY, Body, answer, body, problems
from starter.gateway.parts import parts_of
from starter.gateway.permission import permit_somewhere
from starter.gateway.problems import AGAIN_AFTER, problem
from starter.gateway.routes.incidents import IncidentIdPath
from starter.gateway.told import refusal_of, status_of, told

router = APIRouter(tags=["facts"])


@router.post(
    "/v1/incidents/{incident_id}/facts",
    summary="登记一项事实 · State a fact",
    response_class=Response,
    responses={
        200: answer(Receipt, "已接受，或此前已接受 · Accepted, now or before"),
        202: answer(
            PendingReceipt,
            "已可靠收下，尚未判定 · Durably received, not judged yet: no worker answered",
            Retry_After="Seconds until it is worth asking again.",
        ),
        **problems(404, 409, 410, *WITH_A_BODY),
    },
    openapi_extra=body(Body("Fact", {"calming": examples.CALMED, "signs": examples.SIGNS})),
)
async def tell_fact(request: Request, incident_id: IncidentIdPath) -> Response:
    """Judged by the instant at which this request arrived. A refusal is 409: a problem with the rule and the receipt.

    Told again with the same fact id and content it counts once, and is answered as the first time. `by` absent is the
    caller.
    """
    parts = parts_of(request)
    caller = await parts.callers.caller(request)
    if not caller.is_system:
        permit_somewhere(caller, Scope.TELL)
    key = call_key(request)
    said = await json_object(request)
    receipt = await told(parts, caller, incident_id, said, arrived(request).received_at, named=key)
    return answered(request, receipt, str(said.get("kind")), incident_id)


def answered(request: Request, receipt: Receipt, kind: str, incident_id: str) -> Response:
    """The answer to a fact, whichever path it came by."""
    content, status = receipt.model_dump(mode="json"), status_of(receipt)
    if status == 409:
        return problem(request, refusal_of(receipt, kind, incident_id), receipt=content)
    return JSONResponse(content, status, headers={"Retry-After": str(AGAIN_AFTER)} if status == 202 else None)
