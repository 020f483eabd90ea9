"""The look from outside: what stands still, keeps failing, broke off or hangs is found, told once, and nothing else."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from activities.http import HTTP
from activities.watchdog import WatchdogActivities
from plan.book import Book
from plan.watchdog import Looked, LookOrder, Trouble, reference
from runtime.names import LOOK, bulletin_id
from runtime.search_attributes import NEXT_DUE_AT
from runtime.settings import Settings
from starter.commands.watchdog import look
from tests.activities.receiver import Receiver, receiving
from tests.environment import namespace_apart
from tests.server.people import AT_T1, LEAD
from tests.server.recorder import Hanging
from tests.server.story import Story
from tests.server.world import World

pytestmark = [pytest.mark.server, pytest.mark.rule("R28")]


@pytest.fixture
async def alone(env: WorkflowEnvironment, settings: Settings) -> World:
    """A namespace for each test: the watchdog sees everything in it."""
    return World(await namespace_apart(env), settings)


def _found(looked: Looked) -> dict[Trouble, tuple[str, ...]]:
    return {each.trouble: each.ids for each in looked.findings}


async def _until_listed(client: Client, query: str, number: int) -> None:
    """The list follows what happens a little later."""
    for _ in range(400):
        if (await client.count_workflows(query)).count == number:
            return
    raise AssertionError(f"the list never showed {number} of {query}")


async def test_all_is_well_where_incidents_wait_for_what_is_owed(alone: World) -> None:
    async with alone.worker():
        story = await Story.filed(alone, "10:00", circumstances={"media": True}, **AT_T1)
        assert LEAD in await story.reached("tell.crisis")
        looked = await look(alone.client)
    assert looked.well
    assert looked.open == 1


async def test_an_incident_that_was_terminated_is_found_and_the_operator_told_once_a_day(alone: World) -> None:
    async with alone.worker():
        story = await Story.filed(alone, "10:00", **AT_T1)
        assert LEAD in await story.reached("tell.filed")
        await story.handle.terminate("by hand")
        await _until_listed(alone.client, "WorkflowType = 'Incident' AND ExecutionStatus = 'Terminated'", 1)
        first, second = await look(alone.client), await look(alone.client)
        assert _found(first) == _found(second) == {Trouble.BROKEN_OFF: (story.handle.id,)}
        assert reference(first) == reference(second)
        seen = await alone.client.get_workflow_handle(bulletin_id(reference(first))).result()
    assert seen["told"]["operator"]["state"] == "delivered"
    assert [m.recipient for m in alone.outbox.sent if m.duty == "tell.watchdog"] == ["operator"]
    assert story.incident_id not in next(m.text for m in alone.outbox.sent if m.duty == "tell.watchdog")


async def test_what_is_due_and_does_not_move_is_reported_and_what_a_nudge_moves_is_not(
    alone: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with alone.worker():
        story = await Story.filed(alone, "10:00", circumstances={"media": True}, **AT_T1)
        assert LEAD in await story.reached("tell.crisis")
        await _until_listed(alone.client, f"{NEXT_DUE_AT.name} IS NOT NULL", 1)
        order = LookOrder(now=story.at("11:30"), late=timedelta(minutes=5))  # as if its timer had been lost
        monkeypatch.setattr("activities.watchdog.NUDGE_TAKES", timedelta(seconds=2))
        looked = await _activities(alone.client).look_from_outside(order)
        assert _found(looked) == {Trouble.STALLED: (story.handle.id,)}
        await story.until("11:31")  # its time passes after all, and the breach is recorded
        await _until_listed(alone.client, f"{NEXT_DUE_AT.name} < '{story.at('11:25').isoformat()}'", 0)
        assert (await _activities(alone.client).look_from_outside(order)).well
        events = [event async for event in story.handle.fetch_history_events()]
    nudges = [e for e in events if e.workflow_execution_signaled_event_attributes.signal_name == LOOK]
    assert len(nudges) == 1
    assert _refusals(events) == 0


def _refusals(events: list[Any]) -> int:
    """A nudge is no message of anybody's: it leaves no refusal."""
    return sum(1 for event in events if b"unknown_message" in event.SerializeToString())


async def test_an_incident_whose_code_keeps_failing_is_found(alone: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    async with alone.worker():
        story = await Story.filed(alone, "10:00", **AT_T1)
        assert LEAD in await story.reached("tell.filed")
        monkeypatch.setattr(Book, "judge", broken)
        await story.handle.signal("record", {"kind": "noted", "by": LEAD, "text": "。"})
        await _until_reported(alone.client, story.handle.id)
        looked = await look(alone.client)
        monkeypatch.undo()
    assert _found(looked)[Trouble.FAILING] == (story.handle.id,)


async def _until_reported(client: Client, workflow: str) -> None:
    """The server reports a task that has failed several times in a row; it tries again ever more slowly."""
    query = f"TemporalReportedProblems IS NOT NULL AND WorkflowId = '{workflow}'"
    for _ in range(4_000):
        if (await client.count_workflows(query)).count:
            return
    raise AssertionError("the server never reported the problem")


def _activities(client: Client) -> WatchdogActivities:
    return WatchdogActivities(client, HTTP())


async def test_the_dead_mans_switch_is_called_only_when_all_is_well(
    alone: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as switch:
        monkeypatch.setenv("TOCSIN_DEAD_MAN_URL", switch.url)
        async with alone.worker(settings=Settings()):
            await _called_only_when_all_is_well(alone, switch)


async def _called_only_when_all_is_well(alone: World, switch: Receiver) -> None:
    assert (await look(alone.client)).well
    assert len(switch.requests) == 1
    story = await Story.filed(alone, "10:00", **AT_T1)
    assert LEAD in await story.reached("tell.filed")
    await story.handle.terminate("by hand")
    await _until_listed(alone.client, "WorkflowType = 'Incident' AND ExecutionStatus = 'Terminated'", 1)
    assert not (await look(alone.client)).well
    assert len(switch.requests) == 1


async def test_a_notice_that_never_settles_is_found_and_one_that_is_under_way_is_not(alone: World) -> None:
    hanging = Hanging(LEAD)
    alone.outbox.before = hanging
    async with alone.worker():
        story = await Story.filed(alone, "10:00", **AT_T1)
        async with asyncio.timeout(20):
            await hanging.reached.wait()
        await _until_listed(alone.client, "TocsinNotices = 'pending'", 1)
        now = datetime.now(UTC)
        look_now = LookOrder(now=now + timedelta(minutes=1), hanging=timedelta(minutes=5))
        assert (await _activities(alone.client).look_from_outside(look_now)).well
        later = LookOrder(now=now + timedelta(minutes=10), hanging=timedelta(minutes=5))
        assert _found(await _activities(alone.client).look_from_outside(later)) == {Trouble.HANGING: (story.handle.id,)}
        hanging.let_go()
        await story.quiet()
