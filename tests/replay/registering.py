"""A register and a round for the record: a lesson that is overdue, then done, then asked for in a screening."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, Final

from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from plan.cadence import When
from plan.rhythm import Kind, Round
from runtime.names import REGISTER, WORKFLOWS_QUEUE, register_id
from runtime.registers import enter, register_view
from runtime.schedules import ensure, handle_of, planned_of
from runtime.seals import Keyring
from starter.schedules import seen

UNIT, WORK, OUTLET = "gd-sz-ns", "gd-sz-ns.work", "gd-sz-ns-0001"
DOOR: Final = "golden"
SETTLING: Final = 20
LOOKING: Final = 0.02


async def registered(
    environment: WorkflowEnvironment, keys: Keyring, serve: Callable[..., AbstractAsyncContextManager[object]]
) -> list[str]:
    client = environment.client
    handle = await client.start_workflow(REGISTER, {"max_events": 60}, id=register_id(UNIT), task_queue=WORKFLOWS_QUEUE)

    async def told(kind: str, by: str, **fields: Any) -> str:
        item = {"kind": kind, "by": by, "fact_id": f"golden-{kind}-{by}", **fields}
        receipt = await enter(client, UNIT, item, door=DOOR, keyring=keys, patience=timedelta(seconds=SETTLING))
        return receipt.state

    async def passed(days: int) -> None:
        await environment.fast_forward(handle, timedelta(days=days))
        await asyncio.sleep(LOOKING)

    async with serve():
        due_at = (await environment.get_current_time(handle) + timedelta(days=10)).isoformat()
        lesson = {"action_id": "L1", "text": "写进标准", "owner": f"{OUTLET}.lead", "due_at": due_at}
        assert await told("action", WORK, **lesson, feeds="screening_standard", from_incident="GOLDEN") == "accepted"
        assert await told("screening", f"{OUTLET}.lead", outlet=OUTLET, result="ok") == "refused"
        await handle.signal("record", {"kind": "nothing"})
        for days in (8, 3, 8):
            await passed(days)
        assert await told("action_done", f"{OUTLET}.lead", action_id="L1", note="已写进") == "accepted"
        round = await _screened(client)
        assert await told("screening", WORK, outlet=OUTLET, result="findings", note="双录不全") == "accepted"
        assert await told("training", WORK, who=OUTLET, topic="处理流程", held_on="2026-01-05") == "accepted"
        view = await register_view(client, UNIT, WORK)
        assert [point["action_id"] for point in view["standard"]] == ["L1"]
        assert [(held["points"], held["lacking"]) for held in view["rounds"]] == [([f"{UNIT}/L1"], [])]
        assert len(view["refusals"]) == 2
    return [register_id(UNIT), round]


async def _screened(client: Client) -> str:
    """A round begun by its schedule; the id of its workflow."""
    round = Round(
        kind=Kind.SCREENING,
        unit=UNIT,
        when=When(months=(2,), days=(10,), at="09:00"),
        within=timedelta(days=30),
        looks_back=timedelta(days=92),
    )
    await ensure(client, planned_of(round))
    await handle_of(client, round.id).trigger()
    async with asyncio.timeout(SETTLING):
        while (found := await seen(client, round.id)).outcome != "completed":  # noqa: ASYNC110  Temporal says it
            await asyncio.sleep(LOOKING)
    assert found.run is not None
    return found.run
