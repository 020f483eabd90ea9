"""After the event on a real server: a late report, who answers for it, and what is left to be done (R56, R58-R63)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

from activities.names import FINISH_ACTION, OPEN_ACTION
from plan.playbook import Playbook
from tests.server.people import ANHE, AT_T1, CITY, CONTACT, COUNTY, COURSE, LEAD, POST, PROVINCE
from tests.server.registers import TH, Book
from tests.server.story import Day, Story
from tests.server.watched import until
from tests.server.world import World

pytestmark = pytest.mark.server

LATER = timedelta(days=60)
"""Beyond the present of any register of these tests."""


async def calmed(world: World) -> Story:
    """The outlet reports ten minutes late; then everything is in time, stood down and decided."""
    story = await Day(world, "10:00").filed(
        "10:00", incident_id=f"A-{uuid4().hex[:8]}", circumstances={"disrupts_outlet": True}, **AT_T1
    )
    await story.quiet()
    await story.accepted("10:05", CONTACT, "notice_acknowledged", notice_id=f"tell.crisis~{CONTACT}")
    await story.accepted("11:10", LEAD, "report_submitted", content=COURSE)
    await story.accepted("11:20", COUNTY, "report_submitted", content=COURSE)
    await story.accepted("11:25", CITY, "report_submitted", content=COURSE)
    await story.accepted("11:30", PROVINCE, "handling_opinion_submitted", opinion="意见")
    await story.accepted("11:31", PROVINCE, "regulator_informed")
    await story.accepted("11:32", POST, "stood_down", reason="平息")
    await story.accepted("11:33", ANHE, "insurer_decided", decision="解释")
    await story.accepted("11:34", LEAD, "decision_relayed")
    return story


def an_action(story: Story, **changed: Any) -> dict[str, Any]:
    due_at = (story.at("11:00") + LATER).isoformat()
    return {"text": "补齐双录流程", "owner": LEAD, "due_at": due_at, "feeds": "screening_standard", **changed}


async def in_the_register(story: Story, so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The one action that the register has of this incident, once it is so."""
    handle = Book(story.world).handle

    def of_it(seen: dict[str, Any]) -> list[dict[str, Any]]:
        listed = [*seen.get("actions", []), *seen.get("done", [])]
        return [each for each in listed if each["from_incident"] == story.incident_id]

    seen = await until(handle, lambda seen: len(of_it(seen)) == 1 and so(of_it(seen)[0]))
    return of_it(seen)[0]


async def handed_over(story: Story) -> list[str]:
    """The activities by which it spoke to the register, in order, in its present run and those it continues."""
    names: list[str] = []
    run = (await story.handle.describe()).run_id
    while run:
        handle: WorkflowHandle[Any, Any] = story.world.client.get_workflow_handle(story.handle.id, run_id=run)
        events = list((await handle.fetch_history()).events)
        scheduled = (
            event.activity_task_scheduled_event_attributes.activity_type.name
            for event in events
            if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
        )
        names = [*(name for name in scheduled if name in (OPEN_ACTION, FINISH_ACTION)), *names]
        run = events[0].workflow_execution_started_event_attributes.continued_execution_run_id
    return names


@pytest.mark.rule("R58", "R59", "R60", "R62")
async def test_a_late_report_is_answered_for_and_its_lesson_goes_on_in_the_units_register(world: World) -> None:
    story = await calmed(world)
    await story.accepted("12:00", COUNTY, "resolved")
    assert await story.reached("prompt.accountability") == {POST, "gd-gz-th.bank"}
    assert await story.reached("prompt.final_report") == {COUNTY}
    await story.accepted("12:10", COUNTY, "root_cause_recorded", root_cause="回访滞后", lessons="回访前置")
    assert await story.reached("prompt.lessons") == {COUNTY}
    await story.accepted("12:20", COUNTY, "report_submitted", report="final", content=COURSE)
    assert await story.reached("prompt.final_report.2") == {COUNTY}
    lacks = {each["what"]: each["lacks"] for each in (await story.view())["outstanding"]}
    assert lacks["prompt.final_report.2"] == ["handling", "trend", "next_steps", "accountability"]
    assert lacks["prompt.accountability"] == ["outlet_report"]
    assert await story.refused("12:30", COUNTY, "closed") == "R60"

    await story.accepted("12:40", COUNTY, "action_opened", **an_action(story))
    opened = await in_the_register(story, lambda action: action["state"] == "open")
    assert (opened["action_id"], opened["owner"]) == (f"{story.incident_id}.1", LEAD)
    assert (opened["feeds"], opened["outlet"]) == ("screening_standard", AT_T1["outlet"])
    owed = {each["what"] for each in (await story.view())["outstanding"]}
    assert f"action.{story.incident_id}.1" in owed
    assert "prompt.lessons" not in owed

    await story.accepted("12:50", POST, "accountability_decided", category=2, person=LEAD, decision="谈话")
    assert "prompt.accountability" not in await story.owed()
    await story.accepted("13:00", COUNTY, "closed")
    assert (await story.ended())["stage"] == "closed"
    assert await handed_over(story) == [OPEN_ACTION]


@pytest.mark.rule("R58")
async def test_told_to_the_closed_incident_that_it_is_done_the_register_hears_of_it(world: World) -> None:
    story = await calmed(world)
    await story.accepted("12:00", COUNTY, "resolved")
    await story.accepted("12:10", COUNTY, "root_cause_recorded", root_cause="回访滞后", lessons="回访前置")
    await story.accepted("12:20", COUNTY, "action_opened", **an_action(story, action_id="script"))
    await story.accepted("12:30", COUNTY, "closed")  # an open action with owner and date is enough (R60)
    first = await story.ended()
    await in_the_register(story, lambda action: action["state"] == "open")

    assert (await story.tell("12:40", LEAD, "action_done", action_id="script", note="已补齐")).accepted
    done = await in_the_register(story, lambda action: action["state"] == "done")
    assert done["action_id"] == f"{story.incident_id}.script"
    second = await story.ended()
    assert (second["stage"], second["sequence"] > first["sequence"]) == ("closed", True)
    assert await handed_over(story) == [FINISH_ACTION]
    shown = (await story.view(COUNTY))["actions"]
    assert [(each["done_by"], each["text"]) for each in shown] == [(LEAD, "***")]
    standard = (await Book(story.world, TH).view(COUNTY))["standard"]
    assert f"{story.incident_id}.script" in {each["action_id"] for each in standard}


@pytest.mark.rule("R62", "R29")
async def test_the_evidence_points_into_the_record_and_is_for_the_inside_alone(world: World) -> None:
    story = await calmed(world)
    items = (await story.view(POST))["accountability_items"]
    assert [item["about"] for item in items] == ["outlet_report"]
    entries = {entry["sequence"]: entry for entry in await story.entries()}
    proof = [entries[number] for number in items[0]["evidence"]]
    assert [entry["what"] for entry in proof] == [
        "filed",
        "clock_started",
        "delivered",
        "notice_acknowledged",
        "breach",
        "report_submitted",
        "clock_met_late",
    ]
    assert items[0]["late"] == "PT600S"
    assert story.when(items[0]["first_acknowledged_at"]) == "10:05"
    assert items[0]["acknowledged_by"] == CONTACT
    told = datetime.fromisoformat(items[0]["first_told_at"])
    assert told == datetime.fromisoformat(proof[2]["recorded_at"])
    for viewer in (LEAD, CONTACT, ANHE, "system:crm", "somebody"):
        assert "accountability_items" not in await story.view(viewer), viewer


@pytest.mark.rule("R58")
async def test_a_step_is_handed_over_once_whatever_run_the_incident_is_in(alone: World) -> None:
    alone.max_events = 1
    async with alone.worker():
        story = await calmed(alone)
        await story.accepted("12:00", COUNTY, "action_opened", **an_action(story))
        await story.quiet()
        await story.accepted("12:10", LEAD, "action_done", action_id="1")
        await story.quiet()
        await story.accepted("12:20", COUNTY, "noted", text="再看")
        await story.quiet()
        assert len(await story.said("continued")) > 5
        action = await in_the_register(story, lambda action: action["state"] == "done")
        assert action["action_id"] == f"{story.incident_id}.1"
        assert await handed_over(story) == [OPEN_ACTION, FINISH_ACTION]


@pytest.mark.rule("R58")
async def test_an_incident_whose_playbook_hands_nothing_over_keeps_its_actions(alone: World) -> None:
    def playbook() -> Playbook:
        return alone.playbook().model_copy(update={"hand_over_actions": False})

    async with alone.worker(playbook=playbook):
        story = await Story.filed(alone, "10:00", **AT_T1)
        await story.accepted("10:10", COUNTY, "action_opened", **an_action(story))
        await story.accepted("10:20", LEAD, "action_done", action_id="1")
        await story.accepted("10:30", COUNTY, "withdrawn")
        assert (await story.ended())["stage"] == "withdrawn"
        assert await handed_over(story) == []
