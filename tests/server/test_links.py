"""Incidents and their group event on a real server: joining, passing on, leaving, refused (R2.1, R40-R43; A12, A19)."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError

from plan.organisation import Organisation
from plan.record import Entry, export_line
from plan.verification import verify
from runtime.documents import SAMPLE, load_organisation
from runtime.names import CONVERT, workflow_id
from runtime.seals import stamp
from tests.server.crowd import MONITOR, Crowd
from tests.server.people import (
    ANHE,
    BANK,
    COUNTY,
    COURSE,
    LEAD,
    NANSHAN,
    POST,
    PROVINCE,
    T1,
    ZHONGTAI,
)
from tests.server.story import Story
from tests.server.world import World

pytestmark = pytest.mark.server

CARRIED = ("outlet_report", "province_opinion", "regulator_report")


@pytest.fixture
def crowd(world: World) -> Crowd:
    return Crowd(world)


async def present(group: Story) -> list[str]:
    """The members of a group event by their letters, in the order in which they came."""
    members = (await group.view())["members"]
    return [member["incident_id"].rpartition("-")[2] for member in members if member["left_at"] is None]


async def group_of(story: Story) -> str | None:
    return (await story.view())["group_id"]


async def states(story: Story, *clocks: str) -> list[str]:
    known = await story.clocks()
    return [known[clock] for clock in clocks]


# -- joining -----------------------------------------------------------------------------------------------------------


class Held:
    """The organisation's file, which cannot be opened while it is held: nobody is resolved and nobody is told."""

    def __init__(self) -> None:
        self._free = threading.Event()
        self.let_go = self._free.set
        self.hold = self._free.clear
        self.let_go()

    def __call__(self) -> Organisation:
        self._free.wait(8)
        return load_organisation(SAMPLE)


@pytest.fixture
def held() -> Iterator[Held]:
    held = Held()
    yield held
    held.let_go()


@pytest.mark.rule("R43", "R45")
async def test_clocks_are_carried_only_once_the_group_event_has_received_the_member(alone: World, held: Held) -> None:
    crowd = Crowd(alone)
    async with alone.worker(organisation=held):
        await crowd.file("10:00", "A", circumstances={"disrupts_outlet": True})
        a = crowd["A"]
        await a.until("10:20")
        held.hold()
        assert [receipt.accepted for receipt in await crowd.convert("10:20", "A")] == [True]
        assert await group_of(a) == crowd.id("G")
        assert await states(a, *CARRIED) == ["running"] * 3
        reported = await a.tell("10:20", LEAD, "report_submitted", fact_id="early", content=COURSE)
        assert reported.met_clocks == ("outlet_report",)
        held.let_go()
        group = await crowd.joined("10:20", group="G")
        await a.quiet()
        assert await states(a, *CARRIED) == ["met", "carried", "carried"]
        assert await group.about("report_submitted") == ["early"], "what came meanwhile was passed on after the joining"
        joined, carried = (await group.said("member_joined"))[0], (await a.said("clock_carried"))[0]
        assert joined["recorded_at"] < carried["recorded_at"]
        assert await group.due("province_opinion") == "D+1 10:00"


@pytest.mark.rule("R2.1", "R42")
async def test_members_that_convert_at_the_same_moment_open_one_group_event_and_none_is_lost(crowd: Crowd) -> None:
    names = "ABCDEF"
    await crowd.file("10:00", *names)
    group = await crowd.joined("10:10", *names, fact_id="conversion")
    assert sorted(await present(group)) == list(names)
    assert len(await group.said("filed")) == 1
    assert len(await group.said("member_joined")) == len(names)
    assert (await group.view())["people_count"] == len(names)
    assert await group.reached("tell.group_event") == {POST, BANK}
    assert {await group_of(crowd[name]) for name in names} == {group.incident_id}


@pytest.mark.rule("R2.1")
async def test_members_converted_by_signal_while_nobody_serves_all_join_once_somebody_does(alone: World) -> None:
    crowd = Crowd(alone)
    async with alone.worker():
        await crowd.file("10:00", "A", "B", "C")
        await crowd.settled("A", "B", "C")
    await crowd.day.until("10:10")
    fact = {"kind": "converted_to_group_event", "by": MONITOR, "fact_id": "c", "group_id": crowd.id("G"), "scene": T1}
    for member in crowd.members.values():
        envelope = alone.keys.envelope(member.incident_id, fact, stamp(member.at("10:10")), "test")
        await member.handle.signal(CONVERT, envelope)
    async with alone.worker():
        await crowd.settled("A", "B", "C")
        group = crowd.day.story(crowd.id("G"))
        await group.quiet()
        assert sorted(await present(group)) == ["A", "B", "C"]
        assert group.when((await group.said("filed"))[0]["received_at"]) == "10:10"


@pytest.mark.rule("R14", "R40", "R41", "R42")
async def test_a_group_event_calls_people_at_its_opening_and_later_insurers_as_they_come(crowd: Crowd) -> None:
    await crowd.file("10:00", "A")
    await crowd.file("10:00", "B", insurer="zhongtai-life")
    group = await crowd.joined("10:10", "A")
    assert await group.reached("tell.group_signs") == {COUNTY, ANHE}
    assert await group.reached("tell.group_event") == {POST, BANK}
    assert await group.reached("prompt.police") == {COUNTY}
    await crowd.joined("10:15", "B")
    assert await group.reached("tell.group_signs") == {COUNTY, ANHE, ZHONGTAI}
    assert (await group.clock("insurer_on_scene"))["owed_by"] == "anhe-life,zhongtai-life"
    seen = await group.view(ZHONGTAI)
    assert [clock["owed_by"] for clock in seen["clocks"]] == ["zhongtai-life"]


@pytest.mark.rule("R43", "R44")
async def test_a_member_at_another_outlet_keeps_its_own_hour(crowd: Crowd) -> None:
    await crowd.file("10:00", "A", circumstances={"disrupts_outlet": True})
    await crowd.file("10:05", "B", outlet=NANSHAN, reported_by=f"{NANSHAN}.lead", circumstances={"media": True})
    group = await crowd.joined("10:10", "A", "B")
    a, b = crowd["A"], crowd["B"]
    assert await states(a, *CARRIED) == ["carried"] * 3
    assert await states(b, *CARRIED) == ["running", "carried", "carried"]
    assert (await b.due("outlet_report"), await group.due("outlet_report")) == ("11:05", "11:00")
    met = await b.accepted("10:30", f"{NANSHAN}.lead", "report_submitted", content=COURSE)
    assert met.met_clocks == ("outlet_report",)
    await b.quiet()
    assert await states(group, "outlet_report") == ["running"], "the scene's own report is still owed"
    assert await group.reached("tell.group_event") == {POST, BANK, "gd.post", "gd.bank"}


# -- what operators see ------------------------------------------------------------------------------------------------


@pytest.mark.rule("R2.1", "R19")
async def test_the_group_event_and_its_members_are_found_by_their_attributes(crowd: Crowd) -> None:
    await crowd.file("10:00", "A", "B")
    group = await crowd.joined("10:10", "A", "B")
    assert group.handle.id == f"incident/{crowd.id('G')}"
    assert (await group.view())["form"] == "group_event"
    attributes = await group.attributes()
    assert {name: attributes.get(f"Tocsin{name}") for name in ("Form", "Outlet", "Province", "Insurer", "Group")} == {
        "Form": "group_event",
        "Outlet": T1,
        "Province": "gd",
        "Insurer": None,
        "Group": None,
    }
    for name in "AB":
        member = await crowd[name].attributes()
        assert (member["TocsinForm"], member["TocsinGroup"]) == ("single", group.incident_id)


# -- passing on --------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R43", "R45", "R46")
async def test_reporting_facts_told_to_a_member_reach_the_group_event_under_their_own_id_and_stamp(
    crowd: Crowd,
) -> None:
    await crowd.file("10:00", "A", "B", circumstances={"disrupts_outlet": True})
    group = await crowd.joined("10:10", "A", "B")
    said = (
        ("10:30", LEAD, "report_submitted", "outlet_report", {"content": COURSE}),
        ("11:00", PROVINCE, "handling_opinion_submitted", "province_opinion", {"opinion": "按意见办理。"}),
        ("11:10", PROVINCE, "regulator_informed", "regulator_report", {"reference": "R-1"}),
    )
    for when, by, kind, clock, fields in said:
        told = await crowd["A"].accepted(when, by, kind, fact_id=f"{kind}-1", **fields)
        await crowd["A"].quiet()
        mine, theirs = (await crowd["A"].said(kind))[0], (await group.said(kind))[0]
        assert (theirs["about"], theirs["by"], theirs["received_at"]) == (f"{kind}-1", by, mine["received_at"])
        assert theirs["door"] == "tocsin"
        assert (await states(group, clock), await group.met(clock)) == (["met"], when)
        assert told.met_clocks == (), "the member's own clock is carried"
        again = await group.told(when, by, kind, fact_id=f"{kind}-1", **fields)
        assert (again.state, again.accepted) == ("duplicate", True)
    for name in "AB":
        assert await states(crowd[name], *CARRIED) == ["carried"] * 3


@pytest.mark.rule("R24")
async def test_facts_of_a_member_alone_stay_with_it(crowd: Crowd) -> None:
    await crowd.file("10:00", "A")
    group = await crowd.joined("10:10", "A")
    await crowd["A"].accepted("10:11", LEAD, "calming_attempted", outcome="not_persuaded")
    await crowd["A"].accepted("10:12", LEAD, "noted", text="等候中")
    await crowd["A"].quiet()
    told = [entry["what"] for entry in await group.entries() if entry["by"] is not None]
    assert told == ["member_joined"]


# -- leaving -----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R43", "R45", "R62")
async def test_a_member_that_leaves_has_its_clocks_back_and_owes_what_it_owed(crowd: Crowd) -> None:
    await crowd.file("10:00", "A", "B", circumstances={"disrupts_outlet": True})
    group = await crowd.joined("10:10", "A", "B")
    await group.accepted("10:20", POST, "member_left", incident_id=crowd.id("A"), reason="另一件事")
    await group.quiet()
    a, b = crowd["A"], crowd["B"]
    assert await states(a, *CARRIED) == ["running"] * 3
    assert (await a.due("outlet_report"), await group_of(a)) == ("11:00", None)
    assert "TocsinGroup" not in await a.attributes()
    assert (await present(group), await states(b, *CARRIED)) == (["B"], ["carried"] * 3)
    await group.accepted("10:30", LEAD, "report_submitted", content=COURSE)
    await crowd.day.until("11:01")
    assert await states(a, "outlet_report") == ["missed"]
    assert LEAD in await a.reached("breach.outlet_report")
    assert not b.messages("breach.outlet_report") + group.messages("breach.outlet_report")


@pytest.mark.rule("R2.1")
async def test_who_left_may_join_again_and_leave_again(crowd: Crowd) -> None:
    await crowd.file("10:00", "A", "B")
    for when, group_id in (("10:10", "G"), ("10:20", "H"), ("10:30", "G")):
        group = await crowd.joined(when, "A", group=group_id)
        await crowd.joined(when, *(["B"] if when == "10:10" else []), group=group_id)
        assert await group_of(crowd["A"]) == group.incident_id
        left = await group.accepted(when, POST, "member_left", fact_id=f"left-{when}", incident_id=crowd.id("A"))
        assert left.accepted
        await group.quiet()
        assert await group_of(crowd["A"]) is None
    assert len(await crowd["A"].said("member_left")) == 3


# -- refused -----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R31", "R43")
async def test_a_drill_is_not_taken_by_a_real_group_event_and_keeps_its_own_clocks(crowd: Crowd) -> None:
    await crowd.file("10:00", "A")
    await crowd.file("10:00", "B", drill=True, circumstances={"disrupts_outlet": True})
    group, b = await crowd.joined("10:10", "A"), crowd["B"]
    await crowd.joined("10:15", "B")
    assert await present(group) == ["A"]
    assert (await group.view())["refusals"][-1]["rule"] == "A19"
    refused = (await b.said("link_refused"))[0]
    assert (refused["rule"], refused["data"]["group"]) == ("A19", group.incident_id)
    assert refused["data"]["why"]
    assert (await b.view())["refusals"][-1]["kind"] == "converted_to_group_event", "whoever converted it can see it"
    assert (await group_of(b), await states(b, *CARRIED)) == (None, ["running"] * 3)
    assert "TocsinGroup" not in await b.attributes()
    await b.until("11:01")
    assert await states(b, "outlet_report") == ["missed"]
    own = await crowd.joined("11:05", "B", group="DRILL")
    assert (await own.view())["drill"] is True
    assert await (await own.handle.describe()).static_summary() == f"[DRILL] {own.incident_id} · {T1} · group event"
    assert await states(b, "outlet_report") == ["carried"]


@pytest.mark.rule("R2.1")
async def test_an_incident_joins_one_group_event_at_a_time(crowd: Crowd) -> None:
    await crowd.file("10:00", "A")
    group = await crowd.joined("10:10", "A")
    again = (await crowd.convert("10:20", "A", group="H"))[0]
    assert (again.state, again.rule) == ("refused", "A19")
    assert group.incident_id in str(again.reason)
    await crowd.settled("A")
    assert await group_of(crowd["A"]) == group.incident_id
    assert [
        run async for run in crowd.day.world.client.list_workflows(f"WorkflowId = '{workflow_id(crowd.id('H'))}'")
    ] == []


# -- closed, or gone ---------------------------------------------------------------------------------------------------


@pytest.mark.rule("R58")
async def test_a_closed_group_event_is_gone_on_from_and_takes_members_once_it_is_opened_again(crowd: Crowd) -> None:
    await crowd.file("10:00", "A", "B")
    group, b = Story(crowd.day, crowd.id("G")), crowd["B"]  # its clock is never moved: the next run's would lag behind
    await crowd.convert("10:00", "A")
    await crowd["A"].quiet()
    assert (await group.tell("10:00", COUNTY, "withdrawn", reason="客户撤回")).accepted
    before = await group.ended()
    await crowd.convert("10:00", "B")
    await b.quiet()
    assert (await group_of(b), (await b.said("link_refused"))[0]["data"]["group"]) == (None, group.incident_id)
    after = await group.ended()
    assert (after["stage"], after["sequence"] > before["sequence"]) == ("withdrawn", True)
    assert (await group.tell("10:00", COUNTY, "reopened", reason="客户再来")).accepted
    await crowd.convert("10:00", "B")
    await b.quiet()
    assert await present(group) == ["A", "B"]
    entries = await group.entries()
    assert [entry["sequence"] for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry["what"] for entry in entries].count("filed") == 1
    assert verify(export_line(Entry.model_validate(entry)) for entry in entries).fault is None
    assert (await group.handle.describe()).status is WorkflowExecutionStatus.RUNNING


@pytest.mark.rule("R43")
async def test_a_report_that_no_group_event_receives_any_more_leaves_an_entry(crowd: Crowd) -> None:
    await crowd.file("10:00", "A", circumstances={"disrupts_outlet": True})
    a = crowd["A"]
    await crowd.convert("10:00", "A")
    await a.quiet()
    await _delete(crowd, "G")
    assert (await a.tell("10:00", LEAD, "report_submitted", content=COURSE)).accepted
    await a.quiet()
    failed = (await a.said("link_failed"))[0]
    assert failed["data"]["to"] == crowd.id("G")
    assert failed["data"]["why"]


async def _delete(crowd: Crowd, name: str) -> None:
    """As an administrator might, and until it is gone."""
    client = crowd.day.world.client
    handle = client.get_workflow_handle(workflow_id(crowd.id(name)))
    request = DeleteWorkflowExecutionRequest(namespace=client.namespace)
    request.workflow_execution.workflow_id = handle.id
    await client.workflow_service.delete_workflow_execution(request)
    with pytest.raises(RPCError, match="not found"):
        await _asked_again_and_again(handle)


async def _asked_again_and_again(handle: WorkflowHandle[Any, Any]) -> None:
    while True:
        await handle.describe()


@pytest.mark.rule("R2", "R22", "R43", "R45")
async def test_what_a_member_learns_after_it_has_joined_is_owed_by_the_group_event(crowd: Crowd) -> None:
    await crowd.file("10:00", "A")
    await crowd.file("10:00", "B", outlet=NANSHAN, reported_by=f"{NANSHAN}.lead")
    group = await crowd.joined("10:10", "A", "B")
    a, b = crowd["A"], crowd["B"]
    await a.accepted("10:20", LEAD, "circumstances_reported", media=True)
    await a.accepted("10:25", ANHE, "arrived_on_scene", party="insurer")
    await b.accepted("10:30", f"{NANSHAN}.lead", "report_submitted", content=COURSE, circumstances={"headcount": 6})
    await crowd.settled("A", "B")
    assert await states(a, *CARRIED) == ["carried"] * 3
    assert (await group.due("outlet_report"), await group.due("province_opinion")) == ("11:20", "D+1 10:20")
    assert (await states(group, "insurer_on_scene"))[0] == "met"
    view = await group.view()
    assert (view["criteria"], view["people_count"]) == (["group_of_five", "authority_or_media"], 6)
    assert view["refusals"] == []
    assert [each["headcount"] for each in view["headcounts"]] == [6]


@pytest.mark.rule("R43")
async def test_two_members_whose_facts_have_the_same_id_both_reach_the_group_event(crowd: Crowd) -> None:
    await crowd.file("10:00", "A", "B")
    group = await crowd.joined("10:10", "A", "B")
    await crowd["A"].accepted("10:20", LEAD, "circumstances_reported", fact_id="1", media=True)
    await crowd.settled("A")
    await crowd["B"].accepted("10:30", LEAD, "circumstances_reported", fact_id="1", headcount=7)
    await crowd.settled("B")
    assert (await group.view())["people_count"] == 7
