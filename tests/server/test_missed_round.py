"""A round that comes round while everything is down is caught up once (R13)."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import ScheduleIntervalSpec, ScheduleSpec

from plan.rhythm import Kind
from runtime.embedded import EmbeddedServer
from runtime.home import Home
from runtime.schedules import Planned, ensure, planned_of
from runtime.settings import Settings
from starter.schedules import seen
from tests.server.registers import ended
from tests.server.rounds import a_round, over
from tests.server.world import World

pytestmark = [pytest.mark.server, pytest.mark.slow]
EPOCH = datetime.fromtimestamp(0, UTC)
EVERY = timedelta(days=1)
SHORTEST = timedelta(seconds=10)
"""Temporal catches up no less."""


@pytest.mark.rule("R13")
async def test_what_was_missed_while_the_server_was_down_is_held_once_when_it_is_back(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    meeting = planned_of(a_round(Kind.MEETING, "gd", catch_up=timedelta(hours=1)))
    due = await _missed(home, meeting, timedelta(0))
    async with EmbeddedServer(home) as server:
        world = World(await server.connect(), Settings(home=home.path))
        async with world.worker():
            last = await over(world.client, meeting.id, 1)
            await ended(world)
            assert (last.outcome, last.runs, last.missed, last.planned_for) == ("completed", 1, 0, due)
            heard = [message.recipient for message in world.outbox.sent]
            assert "gd.work" in heard
            assert len(heard) == len(set(heard))


@pytest.mark.rule("R11")
async def test_one_that_is_too_late_is_counted_as_missed_and_not_held(tmp_path: Path) -> None:
    """A drill that was planned for the morning does not begin at night."""
    home = Home(tmp_path / "home")
    drill = planned_of(a_round(Kind.DRILL, scenario="crowd", catch_up=SHORTEST))
    await _missed(home, drill, SHORTEST)
    async with EmbeddedServer(home) as server:
        client = await server.connect()
        async with asyncio.timeout(30):
            while not (there := await seen(client, drill.id)).missed:  # noqa: ASYNC110  Temporal says it, nobody else
                await asyncio.sleep(0.1)
        assert there.runs == 0


async def _missed(home: Home, planned: Planned, late: timedelta) -> datetime:
    """When a daily round came round while nobody was there; so late it is now."""
    async with EmbeddedServer(home) as server:
        client = await server.connect()
        due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
        daily = ScheduleIntervalSpec(every=EVERY, offset=(due - EPOCH) % EVERY)
        await ensure(client, replace(planned, spec=ScheduleSpec(intervals=[daily])))
        assert (await seen(client, planned.id)).next_at == due
    assert datetime.now(UTC) < due, "this machine was too slow: the round came round before everything was down"
    await asyncio.sleep((due + late - datetime.now(UTC)).total_seconds() + 0.1)  # the hour strikes, with nobody there
    return due
