"""Rounds of the rhythm on the real server: begun by schedules, told once, right in their figures (R10, R13, R30)."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from plan.cadence import When
from plan.rhythm import Kind
from plan.wording import CHINA
from runtime.names import RHYTHM, WORKFLOWS_QUEUE, drill_id
from runtime.settings import Settings
from tests.environment import namespace_apart
from tests.server.people import AT_T1, AT_T2, LEAD, LEAD2
from tests.server.registers import T1, T2, TH, WORK, Book, an_action, ended
from tests.server.rounds import a_round, again, held
from tests.server.story import Day
from tests.server.world import World

pytestmark = pytest.mark.server
MEETING = a_round(Kind.MEETING, "gd")


@pytest.fixture
async def world(env: WorkflowEnvironment, settings: Settings) -> AsyncGenerator[World]:
    world = World(await namespace_apart(env), settings)
    async with world.worker():
        yield world


def told(world: World, duty: str) -> dict[str, str]:
    """Who heard of it, and in which words; the last of them."""
    return {message.recipient: message.text for message in world.outbox.sent if message.duty == duty}


async def a_quarter(world: World) -> None:
    """A breach, a crisis that was stood down, a complaint that is with its insurer, one that is closed; and a drill."""
    day = Day(world, "09:00")
    late = await day.filed("09:00", **AT_T1)
    over = await day.filed("09:00", **AT_T2)
    drill = await day.filed("09:00", **AT_T1, drill=True)
    waiting = await day.filed("09:00", **AT_T2, customer={"name": "a", "phone": "1", "policy_numbers": ["p"]})
    done = await day.filed("09:00", **AT_T1)
    await done.accepted("09:01", LEAD, "calming_attempted", outcome="calmed")
    await done.accepted("09:02", LEAD, "resolved")
    await done.accepted("09:03", WORK, "closed")
    day.stories.remove(done)
    await waiting.accepted("09:04", LEAD2, "calming_attempted", outcome="not_persuaded")
    await waiting.accepted("09:05", LEAD2, "handed_to_insurer")
    for each, by in ((late, LEAD), (over, LEAD2), (drill, LEAD)):
        await each.accepted("09:10", by, "circumstances_reported", media=True)
    await over.accepted("09:20", LEAD2, "report_submitted", content={"course": "一句"})
    await over.accepted("09:30", f"{TH}.post", "stood_down", reason="平息")
    await day.until("10:30")
    for each in day.stories:
        await each.quiet()


@pytest.mark.rule("R13")
async def test_the_meetings_digest_counts_what_was_and_leaves_out_drills(world: World) -> None:
    await a_quarter(world)
    await Book(world).accepted("action", WORK, **an_action(due_on="2027-06-01"))
    await Book(world, "gd").accepted("action", "gd.work", **an_action(due_on="2027-06-01"))
    counts = (await held(world, MEETING))["held"]["counts"]
    assert counts == {
        "new": 4,  # the drill is none of them
        "open": 3,
        "waiting": 1,
        "crises": 2,  # the one that was stood down has been one
        "overdue": 2,  # one outlet has not reported, and the other's county has not passed it on
        "breaches": 2,
        "undelivered": 0,
    }
    both = told(world, "tell.meeting")
    assert {"gd.work", "gd.post", "gd.bank"} <= set(both)
    assert "新增 4，未结 3，超时 2，危机 2，逾期 2，未送达 0，待办 2" in both["gd.work"]


@pytest.mark.rule("R13", "R29")
async def test_an_insurer_sees_its_own_and_nothing_of_breaches(world: World) -> None:
    await a_quarter(world)
    await held(world, MEETING)
    both = told(world, "tell.meeting")
    assert "涉及贵司的：新增 2 件，未结 1 件，待贵司答复 0 件，危机 1 件" in both["anhe-life.gd"]
    assert "涉及贵司的：新增 2 件，未结 2 件，待贵司答复 1 件，危机 1 件" in both["zhongtai-life.gd"]
    assert "逾期" not in both["anhe-life.gd"] + both["zhongtai-life.gd"]


@pytest.mark.rule("R13")
async def test_the_next_digest_counts_since_the_last_meeting(world: World) -> None:
    day = Day(world, "09:00")
    await (await day.filed("09:00", **AT_T1)).quiet()
    first = await held(world, MEETING)
    assert first["held"]["counts"]["new"] == 1
    (kept,) = (await Book(world, "gd").view("gd.work"))["rounds"]
    assert (kept["id"], kept["counts"]["new"]) == (first["round"], 1)
    async for run in world.client.list_workflows(f"WorkflowType = '{RHYTHM}'"):
        assert run.close_time is not None
    second = await _a_second_later(world)
    assert second["held"]["counts"] == {**first["held"]["counts"], "new": 0}


async def _a_second_later(world: World) -> dict[str, Any]:
    """Two rounds within one second are one round; so the next second is waited for by asking."""
    before = (await held(world, MEETING))["round"]
    while True:
        later = await held(world, MEETING)
        if later["round"] != before:
            return later


@pytest.mark.rule("R13")
async def test_an_incident_that_went_on_in_another_run_is_one_and_not_new(world: World) -> None:
    day = Day(world, "09:00")
    world.max_events = 30
    story = await day.filed("09:00", **AT_T1)
    for n in range(12):
        await story.accepted("09:10", LEAD, "noted", text=f"{n}")
    await story.quiet()
    runs = [run async for run in world.client.list_workflows("ExecutionStatus = 'ContinuedAsNew'")]
    world.max_events = None
    assert runs, "it never continued as new"
    counts = (await held(world, MEETING))["held"]["counts"]
    assert (counts["new"], counts["open"]) == (1, 1)


@pytest.mark.rule("R10", "R14", "R39")
async def test_the_watch_list_names_the_outlets_and_why(world: World) -> None:
    await a_quarter(world)
    day = Day(world, "11:00")
    signs = await day.filed("11:00", **AT_T2)
    await signs.accepted("11:01", LEAD2, "group_signs_seen")
    await signs.quiet()
    book = Book(world)
    await book.accepted("action", WORK, **an_action(due_on="2027-06-01", outlet=T1))
    screening = a_round(Kind.SCREENING)
    assert (await held(world, screening))["held"]["watched"] == {T1: ["crisis", "action"], T2: ["signs", "crisis"]}
    assert "本轮排查 2 个网点，其中重点 2 个" in told(world, "prompt.screening")[WORK]
    await book.accepted("screening", WORK, outlet=T1, result="findings", note="双录不全")
    (kept,) = (await book.view(WORK))["rounds"]
    assert kept["lacking"] == [T2]


@pytest.mark.rule("R58")
async def test_lessons_stand_in_the_checklist_of_the_next_screening_here_and_below(world: World) -> None:
    lesson: dict[str, Any] = {"due_on": "2027-06-01", "feeds": "screening_standard"}
    for book, by in ((Book(world), WORK), (Book(world, "gd"), "gd.work"), (Book(world, "gd-sz"), "gd-sz.work")):
        await book.accepted("action", by, **an_action(action_id="L1", **lesson))
        await book.accepted("action_done", by, action_id="L1")
    screening = (await held(world, a_round(Kind.SCREENING)))["held"]
    assert screening["points"] == [f"{TH}/L1", "gd/L1"], "another city's lessons are not this county's"
    assert "排查标准新增 2 条" in told(world, "prompt.screening")[WORK]


@pytest.mark.rule("R11")
async def test_the_training_round_names_who_has_no_record(world: World) -> None:
    today = datetime.now(UTC).date()
    book = Book(world)
    recent, old = (today - timedelta(days=30)).isoformat(), (today - timedelta(days=400)).isoformat()
    await book.accepted("training", WORK, who=f"{T1}.lead", topic="处理流程", held_on=recent)
    await book.accepted("training", WORK, who=T2, topic="处理流程", held_on=old)
    found = (await held(world, a_round(Kind.TRAINING, looks_back=timedelta(days=366))))["held"]
    assert found["lacking"] == [TH, T2]
    assert "2 个近期没有培训记录" in told(world, "prompt.training")[WORK]


@pytest.mark.rule("R30", "R31")
async def test_every_outlet_is_asked_to_confirm_and_what_it_confirms_is_kept(world: World) -> None:
    await held(world, a_round(Kind.READINESS, items=("hotline_posted", "persons_named")))
    assert set(told(world, "prompt.readiness")) == {WORK, LEAD, LEAD2}
    book = Book(world)
    await book.accepted("readiness", LEAD, outlet=T1, items=["hotline_posted", "persons_named"])
    (kept,) = (await book.view(WORK))["rounds"]
    assert (kept["lacking"], kept["unconfirmed"]) == ([T2], {T2: ["hotline_posted", "persons_named"]})
    await book.pass_(timedelta(days=15))
    await book.settled()
    assert set(told(world, "breach.round")) == {WORK}
    assert "还差 1 个" in told(world, "breach.round")[WORK]


@pytest.mark.rule("R11", "R31")
async def test_a_drill_round_begins_a_drill_with_its_scenario_at_the_outlet_drilled_least_lately(world: World) -> None:
    drilled = await Day(world, "09:00").filed("09:00", **AT_T1, drill=True)
    await drilled.quiet()
    found = (await held(world, a_round(Kind.DRILL, scenario="crowd", recipients="real", insurers=True)))["held"]
    handle = world.client.get_workflow_handle(drill_id(found["drill"]))
    began = (await handle.fetch_history()).events[0].workflow_execution_started_event_attributes
    (argument,) = await world.client.data_converter.decode(began.input.payloads)
    assert began.workflow_type.name == "Drill"
    assert argument == {"scenario": "crowd", "outlet": T2, "recipients": "real", "insurers": True}


@pytest.mark.rule("R13")
async def test_a_round_that_is_run_again_tells_nobody_twice(world: World) -> None:
    day = datetime.now(CHINA).replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=7)
    at = day.replace(day=min(day.day, 28))
    monthly = a_round(Kind.MEETING, "gd", when=When(days=(at.day,), at="09:00"))
    for n in range(2):
        await again(world, monthly, at - timedelta(hours=1), at + timedelta(hours=1), runs=n + 1)
    heard = [message.recipient for message in world.outbox.sent if message.duty == "tell.meeting"]
    assert len(heard) == len(set(heard)) == 5
    (kept,) = (await Book(world, "gd").view())["rounds"]
    assert datetime.fromisoformat(kept["at"]) == at, "it is known by the time it was planned for"


@pytest.mark.rule("R28")
async def test_a_round_for_a_unit_that_is_gone_fails_and_says_what_to_do(world: World) -> None:
    assert "stands in the organisation no longer" in (await held(world, a_round(Kind.MEETING, "gx")))["failed"]
    assert world.outbox.sent == []


async def test_a_round_with_an_argument_nobody_can_read_fails_at_once(world: World) -> None:
    for n, junk in enumerate(({"kind": "nothing"}, None, 3, "x")):
        handle = await world.client.start_workflow(RHYTHM, junk, id=f"rhythm-{n}", task_queue=WORKFLOWS_QUEUE)
        with pytest.raises(Exception, match="Workflow execution failed"):
            await handle.result()
    await ended(world)
    assert world.outbox.sent == []
