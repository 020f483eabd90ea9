"""Turns at a channel: what is urgent is never turned away and goes first (R14, R27)."""

import asyncio

import pytest

from activities.channels.contract import ChannelBusy
from activities.lanes import Bounds, Lanes

ONE_AT_ONCE = Bounds(at_once=1, room=2)


class Queue:
    """Deliveries that wait for one lane, and the order in which they had their turn."""

    def __init__(self) -> None:
        self.lanes = Lanes(per_channel=ONE_AT_ONCE)
        self.had_their_turn: list[str] = []
        self.go_on = asyncio.Event()

    async def deliver(self, name: str, *, urgent: bool = False) -> None:
        async with self.lanes.enter("outbox", "", urgent=urgent):
            self.had_their_turn.append(name)
            await self.go_on.wait()

    async def arrive(self, name: str, *, urgent: bool = False) -> asyncio.Task[None]:
        task = asyncio.create_task(self.deliver(name, urgent=urgent))
        await asyncio.sleep(0)
        return task


@pytest.mark.rule("R14")
async def test_an_urgent_notice_goes_before_those_that_wait() -> None:
    queue = Queue()
    tasks = [await queue.arrive("first"), await queue.arrive("second"), await queue.arrive("crisis", urgent=True)]
    queue.go_on.set()
    await asyncio.gather(*tasks)
    assert queue.had_their_turn == ["first", "crisis", "second"]


@pytest.mark.rule("R14")
async def test_only_what_is_not_urgent_is_turned_away_from_a_full_room() -> None:
    queue = Queue()
    tasks = [await queue.arrive("first"), await queue.arrive("second")]
    with pytest.raises(ChannelBusy):
        await queue.deliver("third")
    tasks.append(await queue.arrive("crisis", urgent=True))
    queue.go_on.set()
    await asyncio.gather(*tasks)
    assert "crisis" in queue.had_their_turn


async def test_a_cancelled_delivery_gives_its_turn_to_the_next() -> None:
    queue = Queue()
    first, second, crisis = [
        await queue.arrive("first"),
        await queue.arrive("second"),
        await queue.arrive("crisis", urgent=True),
    ]
    crisis.cancel()
    queue.go_on.set()
    await asyncio.gather(first, second, crisis, return_exceptions=True)
    assert queue.had_their_turn == ["first", "second"]
    async with asyncio.timeout(1):
        await queue.deliver("afterwards")


async def test_a_delivery_cancelled_as_its_turn_comes_hands_it_on() -> None:
    queue = Queue()
    first, second = [await queue.arrive("first"), await queue.arrive("second")]
    queue.go_on.set()
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    async with asyncio.timeout(1):
        await queue.deliver("afterwards")
