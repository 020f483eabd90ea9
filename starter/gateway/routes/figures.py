"""The figures of a period (docs/reference.md, "Figures"), within what the caller answers for."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from plan.access import Caller, Scope
from plan.errors import Flaw, Malformed, Unreachable
from plan.figures import Figures, FiguresAsked
from plan.organisation import Organisation
from plan.values import Day, Ref
from starter.gateway.documented import answer, problems
from starter.gateway.parts import Parts, parts_of
from starter.gateway.permission import THE_WHOLE, Named, permit, permit_somewhere, permitted
from starter.gateway.seen import without_insurers
from starter.kept import figures_of
from starter.pages.figures import as_csv

router = APIRouter(tags=["figures"])
CHINA: Final = ZoneInfo("Asia/Shanghai")
FIRST: Final = date(1970, 1, 2)
LAST: Final = date(2199, 12, 30)
CSV: Final = "text/csv"
LONGEST: Final = timedelta(seconds=30)


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    since: Day | None = Field(
        default=None, alias="from", description="First day of filing (Asia/Shanghai).", examples=["2026-11-01"]
    )
    until: Day | None = Field(
        default=None, alias="to", description="Last day of filing, itself included.", examples=["2026-11-30"]
    )
    unit: Ref | None = Field(default=None, description="A unit or an outlet, with everything below it.")
    insurer: Ref | None = Field(default=None, description="One insurer's.")
    format: Literal["json", "csv"] | None = Field(
        default=None, description="Else as Accept says; JSON when it says neither."
    )


@router.get(
    "/v1/figures",
    summary="统计指标 · Figures",
    response_class=Response,
    responses={
        200: {
            **answer(Figures, "指标 · The figures, or one row a figure as CSV"),
            "content": {CSV: {"schema": {"type": "string"}}},
        },
        **problems(422),
    },
)
async def figures(request: Request, asked: Annotated[Asked, Query()]) -> Response:
    """Of incidents filed in a period; drills and imported history never count. Open ones are asked how they stand now.

    Without `unit`, of what the caller answers for. Figures count breaches and conduct, so an insurer's key or person
    never has them (R29).
    """
    parts = parts_of(request)
    caller = without_insurers(await parts.callers.caller(request))
    permit_somewhere(caller, Scope.FIGURES)
    unit = await _unit(parts, caller, asked.unit)
    wanted = FiguresAsked(
        since=_midnight(asked.since), until=_midnight(asked.until, 1), unit=unit, insurer=asked.insurer
    )
    counted = await _counted(parts, wanted)
    if asked.format == "csv" or (asked.format is None and _prefers_csv(request)):
        return Response(as_csv(counted) + "\n", media_type=CSV)
    return Response(counted.model_dump_json(), media_type="application/json")


async def _counted(parts: Parts, wanted: FiguresAsked) -> Figures:
    try:
        async with asyncio.timeout(LONGEST.total_seconds()):
            return await figures_of(await parts.temporal.client(), wanted, parts.settings)
    except TimeoutError:
        raise Unreachable(
            "The figures did not come in time: workers or the records are slow to answer. Try again, or ask for one "
            "unit."
        ) from None


async def _unit(parts: Parts, caller: Caller, unit: str | None) -> str | None:
    """Whose figures: the unit asked for; else the whole, for whoever may have it; else the caller's own one."""
    organisation = await parts.directory.organisation()
    if unit is None:
        if await permitted(parts, caller, Scope.FIGURES, THE_WHOLE):
            return None
        own = [each for grant in caller.grants if Scope.FIGURES in grant.scopes for each in grant.units]
        if len(set(own)) != 1:
            raise _which("is needed here: you answer for several. Name one of them.")
        unit = own[0]
    await permit(parts, caller, Scope.FIGURES, _place(organisation, unit))
    return unit


def _place(organisation: Organisation, unit: str) -> Named:
    if any(outlet.id == unit for outlet in organisation.outlets):
        return Named(outlet=unit)
    if any(known.id == unit for known in organisation.units):
        return Named(unit=unit)
    raise _which("is neither a unit nor an outlet of the organisation. Check its id.")


def _which(why: str) -> Malformed:
    return Malformed(f"The figures cannot be counted:\nunit: {why}", flaws=[Flaw("", why, parameter="unit")])


def _midnight(day: date | None, later: int = 0) -> datetime | None:
    """Midnight in China at the begin of a day, or so many days later."""
    if day is None:
        return None
    if not FIRST <= day <= LAST:
        raise Malformed(f"from and to must be days from {FIRST} to {LAST}. Correct them, or leave them out.")
    return (datetime.combine(day, time(), CHINA) + timedelta(days=later)).astimezone(UTC)


def _prefers_csv(request: Request) -> bool:
    said = [each.partition(";")[0].strip().lower() for each in request.headers.get("accept", "").split(",")]
    return CSV in said and "application/json" not in said[: said.index(CSV)]
