"""Two workers as one: they serve together, stop together, and the failure of one is not kept quiet."""

import asyncio

import pytest

from activities.http import HTTP
from worker import TocsinWorker


class Serving:
    """A worker's outside. `fails`: what `run` raises once it is told to go on."""

    def __init__(self, fails: Exception | None = None) -> None:
        self.started, self.go_on, self.stopped = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._fails = fails

    async def run(self) -> None:
        self.started.set()
        await self.go_on.wait()
        if self._fails is not None:
            raise self._fails
        self.stopped.set()

    async def shutdown(self) -> None:
        self.go_on.set()
        await self.stopped.wait()


async def test_shutdown_stops_both_and_returns_when_they_have_stopped() -> None:
    both = Serving(), Serving()
    worker = TocsinWorker(*both, closing=HTTP())
    running = asyncio.create_task(worker.run())
    for each in both:
        await each.started.wait()

    await worker.shutdown()

    assert all(each.stopped.is_set() for each in both)
    await running


async def test_shutdown_before_the_start_waits_for_nothing() -> None:
    await TocsinWorker(Serving(), closing=HTTP()).shutdown()


async def test_when_one_fails_the_other_stops_and_the_failure_comes_out() -> None:
    fine, broken = Serving(), Serving(RuntimeError("lost"))
    running = asyncio.create_task(TocsinWorker(fine, broken, closing=HTTP()).run())
    await fine.started.wait()

    broken.go_on.set()

    with pytest.raises(RuntimeError, match="lost"):
        await running
    assert fine.stopped.is_set()


async def test_a_failure_ends_the_block_that_uses_the_worker() -> None:
    broken = Serving(RuntimeError("lost"))

    async def use() -> None:
        async with TocsinWorker(Serving(), broken, closing=HTTP()):
            broken.go_on.set()
            await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="lost"):
        await use()

    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_leaving_the_block_stops_both() -> None:
    both = Serving(), Serving()

    async with TocsinWorker(*both, closing=HTTP()):
        for each in both:
            await each.started.wait()

    assert all(each.stopped.is_set() for each in both)


async def test_an_error_of_the_block_is_its_own() -> None:
    one = Serving()

    async def use() -> None:
        async with TocsinWorker(one, closing=HTTP()):
            raise KeyError

    with pytest.raises(KeyError):
        await use()

    assert one.stopped.is_set()


async def test_a_cancelled_worker_stops_before_it_is_gone() -> None:
    one = Serving()
    running = asyncio.create_task(TocsinWorker(one, closing=HTTP()).run())
    await one.started.wait()

    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert one.stopped.is_set()
