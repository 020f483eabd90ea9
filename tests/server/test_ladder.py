"""Ladders on a real server, and what has not arrived: repeated, given up, sent again, sent to others (R14, R28)."""

import asyncio
from typing import Any

import pytest

from starter.notices import Undone, not_arrived
from tests.plan.changed import both, person
from tests.server.people import ANHE, ANHE_NEXT, AT_T1, BANK, CONTACT, COUNTY, COURSE, LEAD, POST
from tests.server.recorder import Hanging, Recorder
from tests.server.story import Story
from tests.server.test_delivery import OUTBOX, SMS, Office, until
from tests.server.world import World

pytestmark = pytest.mark.server

CRISIS: dict[str, Any] = {**AT_T1, "circumstances": {"disrupts_outlet": True}}


async def notices(story: Story) -> object:
    """What operators find the incident by."""
    return (await story.attributes()).get("TocsinNotices")


async def becomes(story: Story, states: list[str] | None) -> None:
    """What is published follows a moment after what happened; no time passes in the story."""
    async with asyncio.timeout(20):
        while await notices(story) != states:
            pass


@pytest.mark.rule("R14", "R43")
async def test_a_crisis_nobody_answers_goes_up_step_by_step_until_the_operator_hears_of_it(world: World) -> None:
    story = await Story.filed(world, "10:00", **CRISIS)
    await story.until("10:51")
    await story.quiet()
    told = [await story.reached(f"repeat.crisis.{n}") for n in (1, 2, 3, 4)]
    beside = {COUNTY, POST, BANK}
    assert told == [{LEAD} | beside, {LEAD, CONTACT} | beside, beside, {"gd-gz.work"} | beside]
    (given_up,) = await story.said("unanswered")
    assert story.when(given_up["recorded_at"])[:5] == "10:50"
    assert set(given_up["data"]["recipients"]) == {LEAD, CONTACT, "gd-gz.work"} | beside
    assert await story.reached("tell.unanswered") == {"operator"}
    owed = {each["what"]: each for each in (await story.view())["outstanding"]}
    assert owed["tell.crisis"]["state"] == "unanswered"
    assert owed["outlet_report"]["state"] == "running", "the hour runs on"
    await story.accepted("10:55", LEAD, "notice_acknowledged", notice_id=f"repeat.crisis.1~{LEAD}")
    for by in (COUNTY, POST):
        await story.accepted("10:56", by, "notice_acknowledged", notice_id=f"tell.crisis~{by}")
    assert "tell.crisis" not in await story.owed()
    await story.accepted("10:58", LEAD, "report_submitted", content=COURSE)
    assert (await story.clocks())["outlet_report"] == "met"


@pytest.mark.rule("R22", "R27")
async def test_on_the_way_rests_the_chase_and_an_arrival_that_does_not_come_wakes_it(world: World) -> None:
    story = await Story.filed(world, "15:00", **AT_T1)
    await story.accepted("15:08", LEAD, "calming_attempted", outcome="failed")
    await story.accepted("15:12", ANHE, "on_the_way", party="insurer", expected_at="at:15:40")
    await story.until("15:45")
    await story.quiet()
    assert not story.messages("repeat.calming_failed.1")
    await story.until("15:57")
    await story.quiet()
    assert await story.reached("repeat.calming_failed.1") == {ANHE}
    assert await story.reached("repeat.calming_failed.2") == {ANHE_NEXT}
    begun = {entry["data"]["duty"]: story.when(entry["recorded_at"])[:5] for entry in await story.said("notice")}
    assert begun["repeat.calming_failed.1"] == "15:46", "four minutes had passed, six more after the pause"


@pytest.mark.rule("R14")
async def test_a_repeat_goes_first_over_what_wakes(alone: World) -> None:
    office = Office(alone, person(LEAD, channels=[OUTBOX, SMS]))
    async with office.serve():
        story = await Story.filed(alone, "10:00", **CRISIS)
        await story.until("10:11")
        await story.quiet()
        first = [m.recipient for m in alone.outbox.to(story.incident_id, "tell.crisis")]
        assert LEAD in first
        assert [m.recipient for m in office.sms.to(story.incident_id, "repeat.crisis.1")] == [LEAD]


@pytest.mark.rule("R14", "R28")
async def test_what_failed_is_listed_sent_again_under_another_key_and_gone_from_the_list(alone: World) -> None:
    alone.outbox.refuses = {LEAD}
    async with alone.worker():
        story = await Story.filed(alone, "10:00", **AT_T1)
        notice = f"tell.filed~{LEAD}"
        await becomes(story, ["failed"])
        (found,) = await listed(alone, story)
        assert (found.notice_id, found.state, found.channel) == (notice, "failed", "outbox")
        assert found.why.startswith("ChannelRefused")

        alone.outbox.refuses.clear()
        await story.accepted("10:10", "operator", "notice_resent", notice_id=notice)
        await becomes(story, None)
        assert await listed(alone, story) == []
        keys = [m.key for m in alone.outbox.asked if m.recipient == LEAD]
        assert [key.removeprefix(f"{story.incident_id}/{notice}/") for key in keys] == ["outbox", "outbox/1"]
        assert (await story.attributes())["TocsinUndelivered"] == 0
        seen = next(n for n in (await story.view())["notices"] if n["notice_id"] == notice)
        assert [(t["delivered"], t["code"]) for t in seen["tries"]] == [(False, ""), (True, "taken")]


async def listed(world: World, story: Story) -> list[Undone]:
    """What `tocsin notices` says of it, once the server's list knows the incident."""
    found = await not_arrived(world.client, ("pending", "held", "failed"), limit=1000)
    return [each for each in found.notices if each.incident_id == story.incident_id]


@pytest.mark.rule("R28")
async def test_re_routed_it_reaches_somebody_else_with_the_same_words(alone: World) -> None:
    alone.outbox.refuses = {LEAD}
    async with alone.worker():
        story = await Story.filed(alone, "10:00", **CRISIS)
        await becomes(story, ["failed"])
        rule = await story.refused("10:05", "operator", "notice_resent", notice_id=f"tell.crisis~{LEAD}", to="nobody")
        assert rule == "R28"
        to = f"{COUNTY}2"
        await story.accepted("10:06", COUNTY, "notice_resent", notice_id=f"tell.crisis~{LEAD}", to=to)
        await story.quiet()
        (message,) = [m for m in story.messages("tell.crisis") if m.recipient == to]
        assert message.key == f"{story.incident_id}/tell.crisis~{to}/outbox"
        assert message.due_at is not None
        assert story.when(message.due_at.isoformat()) == "11:00"
        await story.accepted("10:08", to, "notice_acknowledged", notice_id=f"tell.crisis~{to}")
        await story.until("10:11")
        await story.quiet()
        assert LEAD not in await story.reached("repeat.crisis.1"), "who stands in for the lead has answered"


@pytest.mark.rule("R14")
async def test_what_hangs_is_listed_as_pending_and_may_not_be_sent_again_meanwhile(alone: World) -> None:
    alone.outbox.before = hanging = Hanging(LEAD)
    async with alone.worker():
        story = await Story.filed(alone, "10:00", **AT_T1)
        await hanging.reached.wait()
        await becomes(story, ["pending"])
        receipt = await story.tell("10:00", "operator", "notice_resent", notice_id=f"tell.filed~{LEAD}")
        assert (receipt.state, receipt.rule) == ("refused", "R28")
        hanging.let_go()
        await becomes(story, None)
        assert not [each for each in (await story.view())["notices"] if each["state"] == "pending"]


@pytest.mark.rule("R14", "R28")
async def test_sent_again_it_is_tried_over_every_way_by_the_addresses_as_they_are_now(alone: World) -> None:
    office = Office(alone, person(LEAD, channels=[SMS]))
    office.sms.refuses = {LEAD}
    async with office.serve():
        story = await Story.filed(alone, "10:00", **AT_T1)
        await becomes(story, ["failed"])
        office.change(both(person(LEAD, channels=[SMS, OUTBOX]), lambda data: data.update(version="next")))
        await story.accepted("10:05", "operator", "rerouted", old_version="2026-11", new_version="next")
        await story.quiet()
        await story.accepted("10:06", "operator", "notice_resent", notice_id=f"tell.filed~{LEAD}")
        view = await until(story, lambda view: all(n["state"] == "delivered" for n in view["notices"]))
        again = next(n for n in view["notices"] if n["notice_id"] == f"tell.filed~{LEAD}")
        assert [(t["channel"], t["delivered"]) for t in again["tries"]] == [
            ("sms", False),
            ("sms", False),
            ("outbox", True),
        ]
        assert [m.recipient for m in office.outbox.to(story.incident_id, "tell.filed")].count(LEAD) == 1


@pytest.mark.rule("R14", "R28")
async def test_what_was_asked_for_survives_a_change_of_workers_and_is_sent_once(alone: World) -> None:
    office = Office(alone)
    office.outbox = alone.outbox = Recorder()
    alone.outbox.refuses = {LEAD}
    async with office.serve():
        story = await Story.filed(alone, "10:00", **AT_T1)
        await becomes(story, ["failed"])
    alone.outbox.refuses.clear()
    left = await story.handle.signal("record", {"kind": "notice_resent", "by": "operator", "notice_id": _lead()})
    assert left is None
    async with office.serve():
        await becomes(story, None)
        keys = [m.key for m in alone.outbox.sent if m.recipient == LEAD]
        assert keys == [f"{story.incident_id}/{_lead()}/outbox/1"]


def _lead() -> str:
    return f"tell.filed~{LEAD}"
