"""The record of an incident: in pages, whole for a second party, and as it grows (contract, sections 8 and 9)."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from plan.access import Scope
from plan.errors import Malformed
from plan.record import GENESIS, export_line
from starter.gateway import cursors, streams
from starter.gateway.answers import Timeline
from starter.gateway.documented import answer, problems
from starter.gateway.parts import parts_of
from starter.gateway.routes.incidents import IncidentIdPath
from starter.gateway.seen import without_insurers
from starter.gateway.sight import Sight, sight_of
from starter.gateway.whereabouts import found
from starter.kept import record_of

router = APIRouter(tags=["records"])
LINES: Final = "application/jsonl"
HEAD: Final = "Tocsin-Head"
MOST: Final = 500


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    limit: int = Field(default=100, ge=1, le=MOST, description="Entries of a page.")
    cursor: str | None = Field(default=None, max_length=cursors.LONGEST, description="`next` of the page before.")


@router.get(
    "/v1/incidents/{incident_id}/timeline",
    summary="时间线 · The record in pages",
    response_class=Response,
    responses={200: answer(Timeline, "一页 · A page, oldest first"), **problems(404, 422)},
)
async def timeline(request: Request, incident_id: IncidentIdPath, asked: Annotated[Asked, Query()]) -> Response:
    """As the caller's seat sees it: what it may not see is left out. From the store once Temporal has let it go."""
    parts = parts_of(request)
    caller = await parts.callers.caller(request)
    incident = await found(parts, caller, Scope.READ, incident_id)
    after = _after(cursors.place_in(asked.cursor, incident_id))
    page = await (await sight_of(parts, caller, incident)).page(after, asked.limit)
    said = Timeline(
        incident_id=incident_id,
        entries=page.entries,
        head=page.head,
        sequence=page.sequence,
        next=None if page.next_after is None else cursors.written(str(page.next_after), incident_id),
    )
    return Response(said.model_dump_json(), media_type="application/json")


@router.get(
    "/v1/incidents/{incident_id}/audit",
    summary="导出完整记录 · The whole record",
    response_class=Response,
    responses={
        200: {
            "description": "JSON Lines：与 tocsin audit export 逐字节相同 · The bytes of `tocsin audit export`",
            "content": {LINES: {"schema": {"type": "string"}}},
            "headers": {
                HEAD: {"description": "The record's last hash: keep it elsewhere.", "schema": {"type": "string"}},
                "ETag": {"description": "The same in quotes.", "schema": {"type": "string"}},
            },
        },
        304: {"description": "没有新内容 · Nothing has been added since"},
        **problems(404, 422),
    },
)
async def audit(request: Request, incident_id: IncidentIdPath) -> Response:
    """Everything, whatever the seat, so for those who check records: an insurer's key or person never has it (R29)."""
    parts = parts_of(request)
    caller = without_insurers(await parts.callers.caller(request))
    await found(parts, caller, Scope.RECORD, incident_id)
    entries = await record_of(await parts.temporal.client(), incident_id, parts.settings)
    head = entries[-1].hash if entries else GENESIS
    headers = {HEAD: head, "ETag": f'"{head}"', "Cache-Control": "private, no-cache"}
    if f'"{head}"' in [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]:
        return Response(None, 304, headers=headers)
    lines = "".join(f"{export_line(entry)}\n" for entry in entries)
    headers["Content-Disposition"] = f'attachment; filename="{incident_id}.jsonl"'
    return Response(lines, headers=headers, media_type=LINES)


@router.get("/v1/incidents/{incident_id}/stream", include_in_schema=False)
async def stream(request: Request, incident_id: IncidentIdPath) -> Response:
    """Server-Sent Events: each new entry the seat may see, its sequence as the event's id. `Last-Event-ID` resumes.

    Without it, from now on. An open stream ends when the gateway stops, and after a while by itself; come again then.
    """
    parts = parts_of(request)
    caller = await parts.callers.caller(request)
    incident = await found(parts, caller, Scope.READ, incident_id)
    sight: Sight = await sight_of(parts, caller, incident)
    said = request.headers.get("last-event-id")
    after = (await sight.page(0, 1)).sequence if said is None else _after(said)
    place = streams.of(request.app).take(caller.id)
    return StreamingResponse(
        streams.told(request, sight, after, place), media_type="text/event-stream", headers=streams.HEADERS
    )


def _after(said: str | None) -> int:
    if said is None:
        return 0
    if not said.isascii() or not said.isdecimal() or len(said) > 9:
        raise Malformed("Last-Event-ID cannot be read. Send the id of the last event, or leave it out.")
    return int(said)
