"""Turns at a channel: what is urgent is never turned away and goes first (R14, R27)."""

import asyncio

import pytest

from activities.channels.contract import ChannelBusy
from activities.lanes import STILL, Bounds, Lanes

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


@pytest.mark.rule("R14", "R22")
async def test_one_telephone_is_called_once_at_a_time_and_another_meanwhile() -> None:
    lanes, go_on, ringing = Lanes(), asyncio.Event(), list[str]()

    async def call(number: str) -> None:
        async with lanes.enter("voice", number, urgent=True):
            ringing.append(number)
            await go_on.wait()

    calls = [asyncio.create_task(call(number)) for number in ("1", "1", "2")]
    for _ in range(5):
        await asyncio.sleep(0)
    assert sorted(ringing) == ["1", "2"]
    go_on.set()
    await asyncio.gather(*calls)
    assert sorted(ringing) == ["1", "1", "2"]


# -- the hall ----------------------------------------------------------------------------------------------------------


class Storm:
    """Deliveries that come all at once. `took` is how long each that has its turn lasts, on the loop's own clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lanes = Lanes(per_channel=ONE_AT_ONCE, per_address=ONE_AT_ONCE, hall=3)
        self.now, self.took = 0.0, 0.01
        self.sent: list[str] = []
        self.go_on = asyncio.Semaphore(0)
        monkeypatch.setattr("activities.lanes._seconds", lambda: self.now)

    async def deliver(self, name: str, to: str = "", *, channel: str = "webhook") -> None:
        async with self.lanes.enter(channel, to):
            await self.go_on.acquire()
            self.now += self.took
            self.sent.append(name)

    async def arrive(self, number: int, to: str = "") -> list[asyncio.Task[None]]:
        tasks = [asyncio.create_task(self.deliver(f"{to}{each}", to)) for each in range(number)]
        await asyncio.sleep(0)
        return tasks

    async def all_go_on(self, tasks: list[asyncio.Task[None]]) -> list[BaseException | None]:
        for _ in tasks:
            self.go_on.release()
        return await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.rule("R14")
async def test_of_a_storm_as_many_wait_as_the_hall_holds_while_the_lane_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    storm = Storm(monkeypatch)
    ended = await storm.all_go_on(await storm.arrive(6))
    assert len(storm.sent) == 5, "two in the room, three in the hall"
    assert [type(each) for each in ended if each] == [ChannelBusy]
    assert len(await storm.all_go_on(await storm.arrive(5))) == 5, "the hall is free again"
    assert len(storm.sent) == 10


@pytest.mark.rule("R14")
async def test_a_lane_that_hangs_takes_no_place_in_the_hall(monkeypatch: pytest.MonkeyPatch) -> None:
    storm = Storm(monkeypatch)
    hanging = await storm.arrive(2, "a")
    storm.now += STILL
    with pytest.raises(ChannelBusy):
        await storm.deliver("third", "a")
    others = [asyncio.create_task(storm.deliver(f"b{each}", "b", channel="sms")) for each in range(5)]
    await storm.all_go_on([*hanging, *others])
    assert len(storm.sent) == 7


@pytest.mark.rule("R14")
async def test_an_address_in_the_hall_takes_no_room_of_its_channel_from_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    storm = Storm(monkeypatch)
    storm.lanes = Lanes(per_channel=Bounds(at_once=2, room=3), per_address=ONE_AT_ONCE, hall=2)
    crowd = await storm.arrive(4, "a")
    storm.now += STILL
    other = await storm.arrive(1, "b")
    assert not [each for each in await storm.all_go_on([*crowd, *other]) if each]
    assert len(storm.sent) == 5


async def test_what_ends_late_is_no_sign_that_a_lane_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    storm = Storm(monkeypatch)
    storm.took = STILL
    first, second = await storm.arrive(2, "a")
    storm.go_on.release()
    await first
    third = asyncio.create_task(storm.deliver("third", "a"))
    await asyncio.sleep(0)
    with pytest.raises(ChannelBusy):
        await storm.deliver("fourth", "a")
    await storm.all_go_on([second, third])


def test_a_worker_has_slots_for_the_hall_beside_every_room() -> None:
    assert Lanes(per_channel=ONE_AT_ONCE, hall=100).slots(3) > 100 + 3 * 2
