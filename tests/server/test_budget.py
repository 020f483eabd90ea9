"""What incidents cost (architecture, "Cost"): an ordinary complaint in Temporal's events, a day-long crisis in time.

The arithmetic of the events is written out, so that a change that adds some shows which and why.
"""

import time
from collections import Counter

import pytest
from temporalio.api.enums.v1 import EventType

from tests.server.people import ANHE, AT_T1, CITY, COUNTY, COURSE, LEAD, POST, PROVINCE
from tests.server.story import Story
from tests.server.world import World

pytestmark = [pytest.mark.server, pytest.mark.alone]

BUDGET = 150
OF_THE_TESTS = ("WORKFLOW_EXECUTION_OPTIONS_UPDATED", "WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED")
"""What the tests' clock leaves behind."""


async def _ordinary(world: World) -> Story:
    """From filing to closing: ten facts told as updates, eight notices, three clocks."""
    customer = {"name": "佘某", "phone": "13900000000", "policy_numbers": ["P-1"]}
    story = await Story.filed(world, "09:12", customer=customer, **AT_T1)
    await story.accepted("09:30", LEAD, "calming_attempted", outcome="not_persuaded")
    await story.accepted("09:34", LEAD, "checklist_done", item="recordings_kept")
    await story.accepted("09:38", LEAD, "handed_to_insurer", due_at="at:D+7 17:00")
    await story.accepted("D+1 09:00", ANHE, "policy_examined", policy_number="P-1", signed=True)
    await story.accepted("D+1 10:00", COUNTY, "policy_examined", policy_number="P-1", mis_selling_proven=False)
    await story.accepted("D+2 10:00", ANHE, "insurer_progressed", note="正在核查。")
    await story.accepted("D+3 10:00", ANHE, "insurer_decided", decision="解释", remedy="explanation")
    await story.accepted("D+3 10:40", LEAD, "decision_relayed")
    await story.accepted("D+3 15:00", COUNTY, "resolved")
    await story.accepted("D+3 15:10", COUNTY, "closed")
    assert (await story.ended())["stage"] == "closed"
    assert len(story.messages()) == 8
    return story


async def _events(story: Story) -> Counter[str]:
    history = await story.handle.fetch_history()
    names = (EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events)
    return Counter(name for name in names if name not in OF_THE_TESTS)


FACTS, NOTICES, ROSTERS, CLOCKS, RECORDS = 10, 8, 1, 3, 1
TIMES_TOLD = 4
"""How often somebody is told; that it has all arrived is published, and that some is on its way with what happened."""
ARITHMETIC = {
    "WORKFLOW_EXECUTION_STARTED": 1,
    "WORKFLOW_EXECUTION_COMPLETED": 1,
    "WORKFLOW_EXECUTION_UPDATE_ACCEPTED": FACTS,
    "WORKFLOW_EXECUTION_UPDATE_COMPLETED": FACTS,
    "ACTIVITY_TASK_SCHEDULED": ROSTERS + NOTICES + RECORDS,
    "ACTIVITY_TASK_STARTED": ROSTERS + NOTICES + RECORDS,
    "ACTIVITY_TASK_COMPLETED": ROSTERS + NOTICES + RECORDS,
    "TIMER_STARTED": CLOCKS,  # one timer, restarted only when the next instant moves
    "TIMER_CANCELED": CLOCKS,
    # once it is known who answers, then the stage and the next due time, and that notices have arrived
    "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES": 7 + TIMES_TOLD,
}
MOST_TASKS = 1 + FACTS + ROSTERS + NOTICES + RECORDS
"""The start, each fact, and each activity's end; fewer where some come together."""
TASK = ("WORKFLOW_TASK_SCHEDULED", "WORKFLOW_TASK_STARTED", "WORKFLOW_TASK_COMPLETED")


async def test_an_ordinary_complaint_stays_within_its_budget_of_events(world: World) -> None:
    events = await _events(await _ordinary(world))
    tasks = {name: events.pop(name) for name in TASK}
    assert max(tasks.values()) <= MOST_TASKS
    assert dict(events) == ARITHMETIC
    assert sum(ARITHMETIC.values()) + len(TASK) * MOST_TASKS == 132 <= BUDGET


async def _a_day(world: World) -> float:
    """A crisis from the first report to the last, with every warning and chase on the way; how many seconds it took."""
    began = time.perf_counter()
    story = await Story.filed(world, "09:12", **AT_T1)
    await story.accepted("09:48", LEAD, "circumstances_reported", headcount=6)
    await story.accepted("10:30", LEAD, "report_submitted", content=COURSE)
    await story.accepted("10:55", COUNTY, "report_submitted", content=COURSE)
    await story.accepted("11:20", CITY, "report_submitted", content=COURSE)
    await story.accepted("17:30", PROVINCE, "handling_opinion_submitted", opinion="意见")
    await story.accepted("18:00", PROVINCE, "regulator_informed")
    await story.accepted("D+1 10:00", POST, "stood_down", reason="平息")
    await story.accepted("D+1 10:10", ANHE, "insurer_decided", decision="解释")
    await story.accepted("D+1 10:20", COUNTY, "resolved")
    await story.accepted("D+1 10:30", COUNTY, "root_cause_recorded", root_cause="讲解不清", lessons="改进讲解")
    await story.accepted("D+1 10:40", COUNTY, "closed")
    await story.ended()
    return time.perf_counter() - began


async def test_a_day_long_crisis_is_played_in_under_two_seconds(world: World) -> None:
    tries = 0
    while (took := await _a_day(world)) >= 2 and tries < 3:  # the machine may be busy with something else
        tries += 1
    assert took < 2
