"""From the instant a warning is due to its first attempt, for 1, 100 and 1,000 of them due at the same instant.

The attempt is when the receiver has read the whole request. Beside it, in the same run and on the same server, the
engine alone (`bare.py`): when a workflow with nothing but a timer wakes, by its own clock, and when the request of the
activity it then runs has come. The difference is what the project adds; its 99th percentile stays under a second.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final, TypeVar

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

from bench import town
from bench.bare import BARE, QUEUE, Order
from bench.scene import CALLERS
from bench.tables import MILLISECONDS, Options, Table, percentile, percentiles, spread
from bench.webhooks import Webhooks, first
from plan.playbook import Playbook, Recipients
from runtime.names import workflow_id

AT_ONCE: Final = ((1, 5), (100, 3), (1_000, 1))
"""How many, and how often that is measured at most: a thousand take two minutes."""
MANY: Final = 1_000
LIMIT: Final = 1.0
WARNED: Final = timedelta(minutes=30)
"""The hour's first warning comes so long before its end, and so long after its start."""
OUTLETS: Final = 100
LEAD: Final = (Recipients.OUTLET_LEAD,)
LAST_OF_FILING, WARNING = "tell.crisis", "warn.outlet_report.1"
TOLD: Final[Mapping[str, tuple[Recipients, ...]]] = dict.fromkeys(
    ("tell.filed", "tell.crisis", "warn.outlet_report"), LEAD
)
AT_LEAST: Final = timedelta(seconds=3)
SETTING_UP: Final = timedelta(seconds=0.08)
"""For each crisis, from the call until it waits for nothing but the warning; later as long as the ones before took."""
BARE_SETTING_UP: Final = timedelta(seconds=0.025)
SLEEPING: Final = 5
"""Events in the history of a workflow that waits for its timer."""
TRIES: Final = 4
TOO_BUSY: Final = "not all of them were there before they were due; measure on a quieter machine"
Handle = WorkflowHandle[Any, datetime]
Late = tuple[list[float], list[float]]
"""In seconds: how late each workflow woke by its own clock, and how late its first request came."""
Item = TypeVar("Item")
Answer = TypeVar("Answer")


async def measure(options: Options) -> Table:
    table = Table(
        title="due_to_attempt",
        claim=f"due to first attempt, above the engine's own: p99 under {LIMIT:.0f} s.",
        columns=("what", "due at once", "p50, ms", "p99, ms", "max, ms"),
        notes=["Timer alone: the workflow's own clock when it wakes, minus the instant that was due."],
        held=True,
    )
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        async with Webhooks(Path(folder), outlets=OUTLETS, change=lead_alone) as scene:
            await scene.worker()
            bare = await (await scene.system.worker(None, "-m", "bench.bare").start()).serving()
            try:
                await _warmed_up(scene)
                paces = Pace(BARE_SETTING_UP), Pace(SETTING_UP)
                for number, rounds in AT_ONCE:
                    if options.up_to([number]):
                        await _one(scene, number, min(rounds, options.rounds), paces, table)
            finally:
                await bare.end()
    return table


def lead_alone(plan: Playbook) -> Playbook:
    """A playbook that tells the outlet's lead alone and watches nothing, so that what comes before the warning takes no
    longer than it must. At the due instant the same is done as with the plan's own, for one recipient.
    """
    return town.only(TOLD)(plan).model_copy(update={"watch": None})


async def _warmed_up(scene: Webhooks) -> None:
    """Each worker has sent something before it is measured."""
    await (await _started(scene, "WARM", _due(timedelta(seconds=0.5)))).result()
    await scene.at_rest(await scene.filed(scene.crises(1, "WARM")), within=10)


@dataclass
class Cost:
    """CPU time between the due instant and the last attempt, seconds, of the last round."""

    server: float = 0.0
    worker: float = 0.0


class Pace:
    """How long until so many crises are there and wait: the due instant must be known when they are filed."""

    def __init__(self, each: timedelta) -> None:
        self._each = each

    def due(self, number: int) -> datetime:
        return _due(AT_LEAST + number * self._each)

    def took(self, seconds: float, number: int) -> None:
        """With half as much again: the next ones may meet a busier machine."""
        if number > 1:
            self._each = timedelta(seconds=1.5 * seconds / number)

    def too_short(self) -> None:
        self._each *= 2


async def _one(scene: Webhooks, number: int, rounds: int, paces: tuple[Pace, Pace], table: Table) -> None:
    """The engine alone and ours in turn, so often; of the differences the median counts."""
    bare_woke, bare, ours_woke, ours = list[float](), list[float](), list[float](), list[float]()
    differences: list[float] = []
    cost = Cost()
    for each in range(rounds):
        woke, came = await _bare(scene, number, f"{number}-{each}", paces[0])
        ours_late = await _ours(scene, number, f"{number}-{each}", paces[1], cost)
        differences.append(percentile(ours_late[1], 99) - percentile(came, 99))
        for all_of, late in ((bare_woke, woke), (bare, came), (ours_woke, ours_late[0]), (ours, ours_late[1])):
            all_of += late
    for what, late in (
        ("the engine: timer alone", bare_woke),
        ("the engine: timer and activity", bare),
        ("a warning: timer alone", ours_woke),
        ("a warning: its first attempt", ours),
    ):
        table.rows.append((what, f"{number}", *percentiles(late)))
    said = spread([difference * MILLISECONDS for difference in differences], 0)
    table.rows.append((f"the difference of the attempts; rounds: {rounds}", f"{number}", "", said, ""))
    if number == MANY:
        server, worker = (seconds / number * MILLISECONDS for seconds in (cost.server, cost.worker))
        table.notes.append(f"CPU time for each of {number} warnings: {server:.0f} ms server, {worker:.0f} ms worker.")
    table.held = bool(table.held) and median(differences) < LIMIT


async def _ours(scene: Webhooks, number: int, name: str, pace: Pace, cost: Cost) -> Late:
    """Again with more time where they were not all there before they were due."""
    for attempt in range(TRIES):
        due_at = pace.due(number)
        try:
            ids = await _waiting(scene, number, f"DUE-{name}-{attempt}", due_at, pace)
        except TimeoutError:
            pace.too_short()
            continue
        await asyncio.sleep(max((due_at - datetime.now(UTC)).total_seconds() - 0.2, 0))
        server, worker = scene.system.computed, scene.workers[0].computed
        came = await scene.receiver.until(lambda came, ids=ids: _of(came, WARNING, ids) == number, within=240)
        cost.server, cost.worker = scene.system.computed - server, scene.workers[0].computed - worker
        woke = await _several(ids, lambda each, due_at=due_at: _woke(scene, each, due_at))
        known = set(ids)
        return woke, [at - due_at.timestamp() for each, at in first(came, WARNING).items() if each in known]
    raise RuntimeError(TOO_BUSY)


async def _waiting(scene: Webhooks, number: int, prefix: str, due_at: datetime, pace: Pace) -> list[str]:
    """Crises that became known at one instant, at an outlet each as far as there are so many; all of them told."""
    known_at = (due_at - WARNED).isoformat()
    crises = [
        {**each, "circumstances": {"disrupts_outlet": True, "known_at": known_at}}
        for each in scene.complaints(number, prefix)
    ]
    began = datetime.now(UTC)
    ids = await scene.filed(crises)
    left = (due_at - datetime.now(UTC)).total_seconds()
    await scene.receiver.until(lambda came: _of(came, LAST_OF_FILING, ids) == number, within=left)
    await scene.at_rest(ids[-1:], within=10)
    pace.took((datetime.now(UTC) - began).total_seconds(), number)
    if not _still_before(due_at):
        raise TimeoutError
    return ids


def _of(came: Sequence[Any], duty: str, ids: Sequence[str]) -> int:
    return len(first(came, duty).keys() & set(ids))


async def _woke(scene: Webhooks, incident_id: str, due_at: datetime) -> float:
    """How late its own clock said it was when it woke: the first task after its timer was begun then."""
    history = await scene.system.client.get_workflow_handle(workflow_id(incident_id)).fetch_history()
    fired = False
    for event in history.events:
        at = event.event_time.ToDatetime(UTC)
        fired = fired or (event.event_type == EventType.EVENT_TYPE_TIMER_FIRED and at >= due_at)
        if fired and event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED:
            return (at - due_at).total_seconds()
    raise LookupError(f"{incident_id} has not woken")


async def _bare(scene: Webhooks, number: int, name: str, pace: Pace) -> Late:
    """As many workflows that do nothing else; again with more time, as ours."""
    for attempt in range(TRIES):
        due_at, began = pace.due(number), datetime.now(UTC)
        keys = [f"BARE-{name}-{attempt}-{one:04}" for one in range(number)]
        handles = await _several(keys, lambda key, due_at=due_at: _started(scene, key, due_at))
        await _several(handles, _sleeps)
        pace.took((datetime.now(UTC) - began).total_seconds(), number)
        in_time = _still_before(due_at)
        ended = await asyncio.gather(*(each.result() for each in handles), return_exceptions=True)
        if in_time:
            woke = [(at - due_at).total_seconds() for at in ended if isinstance(at, datetime)]
            known = set(keys)
            return woke, [a.at - due_at.timestamp() for a in scene.receiver.arrivals() if a.key in known]
        pace.too_short()
    raise RuntimeError(TOO_BUSY)


async def _started(scene: Webhooks, key: str, due_at: datetime) -> Handle:
    order = Order(key=key, url=f"{scene.receiver.url}/{town.outlet(0)}.lead", due_at=due_at)
    return await scene.system.client.start_workflow(BARE, order, id=key, task_queue=QUEUE, result_type=datetime)


async def _sleeps(handle: Handle) -> None:
    while (await handle.describe()).history_length < SLEEPING:  # noqa: ASYNC110 - the server's
        await asyncio.sleep(0.05)


async def _several(each: Sequence[Item], ask: Callable[[Item], Awaitable[Answer]]) -> list[Answer]:
    """One question for each, several at the same time."""
    callers = asyncio.Semaphore(CALLERS)

    async def one(item: Item) -> Answer:
        async with callers:
            return await ask(item)

    return list(await asyncio.gather(*(one(item) for item in each)))


def _due(after: timedelta) -> datetime:
    """Far enough for all of them to be there, in the whole milliseconds that the engine keeps."""
    at = datetime.now(UTC) + after
    return at.replace(microsecond=at.microsecond // 1_000 * 1_000)


def _still_before(due_at: datetime) -> bool:
    return datetime.now(UTC) < due_at - timedelta(seconds=1)
