"""Whatever is sent to an incident leaves an entry and a refusal; nothing wedges it, nothing ends it (contract, 2)."""

import random
from typing import Any, cast
from uuid import uuid4

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import (
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateStage,
)
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from runtime.codec import ENCODING
from runtime.names import (
    CONVERT,
    INCIDENT,
    RECORD,
    RESOLVE,
    REVEAL,
    SUBMIT,
    TIMELINE,
    VIEW,
    WORKFLOWS_QUEUE,
    workflow_id,
)
from tests.server.people import AT_T1, COUNTY, COURSE, LEAD
from tests.server.story import Story
from tests.server.world import World

pytestmark = pytest.mark.server

UNKNOWN = "no_such_name"
NOISE = random.Random(1).randbytes(150_000).hex()  # noqa: S311  300 kB that do not get smaller by compression
WORD = "姓名与电话"
"""Stands for what people write: it must not come back in an answer."""
GOOD = {"kind": "noted", "by": LEAD, "text": "x"}
STRANGE: dict[str, list[Any]] = {
    "nothing": [],
    "null": [None],
    "two arguments": [{"kind": WORD}, "more"],
    "two nulls": [None, None],
    "a text": [WORD],
    "a number": [7],
    "a list": [[WORD]],
    "an empty object": [{}],
    "an unknown kind": [{"kind": WORD, "by": LEAD}],
    "no kind": [{"by": LEAD, "text": WORD}],
    "an unknown field": [{**GOOD, "fact": WORD}],
    "wrong types": [{"kind": "circumstances_reported", "by": LEAD, "headcount": WORD}],
    "an envelope around nothing": [{"fact": None, "seal": WORD}],
    "an envelope in an envelope": [{"fact": {"fact": {"kind": "noted"}}}],
    "a naive instant": [{"kind": "circumstances_reported", "by": LEAD, "known_at": "2026-11-24T09:12:00"}],
    "bytes of an unknown encoding": [RawValue(Payload(metadata={"encoding": b"binary/encrypted"}, data=b"\x00"))],
    "broken JSON": [RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"{"))],
    "a broken archive": [RawValue(Payload(metadata={"encoding": ENCODING}, data=b"not zlib"))],
    "no encoding": [RawValue(Payload(data=b"\xff"))],
    "something huge": [{**GOOD, "text": NOISE}],
    "something huge in an archive": [{**GOOD, "text": "x" * 3_000_000}],
}
NAMES = (RECORD, SUBMIT, RESOLVE, CONVERT, UNKNOWN)
BAD = ("malformed", "unknown_message")


async def _incident(world: World) -> Story:
    story = await Story.filed(world, "10:00", circumstances={"disrupts_outlet": True}, **AT_T1)
    await story.quiet()
    return story


async def _update(handle: WorkflowHandle[Any, Any], name: str, args: list[Any]) -> dict[str, Any]:
    update = await handle.start_update(  # pyright: ignore[reportUnknownMemberType]
        name, args=args, wait_for_stage=WorkflowUpdateStage.COMPLETED, result_type=dict
    )
    return await update.result()


async def _is_well(story: Story, bad: int) -> None:
    """An entry for each, and it still hears, keeps time and tells people."""
    entries = [entry for entry in await story.entries() if entry["what"] in BAD]
    assert len(entries) == bad
    refusals = (await story.view())["refusals"]
    assert [refusal["sequence"] for refusal in refusals] == [entry["sequence"] for entry in entries][-50:]
    assert WORD not in str(entries) + str(refusals)
    await story.accepted("10:05", LEAD, "noted", text="还在。")
    await story.until("11:01")
    assert (await story.clocks())["outlet_report"] == "missed"
    assert LEAD in await story.reached("breach.outlet_report")
    history = await story.handle.fetch_history()
    assert not [event for event in history.events if event.HasField("workflow_task_failed_event_attributes")]


@pytest.mark.parametrize("name", NAMES)
async def test_a_strange_signal_is_an_entry_each(world: World, name: str) -> None:
    story = await _incident(world)
    for args in STRANGE.values():
        await story.handle.signal(name, args=args)
    await story.quiet()
    await _is_well(story, bad=len(STRANGE))


@pytest.mark.parametrize("name", NAMES)
async def test_a_strange_update_is_an_entry_each_and_is_answered(world: World, name: str) -> None:
    story = await _incident(world)
    for what, args in STRANGE.items():
        receipt = await _update(story.handle, name, args)
        assert (receipt["state"], receipt["accepted"]) == ("refused", False), what
        assert receipt["reason"], what
        assert WORD not in str(receipt), what
    await _is_well(story, bad=len(STRANGE))


async def test_a_crowd_of_strange_messages_at_once_is_an_entry_each(alone: World) -> None:
    async with alone.worker():
        story = await _incident(alone)
    for name in NAMES:
        for args in STRANGE.values():
            await story.handle.signal(name, args=args)
    async with alone.worker():
        await story.quiet()
        await _is_well(story, bad=len(NAMES) * len(STRANGE))


async def test_the_signal_of_a_kind_takes_only_that_kind(world: World) -> None:
    story = await _incident(world)
    await story.handle.signal(RESOLVE, {"kind": "closed", "by": COUNTY})
    await story.handle.signal(RESOLVE, {"by": COUNTY, "summary": "未决"})
    await story.quiet()
    assert [(r["kind"], r["rule"]) for r in (await story.view())["refusals"]] == [
        ("closed", "malformed"),
        ("resolved", "R20"),
    ]


async def test_a_plain_fact_without_an_envelope_is_judged_at_the_incidents_own_time(world: World) -> None:
    story = await _incident(world)
    receipt = await _update(story.handle, SUBMIT, [{"kind": "report_submitted", "by": LEAD, "content": COURSE}])
    assert (receipt["state"], receipt["met_clocks"]) == ("accepted", ["outlet_report"])
    assert (await story.said("report_submitted"))[0]["door"] == "temporal"


# -- cancellation ------------------------------------------------------------------------------------------------------


async def test_a_cancellation_is_refused_and_the_incident_goes_on(world: World) -> None:
    story = await _incident(world)
    for _ in range(2):
        await story.handle.cancel()
        await story.quiet()
    refusals = (await story.view())["refusals"]
    assert {(refusal["kind"], refusal["reason"]) for refusal in refusals} == {("cancel", "use withdrawn")}
    assert await story.said("cancellation_refused")
    await story.accepted("10:05", LEAD, "noted", text="还在。")
    await story.until("11:01")
    assert LEAD in await story.reached("breach.outlet_report")


async def test_a_cancellation_before_the_first_task_is_refused_too(alone: World) -> None:
    story = await Story.filed(alone, "10:00", **AT_T1)
    await story.handle.cancel()
    async with alone.worker():
        await story.quiet()
        assert len(await story.said("cancellation_refused")) == 1
        assert (await story.accepted("10:05", LEAD, "noted", text="还在。")).sequence


# -- starts ------------------------------------------------------------------------------------------------------------

COMPLAINT = {"channel": "outlet", "reason": WORD, "outlet": "gd-gz-th-0001"}
BAD_STARTS: dict[str, list[Any]] = {
    "nothing": [],
    "null": [None],
    "a text": [WORD],
    "two arguments": [{"incident_id": "ID", "complaint": COMPLAINT}, 2],
    "no complaint": [{"incident_id": "ID"}],
    "another incident's": [{"incident_id": "another", "complaint": COMPLAINT}],
    "a complaint without a place": [{"incident_id": "ID", "complaint": {"channel": "outlet", "reason": WORD}}],
    "wrong types": [{"incident_id": "ID", "complaint": COMPLAINT, "max_events": WORD}],
    "no state": [{"incident_id": "ID", "carried": {"incident": WORD}}],
    "a state of somebody's own making": [
        {
            "incident_id": "ID",
            "carried": {"incident": {"incident_id": "x", "filed_at": "2026-11-24T01:00:00Z"}, "salt": "x"},
        }
    ],
    "broken JSON": [RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"{"))],
    "bytes of an unknown encoding": [RawValue(Payload(metadata={"encoding": b"binary/encrypted"}, data=b"\x00"))],
}


def _under(incident_id: str, arg: Any) -> Any:
    """The start under this test's own id."""
    if not isinstance(arg, dict):
        return arg
    said = cast("dict[str, Any]", arg)
    return {**said, "incident_id": incident_id} if said.get("incident_id") == "ID" else said


@pytest.mark.parametrize("what", BAD_STARTS)
async def test_a_start_that_cannot_be_read_fails_plainly(world: World, what: str) -> None:
    incident_id = f"B-{uuid4().hex[:8]}"
    args = [_under(incident_id, arg) for arg in BAD_STARTS[what]]
    handle = await world.client.start_workflow(
        INCIDENT, args=args, id=workflow_id(incident_id), task_queue=WORKFLOWS_QUEUE
    )
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == "Malformed"
    assert len(cause.message) > 30
    assert WORD not in cause.message


# -- questions ---------------------------------------------------------------------------------------------------------

QUESTIONS: list[list[Any]] = [
    [],
    [None],
    ["text"],
    [7],
    [{"viewer": 7}],
    [{"viewer": None}],
    [{"viewer": {"a": []}}],
    [{}, {}],
    [{"after": "x", "limit": None}],
    [{"after": -5, "limit": 10**9}],
    [{"after": True, "limit": 0}],
    [RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"{"))],
    [RawValue(Payload(metadata={"encoding": b"binary/encrypted"}, data=b"\x00"))],
]


@pytest.mark.parametrize("name", [VIEW, TIMELINE])
async def test_a_question_asked_oddly_is_answered(world: World, name: str) -> None:
    story = await _incident(world)
    for args in QUESTIONS:
        answer = await story.handle.query(name, args=args, result_type=dict)
        assert answer["incident_id"] == story.incident_id
    with pytest.raises(WorkflowQueryFailedError, match=UNKNOWN):
        await story.handle.query(UNKNOWN)


@pytest.mark.rule("R29")
async def test_personal_data_asked_for_oddly_is_not_shown(world: World) -> None:
    story = await _incident(world)
    for args in QUESTIONS:
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await _update(story.handle, REVEAL, args)
        assert isinstance(refused.value.cause, ApplicationError)
        assert refused.value.cause.type == "R29"
    assert await story.said("personal_data_shown") == []
    assert len((await story.view())["refusals"]) == len(QUESTIONS)


@pytest.mark.rule("R29")
async def test_who_was_shown_personal_data_and_who_was_not_stands_in_the_record(world: World) -> None:
    story = await _incident(world)
    await _update(story.handle, REVEAL, [{"viewer": "gd-gz-th.work"}])
    with pytest.raises(WorkflowUpdateFailedError):
        await _update(story.handle, REVEAL, [{"viewer": "nobody.here"}])
    assert [entry["by"] for entry in await story.said("personal_data_shown")] == ["gd-gz-th.work"]
    assert [entry["by"] for entry in await story.said("refused")] == ["nobody.here"]
