"""Temporal schedules of ours: made once, then the operators' own to pause and to move (R10, R11, R13, R30).

Times of day are Asia/Shanghai. What was missed while everything was down is caught up within a window of its own; two
rounds never run at once. `apply` brings schedules in line with the rhythm's file and leaves alone what operators
adjusted: pauses and notes always, times where they are no longer those of the file that was applied last.
Errors: Unreachable where Temporal does not answer; Malformed where there is no such schedule, or times are none.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from pydantic import ValidationError
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleDescription,
    ScheduleHandle,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleState,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from plan.cadence import WEEK, When
from plan.errors import Malformed, Unreachable
from plan.rhythm import Kind, Round
from runtime.names import RETENTION, RHYTHM, ROOT, WATCHDOG, WORKFLOWS_QUEUE
from runtime.rhythm_file import planned_rounds
from runtime.schedule_times import spec_of, times
from runtime.settings import Settings

PREFIX: Final = "tocsin-"
NOTES: Final = {
    Kind.MEETING: "三方例会 · Tripartite meeting",
    Kind.SCREENING: "风险排查 · Risk screening",
    Kind.TRAINING: "培训 · Training",
    Kind.READINESS: "应急准备 · Readiness",
    Kind.DRILL: "演练 · Drill",
}


@dataclass(frozen=True, slots=True)
class Planned:
    """One schedule: `id` without the prefix, the workflow it starts with one argument, and when."""

    id: str
    workflow: str
    spec: ScheduleSpec
    note: str
    argument: Any = None
    catch_up: timedelta = timedelta(hours=12)
    memo: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(slots=True)
class Applied:
    """What became of each, by id without the prefix. `adjusted` kept its operators' times; `left` are in no file.

    `removed` were in no file either, and went with a reset.
    """

    made: list[str] = field(default_factory=list[str])
    changed: list[str] = field(default_factory=list[str])
    same: list[str] = field(default_factory=list[str])
    adjusted: list[str] = field(default_factory=list[str])
    left: list[str] = field(default_factory=list[str])
    removed: list[str] = field(default_factory=list[str])


WATCHDOG_ROUND: Final = Planned(
    id="watchdog",
    workflow=WATCHDOG,
    spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(minutes=5))]),
    note="看门狗：每 5 分钟从外面看一遍 · The watchdog: a look from outside every five minutes",
    catch_up=timedelta(minutes=10),
)


ROOT_OF_THE_DAY: Final = Planned(
    id="root",
    workflow=ROOT,
    spec=spec_of(When(weekdays=WEEK, at="00:10")),
    note="当日总根：每日零时十分，覆盖全部记录 · The day's root over all records",
    catch_up=timedelta(hours=20),
)
RETENTION_OF_THE_DAY: Final = Planned(
    id="retention",
    workflow=RETENTION,
    spec=spec_of(When(weekdays=WEEK, at="00:40")),
    note="到期删除：每日零时四十分，已过保存期的个人信息 · What is past TOCSIN_RETENTION is erased",
    catch_up=timedelta(hours=20),
)
FIXED: Final = (WATCHDOG_ROUND, ROOT_OF_THE_DAY, RETENTION_OF_THE_DAY)
"""Those that are in no file."""


def everything_planned(settings: Settings, file: str | None = None) -> list[Planned]:
    """What is in no file, and every round of the rhythm for the organisation in force. Blocks; raises Misconfigured."""
    return [*FIXED, *(planned_of(planned) for planned in planned_rounds(settings, file))]


def planned_of(planned: Round) -> Planned:
    """The schedule of a round."""
    return Planned(
        id=planned.id,
        workflow=RHYTHM,
        spec=spec_of(planned.when),
        note=f"{NOTES[planned.kind]} · {planned.unit}",
        argument=planned.model_dump(mode="json"),
        catch_up=planned.catch_up,
    )


async def ensure(client: Client, *planned: Planned) -> list[str]:
    """Make those that are not there yet; the ids of those that were made. What is there stays as it is."""
    return [each.id for each in planned if await _made(client, each)]


async def apply(client: Client, planned: Sequence[Planned], *, reset: bool = False) -> Applied:
    """Make what is missing and change what the file has changed.

    `reset` undoes what operators adjusted, and takes away rounds that are planned no longer.
    """
    applied = Applied()
    for each in planned:
        if await _made(client, each):
            applied.made.append(each.id)
        else:
            await _brought_in_line(client, each, applied, reset=reset)
    known = {each.id for each in planned}
    for name in await ours(client):
        if name not in known:
            gone = reset and await _removed(client, name)
            (applied.removed if gone else applied.left).append(name)
    return applied


async def ours(client: Client) -> list[str]:
    """The ids of our schedules, without the prefix, in order. The list may be a moment behind."""
    async with answered():
        found = [each.id async for each in await client.list_schedules()]
    return sorted(name.removeprefix(PREFIX) for name in found if name.startswith(PREFIX))


def handle_of(client: Client, name: str) -> ScheduleHandle:
    """By its id, with or without the prefix."""
    return client.get_schedule_handle(schedule_id(name.removeprefix(PREFIX)))


async def described(handle: ScheduleHandle) -> ScheduleDescription:
    async with answered(handle.id):
        return await handle.describe()


async def update(handle: ScheduleHandle, change: Callable[[Schedule], Schedule | None]) -> None:
    """Change a schedule as it is now; asked again where somebody else changes it meanwhile."""

    def changed(found: ScheduleUpdateInput) -> ScheduleUpdate | None:
        schedule = change(found.description.schedule)
        return ScheduleUpdate(schedule=schedule) if schedule else None

    async with answered(handle.id):
        await handle.update(changed)


async def round_of(client: Client, schedule: Schedule) -> Round | None:
    """What a schedule of the rhythm hands to its rounds; None where it is another's, or cannot be read."""
    action = schedule.action
    if not isinstance(action, ScheduleActionStartWorkflow) or action.workflow != RHYTHM:
        return None
    try:
        return Round.model_validate(await _argument(client, action))
    except ValidationError:
        return None


async def is_adjusted(client: Client, name: str, schedule: Schedule) -> bool:
    """Whether it runs at other times than the file that was applied last said; never of one that is none of ours."""
    for fixed in FIXED:
        if name == fixed.id:
            return times(schedule.spec) != times(fixed.spec)
    planned = await round_of(client, schedule)
    return planned is not None and times(schedule.spec) != times(spec_of(planned.when))


@asynccontextmanager
async def answered(schedule: str | None = None) -> AsyncGenerator[None]:
    """Temporal's refusals in our words."""
    try:
        yield
    except RPCError as failed:
        name = (schedule or "").removeprefix(PREFIX)
        match failed.status:
            case RPCStatusCode.NOT_FOUND:
                raise Malformed(f"There is no schedule {name}. `tocsin schedules` lists them.") from failed
            case RPCStatusCode.INVALID_ARGUMENT:
                raise Malformed(f"The schedule {name} does not take this: {failed.message}. Correct it.") from failed
            case _:
                what = f"The schedule {name} was not reached" if name else "The schedules were not listed"
                raise Unreachable(f"{what}: {failed.message}. Try again once Temporal answers.") from failed


def schedule_id(name: str) -> str:
    return PREFIX + name


async def _made(client: Client, planned: Planned) -> bool:
    try:
        async with answered(planned.id):
            await client.create_schedule(schedule_id(planned.id), _schedule(planned), memo=planned.memo or None)
    except ScheduleAlreadyRunningError:
        return False
    return True


async def _brought_in_line(client: Client, planned: Planned, applied: Applied, *, reset: bool) -> None:
    handle = handle_of(client, planned.id)
    there = (await described(handle)).schedule
    wanted = _schedule(planned)
    adjusted = await is_adjusted(client, planned.id, there) and times(there.spec) != times(planned.spec)
    if not reset and adjusted:
        applied.adjusted.append(planned.id)
    elif await _is_same(client, there, wanted) and not (reset and there.state != wanted.state):
        applied.same.append(planned.id)
        return
    else:
        applied.changed.append(planned.id)

    def change(schedule: Schedule) -> Schedule:
        kept = schedule.spec if adjusted and not reset else wanted.spec
        state = wanted.state if reset else schedule.state
        return Schedule(action=wanted.action, spec=kept, policy=wanted.policy, state=state)

    await update(handle, change)


async def _removed(client: Client, name: str) -> bool:
    """Only rounds of the rhythm are ours to take away. One that is gone already was listed a moment too long."""
    handle = handle_of(client, name)
    try:
        action = (await described(handle)).schedule.action
    except Malformed:
        return True
    if not isinstance(action, ScheduleActionStartWorkflow) or action.workflow != RHYTHM:
        return False
    async with answered(handle.id):
        await handle.delete()
    return True


async def _is_same(client: Client, there: Schedule, wanted: Schedule) -> bool:
    before, after = there.action, wanted.action
    if not isinstance(before, ScheduleActionStartWorkflow) or not isinstance(after, ScheduleActionStartWorkflow):
        return False
    said = list(after.args)
    return (
        before.workflow == after.workflow
        and await _argument(client, before) == (said[0] if said else None)
        and times(there.spec) == times(wanted.spec)
        and there.policy.catchup_window == wanted.policy.catchup_window
    )


async def _argument(client: Client, action: ScheduleActionStartWorkflow) -> object:
    """The one argument as it was given; None where there is none."""
    decoded = await client.data_converter.decode(list(action.args)) if action.args else []
    return decoded[0] if decoded else None


def _schedule(planned: Planned) -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(
            planned.workflow,
            args=[] if planned.argument is None else [planned.argument],
            id=schedule_id(planned.id),
            task_queue=WORKFLOWS_QUEUE,
            static_summary=planned.note,
        ),
        spec=planned.spec,
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=planned.catch_up),
        state=ScheduleState(note=planned.note),
    )
