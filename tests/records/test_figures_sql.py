"""What SQL counts is what the definition counts, on both databases, whatever stands in the store or is still open."""

import random
from datetime import timedelta
from typing import Any

import pytest

from plan.figures import Figures, FiguresAsked, Incident, figures
from plan.incident import Form, Stage
from plan.keeping import LiveRow
from plan.kept_rows import ClockRow, IncidentRow
from runtime.records import figures as counted
from runtime.records.engine import Store
from runtime.records.tables import CLOCKS, INCIDENTS
from runtime.records.upserts import replace
from runtime.records.writing import incident_values
from tests.plan.test_figures import DAY, NOW, a_clock, a_row

HOUR = timedelta(hours=1)
ASKED = (
    FiguresAsked(),
    FiguresAsked(since=NOW - 40 * DAY, until=NOW - 5 * DAY),
    FiguresAsked(unit="gd-gz"),
    FiguresAsked(unit="gd_gz"),
    FiguresAsked(unit="gd-gz-th-0001", insurer="zhongtai-life"),
    FiguresAsked(since=NOW + DAY),
)


def _put(store: Store, incidents: list[Incident]) -> None:
    with store.writing() as connection:
        replace(connection, INCIDENTS, [incident_values(row) for row, _ in incidents])
        replace(
            connection,
            CLOCKS,
            [{"incident_id": row.incident_id, **clock.model_dump()} for row, clocks in incidents for clock in clocks],
        )


def _random(seed: int, count: int) -> list[Incident]:
    chance = random.Random(seed)  # noqa: S311
    return [(_row(chance, n), _clocks(chance)) for n in range(count)]


def _row(chance: random.Random, n: int) -> IncidentRow:
    filed = chance.choice([15.0, 30.0, 60.0, chance.uniform(0, 100)])

    def maybe(value: Any) -> Any:
        return value if chance.random() < 0.6 else None

    resolved = maybe(NOW - chance.uniform(0, filed) * DAY)
    stage = chance.choice(list(Stage))
    known = maybe(NOW - filed * DAY)
    said: dict[str, Any] = {
        "form": chance.choice([Form.SINGLE, Form.SINGLE, Form.GROUP_EVENT]),
        "stage": stage,
        "drill": chance.random() < 0.2,
        "imported": chance.random() < 0.1,
        "units": chance.choice([("gd-gz-th-0001", "gd-gz-th", "gd-gz", "gd"), ("gd-sz-ns-0001", "gd-sz", "gd"), ()]),
        "insurers": chance.choice([("anhe-life",), ("zhongtai-life", "anhe-life"), ()]),
        "channel": chance.choice(["hotline", "outlet", None]),
        "subject": chance.choice(["returns", None]),
        "remedy": maybe("explanation"),
        "known_at": known,
        "crisis_at": known,
        "report_owed": chance.random() < 0.5,
        "arrival_owed": chance.random() < 0.5,
        "resolved_at": resolved,
        "closed_at": NOW if stage in (Stage.CLOSED, Stage.WITHDRAWN) else None,
        "to_acknowledge": maybe(chance.randrange(5000)),
        "to_report": maybe(chance.randrange(5000)),
        "to_handover": maybe(chance.randrange(5000)),
        "to_arrival": maybe(chance.randrange(5000)),
        "to_resolution": None if resolved is None else chance.randrange(8_000_000),
        "reopened": chance.choice([0, 0, 1]),
        "group_id": maybe("G-1"),
        "repeat_of": maybe(f"K-{chance.randrange(40)}"),
        "conduct": chance.randrange(3),
        "policies_flawed": chance.randrange(3),
        "policies_problem": chance.randrange(2),
        "mis_selling": chance.choice([True, False, None]),
        "notices_arrived": chance.randrange(9),
        "notices_failed": chance.randrange(2),
    }
    return a_row(f"K-{n}", days_ago=filed, **said)


def _clocks(chance: random.Random) -> list[ClockRow]:
    names = chance.sample(["outlet_report", "province_opinion", "relay.county", "handover"], chance.randrange(5))
    return [
        a_clock(
            name,
            due=chance.choice([0.0, 5.0, -5.0]),
            met=chance.choice([None, 5.0, 6.0, 1.0]),
            void=chance.random() < 0.2,
        )
        for name in names
    ]


def _same(found: Figures, defined: Figures) -> None:
    assert found.model_dump() == defined.model_dump()


@pytest.mark.rule("R43", "R45")
@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_sql_counts_what_the_definition_says(store: Store, asked: FiguresAsked) -> None:
    incidents = _random(7, 160)
    _put(store, incidents)
    _same(counted.figures(store, asked, NOW), figures(incidents, asked, NOW))


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_what_an_open_incident_says_now_stands_for_what_was_stored(store: Store, asked: FiguresAsked) -> None:
    stored, now = _random(1, 60), _random(2, 90)[40:]
    _put(store, stored)
    live = [LiveRow(row=row, clocks=tuple(clocks)) for row, clocks in now]
    together = [*stored[:40], *now]
    for _ in range(2):  # the tables of the first time must not be in the way of the second
        _same(counted.figures(store, asked, NOW, live), figures(together, asked, NOW))
    _same(counted.figures(store, asked, NOW), figures(stored, asked, NOW))


def test_an_empty_store_has_figures_too(store: Store) -> None:
    _same(counted.figures(store, FiguresAsked(), NOW), figures([], FiguresAsked(), NOW))


@pytest.mark.rule("R43")
def test_a_report_that_is_missing_counts_as_time_goes_by_without_being_written_anew(store: Store) -> None:
    _put(store, [(a_row(), [a_clock(due=-1)])])
    due = counted.figures(store, FiguresAsked(), NOW).on_time["outlet_report"]
    later = counted.figures(store, FiguresAsked(), NOW + 2 * HOUR).on_time["outlet_report"]
    assert (due.running, due.missing, later.running, later.missing) == (1, 0, 0, 1)
