"""Schedules on the real server: made, listed, moved by operators, and left as they moved them (R10, R11, R13, R30)."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from plan.errors import Malformed
from plan.rhythm import Kind
from runtime.schedule_times import ZONE, times
from runtime.schedules import (
    WATCHDOG_ROUND,
    Applied,
    apply,
    described,
    ensure,
    everything_planned,
    handle_of,
    ours,
    planned_of,
)
from runtime.settings import Settings
from starter.schedules import listing, move, pause, resume, seen, trigger
from tests.environment import namespace_apart
from tests.server.rounds import a_round, over
from tests.server.world import World

pytestmark = pytest.mark.server
MEETING = planned_of(a_round(Kind.MEETING, "gd"))
LATER = planned_of(a_round(Kind.MEETING, "gd", within=timedelta(days=21)))


@pytest.fixture
async def client(env: WorkflowEnvironment) -> Client:
    """A namespace without a worker: nothing runs here."""
    return await namespace_apart(env)


@pytest.fixture
async def world(env: WorkflowEnvironment, settings: Settings) -> AsyncGenerator[World]:
    world = World(await namespace_apart(env), settings)
    async with world.worker():
        yield world


async def applied(client: Client, *planned: object, reset: bool = False) -> Applied:
    return await apply(client, [each for each in (MEETING, LATER, WATCHDOG_ROUND) if each in planned], reset=reset)


async def until_listed(client: Client, *names: str) -> None:
    """Temporal's list is a moment behind."""
    async with asyncio.timeout(20):
        while set(await ours(client)) != set(names):
            pass


@pytest.mark.rule("R10", "R11", "R13", "R30")
async def test_every_round_of_the_shipped_file_is_made_once(client: Client) -> None:
    planned = everything_planned(Settings())
    assert await ensure(client, *planned) == [each.id for each in planned]
    assert await ensure(client, *planned) == []
    assert (await apply(client, planned)).same == [each.id for each in planned]
    await until_listed(client, *(each.id for each in planned))


@pytest.mark.rule("R13")
async def test_a_schedule_says_when_it_runs_next_in_shanghai_time(client: Client) -> None:
    await ensure(client, MEETING)
    await until_listed(client, MEETING.id)
    (listed,) = await listing(client)
    assert listed.next_at is not None
    assert (listed.next_at.hour, listed.next_at.minute, listed.next_at.day) == (1, 0, 8), "nine in the morning there"
    assert (listed.when_zh, listed.when) == ("每年 1、4、7、10 月 8 日 09:00", "day 8 of Jan, Apr, Jul, Oct 09:00")
    assert (listed.paused, listed.adjusted, listed.outcome, listed.runs) == (False, False, None, 0)
    assert (await described(handle_of(client, MEETING.id))).schedule.spec.time_zone_name == ZONE


async def test_what_operators_moved_stays_moved_and_the_rest_follows_the_file(client: Client) -> None:
    await ensure(client, MEETING)
    await move(client, MEETING.id, at="10:30")
    assert (await seen(client, MEETING.id)).adjusted
    done = await applied(client, LATER)
    assert (done.adjusted, done.changed) == ([MEETING.id], [])
    after = await seen(client, MEETING.id)
    assert (after.when, after.adjusted) == ("day 8 of Jan, Apr, Jul, Oct 10:30", True)
    assert (await applied(client, LATER, reset=True)).changed == [MEETING.id]
    after = await seen(client, MEETING.id)
    assert (after.when, after.adjusted) == ("day 8 of Jan, Apr, Jul, Oct 09:00", False)
    assert (await applied(client, LATER)).same == [MEETING.id]


async def test_what_the_file_changes_is_changed_where_nobody_has_moved_it(client: Client) -> None:
    await ensure(client, MEETING)
    earlier = planned_of(
        a_round(Kind.MEETING, "gd", when=a_round(Kind.MEETING).when.model_copy(update={"at": "08:00"}))
    )
    assert (await apply(client, [earlier])).changed == [MEETING.id]
    after = await seen(client, MEETING.id)
    assert (after.when, after.adjusted) == ("day 8 of Jan, Apr, Jul, Oct 08:00", False)


async def test_a_pause_and_its_reason_outlive_the_file(client: Client) -> None:
    await ensure(client, MEETING)
    await pause(client, MEETING.id, "系统割接", "operator")
    await applied(client, LATER)
    held_up = await seen(client, MEETING.id)
    assert (held_up.paused, held_up.note, held_up.next_at) == (True, "系统割接 (operator)", None)
    await resume(client, "tocsin-" + MEETING.id, "resumed")
    assert (await seen(client, MEETING.id)).next_at is not None
    await pause(client, MEETING.id, "again", None)
    assert (await applied(client, MEETING, reset=True)).changed == [MEETING.id]
    assert not (await seen(client, MEETING.id)).paused


async def test_what_the_file_no_longer_plans_is_named_and_left_unless_reset(client: Client) -> None:
    await ensure(client, MEETING, WATCHDOG_ROUND)
    await until_listed(client, MEETING.id, "watchdog")
    done = await applied(client, WATCHDOG_ROUND)
    assert (done.same, done.left) == (["watchdog"], [MEETING.id])
    assert (await applied(client, WATCHDOG_ROUND, reset=True)).removed == [MEETING.id]
    await until_listed(client, "watchdog")
    assert (await applied(client, MEETING, reset=True)).left == ["watchdog"], "no round of the rhythm"


@pytest.mark.parametrize("cron", ["30 9 1,15 * *", "0 17 * * FRI"])
async def test_other_days_are_given_as_cron_in_shanghai_time(client: Client, cron: str) -> None:
    await ensure(client, MEETING)
    await move(client, MEETING.id, cron=cron)
    spec = (await described(handle_of(client, MEETING.id))).schedule.spec
    assert (spec.time_zone_name, len(spec.calendars)) == (ZONE, 1)
    assert (await seen(client, MEETING.id)).adjusted


@pytest.mark.parametrize(("cron", "why"), [("0 9 31 2 *", "never comes round"), ("99 9 * * *", "does not take this")])
async def test_times_that_never_come_leave_it_as_it_was(client: Client, cron: str, why: str) -> None:
    await ensure(client, MEETING)
    before = times((await described(handle_of(client, MEETING.id))).schedule.spec)
    with pytest.raises(Malformed, match=why):
        await move(client, MEETING.id, cron=cron)
    assert times((await described(handle_of(client, MEETING.id))).schedule.spec) == before


async def test_a_schedule_that_is_not_there_says_so(client: Client) -> None:
    for step in (move(client, "nowhere", at="09:00"), pause(client, "nowhere", "x", None), trigger(client, "nowhere")):
        with pytest.raises(Malformed, match="There is no schedule nowhere"):
            await step


@pytest.mark.rule("R13")
async def test_a_round_begun_by_hand_shows_how_it_ended_although_the_schedule_is_paused(world: World) -> None:
    await ensure(world.client, MEETING, planned_of(a_round(Kind.MEETING, "gx")))
    await pause(world.client, MEETING.id, "x", None)
    for name, outcome in ((MEETING.id, "completed"), ("meeting-gx", "failed")):
        await trigger(world.client, name)
        last = await over(world.client, name, 1)
        assert (last.outcome, last.runs) == (outcome, 1)
        assert last.last_at is not None


def test_the_file_itself_is_no_folder(tmp_path: Path) -> None:
    """`tocsin schedules apply FILE` reads the file before it asks Temporal for anything."""
    with pytest.raises(Exception, match="is a folder"):
        everything_planned(Settings(), str(tmp_path))
