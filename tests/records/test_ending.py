"""An incident ends only when its record is safe; the store being away delays that and nothing else (R62)."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import func, select
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from plan.keeping import KeepAnswer, KeepOrder
from plan.record import append, export_line
from plan.verification import verify
from runtime.names import ROOT, WORKFLOWS_QUEUE
from runtime.records.engine import Store, engine_of
from runtime.records.migrating import upgrade
from runtime.records.reading import entries, reach, words
from runtime.records.roots import root_on
from runtime.records.tables import ENTRIES, INCIDENTS
from runtime.records.writing import keep
from runtime.settings import Settings
from tests.environment import namespace_apart
from tests.records.conftest import KEYS
from tests.records.postgres import Postgres
from tests.server.people import ANHE, AT_T1, COUNTY, COURSE, LEAD
from tests.server.story import Story
from tests.server.world import World

pytestmark = pytest.mark.server


@pytest.fixture
async def world(env: WorkflowEnvironment) -> World:
    return World(await namespace_apart(env), Settings())


async def _closed(story: Story) -> None:
    await story.accepted("09:30", LEAD, "calming_attempted", outcome="calmed")
    await story.accepted("09:40", LEAD, "noted", text="佘某满意")
    await story.accepted("09:50", LEAD, "resolved")
    await story.accepted("10:00", COUNTY, "closed")


def _kept(store: Store, story: Story) -> list[str]:
    return [entry.hash for entry in entries(store, story.incident_id)]


@pytest.mark.rule("R62")
async def test_a_closed_incident_is_in_the_store_before_it_ends(world: World, store: Store) -> None:
    async with world.worker(records=lambda: store):
        story = await Story.filed(world, "09:12", **AT_T1)
        await _closed(story)
        ended = await story.ended()
    lines = [export_line(entry) for entry in entries(store, story.incident_id)]
    found = verify(lines, ended["head"])
    assert (found.fault, found.attested) == (None, ended["sequence"])
    assert "佘某满意" in words(store, story.incident_id).values()
    with store.reading() as connection:
        row = connection.execute(select(INCIDENTS)).one()
    assert (row.incident_id, row.stage, row.insurer) == (story.incident_id, "closed", AT_T1["insurer"])
    assert row.to_resolution == 38 * 60


@pytest.mark.rule("R62")
async def test_a_reopened_incident_goes_on_in_the_same_record(world: World, store: Store) -> None:
    async with world.worker(records=lambda: store):
        story = await Story.filed(world, "09:12", **AT_T1)
        await _closed(story)
        first = await story.ended()
        for by, kind in ((COUNTY, "reopened"), (LEAD, "calming_attempted"), (LEAD, "resolved"), (COUNTY, "closed")):
            fields: dict[str, Any] = (
                {"outcome": "calmed"} if kind == "calming_attempted" else {"reason": "客户再来"} if by == COUNTY else {}
            )
            receipt = await story.tell("10:00", by, kind, fact_id=f"again-{kind}", **fields)
            assert receipt.accepted, receipt
        second = await story.ended()
    assert second["sequence"] > first["sequence"]
    assert await asyncio.to_thread(reach, store, story.incident_id) == (second["sequence"], second["head"])


@pytest.mark.rule("R62")
async def test_many_runs_leave_one_record(world: World, store: Store) -> None:
    world.max_events = 1
    async with world.worker(records=lambda: store):
        story = await Story.filed(world, "09:12", **AT_T1)
        await story.accepted("09:20", LEAD, "noted", text="一")
        await story.quiet()
        before = await asyncio.to_thread(reach, store, story.incident_id)
        assert before is not None, "each run leaves what it knew"
        await _closed(story)
        ended = await story.ended()
    assert (len(_kept(store, story)), _kept(store, story)[-1]) == (ended["sequence"], ended["head"])


@pytest.mark.rule("R62")
async def test_a_crisis_is_kept_as_it_goes_and_a_complaint_at_its_end(world: World, store: Store) -> None:
    async with world.worker(records=lambda: store):
        story = await Story.filed(world, "09:12", **AT_T1)
        await story.accepted("09:30", LEAD, "noted", text="一")
        await story.accepted("10:00", LEAD, "noted", text="二")
        assert await asyncio.to_thread(reach, store, story.incident_id) is None
        await story.accepted("10:05", LEAD, "circumstances_reported", headcount=6)
        await story.accepted("10:30", LEAD, "report_submitted", content=COURSE)
        await story.quiet()
        kept = await asyncio.to_thread(reach, store, story.incident_id)
        assert kept is not None
        assert 0 < kept[0] <= (await story.view())["sequence"]


@asynccontextmanager
async def _database(cluster: Postgres) -> AsyncGenerator[Store]:
    engine = engine_of(cluster.database())
    await asyncio.to_thread(upgrade, engine)
    store = Store(engine, KEYS)
    try:
        yield store
    finally:
        if not cluster.running:
            await asyncio.to_thread(cluster.start)
        store.close()


@pytest.mark.rule("R14", "R62")
@pytest.mark.timeout(120)
async def test_the_database_being_down_delays_the_end_and_nothing_else(world: World, cluster: Postgres) -> None:
    async with _database(cluster) as store, world.worker(records=lambda: store):
        story = await Story.filed(world, "09:12", **AT_T1)
        await asyncio.to_thread(cluster.stop)
        await _closed(story)
        await story.until("10:30")
        entries_now = await story.entries()
        assert [entry["what"] for entry in entries_now].count("record_delayed") == 1
        assert (await story.handle.describe()).close_time is None
        await story.accepted("10:40", COUNTY, "reopened", reason="客户再来")
        await story.accepted("10:45", LEAD, "calming_attempted", outcome="failed")
        await story.quiet()
        assert await story.reached("tell.calming_failed"), "people are told as ever"
        await story.accepted("10:50", ANHE, "insurer_decided", decision="解释")
        await story.accepted("10:55", COUNTY, "resolved")
        await story.accepted("11:00", COUNTY, "closed")
        await asyncio.to_thread(cluster.start)
        await story.until("13:30")
        ended = await story.ended()
        kept = await asyncio.to_thread(_kept, store, story)
        assert (len(kept), kept[-1]) == (ended["sequence"], ended["head"])


@pytest.mark.rule("R62")
async def test_who_is_killed_around_a_batch_leaves_nothing_twice_and_nothing_missing(
    world: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaths = iter(["before", "after"])

    def dying(there: Store, order: KeepOrder) -> KeepAnswer:
        death = next(deaths, None)
        if death == "before":
            raise RuntimeError("killed before")
        answer = keep(there, order)
        if death == "after":
            raise RuntimeError("killed after")
        return answer

    monkeypatch.setattr("activities.records.keep", dying)
    async with world.worker(records=lambda: store):
        story = await Story.filed(world, "09:12", **AT_T1)
        await _closed(story)
        ended = await story.ended()
    assert next(deaths, None) is None
    assert (len(_kept(store, story)), _kept(store, story)[-1]) == (ended["sequence"], ended["head"])


@pytest.mark.rule("R62")
async def test_another_chain_in_the_store_is_reported_and_never_overwritten(world: World, store: Store) -> None:
    async with world.worker(records=lambda: store):
        story = await Story.filed(world, "09:12", **AT_T1)
        now = await world.now(story.handle)
        forged = append("0" * 64, 1, "filed", recorded_at=now, by="someone")
        keep(store, KeepOrder(incident_id=story.incident_id, run_id="forged", entries=(forged,)))
        await _closed(story)
        found = await _refused(story)
        assert "Entry 1 of" in found["data"]["why"]
        assert (await story.handle.describe()).close_time is None
    assert _kept(store, story) == [forged.hash]


async def _refused(story: Story) -> dict[str, Any]:
    async with asyncio.timeout(20):
        while True:
            for entry in await story.entries():
                if entry["what"] == "record_refused":
                    return entry
            await asyncio.sleep(0.05)


@pytest.mark.rule("R62")
async def test_the_root_of_the_day_covers_open_incidents_too(world: World, store: Store) -> None:
    client: Client = world.client
    async with world.worker(records=lambda: store):
        over = await Story.filed(world, "09:12", **AT_T1)
        await _closed(over)
        await over.ended()
        running = await Story.filed(world, "09:12", **AT_T1)
        await running.quiet()
        await client.execute_workflow(ROOT, id="root-test", task_queue=WORKFLOWS_QUEUE)
        view = await running.view()
        signed = await asyncio.to_thread(root_on, store, None, running.incident_id)
    assert signed is not None
    assert signed.fits
    assert signed.proof is not None
    assert (signed.proof.leaf.sequence, signed.proof.leaf.head) == (view["sequence"], view["head"])
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(ENTRIES)).scalar_one() > 0
