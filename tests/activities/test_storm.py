"""While hundreds are due everybody is told first, and it is written down after that (R14)."""

import asyncio
import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from temporalio.testing import ActivityEnvironment

from activities.channels.contract import Message
from activities.storm import CALM, MANY, WITHIN, Storm
from plan.orders import Delivered
from plan.organisation import Address
from tests.activities.notices import order
from tests.activities.test_deliver import deliveries

NOON: Final = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
LONG: Final = 30.0


class Watched:
    """A channel that notes how many had been written down when each message was sent."""

    def __init__(self) -> None:
        self.done_before: list[int] = []
        self.done = 0

    async def send(self, message: Message, address: Address) -> Delivered:
        self.done_before.append(self.done)
        return Delivered(channel="outbox", code="taken", message_id=message.key)


async def written_down(channel: Watched) -> list[Delivered]:
    """So many notices, ordered at the same instant."""
    activities = deliveries(channel)

    async def one(number: int) -> Delivered:
        environment = ActivityEnvironment()
        environment.info = dataclasses.replace(environment.info, current_attempt_scheduled_time=NOON, started_time=NOON)
        answer = await environment.run(activities.deliver_notice, order(key=f"k-{number}"))
        channel.done += 1
        return answer

    return await asyncio.gather(*(one(number) for number in range(MANY)))


@pytest.mark.rule("R14")
async def test_of_many_due_at_once_all_are_told_before_the_first_is_written_down() -> None:
    channel = Watched()
    answers = await written_down(channel)
    assert channel.done_before == [0] * MANY
    assert all(answer.at is not None and answer.at < NOON + timedelta(seconds=CALM) for answer in answers)


async def test_as_many_over_a_day_are_written_down_as_they_are_told() -> None:
    storm = Storm()
    for number in range(10 * MANY):
        storm.came(NOON + number * WITHIN)
    assert goes_on(storm)


async def test_a_storm_is_over_soon_after_the_last_of_many() -> None:
    storm, loop = stormy(), asyncio.get_running_loop()
    assert not goes_on(storm)
    began = loop.time()
    await ActivityEnvironment().run(storm.over, began + LONG)
    assert CALM <= loop.time() - began < LONG
    assert goes_on(storm)


async def test_nothing_is_held_back_for_long_or_while_the_worker_stops() -> None:
    storm, loop, environment = stormy(), asyncio.get_running_loop(), ActivityEnvironment()
    await ActivityEnvironment().run(storm.over, loop.time())
    environment.worker_shutdown()
    await environment.run(storm.over, loop.time() + LONG)
    assert not goes_on(storm)


def stormy() -> Storm:
    storm = Storm()
    for _ in range(MANY):
        storm.came(NOON)
    return storm


def goes_on(storm: Storm) -> bool:
    """Whether nobody has to wait at all."""
    waiting = storm.over(asyncio.get_running_loop().time() + LONG)
    try:
        waiting.send(None)
    except StopIteration:
        return True
    finally:
        waiting.close()
    return False
