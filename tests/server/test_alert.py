"""A heightened alert on the real server: raised and lifted by who may, told to outlets, over in time (R32)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from activities.watch import WatchActivities
from plan.receipts import Receipt
from plan.saying import RaiseAlert
from plan.wording import CHINA
from runtime.alerting import tell_alert
from runtime.names import ALERT, WORKFLOWS_QUEUE, alert_id
from starter.commands.alert import in_force
from tests.environment import namespace_apart
from tests.server.world import World

pytestmark = [pytest.mark.server, pytest.mark.rule("R7", "R32")]

GD_OUTLETS = {"gd-gz-th-0001.lead", "gd-gz-th-0002.lead", "gd-sz-ns-0001.lead", "gd-zh-0001.lead"}


@pytest.fixture
async def alone(env: WorkflowEnvironment, settings: Any) -> World:
    return World(await namespace_apart(env), settings)


def _day(later: int) -> str:
    return (datetime.now(UTC).astimezone(CHINA).date() + timedelta(days=later)).isoformat()


async def _raised(world: World, by: str, later: int, **said: Any) -> Receipt:
    fact = {"kind": "alert_raised", "by": by, "until": _day(later), "reason": "媒体集中报道", **said}
    return await tell_alert(world.client, world.keys, province="gd", insurer="anhe-life", fact=fact, door="test")


async def _lifted(world: World, by: str) -> Receipt:
    fact = {"kind": "alert_lifted", "by": by, "reason": "已平息"}
    return await tell_alert(world.client, world.keys, province="gd", insurer="anhe-life", fact=fact, door="test")


def _alert(world: World) -> WorkflowHandle[Any, Any]:
    return world.client.get_workflow_handle(alert_id("gd", "anhe-life"))


async def _told(world: World, duty: str) -> dict[str, str]:
    """Who heard of it, and in which words; every bulletin that was begun has ended."""
    async for run in world.client.list_workflows("WorkflowType = 'Bulletin'"):
        await world.client.get_workflow_handle(run.id, run_id=run.run_id).result()
    return {message.recipient: message.text for message in world.outbox.sent if message.duty == duty}


async def test_a_province_raises_it_and_every_outlet_below_is_told_until_when(alone: World) -> None:
    async with alone.worker():
        assert (await _raised(alone, "gd.work", 10)).accepted
        told = await _until_told(alone, "tell.alert", 5)
        assert set(told) == GD_OUTLETS | {"gd.work"}
        assert "anhe-life" not in told["gd-gz-th-0001.lead"]  # people read its name
        assert all("媒体集中报道" not in text for text in told.values())
        assert [alert.province for alert in await in_force(alone.client)] == ["gd"]


async def _until_told(world: World, duty: str, number: int) -> dict[str, str]:
    for _ in range(400):
        told = await _told(world, duty)
        if len(told) >= number:
            return told
    raise AssertionError(f"only {sorted(await _told(world, duty))} heard of {duty}")


@pytest.mark.parametrize("by", ["gd-gz-th.work", "gd-gz-th-0001.lead", "anhe-life.gd", "nobody", "system:tocsin"])
async def test_nobody_else_raises_it_and_it_does_not_run_on(alone: World, by: str) -> None:
    async with alone.worker():
        receipt = await _raised(alone, by, 10)
        assert (receipt.accepted, receipt.rule) == (False, "R32")
        await _alert(alone).result()
        assert await in_force(alone.client) == []


@pytest.mark.parametrize("later", [-1, 400])
async def test_its_last_day_lies_ahead_and_within_a_year(alone: World, later: int) -> None:
    async with alone.worker():
        assert not (await _raised(alone, "gd.post", later)).accepted


async def test_who_raised_it_lifts_it_and_outlets_hear_of_that_too(alone: World) -> None:
    async with alone.worker():
        assert not (await _lifted(alone, "gd.work")).accepted
        assert (await _raised(alone, "gd.work", 10)).accepted
        assert (await _lifted(alone, "gd.bank")).accepted
        view = await _alert(alone).result()
        assert view["in_force"] is False
        assert [said["kind"] for said in view["said"]] == ["alert_raised", "alert_lifted"]
        assert set(await _until_told(alone, "tell.alert_over", 5)) == GD_OUTLETS | {"gd.work"}


async def test_it_is_over_after_its_last_day_and_not_before(alone: World) -> None:
    async with alone.worker():
        assert (await _raised(alone, "operator", 2)).accepted
        handle, ends = _alert(alone), datetime.fromisoformat(_day(3)).replace(tzinfo=CHINA)
        await alone.skip(handle, ends - timedelta(minutes=1))
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
        await alone.skip(handle, ends + timedelta(minutes=1))
        assert (await handle.result())["in_force"] is False
        assert len(await _until_told(alone, "tell.alert_over", 5)) == 5


async def test_a_watch_moves_its_end_later_and_never_earlier(alone: World) -> None:
    def order(days: int) -> RaiseAlert:
        now = datetime.now(UTC)
        return RaiseAlert(
            id=f"a{days}",
            province="gd",
            insurer="anhe-life",
            people=9,
            usual=2,
            at=now,
            until=now + timedelta(days=days),
        )

    async with alone.worker():
        await WatchActivities(alone.client, alone.keys).raise_alert(order(20))
        await WatchActivities(alone.client, alone.keys).raise_alert(order(5))
        assert (await _raised(alone, "gd.work", 25)).accepted
        await WatchActivities(alone.client, alone.keys).raise_alert(order(22))
        assert str((await _until_said(alone, 4)).until) == _day(25)
        assert len(await _until_told(alone, "tell.alert", 5)) == 5
        texts = [message for message in alone.outbox.sent if message.duty == "tell.alert"]
        assert len(texts) == 10  # once for twenty days, once for twenty-five


async def _until_said(world: World, number: int) -> Any:
    for _ in range(400):
        found = await in_force(world.client)
        if found and len(found[0].said) == number:
            return found[0]
    raise AssertionError("it was never said")


async def test_messages_that_nobody_can_read_neither_wedge_nor_raise_it(alone: World) -> None:
    handle = await alone.client.start_workflow(
        ALERT, id=alert_id("gd", "zhongtai-life"), task_queue=WORKFLOWS_QUEUE, start_signal="record"
    )
    junk: tuple[Any, ...] = (None, [], {"kind": "alert_raised"}, {"fact": {"kind": "x"}}, "alert_raised")
    for said in junk:
        await handle.signal("record", said)
    await handle.signal("no such signal", args=[1, 2])
    async with alone.worker():
        assert (await handle.result())["until"] is None
