"""Words go when their term is over, of closed incidents alone, with every record whole (PIPL; R62)."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from temporalio.testing import WorkflowEnvironment

from activities.expiring import BY
from plan.incident import Stage
from plan.record import export_line
from plan.retention import Term, term
from plan.verification import verify
from runtime.names import RETENTION, WORKFLOWS_QUEUE
from runtime.records.engine import Store
from runtime.records.erasing import erasures
from runtime.records.expiring import expired
from runtime.records.reading import entries, words
from runtime.records.tables import INCIDENTS
from runtime.records.writing import keep
from runtime.settings import Settings
from tests.environment import namespace_apart
from tests.records.made import order, played
from tests.server.people import AT_T1, COUNTY, LEAD
from tests.server.story import Story
from tests.server.world import World

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
TERM = term("P3Y")


def _closed(store: Store, incident_id: str, at: datetime, stage: str = "closed") -> None:
    book = played(incident_id).book
    made = order(book)
    assert made.row is not None
    keep(store, made.model_copy(update={"row": made.row.model_copy(update={"stage": Stage(stage), "closed_at": at})}))


@pytest.mark.rule("R62")
def test_the_last_day_of_a_term_is_kept_and_the_next_one_is_not(store: Store) -> None:
    before = TERM.before(NOW)
    _closed(store, "K-1", before)
    _closed(store, "K-2", before + timedelta(microseconds=1))
    _closed(store, "K-3", before - timedelta(days=400), stage="resolved")
    _closed(store, "K-4", before - timedelta(days=1), stage="withdrawn")
    assert expired(store, before) == ["K-1", "K-4"]
    assert expired(store, before, after="K-1") == ["K-4"]
    assert expired(store, before, limit=1) == ["K-1"]


@pytest.mark.parametrize(
    ("written", "now", "closed"),
    [
        ("P3Y", datetime(2026, 11, 24, tzinfo=UTC), datetime(2023, 11, 24, tzinfo=UTC)),
        ("P1Y", datetime(2028, 2, 29, tzinfo=UTC), datetime(2027, 2, 28, tzinfo=UTC)),
        ("P18M", datetime(2026, 8, 31, tzinfo=UTC), datetime(2025, 2, 28, tzinfo=UTC)),
        ("P30D", datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 1, 30, tzinfo=UTC)),
        ("P1Y2M3D", datetime(2026, 3, 10, tzinfo=UTC), datetime(2025, 1, 7, tzinfo=UTC)),
    ],
)
def test_a_term_is_counted_by_the_calendar(written: str, now: datetime, closed: datetime) -> None:
    assert term(written).before(now) == closed
    assert str(term(written)) == written


@pytest.mark.parametrize("written", ["", "P", "P0D", "P29D", "3Y", "PT5H", "P-3Y", "P3W", "P999Y"])
def test_what_is_no_term_or_too_short_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="no term"):
        term(written)


@pytest.mark.server
@pytest.mark.rule("R62")
async def test_the_days_erasing_takes_what_is_closed_and_past_its_term(
    env: WorkflowEnvironment, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.expiring.AT_ONCE", 2)
    world = World(await namespace_apart(env), Settings(retention=Term(years=3)))
    async with world.worker(records=lambda: store):
        again = await Story.filed(world, "09:12", **AT_T1, reason="佘某再来")
        for by, kind in ((LEAD, "calming_attempted"), (LEAD, "resolved"), (COUNTY, "closed")):
            fields = {"outcome": "calmed"} if kind == "calming_attempted" else {}
            await again.accepted("09:30", by, kind, **fields)
        await again.ended()
        receipt = await again.tell("09:40", COUNTY, "reopened", fact_id="again", reason="客户再来")
        assert receipt.accepted
        await asyncio.to_thread(_prepare, store, again.incident_id)
        said = await world.client.execute_workflow(RETENTION, id="retention", task_queue=WORKFLOWS_QUEUE)
        assert said == {"erased": 3, "open": 1}
        once_more = await world.client.execute_workflow(RETENTION, id="retention-2", task_queue=WORKFLOWS_QUEUE)
        assert once_more == {"erased": 0, "open": 1}
    assert words(store, again.incident_id), "it is open again"
    assert words(store, "K-young")
    for old in ("K-old-1", "K-old-2", "K-old-3"):
        assert words(store, old) == {}
        assert verify([export_line(entry) for entry in entries(store, old)], None).fault is None
        (line,) = erasures(store, old)
        assert (line.by, line.reason) == (BY, "retention P3Y")
        assert line.words


def _prepare(store: Store, open_again: str) -> None:
    now = datetime.now(UTC)
    for number in (1, 2, 3):
        _closed(store, f"K-old-{number}", now - timedelta(days=3 * 366 + 1))
    _closed(store, "K-young", now - timedelta(days=3 * 365 - 2))
    with store.writing() as connection:
        old = update(INCIDENTS).where(INCIDENTS.c.incident_id == open_again)
        connection.execute(old.values(stage="closed", closed_at=now - timedelta(days=2000)))


@pytest.mark.server
@pytest.mark.rule("R62")
async def test_without_a_term_nothing_is_ever_erased(env: WorkflowEnvironment, store: Store) -> None:
    world = World(await namespace_apart(env), Settings())
    await asyncio.to_thread(_closed, store, "K-1", datetime(1999, 1, 1, tzinfo=UTC))
    async with world.worker(records=lambda: store):
        said = await world.client.execute_workflow(RETENTION, id="retention", task_queue=WORKFLOWS_QUEUE)
    assert said == {"erased": 0, "open": 0}
    assert words(store, "K-1")
