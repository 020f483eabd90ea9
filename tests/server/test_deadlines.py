"""Deadlines are judged on the door's sealed stamp, the last instant included, whatever wakes the incident and when."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from plan.book import Book
from plan.clock import ClockState
from runtime.names import RECORD
from runtime.seals import stamp
from starter import file_complaint
from tests.server.people import AT_T1, COUNTY, COURSE, LEAD
from tests.server.replayed import replayed, with_last_task
from tests.server.story import Day, Story
from tests.server.world import World

pytestmark = pytest.mark.server

NOBODY = timedelta(seconds=0.3)
"""Patience where no worker answers anyway."""


async def _crisis(world: World) -> Story:
    story = await Story.filed(world, "10:00", circumstances={"disrupts_outlet": True}, **AT_T1)
    await story.quiet()
    return story


# -- while nobody serves -----------------------------------------------------------------------------------------------


@pytest.mark.rule("R43")
async def test_a_report_left_while_the_deadline_passed_is_judged_once_at_its_own_stamp(alone: World) -> None:
    async with alone.worker():
        story = await _crisis(alone)
        await story.until("10:51")
    await story.until("11:00")
    said: dict[str, Any] = {"fact_id": "report-1", "content": COURSE}
    pending = await story.tell("10:55", LEAD, "report_submitted", patience=NOBODY, **said)
    again = await story.tell("10:55", LEAD, "report_submitted", patience=NOBODY, **said)
    assert [pending.state, again.state] == ["pending", "pending"]
    assert await alone.now(story.handle) > story.at("11:00"), "its timer has fired, and nobody was there to see it"
    async with alone.worker():
        await story.quiet()
        assert ((await story.clocks())["outlet_report"], await story.met("outlet_report")) == ("met", "10:55")
        assert await story.about("report_submitted") == ["report-1"]
        verdict = await story.tell("10:55", LEAD, "report_submitted", **said)
        assert (verdict.state, verdict.accepted, verdict.met_clocks) == ("duplicate", True, ("outlet_report",))
        assert await story.said("breach") == []
        assert not story.messages("breach.outlet_report")


@pytest.mark.rule("R43", "R62")
async def test_a_report_left_after_the_deadline_is_late_although_nobody_saw_the_deadline_pass(alone: World) -> None:
    async with alone.worker():
        story = await _crisis(alone)
        await story.until("10:51")
    await story.until("11:00")
    now = await alone.now(story.handle)
    assert now > story.at("11:00")
    envelope = _envelope(story, now)
    await story.handle.signal(RECORD, envelope)
    async with alone.worker():
        await story.quiet()
        assert (await story.clocks())["outlet_report"] == "met_late"
        assert [story.when(entry["data"]["at"]) for entry in await story.said("breach")] == ["11:00"]
        assert LEAD in await story.reached("breach.outlet_report")


def _fact(story: Story, fact_id: str = "f-1") -> dict[str, Any]:
    return {"kind": "report_submitted", "fact_id": fact_id, "by": LEAD, "content": COURSE}


def _envelope(story: Story, received_at: datetime, door: str = "test") -> dict[str, Any]:
    return story.world.keys.envelope(story.incident_id, _fact(story), stamp(received_at), door)


# -- a report and the deadline in one workflow task --------------------------------------------------------------------


@pytest.fixture(scope="module")
async def across(world: World) -> Mapping[str, Any]:
    """The history of an incident at 10:51, the timer of its deadline, and its day."""
    story = await Story.filed(world, "10:00", circumstances={"disrupts_outlet": True}, **AT_T1)
    await story.until("10:51")
    history = await story.handle.fetch_history()
    timer = [event for event in history.events if event.HasField("timer_started_event_attributes")][-1]
    return {"story": story, "history": history, "timer": timer}


def _fired(timer: HistoryEvent) -> HistoryEvent:
    event = HistoryEvent(event_type=EventType.EVENT_TYPE_TIMER_FIRED)
    event.timer_fired_event_attributes.timer_id = timer.timer_started_event_attributes.timer_id
    event.timer_fired_event_attributes.started_event_id = timer.event_id
    return event


async def _signaled(story: Story, received_at: datetime) -> HistoryEvent:
    event = HistoryEvent(event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)
    event.workflow_execution_signaled_event_attributes.signal_name = RECORD
    payloads = await story.world.client.data_converter.encode([_envelope(story, received_at)])
    event.workflow_execution_signaled_event_attributes.input.payloads.extend(payloads)
    return event


@pytest.mark.rule("R43")
@pytest.mark.parametrize("one_batch", [False, True], ids=["messages-first", "one-batch"])
@pytest.mark.parametrize("timer_first", [False, True], ids=["report-then-timer", "timer-then-report"])
@pytest.mark.parametrize(
    ("received", "state", "breaches"),
    [("10:55", ClockState.MET, 0), ("11:00", ClockState.MET, 0), ("11:05", ClockState.MET_LATE, 1)],
)
async def test_a_report_and_the_deadline_in_one_task_are_judged_alike_in_any_order(
    across: Mapping[str, Any], received: str, state: ClockState, breaches: int, timer_first: bool, one_batch: bool
) -> None:
    story: Story = across["story"]
    tail = [await _signaled(story, story.at(received)), _fired(across["timer"])]
    book = await _played(across, tail[::-1] if timer_first else tail, "11:40", one_batch)
    clock = next(clock for clock in book.clocks(story.at("11:40")) if clock.id == "outlet_report")
    assert (clock.state, clock.met_at) == (state, story.at(received))
    assert len([entry for entry in book.entries if entry.what == "breach"]) == breaches
    assert not [entry for entry in book.entries if entry.what == "breach_lifted"]
    duties = [str(e.data["duty"]) for e in book.entries if e.what == "notice" and e.recorded_at > story.at("10:52")]
    assert [duty for duty in dict.fromkeys(duties) if "outlet_report" in duty] == ["breach.outlet_report"] * breaches


@pytest.mark.rule("R43", "R62")
@pytest.mark.parametrize("one_batch", [False, True], ids=["messages-first", "one-batch"])
async def test_with_nothing_but_the_timer_the_deadline_is_missed_at_its_own_instant(
    across: Mapping[str, Any], one_batch: bool
) -> None:
    story: Story = across["story"]
    book = await _played(across, [_fired(across["timer"])], "11:40", one_batch)
    breach = book.incident.breaches["outlet_report"]
    assert (breach.at, breach.recorded_at) == (story.at("11:00"), story.at("11:40"))


async def _played(across: Mapping[str, Any], tail: list[HistoryEvent], now: str, one_batch: bool) -> Book:
    story: Story = across["story"]
    history: WorkflowHistory = across["history"]
    at = story.at(now).astimezone(UTC).replace(tzinfo=None)
    return await replayed(story.world.settings, with_last_task(history, tail, at), one_batch=one_batch)


# -- stamps ------------------------------------------------------------------------------------------------------------


def _without_seal(envelope: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in envelope.items() if name != "seal"}


def _forged(envelope: dict[str, Any]) -> dict[str, Any]:
    return {**envelope, "seal": {**envelope["seal"], "mac": "0" * 64}}


def _dated_back(envelope: dict[str, Any]) -> dict[str, Any]:
    return {**envelope, "received_at": "2026-01-01T00:00:00.000000Z"}


def _through_another_door(envelope: dict[str, Any]) -> dict[str, Any]:
    return {**envelope, "door": "tocsin"}


@pytest.mark.rule("R43")
@pytest.mark.parametrize("spoil", [_without_seal, _forged, _dated_back, _through_another_door])
async def test_without_a_valid_seal_the_stamp_is_the_incidents_own_time(world: World, spoil: Any) -> None:
    story = await _crisis(world)
    await story.until("11:01")
    await story.handle.signal(RECORD, spoil(_envelope(story, story.at("10:30"))))
    await story.quiet()
    entry = (await story.said("report_submitted"))[0]
    assert (entry["door"], entry["received_at"]) == ("temporal", entry["recorded_at"])
    assert (await story.clocks())["outlet_report"] == "met_late"


@pytest.mark.rule("R43")
async def test_a_seal_of_another_incident_does_not_hold_here(world: World) -> None:
    story = await _crisis(world)
    other = world.keys.envelope("somewhere-else", _fact(story), stamp(story.at("10:00")), "test")
    await story.handle.signal(RECORD, other)
    await story.quiet()
    assert (await story.said("report_submitted"))[0]["door"] == "temporal"


@pytest.mark.rule("R43")
async def test_with_a_valid_seal_the_entry_says_when_and_through_which_door(world: World) -> None:
    story = await _crisis(world)
    await story.until("11:01")
    await story.handle.signal(RECORD, _envelope(story, story.at("10:30"), door="gateway"))
    await story.quiet()
    entry = (await story.said("report_submitted"))[0]
    assert (entry["door"], story.when(entry["received_at"])) == ("gateway", "10:30")
    assert entry["recorded_at"] > entry["received_at"]


@pytest.mark.rule("R43")
async def test_a_stamp_in_the_future_is_held_back_to_now_and_noted(world: World) -> None:
    story = await _crisis(world)
    receipt = await story.tell("10:30", LEAD, "report_submitted", content=COURSE)
    assert receipt.met_clocks == ("outlet_report",)
    entry = (await story.said("report_submitted"))[0]
    assert entry["received_at"] == entry["recorded_at"]
    assert story.when(entry["data"]["held_from"]) == "10:30"
    refused = await story.tell("10:31", COUNTY, "insurer_decided", decision="x")
    assert refused.rule == "R20"
    assert story.when((await story.said("refused"))[0]["data"]["held_from"]) == "10:31"


@pytest.mark.rule("R24", "R43")
async def test_a_complaint_stamped_in_the_future_is_filed_now_and_says_so(world: World) -> None:
    day = Day(world, "10:00", present="09:00")
    complaint = {"incident_id": f"S-{uuid4().hex[:8]}", "channel": "outlet", "reason": "收益", **AT_T1}
    filed = await file_complaint(world.client, complaint, received_at=day.at("10:00"))
    story = day.story(filed.incident_id)
    await story.quiet()
    entry = (await story.said("filed"))[0]
    assert (entry["received_at"], story.when(entry["data"]["held_from"])) == (entry["recorded_at"], "10:00")
