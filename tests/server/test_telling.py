"""Facts on their way: before anybody is known to answer, twice, from many at once, to an incident that was closed."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import rfc8785
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from plan.errors import Misconfigured
from plan.malformed import parse_complaint
from plan.organisation import Organisation
from plan.receipts import Answer, Receipt
from plan.verification import verify
from runtime.documents import SAMPLE, load_organisation
from runtime.names import INCIDENT, RECORD, WORKFLOWS_QUEUE, workflow_id
from runtime.seals import stamp
from runtime.telling import Imported, file, tell_fact
from starter import file_complaint
from starter.client import PYTHON_DOOR
from tests.server.people import AT_T1, COUNTY, COURSE, LEAD, LEAD2, POST, T2
from tests.server.story import LONG, Day, Story
from tests.server.world import World

pytestmark = pytest.mark.server

NOBODY = timedelta(seconds=0.3)
"""Patience where nothing is judged anyway."""


class Held:
    """An organisation's file that is not there until it is let go, or that cannot be read."""

    def __init__(self, *, broken: bool = False) -> None:
        self._broken = broken
        self._go_on = threading.Event()
        self.asked = threading.Event()

    def __call__(self) -> Organisation:
        self.asked.set()
        if self._broken and not self._go_on.is_set():
            raise Misconfigured("the organisation cannot be read")
        self._go_on.wait(8)
        return load_organisation(SAMPLE)

    def let_go(self) -> None:
        self._go_on.set()


@pytest.fixture
def held() -> Iterator[Held]:
    held = Held()
    yield held
    held.let_go()


def envelope(story: Story, when: str, fact: dict[str, Any]) -> dict[str, Any]:
    return story.world.keys.envelope(story.incident_id, fact, stamp(story.at(when)), "test")


def noted(fact_id: str, text: str = "x") -> dict[str, Any]:
    return {"kind": "noted", "fact_id": fact_id, "by": LEAD, "text": text}


# -- before it is known who answers ------------------------------------------------------------------------------------


async def test_facts_told_before_the_roster_wait_and_are_judged_in_order(alone: World, held: Held) -> None:
    async with alone.worker(organisation=held):
        story = await Story.filed(alone, "10:00", **AT_T1)
        await asyncio.to_thread(held.asked.wait)
        for n in range(5):
            await story.handle.signal(RECORD, envelope(story, "10:00", noted(f"f-{n}")))
        waiting = [asyncio.create_task(story.tell("10:00", LEAD, "noted", text="x", fact_id=f"f-{n}")) for n in (5, 6)]
        assert (await story.view())["sequence"] == 1
        held.let_go()
        assert {(await receipt).state for receipt in waiting} == {Answer.ACCEPTED}
        assert sorted(await story.about("noted")) == [f"f-{n}" for n in range(7)]
        assert (await story.about("noted"))[:5] == [f"f-{n}" for n in range(5)]


@pytest.mark.rule("R43")
async def test_a_report_that_waited_for_the_roster_over_the_deadline_finds_no_breach(alone: World, held: Held) -> None:
    async with alone.worker(organisation=held):
        day = Day(alone, "10:00", present="11:40")
        story = await day.filed("10:00", circumstances={"disrupts_outlet": True}, **AT_T1)
        await asyncio.to_thread(held.asked.wait)
        receipt = await story.tell("10:50", LEAD, "report_submitted", content=COURSE, patience=NOBODY)
        assert receipt.state == "pending"
        held.let_go()
        await story.quiet()
        assert (await story.clocks())["outlet_report"] == "met"
        assert await story.said("breach") == []
        assert not story.messages("breach.outlet_report")


@pytest.mark.rule("R4", "R28")
async def test_who_is_assigned_may_speak_with_the_next_fact(alone: World) -> None:
    day = Day(alone, "10:00")
    complaint = {"channel": "hotline", "reason": "收益", "unit": "gd-gz-th", "insurer": "zhongtai-life"}
    filed = await file_complaint(alone.client, complaint, received_at=day.at("10:00"))
    story = day.story(filed.incident_id)
    for fact in (
        {"kind": "calming_attempted", "fact_id": "too-early", "by": LEAD2, "outcome": "failed"},
        {"kind": "assigned", "fact_id": "assigned", "by": COUNTY, "outlet": T2},
        {"kind": "calming_attempted", "fact_id": "now", "by": LEAD2, "outcome": "failed"},
    ):
        await story.handle.signal(RECORD, envelope(story, "10:00", fact))
    async with alone.worker():
        await story.quiet()
        assert await story.about("refused") == ["too-early"]
        assert await story.about("calming_attempted") == ["now"]
        assert LEAD2 in await story.reached("tell.filed"), "what waited for the outlet goes out once it is known"


@pytest.mark.rule("R28")
async def test_a_roster_that_cannot_be_resolved_leaves_an_entry_and_is_tried_again(alone: World) -> None:
    broken = Held(broken=True)
    async with alone.worker(organisation=broken):
        story = await Story.filed(alone, "10:00", circumstances={"disrupts_outlet": True}, **AT_T1)
        receipt = await story.tell("10:00", LEAD, "report_submitted", content=COURSE, patience=NOBODY)
        assert receipt.state == "pending"
        await story.until("10:10")
        failed = await story.said("roster_failed")
        assert len(failed) == 1
        assert "tocsin check" in failed[0]["data"]["why"]
        await story.until("12:10")
        assert len(await story.said("roster_failed")) == 1, "tried on, and said once"
        broken.let_go()
        await story.until("12:20")
        assert len(await story.said("roster_resolved")) == 1
        assert (await story.clocks())["outlet_report"] == "met"
        assert "outlet_report" not in await story.about("breach"), "in time when received, whenever it is judged"


# -- twice -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("max_events", [None, 1], ids=["one-run", "many-runs"])
async def test_a_fact_told_again_is_a_duplicate_and_with_other_content_a_conflict(
    alone: World, max_events: int | None
) -> None:
    alone.max_events = max_events
    async with alone.worker():
        story = await Story.filed(alone, "10:00", **AT_T1)
        first = await story.accepted("10:01", LEAD, "calming_attempted", fact_id="f-1", outcome="failed")
        no = await story.told("10:01", COUNTY, "insurer_decided", fact_id="f-2", decision="x")
        await story.quiet()
        await story.until("10:12")
        again = await story.tell("10:13", LEAD, "calming_attempted", fact_id="f-1", outcome="failed")
        assert (again.state, again.accepted, again.sequence) == (Answer.DUPLICATE, True, first.sequence)
        assert again.started_clocks == first.started_clocks
        again = await story.tell("10:13", COUNTY, "insurer_decided", fact_id="f-2", decision="x")
        assert (again.state, again.accepted, again.rule) == (Answer.DUPLICATE, False, no.rule)
        conflict = await story.tell("10:13", LEAD, "calming_attempted", fact_id="f-1", outcome="calmed")
        assert (conflict.state, conflict.rule) == (Answer.REFUSED, "conflict")
        assert await story.about("calming_attempted") == ["f-1"]
        runs = (await story.said("continued")) != []
        assert runs is (max_events is not None)


async def test_an_envelope_that_arrives_as_update_and_as_signal_counts_once(world: World) -> None:
    story = await Story.filed(world, "10:00", **AT_T1)
    said = envelope(story, "10:00", noted("f-1"))
    tell = partial(tell_fact, world.client, story.incident_id, noted("f-1"), door="test", keyring=world.keys)
    at = story.at("10:00")
    receipts = await asyncio.gather(
        tell(received_at=at, patience=LONG), story.handle.signal(RECORD, said), tell(received_at=at, patience=LONG)
    )
    await story.quiet()
    assert {receipt.accepted for receipt in receipts if receipt} == {True}
    assert await story.about("noted") == ["f-1"]


async def test_two_hundred_callers_at_once_lose_nothing_and_count_once(world: World) -> None:
    story = await Story.filed(world, "10:00", **AT_T1)

    async def tell(n: int) -> Receipt:
        fact = noted(f"f-{n}")
        return await tell_fact(
            world.client, story.incident_id, fact, door=PYTHON_DOOR, keyring=world.keys, patience=LONG
        )

    receipts = await asyncio.gather(*(tell(n) for n in range(200)), *(tell(n) for n in range(0, 200, 10)))
    assert all(receipt.accepted for receipt in receipts)
    assert [receipt.state for receipt in receipts].count(Answer.ACCEPTED) == 200
    assert sorted(await story.about("noted")) == sorted(f"f-{n}" for n in range(200))


# -- after the end -----------------------------------------------------------------------------------------------------


async def _closed(world: World) -> Story:
    """Closed at once; its whole day is past, for the next run has a clock of its own on the server."""
    story = await Day(world, "10:00", present="11:00").filed("10:00", **AT_T1)
    await story.tell("10:10", LEAD, "calming_attempted", outcome="calmed")
    await story.tell("10:20", LEAD, "resolved")
    await story.tell("10:30", COUNTY, "closed")
    assert (await story.ended())["stage"] == "closed"
    return story


async def _whole(story: Story, head: str) -> int:
    """The record over all runs, verified against a head that was kept; how many entries it has."""
    lines = [rfc8785.dumps(entry).decode() for entry in await story.entries()]
    found = verify(lines, head)
    assert found.fault is None, found.words
    return found.entries


@pytest.mark.rule("R58", "R60")
async def test_what_is_told_to_a_closed_incident_starts_its_next_run_and_the_record_goes_on(world: World) -> None:
    story = await _closed(world)
    first = await story.ended()
    run = (await story.handle.describe()).run_id

    receipt = await story.tell("10:40", COUNTY, "noted", text="客户来电致谢。")
    assert receipt.accepted
    second = await story.ended()
    assert (second["stage"], (await story.handle.describe()).run_id != run) == ("closed", True)
    assert receipt.sequence == first["sequence"] + 2, "that it was resumed, then the note"
    assert await _whole(story, first["head"]) == second["sequence"]

    decided: dict[str, Any] = {"category": 1, "outcome": "none", "decision": "已谈话"}
    assert (await story.tell("10:41", POST, "accountability_decided", **decided)).accepted
    no = await story.tell("10:42", LEAD, "calming_attempted", outcome="calmed")
    assert (no.state, no.rule) == (Answer.REFUSED, "R58")
    assert (await story.view())["refusals"][-1]["kind"] == "calming_attempted"
    assert (await story.tell("10:42", LEAD, "calming_attempted", outcome="calmed", fact_id=no.fact_id)).duplicate

    assert (await story.tell("10:43", COUNTY, "reopened", reason="客户再次来访")).accepted
    assert (await story.tell("10:44", LEAD, "calming_attempted", outcome="failed")).accepted
    await story.quiet()
    assert (await story.attributes())["TocsinStage"] == "open"
    assert (await story.clocks())["insurer_on_scene"] == "running"
    assert await _whole(story, second["head"]) == (await story.view())["sequence"]
    assert await story.about("filed") == [None]


async def test_what_many_tell_a_closed_incident_at_once_is_all_in_its_record(world: World) -> None:
    story = await _closed(world)
    receipts = await asyncio.gather(*(story.tell("10:40", COUNTY, "noted", text="x") for _ in range(20)))
    assert all(receipt.accepted for receipt in receipts)
    head = (await story.ended())["head"]
    await _whole(story, head)
    assert len(await story.said("noted")) == 20


async def test_what_is_left_for_a_closed_incident_while_nobody_serves_is_judged_later(alone: World) -> None:
    async with alone.worker():
        story = await _closed(alone)
    receipt = await story.tell("10:40", COUNTY, "reopened", reason="客户再次来访", patience=NOBODY)
    assert receipt.state == "pending"
    async with alone.worker():
        await story.quiet()
        assert ((await story.view())["stage"], len(await story.said("reopened"))) == ("open", 1)


async def test_a_run_with_nothing_to_go_on_from_fails_plainly(world: World) -> None:
    incident_id = f"B-{uuid4().hex[:8]}"
    handle = await world.client.start_workflow(
        INCIDENT,
        {"incident_id": incident_id, "resumes": str(uuid4())},
        id=workflow_id(incident_id),
        task_queue=WORKFLOWS_QUEUE,
        start_signal=RECORD,
        start_signal_args=[noted("f-1")],
    )
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    assert isinstance(failed.value.cause, ApplicationError)
    assert (failed.value.cause.type, incident_id in failed.value.cause.message) == ("NothingToResume", True)


@pytest.mark.rule("R58")
async def test_history_that_was_imported_ends_at_once_and_may_still_be_spoken_of(world: World) -> None:
    day = Day(world, "10:00")
    complaint = {"incident_id": f"I-{uuid4().hex[:8]}", "channel": "outlet", "reason": "收益", **AT_T1}
    filed = await file(
        world.client,
        parse_complaint(complaint),
        door="import",
        keyring=world.keys,
        received_at=day.at("10:00"),
        imported=Imported(closed_at=day.at("10:00"), outcome="done"),
    )
    story = day.story(filed.incident_id)
    ended = await story.ended()
    assert (ended["stage"], ended["sequence"], ended["state"].get("playbook")) == ("closed", 2, None)
    receipt = await story.tell("10:00", COUNTY, "noted", text="补记")
    assert receipt.accepted
    assert (await story.tell("10:00", COUNTY, "reopened", reason="再次投诉")).accepted
    await story.quiet()
    assert await story.clocks() == {}
    assert not story.messages()


@pytest.mark.rule("R4")
async def test_a_complaint_whose_outlet_was_never_known_can_still_end(world: World) -> None:
    day = Day(world, "10:00")
    complaint = {"channel": "hotline", "reason": "收益", "unit": "gd-gz-th"}
    filed = await file_complaint(world.client, complaint, received_at=day.at("10:00"))
    story = day.story(filed.incident_id)
    await story.accepted("10:10", COUNTY, "withdrawn", reason="客户撤回")
    assert (await story.ended())["stage"] == "withdrawn"
