"""Filing in turn: a few at once, a crisis before all who wait, and nobody waits for a Temporal that is away."""

import asyncio
from datetime import timedelta

import pytest

from plan.errors import Unreachable
from runtime.names import CRISIS_PRIORITY, IMPORT_PRIORITY, USUAL_PRIORITY
from runtime.turns import Turns


class Filing:
    """Files through turns; what is under way ends when the test says so."""

    def __init__(self, width: int, patience: timedelta = timedelta(seconds=30)) -> None:
        self.turns = Turns(width, patience)
        self.order: list[str] = []
        self._ends: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def came(self, name: str, rank: int, *, away: bool = False) -> asyncio.Task[None]:
        self._ends[name] = asyncio.Event()

        async def filed() -> None:
            async with self.turns.turn(rank):
                self.order.append(name)
                await self._ends[name].wait()
                if away:
                    raise Unreachable("away")

        self._tasks[name] = task = asyncio.create_task(filed())
        await asyncio.sleep(0)
        return task

    async def done(self, *names: str) -> None:
        for name in names:
            self._ends[name].set()
        await asyncio.wait([self._tasks[name] for name in names])
        await asyncio.sleep(0)


@pytest.mark.rule("R2", "R24")
async def test_a_crisis_goes_before_all_who_wait_and_rows_of_an_import_last() -> None:
    filing = Filing(1)
    await filing.came("first", USUAL_PRIORITY)
    await filing.came("row", IMPORT_PRIORITY)
    await filing.came("second", USUAL_PRIORITY)
    await filing.came("third", USUAL_PRIORITY)
    await filing.came("crisis", CRISIS_PRIORITY)
    for name in ("first", "crisis", "second", "third", "row"):
        assert filing.order[-1] == name
        await filing.done(name)


async def test_so_many_are_under_way_and_no_more() -> None:
    filing = Filing(3)
    for n in range(5):
        await filing.came(str(n), USUAL_PRIORITY)
    assert filing.order == ["0", "1", "2"]
    await filing.done("1")
    assert filing.order == ["0", "1", "2", "3"]


async def test_who_waited_while_another_heard_nothing_need_not_try_and_who_comes_later_may() -> None:
    filing = Filing(1)
    first = await filing.came("first", USUAL_PRIORITY, away=True)
    waiting = await filing.came("waiting", USUAL_PRIORITY)
    await filing.done("first")
    for task in (first, waiting):
        with pytest.raises(Unreachable):
            await task
    assert filing.order == ["first"]
    await filing.came("later", USUAL_PRIORITY)
    assert filing.order == ["first", "later"]


async def test_one_that_hears_nothing_while_another_is_filed_is_only_slow() -> None:
    filing = Filing(2)
    slow = await filing.came("slow", USUAL_PRIORITY, away=True)
    await filing.came("quick", USUAL_PRIORITY)
    await filing.came("waiting", USUAL_PRIORITY)
    await filing.came("last", USUAL_PRIORITY)
    await filing.done("quick")
    await filing.done("slow")
    with pytest.raises(Unreachable):
        await slow
    assert filing.order == ["slow", "quick", "waiting", "last"]


async def test_who_goes_away_leaves_no_place_empty() -> None:
    filing = Filing(1)
    await filing.came("first", USUAL_PRIORITY)
    gone = await filing.came("gone", USUAL_PRIORITY)
    late = await filing.came("late", USUAL_PRIORITY)
    await filing.came("patient", USUAL_PRIORITY)
    gone.cancel()
    filing._ends["first"].set()  # pyright: ignore[reportPrivateUsage]
    await filing.done("first")
    late.cancel()
    await asyncio.wait([gone, late])
    await asyncio.sleep(0)
    assert filing.order[-1] == "patient"


async def test_nobody_waits_for_ever() -> None:
    filing = Filing(1, patience=timedelta(seconds=0.05))
    await filing.came("first", USUAL_PRIORITY)
    with pytest.raises(Unreachable):
        await (await filing.came("waiting", USUAL_PRIORITY))
