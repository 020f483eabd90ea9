"""Receivers that fail, a server that goes away, fifty callers at once: nothing is lost, nothing is told twice (R14).

A real server, receiver and worker, each a process of its own, in real time. The faults are those that other products
were tried with; `python -m bench faults kills outage` runs them at their full length. Here waits are shortened where
only the waiting would be longer.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from bench import outage, town
from bench.receiving import Arrival, Manner
from bench.scene import CRISIS_NOTICES
from bench.steps import sooner
from bench.webhooks import Webhooks
from plan.errors import Conflict
from runtime.names import workflow_id

pytestmark = [pytest.mark.server, pytest.mark.slow]

OUTLETS: Final = 3
SOON: Final = timedelta(seconds=3)
"""After which a notice that nobody answers is repeated; ten minutes in the plan's own playbook."""


@pytest.fixture(scope="module")
async def everything(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Webhooks]:
    async with Webhooks(tmp_path_factory.mktemp("faults"), outlets=OUTLETS) as scene:
        await scene.worker()
        yield scene


@pytest.fixture
async def scene(everything: Webhooks) -> AsyncGenerator[Webhooks]:
    """Up and well, before the test and after it."""
    yield everything
    await everything.receiver.is_well()


def of(arrivals: Sequence[Arrival], prefix: str) -> dict[str, int]:
    """How often each notice was attempted."""
    counts: dict[str, int] = {}
    for arrival in arrivals:
        if arrival.key.startswith(prefix):
            counts[arrival.key] = counts.get(arrival.key, 0) + 1
    return counts


# -- a receiver that fails ---------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
async def test_what_is_answered_500_is_tried_again_until_it_arrives(scene: Webhooks) -> None:
    await scene.receiver.answers(Manner(status=500))
    ids = await scene.filed(scene.crises(2, "REFUSED"))
    await scene.receiver.until(
        lambda seen: len(tried := of(seen, "REFUSED")) >= 2 * CRISIS_NOTICES and min(tried.values()) > 1, within=30
    )
    await scene.receiver.is_well()

    verdict = await scene.verdict(ids, within=30)

    assert verdict.whole
    assert (verdict.failed, verdict.twice) == (0, 0)
    assert verdict.again == verdict.notices


@pytest.mark.rule("R14")
async def test_an_answer_after_four_seconds_is_waited_for_and_nobody_is_told_twice(scene: Webhooks) -> None:
    await scene.receiver.answers(Manner(after=4.0))
    ids = await scene.filed(scene.complaints(3, "SLOW"))

    verdict = await scene.verdict(ids, within=30)

    assert verdict.whole
    assert (verdict.failed, verdict.again) == (0, 0)


@pytest.mark.rule("R14")
async def test_what_was_owed_while_the_receiver_was_down_arrives_when_it_is_back(scene: Webhooks) -> None:
    await scene.receiver.down()
    ids = await scene.filed([*scene.complaints(2, "DOWN"), *scene.crises(1, "CRISIS-DOWN")])
    await _tried(scene, ids, times=3)
    await scene.receiver.up()

    verdict = await scene.verdict(ids, within=60)

    assert verdict.whole
    assert (verdict.failed, verdict.again) == (0, 0)


@pytest.mark.rule("R14", "R43", "R62")
async def test_a_receiver_that_hangs_delays_neither_another_person_nor_a_breach(scene: Webhooks) -> None:
    lead = f"{town.outlet(0)}.lead"
    await scene.receiver.answers(Manner(after=60.0), to=f"/{lead}")
    due_at = datetime.now(UTC) + timedelta(seconds=4)
    known_at = (due_at - timedelta(hours=1)).isoformat()
    crisis = {**scene.complaints(1, "HUNG")[0], "circumstances": {"disrupts_outlet": True, "known_at": known_at}}

    incident_id = (await scene.filed([crisis]))[0]
    came = await scene.receiver.until(lambda seen: len(_breaches(seen, incident_id)) >= 4, within=30)

    others = [each for each in came if each.key.startswith(incident_id) and each.path != f"/{lead}"]
    assert all(each.taken for each in others)
    assert (await _breached_at(scene, incident_id) - due_at) < timedelta(seconds=1)
    assert all(0 < at - due_at.timestamp() < 3 for at in _breaches(came, incident_id).values())
    states = {notice["recipient"]: notice["state"] for notice in (await scene.view(incident_id))["notices"]}
    assert states.pop(lead) == "pending"
    assert set(states.values()) == {"delivered"}


# -- many at once, and a server that goes away -------------------------------------------------------------------------


@pytest.mark.rule("R24")
async def test_fifty_calls_under_one_id_at_the_same_time_make_one_incident_that_is_told_of_once(
    scene: Webhooks,
) -> None:
    one = scene.complaints(1, "SAME")[0]
    others = [{**one, "incident_id": "OTHER-0000", "reason": f"说法 {n}"} for n in range(50)]

    alike = await asyncio.gather(*(scene.file(one) for _ in range(50)))
    unlike = await asyncio.gather(*(scene.file(each) for each in others), return_exceptions=True)

    assert sum(filed.created for filed in alike) == 1
    assert sum(isinstance(answer, Conflict) for answer in unlike) == 49
    verdict = await scene.verdict(["SAME-0000", "OTHER-0000"], within=30)
    assert verdict.whole
    assert (verdict.notices, verdict.again) == (8, 0)


@pytest.mark.rule("R14", "R43")
@pytest.mark.timeout(90)
async def test_what_falls_due_while_the_server_is_away_goes_out_once_it_is_back(tmp_path: Any) -> None:
    async with Webhooks(tmp_path, outlets=OUTLETS, change=sooner(SOON)) as scene:
        await scene.worker()

        table = await outage.away(scene, number=3, seconds=4.0, patience=timedelta(seconds=1))

        assert table.held, str(table)


# -- what is seen ------------------------------------------------------------------------------------------------------


async def _tried(scene: Webhooks, ids: Sequence[str], *, times: int) -> None:
    """Until every delivery of theirs has begun so many attempts."""
    async with asyncio.timeout(30):
        for incident_id in ids:
            handle = scene.system.client.get_workflow_handle(workflow_id(incident_id))
            while True:
                pending = (await handle.describe()).raw_description.pending_activities
                if pending and all(activity.attempt >= times for activity in pending):
                    break


def _breaches(arrivals: Sequence[Arrival], incident_id: str) -> dict[str, float]:
    return {each.path: each.at for each in arrivals if each.key.startswith(f"{incident_id}/breach.") and each.taken}


async def _breached_at(scene: Webhooks, incident_id: str) -> datetime:
    return next(entry.recorded_at for entry in await scene.entries(incident_id) if entry.what == "breach")
