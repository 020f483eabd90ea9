"""What operators see of an incident in Temporal: attributes, details, summaries, priorities; nothing personal (R29)."""

import asyncio
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import WorkflowExecution

from plan.malformed import parse_complaint
from runtime.filing import Imported, file
from runtime.names import IMPORT_PRIORITY
from starter.client import PYTHON_DOOR
from tests.server.people import (
    ANHE,
    AT_T1,
    COUNTY,
    COURSE,
    LEAD,
    POST,
    PROVINCE,
    T1,
)
from tests.server.shown import details, history, metadata, summary
from tests.server.story import Day, Story
from tests.server.world import World

pytestmark = pytest.mark.server

CRISIS: dict[str, Any] = {**AT_T1, "circumstances": {"disrupts_outlet": True}}


# -- attributes --------------------------------------------------------------------------------------------------------

TYPES: Final = {
    "TocsinSeverity": "KEYWORD",
    "TocsinStage": "KEYWORD",
    "TocsinForm": "KEYWORD",
    "TocsinOutlet": "KEYWORD",
    "TocsinProvince": "KEYWORD",
    "TocsinInsurer": "KEYWORD",
    "TocsinGroup": "KEYWORD",
    "TocsinNextDueAt": "DATETIME",
    "TocsinOverdue": "INT",
    "TocsinUndelivered": "INT",
    "TocsinNotices": "KEYWORD_LIST",
    "TocsinOnRecord": "KEYWORD_LIST",
    "TocsinDrill": "BOOL",
}


async def test_the_attributes_have_the_types_of_the_contract(world: World) -> None:
    client = world.client
    listed = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    ours = {name: kind for name, kind in listed.custom_attributes.items() if name.startswith("Tocsin")}
    assert {
        name: IndexedValueType.Name(kind).removeprefix("INDEXED_VALUE_TYPE_") for name, kind in ours.items()
    } == TYPES


async def listed(story: Story, *conditions: str) -> list[WorkflowExecution]:
    """What a list with these conditions shows of an incident, as soon as it shows it: the list lags a little behind."""
    query = " AND ".join((f"WorkflowId = '{story.handle.id}'", *conditions))
    async with asyncio.timeout(10):
        while not (found := [run async for run in story.world.client.list_workflows(query)]):
            pass
    return found


SLACK: Final = timedelta(seconds=1)


@pytest.mark.rule("R14", "R43", "R62")
async def test_operators_find_an_incident_by_each_attribute(alone: World) -> None:
    alone.outbox.refuses = {LEAD}
    async with alone.worker():
        story = await Story.filed(alone, "10:00", drill=True, **CRISIS)
        await story.until("10:40")
        due = story.at("11:00")
        for condition in (
            "TocsinSeverity = 'crisis'",
            "TocsinStage = 'open'",
            "TocsinForm = 'single'",
            f"TocsinOutlet = '{T1}'",
            "TocsinProvince = 'gd'",
            "TocsinInsurer = 'anhe-life'",
            "TocsinGroup IS NULL",
            f"TocsinNextDueAt BETWEEN '{_iso(due - SLACK)}' AND '{_iso(due + SLACK)}'",
            "TocsinOverdue = 0",
            "TocsinUndelivered > 0",
            "TocsinNotices = 'failed'",
            "TocsinNotices IN ('held', 'failed')",
            "TocsinOnRecord = 'crisis'",
            "TocsinDrill = true",
        ):
            assert len(await listed(story, condition)) == 1, condition
        await story.until("11:01")
        await listed(story, "TocsinOverdue = 1", f"TocsinNextDueAt > '{_iso(due + SLACK)}'")


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()


@pytest.mark.rule("R43", "R62")
async def test_the_attributes_follow_the_incident_from_its_filing_to_its_end(world: World) -> None:
    story = await Story.filed(world, "10:00", **AT_T1)
    seen = [await _attributes(story)]
    await story.accepted("10:10", LEAD, "circumstances_reported", media=True)
    seen.append(await _attributes(story))
    await story.accepted("11:30", LEAD, "report_submitted", content=COURSE)
    seen.append(await _attributes(story))
    await story.accepted("11:40", POST, "stood_down", reason="平息")
    await story.accepted("11:41", ANHE, "insurer_decided", decision="解释")
    seen.append(await _attributes(story))
    await story.accepted("11:50", PROVINCE, "handling_opinion_submitted", opinion="按意见办理。")
    await story.accepted("11:51", PROVINCE, "regulator_informed")
    await story.accepted("11:52", LEAD, "decision_relayed")
    await story.accepted("11:53", COUNTY, "resolved")
    seen.append(await _attributes(story))
    assert seen == [
        {"Severity": "complaint", "Stage": "open", "Overdue": 0},
        {"Severity": "crisis", "Stage": "open", "Overdue": 0, "NextDueAt": "11:10"},
        {"Severity": "crisis", "Stage": "open", "Overdue": 0, "NextDueAt": "12:30"},
        {"Severity": "complaint", "Stage": "decided", "Overdue": 0, "NextDueAt": "12:30"},
        {"Severity": "complaint", "Stage": "resolved", "Overdue": 0, "NextDueAt": "12:30"},
    ]


async def _attributes(story: Story) -> dict[str, Any]:
    """Those that move in a day's course."""
    await story.quiet()
    found = await story.attributes()
    shown = {name: found.get(f"Tocsin{name}") for name in ("Severity", "Stage", "Overdue", "NextDueAt")}
    due = shown.pop("NextDueAt")
    return shown | ({"NextDueAt": story.day.when(due)} if due else {})


async def test_attributes_are_written_only_when_one_changes_and_then_only_those(world: World) -> None:
    story = await Story.filed(world, "10:00", **AT_T1)
    await story.quiet()
    upserts = await _upserts(story)
    first = {"TocsinProvince", "TocsinOverdue", "TocsinUndelivered", "TocsinNotices"}
    assert [set(upsert) for upsert in upserts] == [first, {"TocsinNotices"}], "on their way, and arrived"
    for n in range(5):
        await story.accepted("10:10", LEAD, "noted", text=f"等候中 {n}")
    await story.accepted("10:11", LEAD, "calming_attempted", outcome="calmed")
    await story.quiet()
    assert await _upserts(story) == upserts, "nothing that operators filter by has changed"
    await story.accepted("10:20", LEAD, "circumstances_reported", media=True)
    await story.quiet()
    after = (await _upserts(story))[len(upserts) :]
    first = {"TocsinSeverity", "TocsinNextDueAt", "TocsinNotices", "TocsinOnRecord"}
    assert [set(upsert) for upsert in after] == [first, {"TocsinNotices"}]
    await story.until("11:21")
    await story.accepted("11:25", LEAD, "report_submitted", content=COURSE)
    await story.quiet()
    _nothing_twice(await _upserts(story))


async def _upserts(story: Story) -> list[Mapping[str, bytes]]:
    """The attributes of each event that wrote some."""
    return [
        {
            name: payload.data
            for name, payload in (
                event.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields.items()
            )
        }
        for event in await history(story)
        if event.HasField("upsert_workflow_search_attributes_event_attributes")
    ]


def _nothing_twice(upserts: Iterable[Mapping[str, bytes]]) -> None:
    known: dict[str, bytes] = {}
    for upsert in upserts:
        assert upsert
        assert not [name for name, value in upsert.items() if known.get(name) == value]
        known |= upsert


# -- details and summaries ---------------------------------------------------------------------------------------------


@pytest.mark.rule("R19", "R43", "R62")
async def test_the_details_say_what_it_is_and_what_is_owed_next_by_whom_and_until_when(alone: World) -> None:
    alone.outbox.refuses = {LEAD}
    async with alone.worker():
        story = await Story.filed(alone, "10:00", drill=True, **CRISIS)
        await story.until("10:31")
        place = (await story.view())["outlet"]
        shown = await details(story)
        due = datetime.fromisoformat((await story.clock("outlet_report"))["due_at"])
        assert shown.startswith("【演练】**危机事件** · 受理中 · ")
        assert place not in shown.splitlines()[0], "the outlet's own name"
        assert f"网点报告上级：云杉路营业所，{_local(due)} 到时" in shown
        assert "✗ 1 人未能通知到，已改通知他人" in shown
        await story.until("11:01")
        assert "✗ 逾期 网点报告上级" in await details(story)
        await story.accepted("11:05", LEAD, "report_submitted", content=COURSE)
        assert "网点报告上级：逾期后补报" in await details(story)


def _local(instant: datetime) -> str:
    return (instant.astimezone(UTC) + timedelta(hours=8)).strftime("%m-%d %H:%M")


async def test_the_ui_lists_what_can_be_sent_and_asked_with_a_description_each(world: World) -> None:
    story = await Story.filed(world, "10:00", **AT_T1)
    known = (await metadata(story)).definition
    assert known.type == "Incident"
    for kind, names in (
        (known.signal_definitions, {"resolve", "convert_to_group_event", "record"}),
        (known.update_definitions, {"submit", "reveal"}),
        (known.query_definitions, {"view", "timeline"}),
    ):
        described = {each.name: each.description for each in kind}
        assert names <= set(described)
        assert all("·" in described[name] for name in names), described


@pytest.mark.rule("R14")
async def test_every_step_in_the_history_says_what_it_is_for(world: World) -> None:
    story = await Story.filed(world, "10:00", **CRISIS)
    await story.until("10:31")
    steps = [event for event in await history(story) if _is_a_step(event)]
    said = [await summary(story, event) for event in steps]
    assert all(said)
    assert "确定责任人和联系链" in said
    assert f"tell.crisis → {LEAD}（outbox）" in said
    timers = [text for text in said if "查看" in text]
    assert timers
    assert all(
        re.fullmatch(r"网点报告上级 \d\d-\d\d \d\d:\d\d 到时；\d\d-\d\d \d\d:\d\d 查看", text) for text in timers
    )
    described = await story.handle.describe()
    assert await described.static_summary() == f"{story.incident_id} · {T1} · outlet"


def _is_a_step(event: HistoryEvent) -> bool:
    return event.HasField("activity_task_scheduled_event_attributes") or event.HasField(
        "timer_started_event_attributes"
    )


# -- priorities --------------------------------------------------------------------------------------------------------


async def priority(story: Story) -> int:
    return (await story.handle.describe()).raw_description.workflow_execution_info.priority.priority_key


async def delivery_priorities(story: Story) -> dict[str, int]:
    """Of each delivery of a duty, by what its summary says."""
    found: dict[str, int] = {}
    for event in await history(story):
        step = event.activity_task_scheduled_event_attributes
        if step.activity_type.name == "deliver_notice":
            found[(await summary(story, event)).partition(" ")[0]] = step.priority.priority_key
    return found


@pytest.mark.rule("R14")
async def test_deliveries_of_a_crisis_go_before_all_others(world: World) -> None:
    story = await Story.filed(world, "10:00", **AT_T1)
    await story.accepted("10:10", LEAD, "circumstances_reported", media=True)
    await story.quiet()
    found = await delivery_priorities(story)
    assert await priority(story) == 2
    assert (found["tell.filed"], found["tell.crisis"], found["tell.media"]) == (2, 1, 1)
    await story.accepted("10:20", POST, "stood_down", reason="平息")
    await story.quiet()
    assert (await delivery_priorities(story))["tell.stood_down"] == 2


@pytest.mark.rule("R24")
async def test_what_is_imported_comes_last_and_history_tells_nobody(world: World) -> None:
    day = Day(world, "10:00")
    for imported in (None, Imported()):
        said = parse_complaint({"incident_id": f"I-{uuid4().hex[:8]}", "channel": "outlet", "reason": "x", **AT_T1})
        filed = await file(
            world.client,
            said,
            door=PYTHON_DOOR,
            keyring=world.keys,
            received_at=day.at("10:00"),
            imported=imported,
            priority=IMPORT_PRIORITY,
        )
        story = day.story(filed.incident_id)
        await story.quiet()
        assert await priority(story) == 5
        found = await delivery_priorities(story)
        assert found == ({"tell.filed": 5} if imported is None else {})
        if imported is None:
            await story.accepted("10:05", LEAD, "circumstances_reported", media=True)
            await story.quiet()
            assert (await delivery_priorities(story))["tell.crisis"] == 1
