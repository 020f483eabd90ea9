"""An incident goes on in a new run when its history grows long: nothing is lost, told twice, or moved in time."""

import asyncio
import random
from typing import Any
from uuid import uuid4

import pytest
import rfc8785
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHandle

from plan.receipts import Answer, Receipt
from plan.verification import verify
from runtime.names import workflow_id
from runtime.telling import tell_fact
from starter import file_complaint
from starter.client import PYTHON_DOOR
from tests.server.people import ANHE, AT_T1, CITY, COUNTY, COURSE, LEAD, LEAD2, POST, PROVINCE, T2
from tests.server.recorder import Hanging
from tests.server.story import LONG, Day, Story
from tests.server.world import World

pytestmark = pytest.mark.server

WARNED_AT = 512 * 1024
"""Bytes of a payload at which Temporal begins to warn; four times that is refused."""
ENDED = (
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT,
)


async def _runs(story: Story) -> list[list[HistoryEvent]]:
    """The history of each run, the first one first."""
    runs: list[list[HistoryEvent]] = []
    run = (await story.handle.describe()).run_id
    while run:
        handle: WorkflowHandle[Any, Any] = story.world.client.get_workflow_handle(
            workflow_id(story.incident_id), run_id=run
        )
        runs.insert(0, list((await handle.fetch_history()).events))
        run = runs[0][0].workflow_execution_started_event_attributes.continued_execution_run_id
    return runs


def _in_flight(events: list[HistoryEvent]) -> int:
    """Activities begun and not over."""
    begun = sum(1 for event in events if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED)
    return begun - sum(1 for event in events if event.event_type in ENDED)


def _open_updates(events: list[HistoryEvent]) -> int:
    """Updates accepted and not answered."""
    accepted = sum(1 for e in events if e.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED)
    return accepted - sum(1 for e in events if e.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED)


async def _verified(story: Story) -> list[dict[str, Any]]:
    """The record, whole over all runs."""
    entries = await story.entries()
    found = verify([rfc8785.dumps(entry).decode() for entry in entries], (await story.view())["head"])
    assert found.fault is None, found.words
    return entries


@pytest.mark.rule("R43", "R44", "R45", "R46")
async def test_a_day_of_many_runs_keeps_its_instants_its_facts_and_its_notices(alone: World) -> None:
    alone.max_events = 1
    async with alone.worker():
        story = await Story.filed(alone, "09:12", **AT_T1)
        await story.accepted("09:48", LEAD, "circumstances_reported", headcount=6, known_at="at:09:45")
        await story.until("10:16")
        assert (await story.due("outlet_report"), await story.due("province_opinion")) == ("10:45", "D+1 09:45")
        await story.accepted("10:30", LEAD, "report_submitted", fact_id="report", content=COURSE)
        await story.accepted("10:55", COUNTY, "report_submitted", content=COURSE)
        await story.accepted("11:20", CITY, "report_submitted", content=COURSE)
        assert (await story.told("11:20", LEAD, "report_submitted", fact_id="report", content=COURSE)).duplicate
        await story.accepted("17:30", PROVINCE, "handling_opinion_submitted", opinion="意见")
        await story.accepted("18:00", PROVINCE, "regulator_informed")
        await story.accepted("D+1 09:00", POST, "stood_down", reason="平息")
        await story.quiet()
        clocks = await story.clocks()
        assert {clocks[name] for name in ("outlet_report", "province_opinion", "regulator_report")} == {"met"}
        assert (clocks["relay.county"], clocks["relay.city"]) == ("met", "met")
        assert (await story.due("outlet_report"), await story.met("outlet_report")) == ("10:45", "10:30")
        keys = [message.key for message in story.messages()]
        assert len(keys) == len(set(keys)), "nobody is told twice"

        entries, runs = await _verified(story), await _runs(story)
        assert len(runs) == 1 + len([entry for entry in entries if entry["what"] == "continued"])
        assert len(runs) > 10
        assert [(_in_flight(run), _open_updates(run)) for run in runs] == [(0, 0)] * len(runs)


async def test_a_new_run_keeps_what_the_incident_was_filed_with(alone: World) -> None:
    alone.max_events = 1
    async with alone.worker():
        day = Day(alone, "10:00")
        complaint = {"incident_id": f"K-{uuid4().hex[:8]}", "channel": "outlet", "reason": "收益", **AT_T1}
        await file_complaint(alone.client, complaint, received_at=day.at("10:00"))
        story = day.story(complaint["incident_id"])
        before = await story.handle.describe()
        await story.accepted("10:10", LEAD, "calming_attempted", outcome="failed")
        await story.quiet()
        after = await story.handle.describe()
        assert after.run_id != before.run_id
        assert (await file_complaint(alone.client, complaint)).created is False
        attributes = await story.attributes()
        assert (attributes["TocsinOutlet"], attributes["TocsinProvince"]) == (AT_T1["outlet"], "gd")
        started = (await _runs(story))[-1][0].workflow_execution_started_event_attributes
        assert started.priority.priority_key == 2


@pytest.mark.rule("R4", "R14")
async def test_what_could_not_be_told_yet_is_told_in_a_later_run(alone: World) -> None:
    alone.max_events = 1
    async with alone.worker():
        day = Day(alone, "10:00")
        complaint = {"channel": "hotline", "reason": "收益", "unit": "gd-gz-th", "insurer": "zhongtai-life"}
        filed = await file_complaint(alone.client, complaint, received_at=day.at("10:00"))
        story = day.story(filed.incident_id)
        await story.accepted("10:05", COUNTY, "noted", text="先记一条。")
        await story.quiet()
        assert await story.said("continued")
        await story.accepted("10:10", COUNTY, "assigned", outlet=T2)
        await story.quiet()
        assert LEAD2 in await story.reached("tell.filed")


async def test_it_does_not_go_on_while_a_delivery_is_under_way(alone: World) -> None:
    alone.max_events = 1
    alone.outbox.before = hanging = Hanging(LEAD)
    async with alone.worker():
        story = await Story.filed(alone, "10:00", **AT_T1)
        await asyncio.wait_for(hanging.reached.wait(), 20)
        before = len(await _runs(story))
        for _ in range(3):
            await story.tell("10:00", LEAD, "noted", text="x")
        assert len(await _runs(story)) == before
        hanging.let_go()
        await story.quiet()
        assert LEAD in await story.reached("tell.filed")
        assert len(await _runs(story)) == before + 1


async def test_many_facts_at_once_lose_nothing_while_it_goes_on_again_and_again(alone: World) -> None:
    alone.max_events = 1
    async with alone.worker():
        story = await Story.filed(alone, "10:00", **AT_T1)
        receipts = await asyncio.gather(*(_noted(story, n, "x") for n in range(60)))
        assert all(receipt.accepted for receipt in receipts)
        await story.quiet()
        assert sorted(await story.about("noted")) == sorted(f"n-{n}" for n in range(60))
        await _verified(story)
        assert {_open_updates(run) for run in await _runs(story)} == {0}


async def _noted(story: Story, n: int, text: str) -> Receipt:
    fact = {"kind": "noted", "fact_id": f"n-{n}", "by": LEAD, "text": text}
    return await _tell(story, fact)


async def _tell(story: Story, fact: dict[str, Any]) -> Receipt:
    keys = story.world.keys
    return await tell_fact(
        story.world.client, story.incident_id, fact, door=PYTHON_DOOR, keyring=keys, patience=2 * LONG
    )


def _carried(run: list[HistoryEvent]) -> int:
    """Bytes of the state a run began with, as they went over the wire."""
    return sum(len(p.data) for p in run[0].workflow_execution_started_event_attributes.input.payloads)


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_a_thousand_facts_and_six_hundred_notices_work_through(alone: World) -> None:
    async with alone.worker():
        story = await Story.filed(alone, "10:00", **AT_T1)
        coming = [
            {"kind": "on_the_way", "fact_id": f"w-{n}", "by": ANHE, "party": "insurer"} for n in range(300)
        ]  # each tells two people
        noting = [
            {"kind": "noted", "fact_id": f"n-{n}", "by": LEAD, "text": f"第{n}次来访，客户情绪稳定。"}
            for n in range(700)
        ]
        receipts = await asyncio.gather(*(_tell(story, fact) for fact in [*coming, *noting]))
        assert all(receipt.accepted for receipt in receipts)
        await story.until("10:30")
        await story.quiet()

        view, entries = await story.view(), await _verified(story)
        assert len([entry for entry in entries if entry["what"] in ("noted", "on_the_way")]) == 1_000
        assert len([message for message in story.messages() if message.duty.startswith("tell.on_the_way")]) == 600
        assert len(view["notices"]) == 50
        runs = await _runs(story)
        assert len(runs) > 1
        assert max(len(run) for run in runs) < 20_000
        assert max(_carried(run) for run in runs) < WARNED_AT
        await story.tell("10:31", LEAD, "calming_attempted", outcome="calmed")
        await story.tell("10:31", LEAD, "resolved")
        await story.tell("10:31", COUNTY, "closed")
        assert (await story.ended())["sequence"] > 2_000


def _text(noise: random.Random, length: int) -> str:
    """Signs in no order, which compression makes hardly smaller."""
    return "".join(chr(noise.randrange(0x4E00, 0x9FA0)) for _ in range(length))


@pytest.mark.slow
async def test_long_reports_fill_an_incident_and_then_only_short_facts_are_taken(alone: World) -> None:
    noise = random.Random(7)  # noqa: S311
    alone.max_events = 40
    async with alone.worker():
        story = await Story.filed(alone, "10:00", circumstances={"disrupts_outlet": True}, **AT_T1)
        refused = Receipt(fact_id="", state=Answer.PENDING)
        for n in range(60):
            texts = {field: _text(noise, 3_600) for field in ("course", "cause", "trend")}
            report = {"kind": "report_submitted", "fact_id": f"r-{n}", "by": LEAD, "content": texts}
            refused = await _tell(story, report)
            if not refused.accepted:
                break
            if n % 10 == 9:
                await story.quiet()  # continue-as-new waits for a quiet moment
        assert (refused.rule, "full" in (refused.reason or "")) == ("R24", True)
        assert (await _noted(story, 1, "短的还可以。")).accepted
        await story.quiet()
        runs = await _runs(story)
        assert len(runs) > 2
        assert max(_carried(run) for run in runs) < 4 * WARNED_AT
        await _verified(story)
