"""Notices to chats whose robots may not be spoken to faster, on a real server with simulated robots (R14, R29)."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.common import RawValue

from runtime.names import POST, SETTLE, VIEW
from tests.plan.changed import person
from tests.server.chats import OUTBOX, Chats, chat, chatting, post, slow
from tests.server.people import ANHE, AT_T1, BANK, CONTACT, COUNTY, COURSE, LEAD, TOLD_OF_CRISIS
from tests.server.story import Day, Story
from tests.server.world import World
from tests.simulators.faults import Fault
from tests.simulators.inbox import Arrival

pytestmark = [pytest.mark.server, pytest.mark.alone]

CRISIS: dict[str, Any] = {**AT_T1, "circumstances": {"disrupts_outlet": True}}
IN_ONE_CHAT = TOLD_OF_CRISIS - {ANHE}


@pytest.fixture
async def chats(alone: World) -> AsyncGenerator[Chats]:
    async with chatting(alone) as chats:
        yield chats


async def until(story: Story, seen: Callable[[Mapping[str, Any]], bool], within: float = 30) -> dict[str, Any]:
    """The view as soon as it looks like this; no time passes in the story."""
    async with asyncio.timeout(within):
        while not seen(view := await story.view()):
            pass
    return view


def states(view: Mapping[str, Any], duty: str) -> dict[str, str]:
    return {n["recipient"]: n["state"] for n in view["notices"] if n["duty"] == duty}


def all_delivered(view: Mapping[str, Any]) -> bool:
    return {notice["state"] for notice in view["notices"]} == {"delivered"}


def notice(view: Mapping[str, Any], notice_id: str) -> dict[str, Any]:
    return next(n for n in view["notices"] if n["notice_id"] == notice_id)


async def used_up(chats: Chats, day: Day) -> None:
    """The robot has just spoken: whatever comes now waits."""
    story = await day.filed("10:00", **AT_T1)
    view = await until(story, all_delivered)
    assert {n["channel"] for n in view["notices"]} > {"outbox"}


def all_held(view: Mapping[str, Any], *people: str) -> bool:
    found = [n["state"] for n in view["notices"] if n["recipient"] in people]
    return bool(found) and set(found) == {"held"}


def lines_about(story: Story, said: Sequence[Arrival]) -> set[str]:
    return {line for each in said for line in each.text.splitlines() if story.incident_id in line}


# -- the limit ---------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14", "R29")
async def test_two_hundred_crisis_notices_meet_no_limit_and_all_are_named_in_few_messages(chats: Chats) -> None:
    robot = chats.robot("wecom", "county")
    chats.reach({each: [chat(robot)] for each in IN_ONE_CHAT})
    async with chats.serve():
        day = Day(chats.world, "10:00")
        stories = await asyncio.gather(*(day.filed("10:00", **CRISIS) for _ in range(16)))
        views = [await until(story, all_delivered) for story in stories]
    said = chats.town.taken("wecom/county")
    in_chat = [n for view in views for n in view["notices"] if n["channel"] == "wecom"]
    assert len(in_chat) > 200
    assert chats.town.throttled() == ()
    assert chats.town.torn() == {}
    assert len(said) < len(in_chat) / 4
    for story, view in zip(stories, views, strict=True):
        assert len(lines_about(story, said)) >= len({n["duty"] for n in view["notices"] if n["channel"] == "wecom"})
        assert all(n["tries"][0]["code"] == "0" for n in view["notices"] if n["channel"] == "wecom")


@pytest.mark.rule("R14")
async def test_a_crisis_overtakes_the_reminders_that_wait(chats: Chats) -> None:
    robot = chats.robot("dingtalk", "county")
    chats.reach({each: [chat(robot)] for each in (LEAD, CONTACT, COUNTY)})
    async with chats.serve(manners=slow(2)):
        day = Day(chats.world, "10:00")
        await used_up(chats, day)
        usual = [await day.filed("10:00", **AT_T1) for _ in range(3)]
        for story in usual:
            await until(story, lambda view: all_held(view, LEAD, CONTACT, COUNTY))
        crisis = await day.filed("10:00", **CRISIS)
        for story in (crisis, *usual):
            await until(story, all_delivered)
    said = chats.town.taken("dingtalk/county")
    first = [n for n, each in enumerate(said) if crisis.incident_id in each.text]
    others = [n for n, each in enumerate(said) if any(story.incident_id in each.text for story in usual)]
    assert chats.town.throttled() == ()
    assert max(first) < min(others), "and none has both"


@pytest.mark.rule("R14")
async def test_what_waits_is_held_and_says_until_when(chats: Chats) -> None:
    robot = chats.robot("feishu", "county")
    chats.reach({LEAD: [chat(robot)]})
    async with chats.serve(manners=slow(3)):
        day = Day(chats.world, "10:00")
        await used_up(chats, day)
        story = await day.filed("10:00", **AT_T1)
        held = notice(await until(story, lambda view: all_held(view, LEAD)), f"tell.filed~{LEAD}")
        metadata = await chats.mailbox(robot).query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
        assert f"{story.incident_id} · tell.filed" in metadata.current_details
        [waiting] = (await chats.mailbox(robot).query(VIEW, result_type=dict))["waiting"]
        assert waiting["held_until"][:23] == held["held_until"][:23]
        after = await until(story, all_delivered)
        [entry] = await story.said("held")
    assert entry["about"] == held["notice_id"]
    assert datetime.fromisoformat(entry["data"]["until"]) == datetime.fromisoformat(held["held_until"])
    one, other = chats.town.taken("feishu/county")
    assert one.at < datetime.fromisoformat(held["held_until"]) < other.at
    assert notice(after, held["notice_id"])["held_until"] is None


# -- what fails --------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
async def test_a_repeat_says_the_same_under_the_same_key_whatever_went_wrong_and_whatever_came_meanwhile(
    chats: Chats,
) -> None:
    robot = chats.robot("wecom", "county")
    chats.reach({each: [chat(robot)] for each in IN_ONE_CHAT})
    chats.town.fault("wecom", Fault.http(503, times=1), Fault.drop("midway", times=1))
    async with chats.serve():
        story = await Story.filed(chats.world, "10:00", **CRISIS)
        await until(story, all_delivered)
        assert await story.said("delivery_failed") == []
    arrivals = chats.town.arrivals("wecom/county")
    assert chats.town.torn() == {}
    assert len([each for each in arrivals if each.key == arrivals[0].key]) == 3


@pytest.mark.rule("R14", "R43")
async def test_a_hanging_robot_delays_neither_another_recipient_nor_a_clock(chats: Chats) -> None:
    hangs, works = chats.robot("wecom", "hangs"), chats.robot("wecom", "works")
    chats.reach({LEAD: [chat(hangs)], **{each: [chat(works)] for each in IN_ONE_CHAT - {LEAD}}})
    chats.town.fault("wecom/hangs", Fault.hang())
    async with chats.serve():
        day = Day(chats.world, "10:00", present="11:30")  # received at 10:00, and seen by a worker only now
        story = await day.filed("10:00", **CRISIS)
        view = await until(
            story,
            lambda view: (
                set(states(view, "tell.crisis").values()) == {"delivered", "pending"}
                and list(states(view, "tell.crisis").values()).count("pending") == 1
                and {c["id"]: c["state"] for c in view["clocks"]}["outlet_report"] == "missed"
            ),
            within=9,  # less than an attempt may take
        )
        assert states(view, "tell.crisis")[LEAD] == "pending"
        late = await story.tell("11:30", LEAD, "report_submitted", content=COURSE)
        assert late.met_clocks == ("outlet_report",)
        chats.town.mend()
        chats.town.release()
        await until(story, lambda view: states(view, "tell.crisis")[LEAD] == "delivered")


@pytest.mark.rule("R14")
async def test_a_robot_that_asks_for_ten_minutes_leaves_a_crisis_to_the_next_way_at_once(chats: Chats) -> None:
    robot = chats.robot("dingtalk", "county")
    chats.reach({LEAD: [chat(robot), OUTBOX]})
    chats.town.fault("dingtalk", Fault.refuse("130101"))
    async with chats.serve():
        story = await Story.filed(chats.world, "10:00", **CRISIS)
        view = await until(story, all_delivered, within=10)
    told = [n for n in view["notices"] if n["recipient"] == LEAD]
    assert {n["channel"] for n in told} == {"outbox"}
    assert {n["tries"][0]["channel"] for n in told} == {"dingtalk"}
    assert all(n["tries"][0]["why"].startswith("HeldTooLong") for n in told)
    assert len(chats.town.arrivals("dingtalk")) == 1


@pytest.mark.rule("R14", "R29")
async def test_what_a_robot_refuses_goes_the_next_way_with_the_robots_own_code_on_record(chats: Chats) -> None:
    robot = chats.robot("wecom", "county")
    chats.reach({LEAD: [chat(robot), OUTBOX], COUNTY: [chat(robot), OUTBOX]})
    chats.town.fault("wecom", Fault.refuse("93000"))
    async with chats.serve():
        story = await Story.filed(chats.world, "10:00", **AT_T1)
        view = await until(story, all_delivered)
        failed, entries = await story.said("delivery_failed"), await story.entries()
    assert {entry["data"]["code"] for entry in failed} == {"93000"}
    assert notice(view, f"tell.filed~{LEAD}")["channel"] == "outbox"
    assert robot.url not in str(entries)


@pytest.mark.rule("R14")
async def test_a_delivery_that_dies_after_it_has_posted_is_told_by_the_mailbox_all_the_same(chats: Chats) -> None:
    robot = chats.robot("wecom", "county")
    chats.reach({LEAD: [chat(robot)]})
    async with chats.dying_after_posting():
        story = await Story.filed(chats.world, "10:00", **AT_T1)
        view = await until(story, all_delivered)
        delivered = [entry for entry in await story.said("delivered") if entry["about"] == f"tell.filed~{LEAD}"]
    assert [entry["data"]["channel"] for entry in delivered] == ["wecom"]
    assert notice(view, f"tell.filed~{LEAD}")["channel"] == "wecom"
    assert len(chats.town.arrivals("wecom")) == 1


# -- who may still be told ---------------------------------------------------------------------------------------------


@pytest.mark.rule("R28")
async def test_whose_address_changes_while_a_notice_waits_is_told_at_the_new_one_only(chats: Chats) -> None:
    old, new = chats.robot("wecom", "old"), chats.robot("wecom", "new")
    chats.reach({CONTACT: [chat(old)], LEAD: [chat(old)]})
    async with chats.serve(manners=slow(2)):
        day = Day(chats.world, "10:00")
        await used_up(chats, day)
        story = await day.filed("10:00", **AT_T1)
        await until(story, lambda view: all_held(view, LEAD, CONTACT))
        chats.reach({CONTACT: [chat(old)], LEAD: [chat(new)]})
        view = await until(story, all_delivered)
    [at_the_new] = chats.town.taken("wecom/new")
    [*_, at_the_old] = chats.town.taken("wecom/old")
    assert {n["channel"] for n in view["notices"] if n["recipient"] in (LEAD, CONTACT)} == {"wecom"}
    assert (at_the_new.key, at_the_old.key) == tuple(
        f"{story.incident_id}/tell.filed~{each}/wecom" for each in (LEAD, CONTACT)
    )


@pytest.mark.rule("R28")
async def test_who_leaves_while_a_notice_waits_is_not_told_any_more(chats: Chats) -> None:
    robot = chats.robot("wecom", "county")
    chats.reach({each: [chat(robot)] for each in (LEAD, COUNTY)})
    async with chats.serve(manners=slow(2)):
        day = Day(chats.world, "10:00")
        await used_up(chats, day)
        story = await day.filed("10:00", **AT_T1)
        await until(story, lambda view: all_held(view, LEAD, COUNTY))
        chats.change(person(LEAD, channels=[chat(robot)]), person(COUNTY, channels=[chat(robot)], left=True))
        await until(story, lambda view: states(view, "tell.filed")[COUNTY] == "failed")
        [failed] = await story.said("delivery_failed")
        assert failed["data"]["why"].startswith("PersonLeft")
        await until(story, lambda view: states(view, "tell.filed")[LEAD] == "delivered")


@pytest.mark.rule("R29", "R62")
async def test_what_is_confidential_is_not_sent_to_a_chat_that_insurers_have_joined_meanwhile(chats: Chats) -> None:
    robot = chats.robot("wecom", "county")
    chats.reach({LEAD: [chat(robot), OUTBOX], BANK: [chat(robot), OUTBOX]})
    async with chats.serve(manners=slow(3)):
        await used_up(chats, Day(chats.world, "10:00"))
        story = await Day(chats.world, "10:00", present="11:30").filed("10:00", **CRISIS)
        await until(
            story, lambda view: all_held(view, BANK) and "held" in states(view, "breach.outlet_report").values()
        )
        joined = chat(robot, "tripartite")
        chats.reach({LEAD: [joined, OUTBOX], BANK: [joined, OUTBOX]})
        view = await until(story, all_delivered)
    ways = {(n["duty"], n["recipient"]): n["channel"] for n in view["notices"] if n["recipient"] in (LEAD, BANK)}
    assert {way for (duty, _), way in ways.items() if duty.startswith("breach.")} == {"outbox"}
    assert {way for (duty, _), way in ways.items() if duty == "tell.crisis"} == {"wecom"}
    assert not [each for each in chats.town.taken("wecom") if "已晚" in each.text or "逾期" in each.text]


# -- the mailbox itself ------------------------------------------------------------------------------------------------

STRANGE: list[list[Any]] = [
    [],
    [None],
    ["text"],
    [7],
    [{}],
    [{"order": None}],
    [{"order": {}}, 2],
    [RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"{"))],
    [RawValue(Payload(metadata={"encoding": b"binary/encrypted"}, data=b"\x00"))],
]


@pytest.mark.rule("R14")
async def test_nothing_strange_wedges_a_mailbox_and_it_ends_by_itself(chats: Chats) -> None:
    robot = chats.robot("wecom", "county")
    chats.reach({each: [chat(robot)] for each in (LEAD, COUNTY)})
    async with chats.serve(manners=slow(5)):
        story = await Story.filed(chats.world, "10:00", **AT_T1)
        await chats.town.until(lambda: bool(chats.town.taken("wecom")))
        mailbox = chats.mailbox(robot)
        for args in STRANGE:
            await mailbox.signal(POST, args=args)
            await mailbox.signal("no_such_name", args=args)
        await mailbox.cancel()
        update: Any = mailbox.execute_update  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        answer: dict[str, Any] = await update("no_such_update", result_type=dict)
        assert not answer["accepted"]
        await until(story, all_delivered)
        assert (await mailbox.query(VIEW, result_type=dict))["unreadable"] == 2 * len(STRANGE) + 2
        await mailbox.result()
    history = await mailbox.fetch_history()
    assert not [event for event in history.events if event.HasField("workflow_task_failed_event_attributes")]
    assert (await mailbox.describe()).status is WorkflowExecutionStatus.COMPLETED


@pytest.mark.rule("R14")
async def test_a_start_by_hand_does_no_harm(chats: Chats) -> None:
    robot = chats.robot("wecom", "county")
    chats.reach({each: [chat(robot)] for each in (LEAD, COUNTY)})
    async with chats.serve():
        await chats.world.client.start_workflow(
            "Mailbox", args=["x", 7], id=chats.mailbox(robot).id, task_queue="tocsin"
        )
        await chats.mailbox(robot).result()
        story = await Story.filed(chats.world, "10:00", **AT_T1)
        await until(story, all_delivered)
    assert lines_about(story, chats.town.taken("wecom/county"))


@pytest.mark.rule("R14")
async def test_where_a_mailbox_was_terminated_the_next_way_is_tried_in_the_end(chats: Chats) -> None:
    robot = chats.robot("wecom", "county")
    chats.reach({LEAD: [chat(robot), OUTBOX]})
    chats.town.fault("wecom", Fault.hang())
    async with chats.serve():
        story = await Story.filed(chats.world, "10:00", **AT_T1)
        await chats.town.until(lambda: bool(chats.town.arrivals("wecom")))
        await chats.mailbox(robot).terminate("by mistake")
        chats.town.release()
        await story.until("10:11")
        view = await until(story, all_delivered)
    filed = notice(view, f"tell.filed~{LEAD}")
    assert (filed["channel"], filed["tries"][0]["why"][:13]) == ("outbox", "MailboxSilent")


@pytest.mark.rule("R14")
async def test_nothing_is_lost_where_a_mailbox_goes_on_in_another_run(chats: Chats) -> None:
    robot = chats.robot("wecom", "county")
    chats.reach({each: [chat(robot)] for each in IN_ONE_CHAT})
    chats.world.max_events = 15
    async with chats.serve(manners=slow(0.5)):
        day = Day(chats.world, "10:00")
        stories = await asyncio.gather(*(day.filed("10:00", **CRISIS) for _ in range(4)))
        for story in stories:
            await until(story, all_delivered)
    first = (await chats.mailbox(robot).fetch_history()).events[0].workflow_execution_started_event_attributes
    assert first.continued_execution_run_id
    assert chats.town.torn() == {}
    assert chats.town.throttled() == ()


@pytest.mark.rule("R14")
async def test_a_letter_that_comes_as_its_mailbox_would_end_is_not_lost(chats: Chats) -> None:
    robot, rates = chats.robot("wecom", "county"), slow(0.05)
    chats.reach({LEAD: [chat(robot)]})
    async with chats.serve(manners=rates):
        await post(chats, LEAD, "N-1", rates)
        await chats.town.until(lambda: len(chats.town.taken("wecom")) == 1)
        await _has(chats.mailbox(robot), EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED, 2)
    await _has(chats.mailbox(robot), EventType.EVENT_TYPE_TIMER_FIRED)
    await post(chats, LEAD, "N-2", rates)  # in the task in which it would end
    async with chats.serve(manners=rates):
        await chats.town.until(lambda: len(chats.town.taken("wecom")) == 2)
        await chats.mailbox(robot).result()
    assert [each.text.count("N-") for each in chats.town.taken("wecom")] == [1, 1]


async def _has(mailbox: WorkflowHandle[Any, Any], what: EventType.ValueType, times: int = 1) -> None:
    async with asyncio.timeout(20):
        while [event.event_type for event in (await mailbox.fetch_history()).events].count(what) < times:
            pass


# -- what an incident believes -----------------------------------------------------------------------------------------


@pytest.mark.rule("R14", "R62")
async def test_what_nobody_sealed_makes_no_notice_delivered(chats: Chats) -> None:
    robot = chats.robot("wecom", "county")
    chats.reach({LEAD: [chat(robot)]})
    chats.town.fault("wecom", Fault.hang())
    async with chats.serve():
        story = await Story.filed(chats.world, "10:00", **AT_T1)
        await chats.town.until(lambda: bool(chats.town.arrivals("wecom")))
        key = f"{story.incident_id}/tell.filed~{LEAD}/wecom"
        outcome = {"key": key, "delivered": {"channel": "wecom", "code": "0"}}
        forged = {"fact": {"kind": "settled", "outcomes": [outcome]}, "received_at": "2026-11-24T00:00:00Z"}
        forged |= {"door": "mailbox", "seal": {"key": "k", "mac": "00"}}
        for args in ([], [None], [7], [outcome], [forged], [forged, 2]):
            await story.handle.signal(SETTLE, args=args)
        view = await until(story, lambda view: len(view["refusals"]) == 6)
        assert states(view, "tell.filed")[LEAD] == "pending"
        assert {refusal["kind"] for refusal in view["refusals"]} == {"settled"}
        chats.town.mend()
        chats.town.release()


@pytest.mark.rule("R14")
async def test_what_is_taken_when_another_way_was_tried_already_is_on_record(chats: Chats) -> None:
    robot = chats.robot("wecom", "county")
    chats.reach({LEAD: [chat(robot), OUTBOX]})
    chats.town.fault("wecom", Fault.silent())
    async with chats.serve():
        story = await Story.filed(chats.world, "10:00", **AT_T1)
        await chats.town.until(lambda: bool(chats.town.arrivals("wecom")))
        await story.until("10:11")  # only the incident's time passes
        await until(story, all_delivered)
        chats.town.mend()
        chats.town.release()
        async with asyncio.timeout(20):
            while not (late := await story.said("delivery_late")):
                pass
    [entry] = late
    assert (entry["about"], entry["data"]["channel"]) == (f"tell.filed~{LEAD}", "wecom")
