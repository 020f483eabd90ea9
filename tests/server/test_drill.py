"""Drills on a real server: the world is played, people act, it is scored, and nothing of it stays open (R11, R31)."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from activities.channels.contract import Message
from activities.figures import Figures
from bench.processes import System
from plan.drill import DrillAsked
from plan.errors import Conflict
from plan.rhythm import Kind
from runtime.documents import SAMPLE, load_organisation
from runtime.drilling import begin_drill, drill_seen, drills, judged
from runtime.names import DRILL, SUBMIT, VIEW, WORKFLOWS_QUEUE, drill_id, watch_id
from runtime.settings import Settings
from starter.listing import Wanted, every
from tests.environment import namespace_apart
from tests.server.drilling import LONGEST, Exercise, only, scenario
from tests.server.people import (
    ANHE,
    ANHE_NEXT,
    AT_T1,
    BANK,
    CITY,
    CONTACT,
    COUNTY,
    COURSE,
    LEAD,
    POST,
    T1,
    TOLD_OF_CRISIS,
)
from tests.server.rounds import a_round, held
from tests.server.story import A_MOMENT, Story
from tests.server.watched import until
from tests.server.world import World

pytestmark = [pytest.mark.server, pytest.mark.timeout(120), pytest.mark.rule("R11", "R31")]

RECORD: dict[str, Any] = {"name": "演练客户", "phone": "0000", "policy_numbers": ["D-1"]}
QUICK = scenario(
    lasts="PT1H30M",
    steps=[
        {"at": "PT0S", "seen": {"zh": "客户在柜台大声说话", "en": "A customer speaks aloud at the counter"}},
        {"at": "PT10M", "tells": {"media": True}},
    ],
    expects=[],
)
"""A crisis after ten minutes, and half an hour to be late in."""


@pytest.fixture
async def quick(env: WorkflowEnvironment, settings: Settings) -> AsyncGenerator[World]:
    """A world of its own whose only scenario is the quick one."""
    world = World(await namespace_apart(env), settings)
    async with world.worker(scenarios=only(QUICK)):
        yield world


def sent(drill: Exercise) -> list[Message]:
    """Everything that was sent because of it, bulletins too."""
    return [message for message in drill.world.outbox.sent if drill.drill in message.incident_id]


def about(drill: Exercise, duty: str) -> list[Message]:
    return [message for message in sent(drill) if message.duty == duty]


def missed(seen: dict[str, Any]) -> set[tuple[str, str]]:
    return {(each["kind"], each["what"]) for each in seen["score"]["missed"]}


async def nothing_open(drill: Exercise) -> None:
    for story in drill.day.stories:
        assert (await story.handle.describe()).status is WorkflowExecutionStatus.COMPLETED
        assert (await story.ended())["stage"] in ("withdrawn", "closed")


async def good(drill: Exercise) -> None:
    """Everything done, and in time."""
    await drill.does("09:10", LEAD, "calming_attempted", outcome="failed")
    await drill.does("09:22", LEAD, "group_signs_seen")
    await drill.answers("09:24", COUNTY, duty="tell.group_signs")
    await drill.does("09:26", COUNTY, "police_contacted")
    await drill.does("09:40", COUNTY, "arrived_on_scene", party="work_group")
    await drill.does("09:48", LEAD, "circumstances_reported", headcount=6)
    await drill.answers("09:50", LEAD, COUNTY, POST, duty="tell.crisis")
    await drill.answers("09:52", BANK, duty="tell.group_event")
    await drill.does("10:05", POST, "arrived_on_scene", party="leadership_group")
    await drill.does("10:15", LEAD, "report_submitted", content=COURSE)
    await drill.does("10:35", COUNTY, "report_submitted", content=COURSE)
    await drill.does("10:55", CITY, "report_submitted", content=COURSE)
    await drill.does("11:00", LEAD, "customer_recorded", **RECORD)
    await drill.does("11:20", LEAD, "scene_over", outcome="left")


# -- a good run and a bad one ------------------------------------------------------------------------------------------


async def test_a_drill_that_goes_well_passes_and_leaves_nothing_open(world: World) -> None:
    drill = await Exercise.begun(world, recipients="real")
    await good(drill)
    seen = await drill.ended()
    assert (seen["state"], seen["why"], seen["score"]["missed"]) == ("over", "played", [])
    assert (seen["score"]["passed"], seen["score"]["points"]) == (True, 100)
    took = {each["clock"]: each["took"] for each in seen["score"]["reports"] if each["state"] == "met"}
    assert took == {"outlet_report": "PT27M", "relay.county": "PT20M", "relay.city": "PT20M"}
    await nothing_open(drill)
    assert await drill.story.clocks() == {
        **await drill.story.clocks(),
        "outlet_report": "met",
        "province_opinion": "cancelled",
        "regulator_report": "cancelled",
    }


async def test_a_drill_in_which_nobody_does_anything_fails_and_names_what_was_missed(world: World) -> None:
    drill = await Exercise.begun(world, recipients="real")
    seen = await drill.ended()
    assert missed(seen) == {
        ("clock", "outlet_report"),
        ("clock", "work_group_on_scene"),
        ("clock", "leadership_on_scene"),
        *(("expected", each.kind) for each in scenario().expects),
        ("prompt", "prompt.police"),
        ("unanswered", "tell.group_signs"),
        ("unanswered", "tell.crisis"),
        ("unanswered", "tell.group_event"),
    }
    assert (seen["score"]["passed"], seen["score"]["points"]) == (False, 0)
    silent = {each["person"] for each in seen["score"]["answers"] if each["asked"] and each["waited"] is None}
    assert silent >= {LEAD, CONTACT, COUNTY, POST, BANK}
    await nothing_open(drill)


# -- who is told, and in which words -----------------------------------------------------------------------------------


async def test_at_a_desk_nobody_else_is_told_and_each_text_says_whom_it_was_for(world: World) -> None:
    drill = await Exercise.begun(world, recipients="drill", insurers=True)
    await drill.until("10:10")
    view = await drill.story.view()
    states = {n["recipient"]: n["state"] for n in view["notices"] if n["duty"] == "tell.crisis"}
    assert states == dict.fromkeys(TOLD_OF_CRISIS, "delivered"), "the notice keeps its recipient"
    seen = await drill.ended()
    assert {message.recipient for message in sent(drill)} == {"operator"}
    texts = [message.text for message in about(drill, "tell.crisis")]
    for person in TOLD_OF_CRISIS:
        assert sum(f"应发 {person}：" in text for text in texts) == 1, person
    assert {each["person"] for each in seen["score"]["answers"]} >= TOLD_OF_CRISIS


async def test_the_desk_says_received_for_whom_a_notice_was_meant(quick: World) -> None:
    drill = await Exercise.begun(quick, QUICK, desk="gd-gz.contact")
    await drill.until("09:15")
    receipt = await drill.story.tell("09:15", "gd-gz.contact", "notice_acknowledged", notice_id=f"tell.crisis~{LEAD}")
    assert receipt.accepted
    stranger = await drill.story.tell("09:16", CITY, "notice_acknowledged", notice_id=f"tell.crisis~{COUNTY}")
    assert (stranger.accepted, stranger.rule) == (False, "R14")
    assert {message.recipient for message in sent(drill)} == {"gd-gz.contact"}


@pytest.mark.parametrize("insurers", [True, False])
async def test_insurers_are_told_only_where_the_drill_says_so(world: World, insurers: bool) -> None:
    drill = await Exercise.begun(world, recipients="real", insurers=insurers)
    await drill.does("09:10", LEAD, "calming_attempted", outcome="failed")
    await drill.until("10:20")
    told = {message.recipient for message in sent(drill) if message.recipient.startswith("anhe-life")}
    assert told == ({ANHE, ANHE_NEXT} if insurers else set())
    attributes = await drill.story.attributes()
    assert attributes["TocsinUndelivered"] == 0
    assert "tell.undelivered" not in await drill.story.duties()
    assert attributes["TocsinDrill"] is True
    refused = await drill.story.tell("10:20", COUNTY, "notice_resent", notice_id=f"tell.crisis~{COUNTY}", to=ANHE)
    assert (refused.rule == "R29") is not insurers
    await drill.stopped()
    seen = await drill.result()
    assert (("clock", "insurer_on_scene") in missed(seen)) is insurers


@pytest.mark.parametrize("recipients", ["real", "drill"])
async def test_every_notice_begins_with_the_mark_in_both_languages_and_nobody_is_told_to_dial(
    world: World, recipients: str
) -> None:
    drill = await Exercise.begun(world, recipients=recipients, insurers=True)
    await drill.does("09:10", LEAD, "calming_attempted", outcome="not_persuaded")
    await drill.ended()
    duties = {message.duty.partition(".")[0] for message in sent(drill)}
    assert duties == {"tell", "warn", "breach", "prompt", "repeat"}
    for message in sent(drill):
        assert message.drill
        assert message.text.startswith("【演练】[DRILL] "), message.text
    for duty in ("prompt.police", "prompt.regulator"):
        assert all("勿实际拨打" in message.text for message in about(drill, duty))
        assert about(drill, duty)


async def test_people_see_what_happens_and_are_told_when_it_is_over(world: World) -> None:
    drill = await Exercise.begun(world, recipients="real")
    await drill.until("09:50")
    assert {message.recipient for message in about(drill, "tell.drill_scene")} == {LEAD}
    assert any("拍着柜台" in message.text for message in about(drill, "tell.drill_scene"))
    assert await drill.stopped()
    await drill.result()
    async for run in world.client.list_workflows("WorkflowType = 'Bulletin'"):
        await world.client.get_workflow_handle(run.id, run_id=run.run_id).result()
    over = {message.recipient for message in about(drill, "tell.drill_over")}
    assert over == {message.recipient for message in sent(drill)}
    assert len(about(drill, "tell.drill_over")) == len(over)


# -- out of everything real --------------------------------------------------------------------------------------------


async def test_it_is_in_no_list_and_no_figure_of_real_ones(quick: World) -> None:
    drill = await Exercise.begun(quick, QUICK, recipients="real")
    real = await Story.filed(quick, "09:00", **AT_T1)
    await drill.until("09:20")
    await real.quiet()
    open_ones = {each.incident_id for each in await every(quick.client, Wanted(drill=False))}
    assert open_ones == {real.incident_id}
    assert {each.incident_id for each in await every(quick.client, Wanted(drill=True))} == {drill.story.incident_id}
    figures = Figures(quick.client, load_organisation(SAMPLE), "gd")
    counts = await figures.counts(drill.began - timedelta(days=1))
    assert (counts.new, counts.open, counts.crises) == (1, 1, 0)
    assert list(await figures.drilled()) == [T1]


async def test_five_persons_of_a_drill_make_a_group_event_of_the_drill_which_ends_with_it(
    env: WorkflowEnvironment, settings: Settings
) -> None:
    world = World(await namespace_apart(env), settings, watched=True)
    steps = [{"at": f"PT{n}M", "complaint": {"person": who, "reason": "演练"}} for n, who in enumerate("BCDE", start=1)]
    played = scenario(steps=steps, expects=[], lasts="PT1H30M")
    async with world.worker(scenarios=only(played)):
        drill = await Exercise.begun(world, played, recipients="drill")
        await drill.until("09:20")
        seen = await drill.view()
        (group,) = [each for each in seen["incidents"] if not each.startswith("D-")]
        drill.follow([group])
        story = drill.day.stories[-1]
        assert (await story.view())["drill"]
        assert {message.recipient for message in story.messages()} == {"operator"}, "it has the drill's plan"
        assert all(message.text.startswith("【演练】") for message in story.messages())
        watch = world.client.get_workflow_handle(watch_id("outlet", T1, drill=True))
        shown = await until(watch, lambda shown: len(shown.get("groups", [])) == 1)
        assert [each["group_id"] for each in shown["groups"]] == [group]
        ended = await drill.ended()
        await nothing_open(drill)
        assert len(ended["score"]["incidents"]) == 6
        owed = {each["incident_id"] for each in ended["score"]["reports"] if each["clock"] == "outlet_report"}
        assert owed == {group}, "what the group event took over is scored there"
        assert ("clock", "outlet_report") in missed(ended)


# -- who begins it, and how it ends ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"by": LEAD}, "R11"),
        ({"by": ANHE}, "R11"),
        ({"by": "gd-sz.work"}, "R11"),
        ({"by": None}, "R11"),
        ({"outlet": "gd-gz-th-9999"}, "R28"),
        ({"desk": "nobody"}, "R28"),
        ({"scenario": "flood"}, "R11"),
    ],
)
async def test_who_may_not_begin_it_or_begins_what_cannot_be_is_refused(
    world: World, said: dict[str, Any], rule: str
) -> None:
    asked = DrillAsked.model_validate({"scenario": "crowd", "outlet": T1, "by": COUNTY, **said})
    name = f"R-{abs(hash(str(said)))}"
    await begin_drill(world.client, name, asked)
    view = await judged(world.client, name, LONGEST)
    assert view is not None
    assert (view["state"], view["refusal"]["rule"], view["incidents"]) == ("refused", rule, [])
    assert view["refusal"]["reason_zh"]
    assert (await world.client.get_workflow_handle(drill_id(name), result_type=dict).result())["state"] == "refused"
    assert not [message for message in world.outbox.sent if name in message.incident_id]


@pytest.mark.parametrize("by", [COUNTY, POST, "gd-gz.work2", "gd.bank", "operator"])
async def test_groups_above_the_outlet_and_the_operator_may_begin_one(quick: World, by: str) -> None:
    drill = await Exercise.begun(quick, QUICK, by=by)
    assert (await drill.view())["by"] == by


async def test_begun_twice_it_is_the_same_and_another_under_its_id_is_a_conflict(quick: World) -> None:
    drill = await Exercise.begun(quick, QUICK)
    asked = DrillAsked(scenario="crowd", outlet=T1, by=COUNTY)
    assert (await begin_drill(quick.client, drill.drill, asked)).created is False
    with pytest.raises(Conflict):
        await begin_drill(quick.client, drill.drill, asked.model_copy(update={"insurers": True}))
    await drill.stopped()
    await drill.result()
    assert (await begin_drill(quick.client, drill.drill, asked)).created is False, "one drill per id, over or not"
    assert len(drill.day.stories) == 1


async def test_a_start_that_nobody_can_read_fails_and_says_how_to_begin_one(world: World) -> None:
    for number, start in enumerate((None, [], {"scenario": "crowd"}, {"scenario": "crowd", "outlet": T1, "speed": 0})):
        handle = await world.client.start_workflow(
            DRILL, start, id=drill_id(f"bad-{number}"), task_queue=WORKFLOWS_QUEUE
        )
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()
        assert isinstance(failed.value.cause, ApplicationError)
        assert "tocsin drill start" in str(failed.value.cause)


async def test_it_is_stopped_by_who_may_and_scored_as_far_as_it_came(quick: World) -> None:
    drill = await Exercise.begun(quick, QUICK, recipients="real")
    await drill.until("09:18")
    for by in (LEAD, "nobody", ANHE):
        assert (await drill.stopped(by)).rule == "R11"
    assert (await drill.stopped(reason="  ")).rule == "R11"
    assert (await drill.stopped()).accepted
    seen = await drill.result()
    assert (seen["why"], seen["stopped"]["by"]) == ("stopped", COUNTY)
    assert missed(seen) == set(), "nothing was due yet"
    await nothing_open(drill)
    over = (await drill.story.said("withdrawn"))[0]
    assert (over["by"], over["door"]) == ("system:tocsin", "tocsin")


async def test_a_cancellation_stops_it_and_leaves_nothing_open(quick: World) -> None:
    drill = await Exercise.begun(quick, QUICK)
    await drill.handle.cancel()
    seen = await drill.result()
    assert (seen["state"], seen["why"]) == ("over", "stopped")
    await nothing_open(drill)


async def test_messages_that_nobody_can_read_neither_stop_nor_wedge_it(quick: World) -> None:
    drill = await Exercise.begun(quick, QUICK)
    junk: tuple[Any, ...] = (None, [], {}, {"kind": "drill_stopped"}, {"fact": {"kind": "x"}}, "stop")
    for said in junk:
        await drill.handle.signal("record", said)
    await drill.handle.signal("record", args=[{"kind": "drill_stopped", "by": COUNTY, "reason": "x"}, 2])
    await drill.handle.signal("no such signal", args=[1, 2])
    receipt: dict[str, Any] = await drill.handle.execute_update(SUBMIT, {"kind": "x"}, result_type=dict)  # pyright: ignore[reportUnknownMemberType]
    assert receipt["rule"] == "malformed"
    assert (await drill.handle.query(VIEW, {}, result_type=dict))["state"] == "playing"


async def test_it_ends_early_where_people_have_closed_its_incident(quick: World) -> None:
    drill = await Exercise.begun(quick, QUICK.model_copy(update={"steps": QUICK.steps[:1]}))
    await drill.does("09:05", LEAD, "calming_attempted", outcome="calmed")
    await drill.does("09:06", LEAD, "resolved")
    await drill.does("09:07", COUNTY, "closed")
    await drill.story.ended()
    drill.day.stories.clear()
    await quick.skip(drill.handle, drill.day.at("09:21"))
    seen = await drill.result()
    assert seen["why"] == "closed"
    assert seen["score"]["missed"] == []
    assert datetime.fromisoformat(seen["ended_at"]) < datetime.fromisoformat(seen["ends_at"])


async def test_what_a_crisis_started_is_owed_in_a_drill_too_until_it_is_over(quick: World) -> None:
    drill = await Exercise.begun(quick, QUICK)
    await drill.until("09:20")
    refused = await drill.story.tell("09:20", COUNTY, "withdrawn", reason="不演了")
    assert refused.rule == "R43"


async def test_the_world_comes_sooner_and_the_hour_stays_an_hour(quick: World) -> None:
    drill = await Exercise.begun(quick, QUICK, speed=10)
    await drill.until("09:05")
    clock = await drill.story.clock("outlet_report")
    starts, due = (datetime.fromisoformat(clock[name]) for name in ("starts_at", "due_at"))
    assert due - starts == timedelta(hours=1)
    assert timedelta(0) <= starts - drill.day.at("09:01") < 2 * A_MOMENT


async def test_a_schedule_begins_one_in_nobodys_name(quick: World) -> None:
    round_ = a_round(Kind.DRILL, scenario="crowd", recipients="drill", insurers=False)
    found = (await held(quick, round_))["held"]
    view = await judged(quick.client, found["drill"], LONGEST)
    assert view is not None
    assert (view["state"], view["by"], view["outlet"], view["scenario"]) == (
        "playing",
        None,
        found["outlets"][0],
        "crowd",
    )


async def test_what_it_came_to_stands_in_the_list_without_asking_anybody(alone: World) -> None:
    async with alone.worker(scenarios=only(QUICK)):
        first = await Exercise.begun(alone, QUICK)
        await first.ended()
        second = await Exercise.begun(alone, QUICK)
        await begin_drill(alone.client, "refused", DrillAsked(scenario="crowd", outlet=T1, by=LEAD))
        await judged(alone.client, "refused", LONGEST)
    listed = {each.drill_id: each for each in await drills(alone.client, outlet=T1, limit=10)}
    assert (listed[first.drill].state, listed[first.drill].passed, listed[first.drill].points) == ("over", False, 0)
    assert (listed[second.drill].state, listed[second.drill].passed) == ("playing", None)
    assert (listed["refused"].state, listed["refused"].rule) == ("refused", "R11")
    assert (await drill_seen(alone.client, first.drill))["score"]["points"] == 0, "its result needs no worker"


# -- workers that come and go ------------------------------------------------------------------------------------------


async def test_a_drill_goes_on_where_it_was_while_workers_come_and_go(alone: World) -> None:
    async with alone.worker(scenarios=only(QUICK), max_cached_workflows=0):
        drill = await Exercise.begun(alone, QUICK, recipients="real")
    async with alone.worker(scenarios=only(QUICK), max_cached_workflows=0):
        await drill.until("09:15")
    reported = await drill.story.tell(
        "09:15", LEAD, "report_submitted", content=COURSE, patience=timedelta(seconds=0.5)
    )
    assert reported.state == "pending"
    async with alone.worker(scenarios=only(QUICK), max_cached_workflows=0):
        seen = await drill.ended()
    assert seen["why"] == "played"
    assert [each["what"] for each in seen["happened"]] == ["complaint", "seen", "tells"]
    assert {each["clock"]: each["state"] for each in seen["score"]["reports"]}["outlet_report"] == "met"
    texts = [message.text for message in about(drill, "tell.drill_scene")]
    assert len(texts) == len(set(texts)) == 1
    await nothing_open(drill)


async def test_begun_while_no_worker_runs_it_is_kept_and_begins_with_the_first_one(alone: World) -> None:
    asked = DrillAsked(scenario="crowd", outlet=T1, by=COUNTY)
    assert (await begin_drill(alone.client, "early", asked)).created
    assert await judged(alone.client, "early", timedelta(seconds=0.3)) is None
    async with alone.worker(scenarios=only(QUICK)):
        view = await judged(alone.client, "early", LONGEST)
    assert view is not None
    assert view["state"] == "playing"


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_a_worker_killed_in_the_middle_of_a_drill_loses_nothing_of_it(tmp_path: Path) -> None:
    """In real time, with workers of their own: one dies as soon as the drill has begun, another ends it."""
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "short.yaml").write_text(SHORT, encoding="utf-8")
    environment = {"TOCSIN_SCENARIOS": str(folder)}
    async with System(tmp_path) as system:
        asked = DrillAsked(scenario="short", outlet=T1, by=COUNTY)
        await begin_drill(system.client, "K", asked)
        worker = await (await system.worker(environment).start()).serving()
        try:
            view = await judged(system.client, "K", LONGEST)
        finally:
            await worker.kill()
        assert view is not None
        assert view["state"] == "playing"
        worker = await (await system.worker(environment).start()).serving()
        try:
            seen: dict[str, Any] = await system.client.get_workflow_handle(drill_id("K"), result_type=dict).result()
        finally:
            await worker.kill()
    assert (seen["state"], seen["why"], seen["played"]) == ("over", "played", 2)
    assert seen["incidents"] == ["D-K", "D-K-2"]
    assert seen["score"]["unseen"] == []


SHORT = """
id: "short"
version: "1"
title: {zh: "短", en: "Short"}
lasts: "PT3S"
complaint: {person: "A", reason: "演练"}
steps:
  - {at: "PT1S", tells: {media: true}}
  - {at: "PT2S", complaint: {person: "B", reason: "演练"}}
"""
