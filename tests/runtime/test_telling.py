"""A fact gets to its incident once, whoever is down, however many tell at the same time."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.common import SearchAttributePair

from plan.complaint import Complaint
from plan.errors import Conflict, NoSuchIncident, Unreachable
from plan.receipts import Answer
from runtime.names import VIEW, workflow_id
from runtime.seals import Keyring
from runtime.telling import ask, file, reveal, tell_fact
from tests.runtime.conftest import small_worker
from tests.runtime.small import LONG

pytestmark = pytest.mark.server

SHORT = timedelta(seconds=0.4)
ONE = timedelta(seconds=1)
"""Patience where nobody answers anyway."""


def complaint(incident_id: str | None = None, reason: str = "returns differ", **more: Any) -> Complaint:
    return Complaint.model_validate(
        {"incident_id": incident_id, "channel": "outlet", "reason": reason, "outlet": "gd-gz-th-0001", **more}
    )


async def opened(client: Client, keys: Keyring, incident_id: str = "") -> str:
    return (await file(client, complaint(incident_id or f"A-{uuid4().hex[:8]}"), door="test", keyring=keys)).incident_id


def noted(n: int | str = 1) -> dict[str, Any]:
    return {"kind": "noted", "fact_id": f"f-{n}", "by": "operator", "text": "t"}


async def said(client: Client, incident_id: str) -> list[dict[str, Any]]:
    return (await ask(client, incident_id, VIEW, patience=LONG))["said"]


async def test_a_fact_is_judged_under_the_seal_and_stamp_of_its_door(kept: Client, keys: Keyring) -> None:
    incident = await opened(kept, keys)
    at = datetime(2026, 11, 24, 1, 12, tzinfo=UTC)
    receipt = await tell_fact(kept, incident, noted(), door="test", keyring=keys, received_at=at, patience=LONG)
    assert (receipt.state, receipt.accepted, receipt.sequence) == (Answer.ACCEPTED, True, 1)
    (fact,) = await said(kept, incident)
    assert fact == {**noted(), "received_at": "2026-11-24T01:12:00.000000Z", "sealed": True}


async def test_a_fact_told_again_is_answered_again_and_counts_once(kept: Client, keys: Keyring) -> None:
    incident = await opened(kept, keys)
    for state in (Answer.ACCEPTED, Answer.DUPLICATE):
        receipt = await tell_fact(kept, incident, noted(), door="test", keyring=keys, patience=LONG)
        assert receipt.state is state
    assert len(await said(kept, incident)) == 1


async def test_a_fact_without_an_id_gets_one(kept: Client, keys: Keyring) -> None:
    incident = await opened(kept, keys)
    fact = {"kind": "noted", "by": "operator", "text": "t"}
    receipt = await tell_fact(kept, incident, fact, door="test", keyring=keys, patience=LONG)
    assert [told["fact_id"] for told in await said(kept, incident)] == [receipt.fact_id]


async def test_two_hundred_callers_at_once_lose_nothing(kept: Client, keys: Keyring) -> None:
    incident = await opened(kept, keys)
    receipts = await asyncio.gather(
        *(tell_fact(kept, incident, noted(n), door="test", keyring=keys, patience=LONG) for n in range(200))
    )
    assert {receipt.state for receipt in receipts} == {Answer.ACCEPTED}
    assert len(await said(kept, incident)) == 200


async def test_without_a_worker_a_fact_is_kept_and_counted_once_when_one_comes(apart: Client, keys: Keyring) -> None:
    incident = await opened(apart, keys)
    at = datetime(2026, 11, 24, 2, 50, tzinfo=UTC)
    receipt = await tell_fact(apart, incident, noted(), door="test", keyring=keys, received_at=at, patience=SHORT)
    assert (receipt.state, receipt.accepted) == (Answer.PENDING, False)
    async with small_worker(apart):
        again = await tell_fact(apart, incident, noted(), door="test", keyring=keys, patience=LONG)
        assert again.state is Answer.DUPLICATE
        assert await said(apart, incident) == [
            {**noted(), "received_at": "2026-11-24T02:50:00.000000Z", "sealed": True}
        ]


async def test_a_crowd_without_a_worker_waits_once_and_not_in_turn(apart: Client, keys: Keyring) -> None:
    incident = await opened(apart, keys)
    started = asyncio.get_running_loop().time()
    receipts = await asyncio.gather(
        *(tell_fact(apart, incident, noted(n), door="test", keyring=keys, patience=2 * ONE) for n in range(40))
    )
    assert asyncio.get_running_loop().time() - started < 2 * 5  # five turns of eight
    assert {receipt.state for receipt in receipts} == {Answer.PENDING}
    async with small_worker(apart):
        assert len(await said(apart, incident)) == 40


async def test_an_accepted_fact_that_is_not_judged_yet_is_pending_and_no_signal_is_left(
    kept: Client, keys: Keyring
) -> None:
    incident = await opened(kept, keys, f"stalls-{uuid4().hex[:8]}")
    receipt = await tell_fact(kept, incident, noted(), door="test", keyring=keys, patience=2 * ONE)
    assert receipt.state is Answer.PENDING
    assert await said(kept, incident) == []
    handle = kept.get_workflow_handle(workflow_id(incident))
    await handle.terminate()


async def test_a_crowd_before_an_incident_that_cannot_judge_waits_once_and_not_in_turn(
    kept: Client, keys: Keyring
) -> None:
    incident = await opened(kept, keys, f"stalls-{uuid4().hex[:8]}")
    started = asyncio.get_running_loop().time()
    receipts = await asyncio.gather(
        *(tell_fact(kept, incident, noted(n), door="test", keyring=keys, patience=ONE) for n in range(40))
    )
    assert asyncio.get_running_loop().time() - started < 5 * ONE.total_seconds()  # five turns of eight
    assert {receipt.state for receipt in receipts} == {Answer.PENDING}
    assert len(await said(kept, incident)) == 32
    await kept.get_workflow_handle(workflow_id(incident)).terminate()


async def test_no_such_incident(kept: Client, keys: Keyring) -> None:
    with pytest.raises(NoSuchIncident, match="A-none"):
        await tell_fact(kept, "A-none", noted(), door="test", keyring=keys, patience=LONG)
    with pytest.raises(NoSuchIncident, match="A-none"):
        await ask(kept, "A-none", VIEW, patience=LONG)


async def closed(client: Client, keys: Keyring) -> str:
    incident = await opened(client, keys)
    end = {**noted("end"), "kind": "closed"}
    await tell_fact(client, incident, end, door="test", keyring=keys, patience=LONG)
    await client.get_workflow_handle(workflow_id(incident)).result()
    return incident


async def test_what_is_told_to_a_closed_incident_starts_its_next_run(kept: Client, keys: Keyring) -> None:
    incident = await closed(kept, keys)
    before = await kept.get_workflow_handle(workflow_id(incident)).describe()
    receipts = await asyncio.gather(
        *(tell_fact(kept, incident, noted(n), door="test", keyring=keys, patience=LONG) for n in range(12))
    )
    assert {receipt.state for receipt in receipts} == {Answer.ACCEPTED}
    after = await kept.get_workflow_handle(workflow_id(incident)).describe()
    assert after.run_id != before.run_id
    assert (await ask(kept, incident, VIEW, patience=LONG))["start"]["resumes"]
    assert await after.memo() == await before.memo()
    assert await after.static_summary() == await before.static_summary()
    assert await file(kept, complaint(incident), door="test", keyring=keys) == (incident, False)


async def test_without_a_worker_what_is_told_to_a_closed_incident_is_kept_too(apart: Client, keys: Keyring) -> None:
    async with small_worker(apart):
        incident = await closed(apart, keys)
    receipt = await tell_fact(apart, incident, noted(), door="test", keyring=keys, patience=SHORT)
    assert receipt.state is Answer.PENDING
    async with small_worker(apart):
        assert [fact["fact_id"] for fact in await said(apart, incident)] == ["f-1"]


async def test_an_incident_that_was_ended_from_outside_says_so(apart: Client, keys: Keyring) -> None:
    incident = await opened(apart, keys)
    await apart.get_workflow_handle(workflow_id(incident)).terminate()
    with pytest.raises(Unreachable, match=r"terminated.*reset"):
        await tell_fact(apart, incident, noted(), door="test", keyring=keys, patience=LONG)


async def test_who_gives_up_waiting_leaves_nothing_running(apart: Client, keys: Keyring) -> None:
    incident = await opened(apart, keys)
    before = asyncio.all_tasks()
    telling = asyncio.create_task(tell_fact(apart, incident, noted(), door="test", keyring=keys, patience=LONG))
    await asyncio.wait({telling}, timeout=0.3)  # until it is waiting for a worker
    telling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await telling
    assert asyncio.all_tasks() == before
    events = apart.get_workflow_handle(workflow_id(incident)).fetch_history_events()
    assert not [event async for event in events if event.HasField("workflow_execution_signaled_event_attributes")]


async def test_filing_twice_files_once_and_other_content_is_a_conflict(apart: Client, keys: Keyring) -> None:
    incident = f"A-{uuid4().hex[:8]}"
    assert await file(apart, complaint(incident), door="test", keyring=keys) == (incident, True)
    assert await file(apart, complaint(incident), door="other", keyring=keys) == (incident, False)
    with pytest.raises(Conflict, match=incident):
        await file(apart, complaint(incident, reason="something else"), door="test", keyring=keys)


async def test_many_who_file_the_same_at_once_file_it_once(apart: Client, keys: Keyring) -> None:
    incident = f"A-{uuid4().hex[:8]}"
    filed = await asyncio.gather(*(file(apart, complaint(incident), door="test", keyring=keys) for _ in range(20)))
    assert [one.created for one in filed].count(True) == 1


async def test_what_operators_see_of_a_new_complaint_is_nothing_personal(apart: Client, keys: Keyring) -> None:
    customer = {"name": "张三", "phone": "13800000001"}
    filed = await file(apart, complaint(drill=True, customer=customer, insurer="anhe-life"), door="test", keyring=keys)
    described = await apart.get_workflow_handle(workflow_id(filed.incident_id)).describe()
    attributes = {
        pair.key.name: pair.value
        for pair in cast(Iterable[SearchAttributePair[Any]], described.typed_search_attributes)
    }
    assert attributes["TocsinOutlet"] == "gd-gz-th-0001"
    assert attributes["TocsinInsurer"] == "anhe-life"
    assert attributes["TocsinSeverity"] == "complaint"
    assert attributes["TocsinDrill"] is True
    shown = f"{attributes} {await described.static_summary()} {await described.memo()} {described.id}"
    assert "[DRILL]" in shown
    assert "张三" not in shown
    assert "1380000" not in shown
    assert "returns differ" not in shown


async def test_a_question_without_a_worker_says_what_to_start(apart: Client, keys: Keyring) -> None:
    incident = await opened(apart, keys)
    with pytest.raises(Unreachable, match="tocsin worker"):
        await ask(apart, incident, VIEW, patience=SHORT)
    with pytest.raises(Unreachable, match="tocsin worker"):
        await reveal(apart, incident, "operator", patience=SHORT)


async def test_personal_data_is_asked_for_by_an_update(kept: Client, keys: Keyring) -> None:
    incident = await opened(kept, keys)
    assert (await reveal(kept, incident, "operator", patience=LONG))["start"]["incident_id"] == incident
