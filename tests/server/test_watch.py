"""The watch on a real server: told one by one, seen together, however it goes on (R2.1, R14, R39; A12, A23)."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.testing import WorkflowEnvironment

from activities.names import REPORT_SIGHTING
from activities.watch import WatchActivities
from bench.processes import System
from plan.malformed import parse_complaint
from plan.playbook import WatchRule
from plan.sighting import Rules, Sighting, SightingOrder
from runtime.names import ALERT, SEEN, VIEW, alert_id, watch_id
from runtime.seals import stamp
from runtime.settings import Settings
from runtime.telling import Imported, file
from tests.environment import namespace_apart
from tests.server.people import ANHE, AT_T1, BANK, COUNTY, COURSE, LEAD, NANSHAN, POST, T1, T2, ZHONGTAI, ZHUHAI
from tests.server.shown import history
from tests.server.story import Story
from tests.server.watched import Watched, until
from tests.server.world import World

pytestmark = pytest.mark.server


@pytest.fixture
async def watched(env: WorkflowEnvironment, settings: Settings) -> AsyncGenerator[World]:
    """A world that watches, of its own: whatever was seen elsewhere does not count here."""
    world = World(await namespace_apart(env), settings, watched=True)
    async with world.worker():
        yield world


@pytest.mark.rule("R2.1", "R20", "R29", "R39", "R42", "R43")
async def test_five_persons_six_complaints_two_insurers_one_clock_without_anybody_saying_so(watched: World) -> None:
    day = Watched(watched)
    await day.comes("09:00", "A", "1")
    await day.comes("09:30", "B", "2")
    await day.comes("10:00", "C", "1")
    assert not any([(await day[name].view())["group_signs"] for name in "ABC"])
    d = await day.comes("10:20", "D", "3", channel="hotline")
    assert (await d.view())["group_signs"]
    assert await d.reached("tell.group_signs") >= {COUNTY, ANHE}
    assert d.when((await d.said("group_signs_seen"))[0]["received_at"]) == "10:20"
    assert "outlet_report" not in await d.clocks(), "signs start no hour"
    await day.comes("11:00", "E", "4", insurer="zhongtai-life")
    await day["B"].accepted("11:10", LEAD, "circumstances_reported", media=True)
    await day.comes("11:30", "F", "5", insurer="zhongtai-life")
    group = await day.group()
    view = await group.view()
    assert day.letters(view["members"]) == list("ABCDEF")
    assert (view["people_count"], sorted(view["insurers"])) == (5, ["anhe-life", "zhongtai-life"])
    assert (await group.due("outlet_report"), await group.due("province_opinion")) == ("12:10", "D+1 11:10")
    assert (await day["B"].clocks())["outlet_report"] == "carried"
    assert [m["insurer"] for m in (await group.view(ZHONGTAI))["members"]] == ["zhongtai-life"] * 2
    called = [name for name in "ABCEF" if day[name].messages("tell.group_signs")]
    assert called == [], "people are called once, to the latest"
    met = await group.accepted("12:05", LEAD, "report_submitted", content=COURSE)
    assert met.met_clocks == ("outlet_report",)


@pytest.mark.timeout(180)
@pytest.mark.rule("R2.1", "R42")
async def test_two_hundred_complaints_of_sixty_persons_at_once_are_one_group_event_and_none_is_lost(
    watched: World,
) -> None:
    day = Watched(watched)
    names = [f"{n:03}" for n in range(200)]
    await asyncio.gather(*(day.file("09:00", name, str(n % 60)) for n, name in enumerate(names)))
    await day.all_said(len(names))
    seen = await day.seen()
    assert [(group["members"], group["received"]) for group in seen["groups"]] == [(200, 200)]
    assert (seen["complaints"], seen["not_taken"], seen["refused"]) == (200, [], 0)
    group = await day.group()
    await day.joined(group, len(names))
    view = await group.view()
    assert day.letters(view["members"]) == names
    assert (view["people_count"], view["severity"]) == (60, "crisis")
    assert len(await group.said("member_joined")) == 200
    assert len(await group.said("filed")) == 1
    assert await group.reached("tell.group_event") == {POST, BANK}
    signs = [name for name in names if day[name].messages("tell.group_signs")]
    assert len(signs) == 1, "people are called once by the signs, and then by the group event"


# -- what goes on after it is open -------------------------------------------------------------------------------------


async def _five(day: Watched, when: str = "09:00") -> Story:
    """Five persons within a minute, and their group event."""
    for n in range(5):
        await day.file(when, f"C{n}", f"{n}")
    await day.settled()
    return await day.group()


@pytest.mark.rule("R2.1", "R19")
async def test_a_later_complaint_joins_and_once_the_group_event_is_over_the_next_ones_start_anew(
    watched: World,
) -> None:
    day = Watched(watched)
    group = await _five(day)
    await day.comes("09:30", "L")
    assert day.letters((await group.view())["members"]) == ["C0", "C1", "C2", "C3", "C4", "L"]
    await group.accepted("09:40", LEAD, "report_submitted", content=COURSE)
    await group.accepted("10:00", POST, "stood_down", reason="平息")
    await day.settled()
    for n in range(5):
        await day.comes(f"10:1{n}", f"N{n}", f"{n}")
    anew = await day.group()
    assert anew.incident_id != group.incident_id
    assert day.letters((await anew.view())["members"]) == [f"N{n}" for n in range(5)]
    assert (await anew.view())["people_count"] == 5
    assert len((await group.view())["members"]) == 6


@pytest.mark.rule("R2.1")
async def test_a_mistaken_conversion_is_undone_by_people_and_the_watch_leaves_it_undone(watched: World) -> None:
    day = Watched(watched)
    group = await _five(day)
    c2 = day["C2"]
    await group.accepted("09:10", POST, "member_left", incident_id=c2.incident_id, reason="另一件事")
    await day.settled()
    assert (await c2.view())["group_id"] is None
    assert day.letters((await group.view())["members"]) == ["C0", "C1", "C3", "C4"]
    await c2.accepted("09:20", LEAD, "customer_recorded", policy_numbers=["P-9"])
    await day.comes("09:30", "L", "9")
    assert (await c2.view())["group_id"] is None, "told again, it is not dragged back"
    assert day.letters((await group.view())["members"]) == ["C0", "C1", "C3", "C4", "L"]
    both = [
        entry["what"] for entry in await c2.entries() if entry["what"] in ("converted_to_group_event", "member_left")
    ]
    assert both == ["converted_to_group_event", "member_left"]
    assert {"member_joined", "member_left"} <= {entry["what"] for entry in await group.entries()}


@pytest.mark.rule("R2.1", "R43")
async def test_somebody_who_is_known_only_later_is_the_fifth_person_then(watched: World) -> None:
    day = Watched(watched)
    for n in range(4):
        await day.file("09:00", f"C{n}", f"{n}")
    late = await day.comes("09:05", "C4")
    assert (await day.seen())["groups"] == []
    asked = [story for story in day.members.values() if "prompt.declare" in await story.owed()]
    assert len(asked) == 1, "five, perhaps: the work group is asked"
    await late.accepted("10:00", LEAD, "customer_recorded", person_key=f"{day.tag}-p-4")
    await day.settled()
    group = await day.group()
    assert await group.due("outlet_report") == "11:00"


@pytest.mark.rule("R2.1", "R39")
async def test_five_calls_in_a_month_are_no_crowd_and_the_work_group_is_asked_what_it_is(watched: World) -> None:
    day = Watched(watched)
    for n in range(4):
        await day.comes(f"D+{5 * n} 09:00", f"C{n}", f"{n}", channel="hotline")
    last = await day.comes("D+20 09:00", "C4", "4", channel="hotline")
    view = await last.view()
    assert (view["group_signs"], view["group_id"], view["severity"]) == (True, None, "complaint")
    assert "outlet_report" not in await last.clocks()
    assert "prompt.declare" in await last.owed()
    assert await last.reached("prompt.declare") == {COUNTY}
    assert (await day.seen())["groups"] == []
    await last.accepted("D+20 10:00", COUNTY, "crisis_declared", reason="同一产品")
    assert "prompt.declare" not in await last.owed()


@pytest.mark.rule("R11", "R31")
async def test_drills_and_real_complaints_never_make_one_crowd(watched: World) -> None:
    day = Watched(watched)
    for n in range(4):
        await day.file("09:00", f"C{n}", f"{n}")
    drill = await day.comes("09:05", "D", "9", drill=True)
    assert (await day.seen())["groups"] == []
    apart = watched.client.get_workflow_handle(watch_id("outlet", T1, drill=True))
    shown = await apart.query(VIEW, {}, result_type=dict)
    assert [each["incidents"] for each in shown["short"]] == [[drill.incident_id]]
    assert shown["drill"] is True


@pytest.mark.rule("R32")
async def test_while_an_alert_is_in_force_two_persons_are_signs(watched: World) -> None:
    await watched.client.start_workflow(ALERT, id=alert_id("gd", "anhe-life"), task_queue="nobody-serves-this")
    day = Watched(watched)
    await day.comes("09:00", "A", "1")
    b = await day.comes("09:10", "B", "2")
    assert (await b.view())["group_signs"]


@pytest.mark.rule("R7", "R32")
async def test_an_insurers_complaints_that_cluster_raise_an_alert_and_from_then_on_two_persons_are_signs(
    watched: World,
) -> None:
    day = Watched(watched)
    await _heard_long_ago(day)
    outlets = (T2, NANSHAN, ZHUHAI, T2, NANSHAN)
    for n, outlet in enumerate(outlets):
        day.outlet = outlet
        await day.file("09:00", f"C{n}", f"{n}", channel="hotline")
    await day.settled()
    line = watched.client.get_workflow_handle(watch_id("line", "anhe-life", "any"))
    await until(line, lambda seen: bool(seen.get("raised")) and not seen["owed"])
    alert = watched.client.get_workflow_handle(alert_id("gd", "anhe-life"))
    shown = await until(alert, lambda seen: bool(seen.get("in_force")))
    assert [(each["by"], each["kind"]) for each in shown["said"]] == [("system:tocsin", "alert_raised")]
    day.outlet = T1
    await day.comes("09:10", "A", "8")
    b = await day.comes("09:20", "B", "9")
    assert (await b.view())["group_signs"]


async def _heard_long_ago(day: Watched) -> None:
    """One complaint a year ago: there is something to compare with."""
    then = day.day.at("09:00") - timedelta(days=300)
    old = Sighting(incident_id="OLD", number=1, filed_at=then, at=then, insurer="anhe-life", province="gd")
    order = SightingOrder(sighting=old, rules=Rules(watch=WatchRule()))
    await WatchActivities(day.day.world.client, day.day.world.keys).report_sighting(order)


async def test_history_that_is_imported_is_not_seen(watched: World) -> None:
    complaint = parse_complaint({"channel": "outlet", "outlet": T1, "insurer": "anhe-life", "reason": "x"})
    for _ in range(3):
        await file(watched.client, complaint, door="test", keyring=watched.keys, imported=Imported())
    day = Watched(watched)
    story = await day.comes("09:00", "A", "1")
    assert (await day.seen())["complaints"] == 1
    assert not (await story.view())["group_signs"]


# -- the same person again ---------------------------------------------------------------------------------------------


async def _resolved(day: Watched) -> Story:
    customer = {"name": "佘某", "phone": "13900000000", "policy_numbers": ["GZ 2024-000871"]}
    first = await day.comes("09:00", "A", customer=customer)
    await first.accepted("09:20", LEAD, "calming_attempted", outcome="calmed")
    await first.accepted("09:30", LEAD, "resolved")
    await day.settled()
    return first


@pytest.mark.rule("R14")
@pytest.mark.parametrize("closed", [False, True])
async def test_the_same_person_and_policy_again_is_a_repeat_of_the_resolved_one(watched: World, closed: bool) -> None:
    day = Watched(watched)
    first = await _resolved(day)
    if closed:
        await first.accepted("09:40", COUNTY, "closed")
        await first.ended()
        day.day.stories.remove(first)
    again = {"name": "佘 某", "phone": "+86 13900000000", "policy_numbers": ["gz2024000871"]}
    second = await day.comes("D+9 10:00", "B", customer=again)
    for _ in range(2):  # its person's watch says it
        await second.quiet()
    view = await second.view()
    assert (view["repeat_of"], view["repeats"]) == (first.incident_id, 1)
    assert await second.reached("tell.repeat") == {COUNTY}
    assert ("prompt.reopen" in await second.owed()) is not closed
    assert await _said_in(day.watch, b"gz2024000871", b"GZ 2024-000871", "佘".encode(), b"13900000000") == []


async def _said_in(watch: WorkflowHandle[Any, Any], *words: bytes) -> list[bytes]:
    """Which of these stand in anything that a watch was sent."""
    events = (await watch.fetch_history()).events
    sent = b"".join(
        payload.data
        for event in events
        for payload in event.workflow_execution_signaled_event_attributes.input.payloads
    )
    assert b"sighting" in sent
    return [word for word in words if word in sent]


# -- however it goes on ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sealed", [False, True])
async def test_a_report_that_cannot_be_read_or_is_not_a_workers_is_counted_and_wedges_nothing(
    watched: World, sealed: bool
) -> None:
    day = Watched(watched)
    await day.comes("09:00", "A", "1")
    forged = {"sighting": {"incident_id": "X"}} if sealed else _a_report(day)
    envelope: dict[str, Any] = {"fact": forged, "received_at": stamp(day.day.at("09:00")), "door": "tocsin"}
    if sealed:
        envelope = watched.keys.envelope(day.watch.id, forged, envelope["received_at"], "tocsin")
    unreadable: list[object] = [None, 7, "seen", [], {}, {"fact": None}, envelope]
    for said in unreadable:
        await day.watch.signal(SEEN, said)
    await day.watch.signal(SEEN, args=[envelope, envelope])
    await day.watch.signal(SEEN)
    await day.watch.signal("no_such_signal", envelope)
    await day.watch.cancel()
    with pytest.raises(WorkflowUpdateFailedError):
        await day.watch.execute_update("submit", envelope)  # pyright: ignore[reportUnknownMemberType]
    await day.comes("09:10", "B", "2")
    seen = await day.seen()
    assert (seen["complaints"], seen["refused"]) == (2, 11)
    assert (await day.watch.describe()).status is WorkflowExecutionStatus.RUNNING


def _a_report(day: Watched) -> dict[str, Any]:
    """A well-formed one, of a complaint that nobody filed."""
    at = day.day.at("09:00").isoformat()
    sighting = {"incident_id": "X", "number": 1, "filed_at": at, "at": at, "outlet": T1}
    return {"sighting": sighting, "rules": {"watch": {}, "group_of": 5}}


@pytest.mark.rule("R2.1")
async def test_a_watch_that_goes_on_in_new_runs_while_workers_come_and_go_loses_nobody(alone: World) -> None:
    world = World(alone.client, alone.settings, watched=True)
    world.max_events = 12
    day = Watched(world)
    async with world.worker():
        await day.comes("09:00", "C0", "0")
        await day.comes("09:01", "C1", "1")
    for n in (2, 3):
        await day.file("09:02", f"C{n}", f"{n}")
    async with world.worker():
        await day.settled()
    await day.file("09:03", "C4", "4")
    async with world.worker():
        await day.settled()
        group = await day.group()
        assert day.letters((await group.view())["members"]) == [f"C{n}" for n in range(5)]
        signs = [name for name, story in day.members.items() if story.messages("tell.group_signs")]
        assert len(signs) == 1
        runs = [run async for run in world.client.list_workflows(f"WorkflowId = '{day.watch.id}'")]
        assert len(runs) > 1


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.rule("R2.1")
async def test_a_worker_killed_while_a_crowd_is_being_told_loses_nobody_and_opens_one_group_event(
    tmp_path: Path,
) -> None:
    """In real time, with a worker of its own: it is killed twice, as soon as the watch has heard of so many."""
    async with System(tmp_path) as system:
        watch = system.client.get_workflow_handle(watch_id("outlet", T1))
        for first, last, heard in ((0, 4, 1), (4, 8, 5), (8, 12, 12)):
            worker = await (await system.worker().start()).serving()
            try:
                await asyncio.gather(*(_filed(system, n) for n in range(first, last)))
                seen = await until(watch, lambda seen, heard=heard: seen.get("complaints", 0) >= heard)
                if last == 12:
                    seen = await until(watch, _all_received)
            finally:
                await worker.kill()
        assert [(group["members"], group["received"]) for group in seen["groups"]] == [(12, 12)]
        assert seen["not_taken"] == []


async def _filed(system: System, n: int) -> None:
    said = {**AT_T1, "channel": "outlet", "reason": "x", "customer": {"person_key": f"p-{n % 6}"}}
    complaint = parse_complaint({**said, "incident_id": f"K-{n}"})
    await file(system.client, complaint, door="test", keyring=system.keys)


def _all_received(seen: dict[str, Any]) -> bool:
    groups: list[dict[str, Any]] = seen.get("groups", [])
    return [group["received"] for group in groups] == [12] and not seen["owed"]


@pytest.mark.rule("R2.1")
async def test_a_watch_ends_when_nothing_is_left_to_watch_and_begins_anew_with_the_next_complaint(
    watched: World,
) -> None:
    day = Watched(watched)
    a = await day.comes("09:00", "A", "1")
    assert a.incident_id in str(await day.seen())
    await watched.skip(day.watch, day.day.at("D+31 09:00"))
    assert (await day.watch.describe()).status is WorkflowExecutionStatus.COMPLETED
    await day.comes("D+31 10:00", "B", "2")
    seen = await day.seen()
    assert (seen["complaints"], [each["people"] for each in seen["short"]]) == (1, [1])


async def test_an_ordinary_complaint_costs_two_reports(watched: World) -> None:
    day = Watched(watched)
    customer = {"name": "佘某", "phone": "13900000000", "policy_numbers": ["P-1"]}
    story = await day.comes("09:12", "A", customer=customer)
    await story.accepted("09:30", LEAD, "calming_attempted", outcome="not_persuaded")
    await story.accepted("09:38", LEAD, "handed_to_insurer")
    await story.accepted("D+3 10:00", ANHE, "insurer_decided", decision="解释", remedy="explanation")
    await story.accepted("D+3 10:40", LEAD, "decision_relayed")
    await story.accepted("D+3 15:00", COUNTY, "resolved")
    await story.accepted("D+3 15:10", COUNTY, "closed")
    await story.ended()
    activities = [
        event.activity_task_scheduled_event_attributes.activity_type.name
        for event in await history(story)
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    assert activities.count(REPORT_SIGHTING) == 2
