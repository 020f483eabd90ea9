"""Whether the gateway lives, whether it can do its work, and what it has counted.

`/healthz` says that the process answers. `/readyz` asks Temporal whether it answers and who polls; without a worker it
is 503, though facts are taken then too and judged later. The records are told of, and do not make it unready: they are
for reading. All three are open to whoever reaches the gateway, and name nobody.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from sqlalchemy import text
from starlette.responses import Response
from temporalio.service import RPCError

from plan.errors import TocsinError, Unreachable
from runtime.polled import not_polled
from runtime.records.engine import Store
from runtime.settings import Settings
from starter.gateway.clock_check import ClockCheck
from starter.gateway.metrics import metrics_of
from starter.gateway.parts import Parts, parts_of
from starter.gateway.problems import Problem
from starter.kept import in_store, is_there

PATIENCE: Final = timedelta(seconds=5)
FRESH: Final = timedelta(seconds=1)
"""How long one answer serves all who ask, so that asking often costs Temporal nothing."""

router = APIRouter(tags=["health"])
RecordsState = Literal["ok", "empty", "unreachable"]


class Alive(BaseModel):
    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """`clock_difference_seconds`: Temporal's clock less the gateway's, where it is known.

    `keys_read_seconds_ago`: while the records are out of reach the keys that were read last go on, for an hour.
    """

    status: Literal["ready"] = "ready"
    records: RecordsState = "ok"
    clock: Literal["agrees", "differs"] = "agrees"
    clock_difference_seconds: float | None = None
    keys_read_seconds_ago: int | None = None


@router.get("/healthz", summary="The process answers")
async def healthz() -> Alive:
    return Alive()


@router.get("/readyz", summary="Temporal answers, and a worker polls", responses={503: {"model": Problem}})
async def readyz(request: Request) -> Ready:
    return await readiness_of(request).told(parts_of(request))


@router.get(
    "/metrics", summary="For Prometheus", response_class=Response, responses={200: {"content": {"text/plain": {}}}}
)
async def metrics(request: Request) -> Response:
    return Response(metrics_of(request).text(), media_type=CONTENT_TYPE_LATEST)


@dataclass(frozen=True)
class _Seen:
    at: float
    missing: str | None
    records: RecordsState


class Readiness:
    """One look at a time, for all who ask meanwhile and a moment later."""

    def __init__(self, check: ClockCheck) -> None:
        self._check = check
        self._one_at_a_time = asyncio.Lock()
        self._seen: _Seen | None = None

    async def told(self, parts: Parts) -> Ready:
        """Errors: Unreachable, saying what is not there."""
        now = asyncio.get_running_loop().time
        async with self._one_at_a_time:
            if self._seen is None or now() > self._seen.at + FRESH.total_seconds():
                missing, records = await asyncio.gather(_missing(parts), _records(parts.settings))
                self._seen = _Seen(now(), missing, records)
        if self._seen.missing:
            raise Unreachable(self._seen.missing)
        apart, away = self._check.difference, parts.signing.keys.away_for() if parts.signing else None
        return Ready(
            records=self._seen.records,
            clock="agrees" if self._check.agrees else "differs",
            clock_difference_seconds=apart.total_seconds() if apart is not None else None,
            keys_read_seconds_ago=int(away) if away is not None else None,
        )


def readiness_of(request: Request) -> Readiness:
    readiness = request.app.state.readiness
    if not isinstance(readiness, Readiness):
        raise TypeError("the app was made without its readiness")
    return readiness


async def _missing(parts: Parts) -> str | None:
    """What is not there, and what to do; None where all is well."""
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            missing = await not_polled(await parts.temporal.client())
    except (TocsinError, RPCError, TimeoutError):
        return "Temporal does not answer, so that nothing can be taken. Start it, or set TEMPORAL_ADDRESS."
    if not missing:
        return None
    return (
        f"No worker has asked lately for {', '.join(missing)}. Start one (`tocsin worker`); complaints and facts are "
        "taken meanwhile, and judged then."
    )


async def _records(settings: Settings) -> RecordsState:
    if not is_there(settings):
        return "empty"
    with suppress(TocsinError, TimeoutError):
        async with asyncio.timeout(PATIENCE.total_seconds()):
            await in_store(settings, _answers)
            return "ok"
    return "unreachable"


def _answers(store: Store) -> None:
    with store.reading() as connection:
        connection.execute(text("SELECT 1"))
