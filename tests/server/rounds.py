"""Rounds of the rhythm in the tests: a schedule of one, begun now or for a time that is past."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final

from temporalio.client import Client, ScheduleBackfill, ScheduleOverlapPolicy, WorkflowFailureError

from plan.cadence import When
from plan.rhythm import Kind, Round
from runtime.schedules import ensure, handle_of, planned_of
from starter.schedules import Listed, seen
from tests.server.registers import ended
from tests.server.world import World

LOOKING: Final = 0.05
PATIENCE: Final = 20


def a_round(kind: Kind, unit: str = "gd-gz-th", **more: Any) -> Round:
    """Quarterly, two weeks to do it in."""
    fields: dict[str, Any] = {
        "when": When(months=(1, 4, 7, 10), days=(8,), at="09:00"),
        "within": timedelta(days=14),
        "looks_back": timedelta(days=92),
        **more,
    }
    return Round(kind=kind, unit=unit, **fields)


async def held(world: World, planned: Round) -> dict[str, Any]:
    """Begin a round now; what it came to, once everybody has been told."""
    await ensure(world.client, planned_of(planned))
    before = (await seen(world.client, planned.id)).runs
    await handle_of(world.client, planned.id).trigger(overlap=ScheduleOverlapPolicy.ALLOW_ALL)
    last = await over(world.client, planned.id, before + 1)
    assert last.run is not None
    try:
        result: dict[str, Any] = await world.client.get_workflow_handle(last.run, result_type=dict).result()
    except WorkflowFailureError as failed:
        return {"failed": str(failed.cause.__cause__)}
    await ended(world)
    return result


async def again(world: World, planned: Round, since: datetime, until: datetime, runs: int) -> None:
    """Begin every round of a time that is past, as a backfill does."""
    await ensure(world.client, planned_of(planned))
    handle = handle_of(world.client, planned.id)
    await handle.backfill(ScheduleBackfill(start_at=since, end_at=until, overlap=ScheduleOverlapPolicy.ALLOW_ALL))
    await over(world.client, planned.id, runs)
    await ended(world)


async def over(client: Client, name: str, runs: int) -> Listed:
    """Once so many rounds have been begun and the last one has ended."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = await seen(client, name)
            if found.runs >= runs and found.outcome != "running":
                return found
            await asyncio.sleep(LOOKING)
