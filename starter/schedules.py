"""The schedules as operators see and move them: when next, what became of the last round, paused or not.

Each is asked on its own, a few at a time. What operators change stays through `apply` (runtime/schedules.py).
Errors: Unreachable; Malformed where there is no such schedule, or its new times are none.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionExecutionStartWorkflow,
    ScheduleDescription,
)
from temporalio.service import RPCError, RPCStatusCode

from plan.errors import Malformed, Unreachable
from plan.values import Instant, Kept
from runtime.schedule_times import at_time, cron_spec, in_words
from runtime.schedules import PREFIX, answered, described, handle_of, is_adjusted, ours, update

AT_ONCE: Final = 8
GONE: Final = "gone"
"""The outcome of a run that Temporal keeps no longer."""


class Listed(Kept):
    """One schedule. `outcome` is that of the last run: `running`, `completed`, `failed`, … `gone`."""

    id: str
    when: str
    when_zh: str
    next_at: Instant | None = None
    last_at: Instant | None = None
    planned_for: Instant | None = None
    outcome: str | None = None
    run: str | None = None
    runs: int = 0
    missed: int = 0
    """Rounds that came too late to be caught up."""
    paused: bool = False
    adjusted: bool = False
    note: str = ""


async def listing(client: Client) -> list[Listed]:
    """Every schedule of ours, what runs next first."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(name: str) -> Listed | None:
        async with turn:
            try:
                return await seen(client, name)
            except Malformed:
                return None  # deleted meanwhile

    found = [each for each in await asyncio.gather(*(one(name) for name in await ours(client))) if each]
    return sorted(found, key=_place)


async def seen(client: Client, name: str) -> Listed:
    """One schedule as it is now."""
    there = await described(handle_of(client, name))
    name = there.id.removeprefix(PREFIX)
    schedule, info = there.schedule, there.info
    last = info.recent_actions[-1] if info.recent_actions else None
    return Listed(
        id=name,
        when=in_words(schedule.spec, "en"),
        when_zh=in_words(schedule.spec, "zh"),
        next_at=_next(there),
        last_at=last.started_at if last else None,
        planned_for=last.scheduled_at if last else None,
        outcome=await _outcome(client, last.action) if last else None,
        run=last.action.workflow_id if last and isinstance(last.action, ScheduleActionExecutionStartWorkflow) else None,
        runs=info.num_actions,
        missed=info.num_actions_missed_catchup_window,
        paused=schedule.state.paused,
        adjusted=await is_adjusted(client, name, schedule),
        note=schedule.state.note or "",
    )


async def move(client: Client, name: str, *, cron: str | None = None, at: str | None = None) -> None:
    """Give it other times: those of a cron expression, or the same days at another time of day."""
    handle = handle_of(client, name)
    before = (await described(handle)).schedule.spec

    def moved(schedule: Schedule) -> Schedule:
        spec = cron_spec(cron) if cron else schedule.spec
        return replace(schedule, spec=at_time(spec, at) if at else spec)

    await update(handle, moved)
    if not (await described(handle)).info.next_action_times:
        await update(handle, lambda schedule: replace(schedule, spec=before))
        raise Malformed(
            f"{cron or at} never comes round, so the schedule {name} keeps its times. Write days that exist."
        )


async def pause(client: Client, name: str, reason: str, by: str | None) -> None:
    """No round begins until it is resumed; what comes due meanwhile is left out. The reason stands in its note."""
    handle = handle_of(client, name)
    async with answered(handle.id):
        await handle.pause(note=f"{reason} ({by})" if by else reason)


async def resume(client: Client, name: str, note: str) -> None:
    handle = handle_of(client, name)
    async with answered(handle.id):
        await handle.unpause(note=note)


async def trigger(client: Client, name: str) -> None:
    """Begin a round now, paused or not."""
    handle = handle_of(client, name)
    async with answered(handle.id):
        await handle.trigger()


def _place(schedule: Listed) -> tuple[bool, datetime, str]:
    at = schedule.next_at or schedule.last_at or datetime.max.replace(tzinfo=UTC)
    return schedule.next_at is None, at, schedule.id


def _next(there: ScheduleDescription) -> datetime | None:
    """A schedule that is paused has no next time, although Temporal computes one."""
    times = there.info.next_action_times
    return times[0] if times and not there.schedule.state.paused else None


async def _outcome(client: Client, action: object) -> str:
    if not isinstance(action, ScheduleActionExecutionStartWorkflow):
        return GONE
    handle = client.get_workflow_handle(action.workflow_id, run_id=action.first_execution_run_id)
    try:
        status = (await handle.describe()).status
    except RPCError as failed:
        if failed.status is RPCStatusCode.NOT_FOUND:
            return GONE
        raise Unreachable(f"Temporal did not say how a round ended ({failed.status.name}). Try again.") from failed
    return status.name.lower() if status else GONE
