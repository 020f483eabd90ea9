"""Filing a complaint, the list of incidents, and one incident as its seat sees it (contract, section 9)."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from plan.access import Scope
from plan.values import Ref
from plan.visibility import FIELDS
from starter.gateway import cursors, examples
from starter.gateway.answers import FiledAnswer, Incidents
from starter.gateway.arrival import arrived
from starter.gateway.bodies import call_key, json_object
from starter.gateway.documented import WITH_A_BODY, Body, answer, body, problems
from starter.gateway.intake import filed, read_complaint
from starter.gateway.parts import parts_of
from starter.gateway.permission import permit_somewhere
from starter.gateway.seen import seen_lines
from starter.gateway.sight import view_of
from starter.gateway.whereabouts import found, gone
from starter.listing import Wanted

router = APIRouter(tags=["incidents"])
MOST: Final = 500

Status = Literal["open", "with_insurer", "decided", "relayed", "resolved", "closed", "withdrawn", "any"]
State = Literal["pending", "held", "delivered", "failed", "acknowledged"]
IncidentIdPath = Annotated[
    str, Path(alias="incident_id", description="The incident's id.", examples=["GD-2026-000123"], max_length=64)
]


class Asked(BaseModel):
    """The filters of `tocsin list`, and which page."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    status: list[Status] = Field(default=[], max_length=20, description="Stages; without any, whatever is not over.")
    overdue: bool = Field(default=False, description="A clock was missed and is not met yet.")
    crisis: bool = Field(default=False, description="Crises only.")
    drill: bool = Field(default=False, description="Drills, which are not listed otherwise (R11).")
    outlet: Ref | None = Field(default=None, description="One outlet's.", examples=["gd-gz-th-0001"])
    insurer: Ref | None = Field(default=None, description="One insurer's.", examples=["anhe-life"])
    notices: list[State] = Field(default=[], max_length=10, description="Those with a notice in one of these states.")
    limit: int = Field(default=50, ge=1, le=MOST, description="Lines of a page.")
    cursor: str | None = Field(default=None, max_length=cursors.LONGEST, description="`next` of the page before.")

    def wanted(self) -> Wanted:
        return Wanted(**self.model_dump(exclude={"limit", "cursor"}))


@router.post(
    "/v1/incidents",
    summary="受理一件投诉 · File a complaint",
    status_code=201,
    response_class=Response,
    responses={
        201: answer(FiledAnswer, "已受理 · Filed, and durable", Location="Where the incident is."),
        200: answer(FiledAnswer, "此前已受理 · The very same was filed before", Location="Where the incident is."),
        **problems(409, *WITH_A_BODY),
    },
    openapi_extra=body(Body("Complaint", {"complaint": examples.COMPLAINT, "crisis": examples.CRISIS})),
)
async def file_incident(request: Request) -> Response:
    """Durable in Temporal before the answer leaves. The same id with the same content is 200, and filed once."""
    parts = parts_of(request)
    caller = await parts.callers.caller(request)
    permit_somewhere(caller, Scope.FILE)
    key = call_key(request)
    said = await json_object(request)
    complaint = await read_complaint(parts, caller, said, named=key)
    derived = "Idempotency-Key" if key and said.get("incident_id") is None else None
    done = await filed(parts, complaint, arrived(request).received_at, derived_from=derived)
    return JSONResponse(
        FiledAnswer(incident_id=done.incident_id, created=done.created).model_dump(mode="json"),
        201 if done.created else 200,
        headers={"Location": f"/v1/incidents/{done.incident_id}"},
    )


@router.get(
    "/v1/incidents",
    summary="列出事件 · List incidents, what is due first",
    response_class=Response,
    responses={200: answer(Incidents, "一页 · A page"), **problems(422)},
)
async def list_incidents(request: Request, asked: Annotated[Asked, Query()]) -> Response:
    """Of those within the caller's units, or of its insurer. One that comes due sooner meanwhile moves."""
    parts = parts_of(request)
    caller = await parts.callers.caller(request)
    permit_somewhere(caller, Scope.READ)
    wanted = asked.wanted()
    place = cursors.place_in(asked.cursor, filters := wanted.model_dump())
    lines = await seen_lines(parts, caller, wanted)
    behind = [line for line in lines if place is None or line.place > place]
    page = behind[: asked.limit]
    more = len(behind) > len(page)
    said = Incidents(
        incidents=tuple(page), total=len(lines), next=cursors.written(page[-1].place, filters) if more else None
    )
    return JSONResponse(said.model_dump(mode="json"))


@router.get(
    "/v1/incidents/{incident_id}",
    summary="一件事件的现状 · One incident as it stands",
    response_class=Response,
    responses={
        200: {"description": "现状 · What is known, due, sent and owed next; what the seat may not see is absent"},
        **problems(404, 410, 422),
    },
    openapi_extra={"x-answer": {"schema": "Incident", "example": examples.VIEW}},
)
async def show_incident(request: Request, incident_id: IncidentIdPath) -> Response:
    """As the caller's seat sees it (plan/visibility.py). Personal data is masked, always."""
    parts = parts_of(request)
    caller = await parts.callers.caller(request)
    incident = await found(parts, caller, Scope.READ, incident_id)
    if incident.kept is not None:
        raise gone(incident_id)
    return JSONResponse(await view_of(await parts.temporal.client(), caller, incident_id))


def view_schema() -> dict[str, Any]:
    """An incident's fields, from the table of who sees what."""
    kinds = _KINDS | {name: {} for name in FIELDS if name not in _KINDS}
    return {
        "title": "Incident",
        "type": "object",
        "description": "Fields that the caller's seat may not see are absent; docs/reference.md describes each.",
        "required": ["incident_id"],
        "properties": {name: kinds[name] for name in FIELDS},
    }


_TEXT: Final[dict[str, Any]] = {"type": "string"}
_MAYBE: Final[dict[str, Any]] = {"type": ["string", "null"]}
_WHEN: Final[dict[str, Any]] = {"type": "string", "format": "date-time"}
_MAYBE_WHEN: Final[dict[str, Any]] = {"type": ["string", "null"], "format": "date-time"}
_FLAG: Final[dict[str, Any]] = {"type": "boolean"}
_MANY: Final[dict[str, Any]] = {"type": ["array", "null"]}
_NUMBER: Final[dict[str, Any]] = {"type": "integer"}
_KINDS: Final[dict[str, dict[str, Any]]] = {
    **dict.fromkeys(("incident_id", "form", "severity", "stage", "head"), _TEXT),
    **dict.fromkeys(("outlet", "province", "scene", "insurer", "group_id", "channel", "subject", "line"), _MAYBE),
    **dict.fromkeys(("filed_at",), _WHEN),
    **dict.fromkeys(("known_at", "crisis_at"), _MAYBE_WHEN),
    **dict.fromkeys(("drill", "imported", "group_signs"), _FLAG),
    **dict.fromkeys(("people_count", "repeats", "sequence"), _NUMBER),
    **dict.fromkeys(
        ("insurers", "criteria", "clocks", "notices", "outstanding", "refusals", "members", "policies", "actions"),
        _MANY,
    ),
}
