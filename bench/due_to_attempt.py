"""From the instant a warning is due to its first attempt, for 1, 100 and 1,000 of them due at the same instant.

The attempt is when the receiver has read the whole request. Beside it, in the same run and on the same server, the
engine alone (`bare.py`): when a workflow with nothing but a timer wakes, by its own clock, and when the request of the
activity it then runs has come. The difference is what the project adds; its 99th percentile stays under a second.
"""

import asyncio
import tempfile
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any, Final

from temporalio.client import WorkflowHandle

from bench import town
from bench.bare import BARE, QUEUE, Order
from bench.scene import CALLERS
from bench.tables import MILLISECONDS, Options, Table, percentile, percentiles, spread
from bench.webhooks import Webhooks, first
from plan.playbook import Recipients

AT_ONCE: Final = (1, 100, 1_000)
MANY: Final = 1_000
"""So many are measured once; it takes minutes."""
LIMIT: Final = 1.0
WARNED: Final = timedelta(minutes=30)
"""The hour's first warning comes so long before its end, and so long after its start."""
OUTLETS: Final = 100
LEAD: Final = (Recipients.OUTLET_LEAD,)
TOLD: Final[Mapping[str, tuple[Recipients, ...]]] = dict.fromkeys(
    ("tell.filed", "tell.crisis", "warn.outlet_report"), LEAD
)
"""The outlet's lead alone, so that what comes before the warning takes no longer than it must."""
LAST_OF_FILING, WARNING = "tell.crisis", "warn.outlet_report.1"
Handle = WorkflowHandle[Any, datetime]
Late = tuple[list[float], list[float]]
"""In seconds: how late each workflow woke by its own clock, and how late its first request came."""


async def measure(options: Options) -> Table:
    table = Table(
        title="due_to_attempt",
        claim=f"due to first attempt, above the engine's own: p99 under {LIMIT:.0f} s.",
        columns=("what", "due at once", "p50, ms", "p99, ms", "max, ms"),
        notes=["Timer alone: the workflow's own clock when it wakes, minus the instant that was due."],
        held=True,
    )
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        async with Webhooks(Path(folder), outlets=OUTLETS, change=town.only(TOLD)) as scene:
            for number in options.up_to(AT_ONCE):
                await _one(scene, number, options.rounds if number < MANY else 1, table)
    return table


async def _one(scene: Webhooks, number: int, rounds: int, table: Table) -> None:
    """The engine alone and ours in turn, so often; of the differences the median counts."""
    bare_woke, bare, ours_woke, ours = list[float](), list[float](), list[float](), list[float]()
    differences: list[float] = []
    for each in range(rounds):
        woke, came = await _bare(scene, number, f"{number}-{each}")
        ours_late = await _ours(scene, number, f"{number}-{each}")
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
    table.rows.append(("the difference of the attempts", f"{number}", "", said, ""))
    table.held = bool(table.held) and median(differences) < LIMIT


async def _ours(scene: Webhooks, number: int, name: str) -> Late:
    """Crises that became known at one instant, at an outlet each as far as there are so many."""
    due_at = _due(6 + number * 0.12)
    known_at = (due_at - WARNED).isoformat()
    worker = await scene.worker()
    try:
        crises = [
            {**each, "circumstances": {"disrupts_outlet": True, "known_at": known_at}}
            for each in scene.complaints(number, f"DUE-{name}")
        ]
        ids = await scene.filed(crises)
        await scene.receiver.until(lambda came: _of(came, LAST_OF_FILING, ids) == number, within=number * 0.5 + 30)
        await scene.at_rest(ids[-1:], within=10)
        _still_before(due_at)
        came = await scene.receiver.until(lambda came: _of(came, WARNING, ids) == number, within=120)
        woke = [(await _woke(scene, each) - due_at).total_seconds() for each in ids]
        return woke, [at - due_at.timestamp() for each, at in first(came, WARNING).items() if each in ids]
    finally:
        await worker.end()


def _of(came: Sequence[Any], duty: str, ids: Sequence[str]) -> int:
    return len(first(came, duty).keys() & set(ids))


async def _woke(scene: Webhooks, incident_id: str) -> datetime:
    """When it recorded that it owes the warning: its own clock, as it woke."""
    entries = await scene.entries(incident_id)
    return next(e.recorded_at for e in entries if e.what == "notice" and f"{e.about}".startswith(f"{WARNING}~"))


async def _bare(scene: Webhooks, number: int, name: str) -> Late:
    """As many workflows that do nothing else, on a worker that has sent something before, as ours has."""
    worker = await (await scene.system.worker(None, "-m", "bench.bare").start()).serving()
    try:
        await (await _started(scene, f"WARM-{name}", _due(0.5))).result()
        due_at = _due(5 + number * 0.05)
        keys = [f"BARE-{name}-{one:04}" for one in range(number)]
        handles = await _several(keys, lambda key: _started(scene, key, due_at))
        _still_before(due_at)
        woke = [(await each.result() - due_at).total_seconds() for each in handles]
        known = set(keys)
        return woke, [a.at - due_at.timestamp() for a in scene.receiver.arrivals() if a.key in known]
    finally:
        await worker.end()


async def _started(scene: Webhooks, key: str, due_at: datetime) -> Handle:
    order = Order(key=key, url=f"{scene.receiver.url}/{town.outlet(0)}.lead", due_at=due_at)
    return await scene.system.client.start_workflow(BARE, order, id=key, task_queue=QUEUE, result_type=datetime)


async def _several(keys: Sequence[str], start: Callable[[str], Coroutine[Any, Any, Handle]]) -> list[Handle]:
    callers = asyncio.Semaphore(CALLERS)

    async def one(key: str) -> Handle:
        async with callers:
            return await start(key)

    return list(await asyncio.gather(*(one(key) for key in keys)))


def _due(seconds: float) -> datetime:
    """Far enough for all of them to be there, in the whole milliseconds that the engine keeps."""
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    return at.replace(microsecond=at.microsecond // 1_000 * 1_000)


def _still_before(due_at: datetime) -> None:
    if datetime.now(UTC) >= due_at - timedelta(seconds=1):
        raise RuntimeError("not all of them were there before they were due; measure on a quieter machine")
