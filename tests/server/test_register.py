"""A unit's register on the real server: entered, kept, and never silent about what is overdue (R10, R11, R30, R58)."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment

from activities.register import RegisterActivities
from plan.errors import Misconfigured, NoSuchIncident
from plan.organisation import Organisation
from plan.register_items import OpenActionOrder
from plan.rhythm import Rhythm
from runtime.documents import SAMPLE, load_organisation
from runtime.names import RECORD, SUBMIT
from runtime.registers import enter, register_view
from runtime.settings import Settings
from tests.environment import namespace_apart
from tests.server.registers import DOOR, LONG, POST, T1, T2, TH, WORK, Book, an_action, started
from tests.server.world import World

pytestmark = pytest.mark.server


@pytest.fixture
async def alone(env: WorkflowEnvironment, settings: Settings) -> World:
    """A namespace of its own, without a worker."""
    return World(await namespace_apart(env), settings)


@pytest.fixture
async def book(alone: World) -> AsyncGenerator[Book]:
    async with alone.worker():
        yield Book(alone)


async def events(book: Book, kind: EventType.ValueType) -> int:
    return sum(1 for event in (await book.handle.fetch_history()).events if event.event_type == kind)


async def never_wedged(book: Book) -> None:
    assert await events(book, EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED) == 0


@pytest.mark.rule("R58")
async def test_an_open_action_is_told_to_its_owner_and_the_work_group_and_when_overdue_once(book: Book) -> None:
    due = datetime.now().astimezone() + timedelta(days=10)
    await book.accepted("action", POST, **an_action(action_id="A1", due_at=due.isoformat()))
    await book.settled()
    assert {each.recipient for each in book.told("prompt.action")} == {f"{T1}.lead", WORK}
    await book.pass_(timedelta(days=11))
    await book.settled()
    for duty in ("prompt.action", "warn.action", "breach.action"):
        assert sorted(each.recipient for each in book.told(duty)) == sorted([f"{T1}.lead", WORK]), duty
    assert not book.told("breach.action.2")
    await book.accepted("action_done", f"{T1}.lead", action_id="A1")
    await book.pass_(timedelta(days=365))
    await book.settled()
    assert not book.told("breach.action.2")
    assert all("补齐双录流程" not in each.text for each in book.world.outbox.sent)


@pytest.mark.rule("R58")
async def test_one_that_stays_overdue_is_told_again_so_often_as_is_configured_and_no_more(book: Book) -> None:
    due = datetime.now().astimezone() + timedelta(days=10)
    await book.accepted("action", WORK, **an_action(due_at=due.isoformat()))
    for _ in range(10):
        await book.pass_(timedelta(days=10))
    await book.settled()
    duties = list(dict.fromkeys(each.duty for each in book.world.outbox.sent))
    assert duties == ["prompt.action", "warn.action", *(f"breach.action{n}" for n in ("", ".2", ".3", ".4"))]


@pytest.mark.rule("R58", "R59")
async def test_a_lesson_that_is_done_stands_in_the_screening_standard(book: Book) -> None:
    lesson = an_action(action_id="L1", due_on="2027-06-01", feeds="screening_standard", from_incident="GD-1")
    await book.accepted("action", WORK, **lesson)
    assert (await book.view(WORK))["standard"] == []
    await book.accepted("action_done", WORK, action_id="L1", note="写进标准")
    (point,) = (await book.view(WORK))["standard"]
    assert (point["text"], point["from_incident"], point["done_by"]) == ("补齐双录流程", "GD-1", WORK)


async def test_a_refusal_says_why_and_changes_nothing(book: Book) -> None:
    await book.accepted("training", WORK, who=T1, topic="处理流程", held_on="2026-01-05")
    assert await book.refused("screening", f"{T1}.lead", outlet=T1, result="ok") == "R10"
    view = await book.view()
    assert (view["sequence"], len(view["refusals"]), view["screenings"]) == (1, 1, [])


async def test_what_is_told_again_is_a_duplicate_and_counts_once(book: Book) -> None:
    action = an_action(due_on="2027-01-05", fact_id="f-1")
    await book.accepted("action", WORK, **action)
    assert (await book.add("action", WORK, **action)).duplicate
    assert (await book.view())["counts"]["open"] == 1
    assert await book.refused("action", WORK, **{**action, "text": "另一件"}) == "R58"


async def test_many_at_once_are_all_judged_in_order_and_who_is_who_is_looked_up_for_several(book: Book) -> None:
    receipts = await asyncio.gather(
        *(book.add("readiness", f"{T1}.lead", outlet=T1, items=[f"item-{n}"]) for n in range(30))
    )
    assert sorted(each.sequence or 0 for each in receipts) == list(range(1, 31))
    assert len((await book.view())["readiness"][T1]) == 30
    assert await events(book, EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED) < 30


@pytest.mark.rule("R28")
async def test_what_is_entered_while_no_worker_is_there_is_kept_and_judged_later(alone: World) -> None:
    book = Book(alone)
    item = {"kind": "action", "by": WORK, "fact_id": "f-1", **an_action(due_on="2027-01-05")}
    moment = timedelta(milliseconds=200)
    pending = await enter(alone.client, TH, item, door=DOOR, keyring=alone.keys, patience=moment)
    assert pending.state == "pending"
    async with alone.worker():
        verdict = await enter(alone.client, TH, item, door=DOOR, keyring=alone.keys, patience=LONG)
        assert (verdict.accepted, verdict.duplicate) == (True, True)
        assert (await book.view())["counts"]["open"] == 1


@pytest.mark.rule("R28")
async def test_while_the_organisation_cannot_be_read_items_wait_and_are_judged_once_it_can(alone: World) -> None:
    broken = asyncio.Event()
    sample = load_organisation(SAMPLE)

    def organisation() -> Organisation:
        if not broken.is_set():
            raise Misconfigured("somebody is writing the file")
        return sample

    book = Book(alone)
    async with alone.worker(organisation=organisation):
        entering = asyncio.create_task(book.add("training", WORK, who=T1, topic="处理流程", held_on="2026-01-05"))
        async with asyncio.timeout(20):
            while not await _waits(book):  # noqa: ASYNC110  the register says it, and nobody else
                await asyncio.sleep(0.05)
        broken.set()
        assert (await entering).accepted


async def _waits(book: Book) -> bool:
    try:
        return (await register_view(book.world.client, TH, patience=LONG))["waiting"] == 1
    except NoSuchIncident:
        return False


async def _asked(handle: WorkflowHandle[Any, Any], name: str, *said: Any) -> dict[str, Any]:
    return await handle.execute_update(name, args=list(said), result_type=dict)  # pyright: ignore[reportUnknownMemberType]


async def test_messages_that_nobody_can_read_never_wedge_it(book: Book) -> None:
    await book.accepted("training", WORK, who=T1, topic="处理流程", held_on="2026-01-05")
    handle = book.handle
    junk: list[Any] = [None, 3, "x", [], {"kind": "action"}, {"kind": "nothing"}, {"fact": {"kind": "round"}}]
    junk += [{"kind": "action", "by": WORK, "action_id": "A", "text": "t", "owner": "o", "due_on": "9999-12-31"}]
    junk += [{"fact": {"kind": "training", "by": WORK}, "received_at": "now", "door": "x", "seal": {"key": 1}}]
    for said in junk:
        await handle.signal(RECORD, said)
        receipt = await _asked(handle, SUBMIT, said)
        assert (receipt["accepted"], receipt["rule"]) == (False, "malformed"), said
    await handle.signal(RECORD)
    await handle.signal(RECORD, args=[{"kind": "training"}, 2])
    await handle.signal("no_such_signal", {"a": 1})
    several = await _asked(handle, SUBMIT, 1, 2)
    assert (several["accepted"], several["rule"]) == (False, "malformed")
    unknown = await _asked(handle, "no_such_update", 1)
    assert (unknown["accepted"], unknown["rule"]) == (False, "malformed")
    await handle.query("view", "nonsense")
    await book.accepted("training", WORK, who=T2, topic="处理流程", held_on="2026-01-05")
    await never_wedged(book)
    view = await book.view()
    assert (view["sequence"], bool(view["refusals"])) == (2, True)


async def test_a_round_that_no_worker_has_sealed_is_not_believed(book: Book) -> None:
    held = {"id": "x", "kind": "screening", "unit": TH, "at": "2026-01-01T00:00:00Z", "due_at": "2026-01-02T00:00:00Z"}
    unsealed = {"kind": "round", "by": "system:tocsin", "held": held}
    assert await book.refused("round", "system:tocsin", held=held) == "R10", "through another door"
    await book.handle.signal(RECORD, unsealed)
    await book.accepted("training", WORK, who=T1, topic="处理流程", held_on="2026-01-05")
    assert (await book.view())["rounds"] == []


async def test_a_cancellation_is_refused_and_leaves_a_line(book: Book) -> None:
    await book.accepted("action", WORK, **an_action(due_on="2027-01-05"))
    await book.handle.cancel()
    await book.accepted("training", WORK, who=T1, topic="处理流程", held_on="2026-01-05")
    assert (await book.handle.describe()).status is WorkflowExecutionStatus.RUNNING
    assert "cancel" in [each["kind"] for each in (await book.view())["refusals"]]
    await never_wedged(book)


async def test_it_goes_on_from_run_to_run_and_forgets_nothing(alone: World) -> None:
    book = Book(alone)
    async with alone.worker():
        await started(alone, {"max_events": 25})
        for n in range(12):
            await book.accepted("action", WORK, **an_action(action_id=f"A{n}", due_on="2027-01-05", fact_id=f"f{n}"))
        await book.settled()
        began = (await book.handle.fetch_history()).events[0].workflow_execution_started_event_attributes
        assert began.continued_execution_run_id, "it never continued as new"
        assert (await book.view())["counts"]["open"] == 12
        again = await book.add("action", WORK, **an_action(action_id="A0", due_on="2027-01-05", fact_id="f0"))
        assert again.duplicate, "it remembers what an earlier run was told"
        assert len(book.told("prompt.action")) == 24
        await never_wedged(book)


async def test_a_unit_that_nobody_knows_has_a_register_for_a_moment_only(alone: World) -> None:
    book = Book(alone, unit="gx")
    async with alone.worker():
        receipt = await book.add("training", "operator", who="gx", topic="处理流程", held_on="2026-01-05")
        assert (receipt.state, "no such unit" in str(receipt.reason)) == ("refused", True)
        assert (await book.handle.result())["sequence"] == 0


async def test_one_that_somebody_starts_by_hand_with_nonsense_works_all_the_same(alone: World) -> None:
    async with alone.worker():
        await started(alone, {"carried": {"unit": "other", "actions": 3}, "max_events": "many"})
        await Book(alone).accepted("training", WORK, who=T1, topic="处理流程", held_on="2026-01-05")


@pytest.mark.rule("R58", "R60")
async def test_an_incident_leaves_something_to_be_done_once(book: Book) -> None:
    activities = RegisterActivities(book.world.client, book.world.keys, lambda: load_organisation(SAMPLE), _no_rhythm)
    order = OpenActionOrder(
        unit=TH,
        action={
            "action_id": "GD-1.1",
            "text": "复盘",
            "owner": WORK,
            "due_on": "2027-01-05",
            "feeds": "mechanism",
            "from_incident": "GD-1",
        },
        at=datetime.now().astimezone(),
    )
    for _ in range(2):
        await ActivityEnvironment().run(activities.open_action, order)
    await book.accepted("training", WORK, who=T1, topic="处理流程", held_on="2026-01-05")
    (action,) = (await book.view(WORK))["actions"]
    assert (action["action_id"], action["opened_by"], action["feeds"]) == ("GD-1.1", "system:tocsin", "mechanism")


def _no_rhythm() -> Rhythm:
    return Rhythm(version="none")
