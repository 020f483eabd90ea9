"""Other systems hear of every change of state, quickly and in order, signed, and of nothing else (R14, R29)."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import pytest

from plan.events import EVENTS, PREFIX
from runtime.names import FEED, LOOK, VIEW, WORKFLOWS_QUEUE, feed_id
from runtime.records.engine import Store
from runtime.records.subscriptions import end, rotate, subscription
from starter.subscribing import tried
from tests.activities.receiver import Manner, Receiver, Reply, receiving
from tests.events.subscribed import Subscribed, until
from tests.server.people import ANHE, AT_T1, AT_T2, COUNTY, LEAD, T1
from tests.server.story import Story
from tests.server.world import World

pytestmark = [pytest.mark.server, pytest.mark.timeout(90)]

NAME: Final = "诸葛孔明"
PHONE: Final = "13800138999"
PERSONAL: Final[dict[str, Any]] = {
    **AT_T1,
    "reason": f"{NAME}不满收益",
    "customer": {"name": NAME, "phone": PHONE, "policy_numbers": ["P2026009977"], "person_key": "p-77"},
}


async def _a_day(story: Story) -> None:
    """A crisis, a report too late, a decision, and the end."""
    await story.accepted("09:20", LEAD, "calming_attempted", outcome="failed", script=NAME)
    await story.accepted("09:25", LEAD, "circumstances_reported", headcount=6, persons=["p-77"])
    await story.accepted("10:40", LEAD, "report_submitted", content={"course": NAME})
    await story.accepted("10:45", COUNTY, "handed_to_insurer")
    await story.accepted("10:50", ANHE, "insurer_decided", decision=f"退还{NAME}", amount="100.00")
    await story.accepted("10:55", LEAD, "decision_relayed", how=NAME)
    await story.accepted("11:00", COUNTY, "resolved", summary=NAME)


async def _all_told(story: Story, subscribed: Subscribed) -> list[int]:
    """Waits until everything on record that is an event was taken; the sequences that are."""
    async with asyncio.timeout(40):
        while True:
            wanted = [entry["sequence"] for entry in await story.entries() if entry["what"] in EVENTS]
            with suppress(TimeoutError):
                await until(lambda: subscribed.sequences(story.incident_id) == wanted, timedelta(seconds=2))  # noqa: B023
                return wanted


@pytest.mark.rule("R14")
async def test_a_fact_is_told_within_two_seconds(world: World, store: Store, subscribed: Subscribed) -> None:
    async with world.worker(records=lambda: store):
        story = await Story.filed(world, "09:12", **AT_T1)
        await subscribed.until("incident.filed")
        await story.tell("09:12", LEAD, "circumstances_reported", headcount=6)
        crisis = await subscribed.until("incident.crisis", within=timedelta(seconds=2))
        await subscribed.until("clock.started", within=timedelta(seconds=2))
    assert crisis["source"] == f"/incidents/{story.incident_id}"
    assert crisis["data"]["outlet"] == T1


@pytest.mark.rule("R14", "R29")
async def test_every_change_on_record_is_told_in_order_and_nothing_personal(
    world: World, store: Store, subscribed: Subscribed
) -> None:
    async with world.worker(records=lambda: store):
        story = await Story.filed(world, "09:12", **PERSONAL)
        await _a_day(story)
        sequences = await _all_told(story, subscribed)
    events = subscribed.told(story.incident_id)
    assert {"clock.breached", "clock.met_late", "incident.decided", "incident.resolved"} <= set(subscribed.types())
    assert [each["data"]["previous"] for each in events] == [None, *sequences[:-1]], "a gap would show"
    assert [each["sequence"] for each in events] == sorted(each["sequence"] for each in events)
    entries = {entry["sequence"]: entry for entry in await _entries_after(world, store, story)}
    for event in events:
        entry = entries[event["data"]["sequence"]]
        assert event["type"] == PREFIX + EVENTS[entry["what"]].type
        assert (event["time"], event["id"]) == (entry["recorded_at"], f"{story.incident_id}/{entry['sequence']}")
    said = b"".join(request.body for request in subscribed.receiver.requests).decode()
    headers = str([request.headers for request in subscribed.receiver.requests])
    for word in (NAME, PHONE, "9977", "p-77", "100.00", LEAD, ANHE, "headcount"):
        assert word not in said + headers


async def _entries_after(world: World, store: Store, story: Story) -> list[dict[str, Any]]:
    async with world.worker(records=lambda: store):
        return await story.entries()


@pytest.mark.rule("R14")
async def test_a_receiver_that_was_down_misses_nothing(world: World, store: Store, subscribed: Subscribed) -> None:
    receiver = subscribed.receiver
    receiver.replies(Reply(status=503), Reply(manner=Manner.DROP), Reply(status=429), Reply(status=503))
    async with world.worker(records=lambda: store):
        story = await Story.filed(world, "09:12", **AT_T1)
        await asyncio.to_thread(receiver.wait_for_a_request)
        await _a_day(story)
        feed = world.client.get_workflow_handle(feed_id(subscribed.subscription.id))
        assert (await feed.query(VIEW))["failures"]
        receiver.replies(Reply(status=204))
        await feed.signal(LOOK)
        await _all_told(story, subscribed)
    first = receiver.requests[0]
    again = [each for each in receiver.requests if each.headers["webhook-id"] == first.headers["webhook-id"]]
    assert len(again) > 1
    assert {each.body for each in again} == {first.body}


async def test_who_does_not_answer_delays_nobody_else(world: World, store: Store, subscribed: Subscribed) -> None:
    with receiving() as dead:
        dead.replies(Reply(manner=Manner.HANG))
        Subscribed.to(store, dead, system="system:hotline")
        async with world.worker(records=lambda: store):
            story = await Story.filed(world, "09:12", **AT_T1)
            await asyncio.to_thread(dead.wait_for_a_request)
            await story.tell("09:12", LEAD, "circumstances_reported", headcount=6)
            await subscribed.until("incident.crisis", within=timedelta(seconds=2))
            dead.release.set()


async def test_an_event_that_is_refused_holds_up_its_own_incident_alone(
    world: World, store: Store, subscribed: Subscribed
) -> None:
    subscribed.receiver.replies(Reply(status=400), Reply())
    async with world.worker(records=lambda: store):
        refused = await Story.filed(world, "09:12", **AT_T1)
        await asyncio.to_thread(subscribed.receiver.wait_for_a_request)
        taken = await Story.filed(world, "09:12", **AT_T2)
        await _all_told(taken, subscribed)
        await _all_told(refused, subscribed)


async def test_a_receiver_that_is_gone_is_told_no_more(world: World, store: Store, subscribed: Subscribed) -> None:
    subscribed.receiver.replies(Reply(status=410))
    async with world.worker(records=lambda: store):
        await Story.filed(world, "09:12", **AT_T1)
        feed = world.client.get_workflow_handle(feed_id(subscribed.subscription.id))
        await asyncio.to_thread(subscribed.receiver.wait_for_a_request)
        await feed.result()
    ended = await asyncio.to_thread(subscription, store, subscribed.subscription.id)
    assert not ended.subscription.in_force
    assert len(subscribed.receiver.requests) == 1


@pytest.mark.rule("R29")
async def test_a_drills_events_say_so(world: World, store: Store, subscribed: Subscribed) -> None:
    async with world.worker(records=lambda: store):
        story = await Story.filed(world, "09:12", **AT_T1, drill=True)
        await _all_told(story, subscribed)
        real = await Story.filed(world, "09:12", **AT_T1)
        await _all_told(real, subscribed)
    assert all(each["drill"] is True and each["data"]["drill"] for each in subscribed.told(story.incident_id))
    assert not any("drill" in each or each["data"]["drill"] for each in subscribed.told(real.incident_id))


@pytest.mark.rule("R29", "R57.6")
async def test_each_hears_of_its_own_units_and_insurer_alone(world: World, store: Store) -> None:
    with receiving() as first, receiving() as second, receiving() as third, receiving() as fourth:
        tianhe = Subscribed.to(store, first, units=("gd-gz-th",))
        shenzhen = Subscribed.to(store, second, units=("gd-sz",))
        zhongtai = Subscribed.to(store, third, insurer="zhongtai-life", units=("gd",))
        anhe = Subscribed.to(store, fourth, insurer="anhe-life", types=[f"{PREFIX}incident.filed"])
        async with world.worker(records=lambda: store):
            story = await Story.filed(world, "09:12", **AT_T1)
            await story.tell("09:12", LEAD, "circumstances_reported", headcount=6)
            other = await Story.filed(world, "09:12", **AT_T2)
            await story.until("10:30")
            await _all_told(story, tianhe)
            await zhongtai.until("incident.filed")
            await anhe.until("incident.filed")
    assert "clock.breached" in tianhe.types(story.incident_id)
    assert shenzhen.receiver.requests == []
    assert {each["subject"] for each in zhongtai.told()} == {other.incident_id}
    assert anhe.types() == ["incident.filed"]


@pytest.mark.rule("R57.6")
async def test_an_insurers_system_never_hears_of_breaches_and_reports(
    world: World, store: Store, receiver: Receiver
) -> None:
    anhe = Subscribed.to(store, receiver, insurer="anhe-life")
    async with world.worker(records=lambda: store):
        story = await Story.filed(world, "09:12", **AT_T1)
        await _a_day(story)
        await anhe.until("incident.resolved")
    assert {"incident.filed", "incident.crisis", "incident.decided"} <= set(anhe.types())
    assert not [each for each in anhe.types() if each.startswith(("report.", "notice.", "clock.breach"))]
    clocks = {each["data"]["clock"] for each in anhe.told() if "clock" in each["data"]}
    assert {each.split(".")[0] for each in clocks} <= {"insurer_answer", "insurer_on_scene"}


async def test_many_runs_of_a_feed_tell_everything_once(world: World, store: Store, subscribed: Subscribed) -> None:
    async with world.worker(records=lambda: store):
        feed = await world.client.start_workflow(
            FEED, {"max_events": 10}, id=feed_id(subscribed.subscription.id), task_queue=WORKFLOWS_QUEUE
        )
        story = await Story.filed(world, "09:12", **AT_T1)
        await _a_day(story)
        wanted = await _all_told(story, subscribed)
        await feed.query(VIEW)
        assert (await feed.describe()).run_id != feed.first_execution_run_id
    assert len(subscribed.receiver.requests) == len(wanted)


async def test_a_new_secret_and_the_one_before_both_sign(world: World, store: Store, subscribed: Subscribed) -> None:
    fresh = await asyncio.to_thread(rotate, store, subscribed.subscription.id)
    async with world.worker(records=lambda: store):
        story = await Story.filed(world, "09:12", **AT_T1)
        await _all_told(story, subscribed)
    assert subscribed.taken()
    subscribed.secret = fresh
    assert subscribed.taken()


async def test_a_subscription_can_be_tried(world: World, store: Store, subscribed: Subscribed) -> None:
    subscribed.receiver.replies(Reply(), Reply(status=500))
    async with world.worker(records=lambda: store):
        assert await tried(world.client, subscribed.subscription) == {"delivered": True, "answer": "200"}
        assert await tried(world.client, subscribed.subscription) == {"delivered": False, "answer": "500"}
    (event, _) = subscribed.taken()
    assert event["type"] == "cn.tocsin.test"


async def test_what_happened_before_somebody_subscribed_is_not_told(world: World, store: Store) -> None:
    async with world.worker(records=lambda: store):
        story = await Story.filed(world, "09:12", **AT_T1)
        await story.accepted("09:12", LEAD, "calming_attempted", outcome="not_persuaded")
        with receiving() as receiver:
            late = Subscribed.to(store, receiver)
            await asyncio.sleep(1.1)  # what is known of subscriptions is up to a second old
            await story.tell("09:12", LEAD, "group_signs_seen")
            await late.until("incident.group_signs_seen")
            assert "incident.filed" not in late.types()


async def test_a_subscription_that_was_ended_is_told_nothing(
    world: World, store: Store, subscribed: Subscribed
) -> None:
    await asyncio.to_thread(end, store, subscribed.subscription.id, why="asked")
    with receiving() as receiver:
        other = Subscribed.to(store, receiver)
        async with world.worker(records=lambda: store):
            await Story.filed(world, "09:12", **AT_T1)
            await other.until("incident.filed")
    assert subscribed.receiver.requests == []


async def test_the_store_being_away_holds_up_no_incident_and_no_event(
    world: World, store: Store, subscribed: Subscribed, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world.worker(records=lambda: store):
        story = await Story.filed(world, "09:12", **AT_T1)
        await subscribed.until("incident.filed")
        with store.writing() as connection:
            connection.exec_driver_sql("ALTER TABLE subscriptions RENAME TO hidden")
        await story.tell("09:12", LEAD, "circumstances_reported", headcount=6)
        await subscribed.until("incident.crisis", within=timedelta(seconds=5))
