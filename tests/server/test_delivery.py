"""Notices on a real server: way after way, person after person; what hangs or dies holds up nobody else (R14)."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from activities.channels.contract import Message
from plan.organisation import Organisation
from runtime.settings import Settings
from tests.plan.changed import Change, both, organisation, person, whole
from tests.server.people import (
    ANHE,
    AT_T1,
    BANK,
    CITY,
    CONTACT,
    COUNTY,
    COURSE,
    LEAD,
    POST,
    TOLD_OF_CRISIS,
)
from tests.server.recorder import Hanging, Recorder
from tests.server.story import Day, Story
from tests.server.world import World
from worker import TocsinWorker

pytestmark = pytest.mark.server

CRISIS: dict[str, Any] = {**AT_T1, "circumstances": {"disrupts_outlet": True}}
SMS, CHAT, OUTBOX = ({"channel": name, "audience": "personal"} for name in ("sms", "chat", "outbox"))
TRIPARTITE = {"channel": "chat", "audience": "tripartite"}
DEPUTY = f"{COUNTY}2"


class Office:
    """A world with several channels, and an organisation that may change while incidents are open."""

    def __init__(self, world: World, *changes: Change) -> None:
        self.world = world
        self.sms, self.chat, self.outbox = Recorder("sms"), Recorder("chat"), world.outbox
        self.change(*changes)

    def change(self, *changes: Change) -> None:
        self._organisation = organisation(both(*changes))

    def current(self) -> Organisation:
        return self._organisation

    def serve(self, **overrides: Any) -> TocsinWorker:
        channels = {"sms": self.sms, "chat": self.chat, "outbox": self.outbox}
        return self.world.worker(channels=channels, organisation=self.current, **overrides)

    def channels(self) -> dict[str, Recorder]:
        return {"sms": self.sms, "chat": self.chat, "outbox": self.outbox}


async def until(story: Story, seen: Callable[[Mapping[str, Any]], bool]) -> dict[str, Any]:
    """The view as soon as it looks like this; no time passes in the story."""
    async with asyncio.timeout(20):
        while not seen(view := await story.view()):
            pass
    return view


def states(view: Mapping[str, Any], duty: str) -> dict[str, str]:
    return {n["recipient"]: n["state"] for n in view["notices"] if n["duty"] == duty}


def all_delivered(view: Mapping[str, Any]) -> bool:
    """What failed is tried again in the server's own time, which no story skips."""
    return {notice["state"] for notice in view["notices"]} == {"delivered"}


async def outcomes(story: Story, what: str) -> list[tuple[str, Any]]:
    """Of each entry of a delivery: which notice, and the channel; or who is told instead."""
    entries = await story.said(what)
    return [(entry["about"], entry["data"].get("channel", entry["data"].get("told_instead"))) for entry in entries]


# -- the next way, the next person, the next level ---------------------------------------------------------------------


@pytest.mark.rule("R14")
async def test_where_the_first_way_fails_the_next_one_is_tried(alone: World) -> None:
    office = Office(alone, person(LEAD, channels=[SMS, CHAT, OUTBOX]))
    office.sms.refuses = office.chat.refuses = {LEAD}
    async with office.serve():
        story = await Story.filed(alone, "10:00", **AT_T1)
        assert LEAD in await story.reached("tell.filed")
        notice = f"tell.filed~{LEAD}"
        assert await outcomes(story, "delivery_failed") == [(notice, "sms"), (notice, "chat")]
        assert (notice, "outbox") in await outcomes(story, "delivered")
        assert "ChannelRefused" in (await story.said("delivery_failed"))[0]["data"]["why"]
        assert await story.said("undelivered") == []
        assert not story.messages("tell.undelivered")
        assert (await story.attributes())["TocsinUndelivered"] == 0
        notices = {n["recipient"]: n for n in (await story.view())["notices"]}
        assert (notices[LEAD]["channel"], notices[LEAD]["state"]) == ("outbox", "delivered")


@pytest.mark.rule("R14", "R28", "R43")
async def test_whom_no_way_reaches_the_next_person_and_the_next_level_are_told_instead_at_once(alone: World) -> None:
    office = Office(alone, person(LEAD, channels=[SMS, OUTBOX]))
    office.sms.refuses = office.outbox.refuses = {LEAD}
    async with office.serve():
        story = await Story.filed(alone, "10:00", **CRISIS)
        view = await until(story, lambda view: len(states(view, "tell.undelivered")) == 2)
        assert set(states(view, "tell.undelivered")) == {CONTACT, COUNTY}
        notices = [entry for entry in await story.said("notice") if entry["data"]["duty"] == "tell.undelivered"]
        assert {story.when(entry["recorded_at"])[:5] for entry in notices} == {"10:00"}, "no time has passed"
        assert await story.reached("tell.undelivered") == {CONTACT, COUNTY}
        undelivered = await outcomes(story, "undelivered")
        assert {about for about, _ in undelivered} == {f"tell.crisis~{LEAD}", f"tell.filed~{LEAD}"}
        assert [instead for _, instead in undelivered] == [[CONTACT, COUNTY], []], "of one person they hear once"
        assert [(await story.attributes())[f"Tocsin{name}"] for name in ("Undelivered", "Overdue")] == [1, 0]
        assert (await story.clocks())["outlet_report"] == "running"
        for notice in (await story.view())["notices"]:
            if notice["state"] == "failed":
                await story.accepted("10:05", LEAD, "notice_acknowledged", notice_id=notice["notice_id"])
        await story.quiet()
        assert (await story.attributes())["TocsinUndelivered"] == 0


@pytest.mark.rule("R14", "R28")
async def test_where_nobody_of_a_place_is_reached_it_goes_up_until_somebody_is(alone: World) -> None:
    alone.outbox.refuses = {LEAD, CONTACT, COUNTY, DEPUTY}
    async with alone.worker():
        story = await Story.filed(alone, "10:00", **AT_T1)
        await story.quiet()
        told = [message.recipient for message in story.messages() if message.duty.startswith("tell.undelivered")]
        assert CITY in told
        assert (await story.attributes())["TocsinUndelivered"] == 4
        assert {n["recipient"] for n in (await story.view())["notices"] if n["state"] == "failed"} == (
            alone.outbox.refuses
        )


@pytest.mark.rule("R29", "R14")
async def test_what_is_said_of_somebody_unreached_names_no_person_by_name(alone: World) -> None:
    alone.outbox.refuses = {LEAD}
    async with alone.worker():
        story = await Story.filed(alone, "10:00", **CRISIS)
        await story.reached("tell.undelivered")
        names = [p.name for p in organisation().persons]
        assert not [m.text for m in story.messages() if any(name in m.text for name in names)]


# -- what hangs --------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14", "R43", "R62")
async def test_a_delivery_that_hangs_delays_no_other_recipient_no_fact_and_no_clock(alone: World) -> None:
    alone.outbox.before = hanging = Hanging(LEAD)
    async with alone.worker():
        story = await _filed_long_ago(alone)
        await hanging.reached.wait()
        view = await until(
            story,
            lambda view: (
                list(states(view, "tell.crisis").values()).count("delivered") == len(TOLD_OF_CRISIS) - 1
                and list(states(view, "breach.outlet_report").values()).count("delivered") == 5
            ),
        )
        assert {states(view, duty)[LEAD] for duty in ("tell.crisis", "breach.outlet_report")} == {"pending"}
        assert {c["id"]: c["state"] for c in view["clocks"]}["outlet_report"] == "missed"
        late = await story.tell("11:30", LEAD, "report_submitted", content=COURSE)
        assert (late.accepted, late.met_clocks) == (True, ("outlet_report",))
        await until(story, lambda view: states(view, "tell.report") == {COUNTY: "delivered"})
        assert not [m for m in alone.outbox.sent if m.recipient == LEAD]
        hanging.let_go()
        assert LEAD in await story.reached("tell.crisis")


async def _filed_long_ago(world: World) -> Story:
    """Received at 10:00, and only now, at 11:30, does a worker see it."""
    return await Day(world, "10:00", present="11:30").filed("10:00", **CRISIS)


@pytest.mark.rule("R14")
async def test_a_channel_that_hangs_for_everybody_holds_up_no_other_channel(alone: World) -> None:
    office = Office(alone, person(LEAD, channels=[SMS]), person(CONTACT, channels=[SMS]))
    office.sms.before = hanging = Hanging(LEAD, CONTACT)
    async with office.serve():
        story = await Story.filed(alone, "10:00", **AT_T1)
        await hanging.reached.wait()
        others = {COUNTY: "delivered", ANHE: "delivered"}
        both_hang = {LEAD: "pending", CONTACT: "pending"}
        await until(story, lambda view: states(view, "tell.filed") == others | both_hang)
        hanging.let_go()
        await story.quiet()
        assert {m.recipient for m in office.sms.sent} == {LEAD, CONTACT}


# -- who has left ------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R4", "R28")
async def test_who_has_left_before_is_never_told_the_deputy_is(alone: World) -> None:
    office = Office(alone, person(COUNTY, left=True), person(LEAD, left=True))
    async with office.serve():
        story = await Story.filed(alone, "10:00", **CRISIS)
        assert await story.reached("tell.filed") == {CONTACT, DEPUTY, ANHE}
        await story.until("11:01")
        assert {CONTACT, DEPUTY} <= await story.reached("breach.outlet_report")
        assert not [m for m in alone.outbox.asked if m.recipient in (LEAD, COUNTY)]


@pytest.mark.rule("R28")
async def test_who_leaves_while_an_incident_is_open_is_not_told_any_more_and_the_deputy_is(alone: World) -> None:
    office = Office(alone)
    async with office.serve():
        story = await Story.filed(alone, "10:00", **AT_T1)
        assert COUNTY in await story.reached("tell.filed")
        office.change(person(COUNTY, left=True), whole(version="next"))
        await story.accepted("10:10", LEAD, "calming_attempted", outcome="not_persuaded")
        await story.quiet()
        failed = (await story.said("delivery_failed"))[0]
        assert (failed["about"], failed["data"]["why"][:10]) == (f"tell.not_persuaded~{COUNTY}", "PersonLeft")
        assert DEPUTY in await story.reached("tell.undelivered")
        assert not [m for m in story.messages("tell.not_persuaded") if m.recipient == COUNTY]

        await story.accepted(
            "10:20", "operator", "rerouted", unit="gd-gz-th", old_version="2026-11", new_version="next"
        )
        await story.accepted("10:30", LEAD, "calming_attempted", outcome="failed")
        assert DEPUTY in await story.reached("tell.calming_failed")
        asked = [m for m in alone.outbox.asked if m.recipient == COUNTY]
        assert {m.duty for m in asked} == {"tell.filed"}


# -- what dies ---------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
async def test_a_worker_that_dies_among_deliveries_leaves_them_to_the_next_under_the_same_keys(
    alone: World, settings: Settings
) -> None:
    hasty = settings.model_copy(update={"graceful_shutdown": timedelta(milliseconds=1)})
    alone.outbox.before = hanging = Hanging(*TOLD_OF_CRISIS)
    async with alone.worker(settings=hasty):
        story = await Story.filed(alone, "10:00", **CRISIS)
        await until(story, lambda _: {m.recipient for m in alone.outbox.asked} == TOLD_OF_CRISIS)
    assert alone.outbox.sent == []
    hanging.let_go()
    async with alone.worker():
        await until(story, all_delivered)
        assert await story.reached("tell.crisis") == TOLD_OF_CRISIS
        settled = [about for about, _ in await outcomes(story, "delivered")]
        owed = [entry["about"] for entry in await story.said("notice")]
        assert sorted(settled) == sorted(owed) == sorted(set(owed))
    _same_under_each_key(alone.outbox.asked)
    keys = [message.key for message in alone.outbox.asked]
    assert len(keys) > len(set(keys)), "some were asked for twice"


def _same_under_each_key(messages: list[Message]) -> None:
    first: dict[str, Message] = {}
    for message in messages:
        assert first.setdefault(message.key, message) == message
        assert message.key == f"{message.incident_id}/{message.duty}~{message.recipient}/outbox"


@pytest.mark.rule("R14")
async def test_a_channel_that_took_a_notice_and_died_before_it_said_so_is_asked_again_with_the_same_words(
    alone: World,
) -> None:
    taken: list[Message] = []

    async def take_and_die(message: Message) -> None:
        taken.append(message)
        if message.recipient == LEAD and len([m for m in taken if m.key == message.key]) < 3:
            raise ConnectionResetError

    alone.outbox.before = take_and_die
    async with alone.worker():
        story = await Story.filed(alone, "10:00", **CRISIS)
        await until(story, all_delivered)
        assert LEAD in await story.reached("tell.crisis")
        _same_under_each_key(taken)
        delivered = {entry["about"]: entry["data"] for entry in await story.said("delivered")}
        assert delivered[f"tell.crisis~{LEAD}"]["attempts"] == 3
        assert await story.said("delivery_failed") == []


# -- who reads along ---------------------------------------------------------------------------------------------------


@asynccontextmanager
async def chatting(world: World) -> AsyncGenerator[Office]:
    """The outlet's lead and the county's leaders are reached in a chat with insurers first, POST there alone."""
    office = Office(
        world,
        person(LEAD, channels=[TRIPARTITE, OUTBOX]),
        person(BANK, channels=[TRIPARTITE, OUTBOX]),
        person(POST, channels=[TRIPARTITE]),
    )
    async with office.serve():
        yield office


@pytest.mark.rule("R29", "R62")
async def test_what_is_confidential_never_goes_to_a_chat_that_insurers_read(alone: World) -> None:
    async with chatting(alone) as office:
        story = await Story.filed(alone, "10:00", **CRISIS)
        await story.until("11:01")
        await story.quiet()
        assert {m.recipient for m in office.chat.asked if m.duty == "tell.crisis"} == {LEAD, BANK, POST}
        assert not [m.duty for m in office.chat.asked if m.duty.startswith("breach.")]
        assert {LEAD, BANK} <= {m.recipient for m in office.outbox.to(story.incident_id, "breach.outlet_report")}
        assert f"breach.outlet_report~{POST}" in await story.about("undelivered")
        assert (await story.attributes())["TocsinUndelivered"] == 1
        instead = dict(await outcomes(story, "undelivered"))[f"breach.outlet_report~{POST}"]
        assert instead == [BANK, "gd-gz.post"]
        assert not [m for m in office.chat.asked if m.recipient == ANHE]
