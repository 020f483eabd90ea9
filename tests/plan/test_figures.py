"""Each figure by examples: what counts, what does not, and that nothing overdue is left out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plan.figures import FiguresAsked, OnTime, Rate, Times, figures, times
from plan.incident import Form, Stage
from plan.kept_rows import ClockRow, IncidentRow, clock_rows, incident_row
from tests.plan.told import ANHE, COUNTY, LEAD, Day

NOW = datetime(2026, 12, 31, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = 3600


def a_row(name: str = "K-1", *, days_ago: float = 10, **said: Any) -> IncidentRow:
    usual: dict[str, Any] = {
        "incident_id": name,
        "form": Form.SINGLE,
        "stage": Stage.OPEN,
        "filed_at": NOW - days_ago * DAY,
        "units": ("gd-gz-th-0001", "gd-gz-th", "gd-gz", "gd"),
        "insurers": ("anhe-life",),
    }
    return IncidentRow.model_validate({**usual, **said})


def a_clock(name: str = "outlet_report", *, due: float, met: float | None = None, **said: Any) -> ClockRow:
    """Due and met so many hours before now."""
    return ClockRow(
        clock_id=name,
        name=name,
        rule="R43",
        starts_at=NOW - timedelta(hours=due + 1),
        due_at=NOW - timedelta(hours=due),
        met_at=None if met is None else NOW - timedelta(hours=met),
        **said,
    )


def _counted(*rows: IncidentRow, **asked: Any) -> Any:
    return figures([(row, ()) for row in rows], FiguresAsked(**asked), NOW)


@pytest.mark.rule("R43", "R45")
def test_a_report_past_due_that_has_not_come_is_missing_in_the_whole_of_the_rate() -> None:
    clocks = [
        a_clock(due=5, met=5),
        a_clock(due=5, met=4),
        a_clock(due=5),
        a_clock(due=-1),
        a_clock(due=5, void=True),
    ]
    found = figures([(a_row(), clocks)], FiguresAsked(), NOW).on_time["outlet_report"]
    assert found == OnTime(on_time=1, late=1, missing=1, running=1)
    assert found.share == pytest.approx(1 / 3, abs=1e-4)


def test_drills_and_imported_history_never_count() -> None:
    clocks = [a_clock(due=5)]
    rows = [(a_row("D-1", drill=True), clocks), (a_row("H-1", imported=True), clocks)]
    found = figures(rows, FiguresAsked(), NOW)
    assert (found.incidents, found.on_time, found.mix["channel"]) == (0, {}, {})
    assert (found.drills.count, found.drills.reported_in_time) == (1, Rate(part=0, whole=1))


def test_percentiles_are_values_that_occurred() -> None:
    assert times([10, 20, 30, 40, 50, 60, 70, 80, 90, 100, None], 2) == Times(
        count=10, waiting=2, p50=50, p90=90, longest=100
    )
    assert times([7], 0) == Times(count=1, p50=7, p90=7, longest=7)
    assert times([None], 1) == Times(waiting=1)


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({}, 3),
        ({"unit": "gd-gz"}, 2),
        ({"unit": "gd"}, 3),
        ({"unit": "gd-g"}, 0),
        ({"insurer": "zhongtai-life"}, 1),
        ({"since": NOW - 5 * DAY}, 1),
        ({"until": NOW - 5 * DAY}, 2),
    ],
)
def test_what_was_asked_for_decides_who_counts(asked: dict[str, Any], count: int) -> None:
    rows = [
        a_row("K-1"),
        a_row("K-2", days_ago=5),
        a_row("K-3", units=("gd-sz-ns-0001", "gd-sz", "gd"), insurers=("anhe-life", "zhongtai-life")),
    ]
    assert _counted(*rows, **asked).incidents == count


def test_the_share_resolved_within_a_time_counts_those_who_can_no_longer_be() -> None:
    rows = [
        a_row("K-1", days_ago=40, to_resolution=10 * 24 * HOUR, resolved_at=NOW - 30 * DAY),
        a_row("K-2", days_ago=40, to_resolution=20 * 24 * HOUR, resolved_at=NOW - 20 * DAY),
        a_row("K-3", days_ago=16),
        a_row("K-4", days_ago=3),
        a_row("K-5", days_ago=90, stage=Stage.WITHDRAWN, closed_at=NOW),
    ]
    within = _counted(*rows).resolved_within
    assert (within["15"], within["30"]) == (Rate(part=1, whole=3), Rate(part=2, whole=2))


def test_unresolved_complaints_are_counted_by_how_long_they_are_open() -> None:
    rows = [a_row(f"K-{days}", days_ago=days) for days in (1, 15, 15.1, 31, 60, 61, 400)]
    assert _counted(*rows).open_for == {"0-15": 2, "16-30": 1, "31-60": 2, "61+": 2}


@pytest.mark.rule("R14")
def test_a_repeat_counts_against_the_complaint_that_had_been_resolved() -> None:
    done: dict[str, Any] = {"resolved_at": NOW - DAY, "to_resolution": HOUR}
    rows = [a_row("K-1", **done), a_row("K-2", **done), a_row("K-3", repeat_of="K-1", days_ago=1)]
    assert _counted(*rows).repeats == Rate(part=1, whole=2)
    assert _counted(*rows, until=NOW - 5 * DAY).repeats == Rate(part=1, whole=2), "whenever the repeat came"
    assert _counted(a_row("K-1", **done), a_row("D-1", repeat_of="K-1", drill=True)).repeats == Rate(part=0, whole=1)


def test_what_has_not_happened_is_nothing_and_not_zero() -> None:
    found = _counted(a_row())
    assert found.times["to_resolution"] == Times(waiting=1)
    assert found.mis_selling.share is None
    assert _counted().to_crisis.share is None


def test_who_waits_is_who_is_owed_a_step() -> None:
    rows = [
        a_row("K-1", report_owed=True),
        a_row("K-2", report_owed=True, to_report=HOUR),
        a_row("K-3", arrival_owed=True, closed_at=NOW),
        a_row("K-4", stage=Stage.WITHDRAWN, closed_at=NOW),
    ]
    found = _counted(*rows).times
    assert (found["to_report"].waiting, found["to_arrival"].waiting, found["to_resolution"].waiting) == (1, 0, 2)


def test_a_group_event_counts_once_and_is_no_complaint() -> None:
    found = _counted(a_row("G-1", form=Form.GROUP_EVENT, known_at=NOW), a_row("K-1", group_id="G-1", known_at=NOW))
    assert (found.incidents, found.group_events) == (2, 1)
    assert (found.to_group, found.to_crisis) == (Rate(part=1, whole=1), Rate(part=1, whole=1))


@pytest.mark.rule("R43")
def test_the_row_of_a_crisis_says_what_its_clocks_say() -> None:
    day = Day("09:12", channel="hotline")
    day.tell("09:48", LEAD, "circumstances_reported", headcount=6)
    day.tell("10:18", LEAD, "report_submitted", content={"course": "一句话。"})
    running = day.book.clocks(day.now)
    row, clocks = incident_row(day.book.incident, running), clock_rows(day.book.incident, running)
    assert (row.channel, row.report_owed, row.to_report, row.outlet) == ("hotline", True, 30 * 60, "gd-gz-th-0001")
    assert row.units[:2] == ("gd-gz-th-0001", "gd-gz-th")
    assert next(clock for clock in clocks if clock.name == "outlet_report").met_at == day.now
    assert {clock.name for clock in clocks} >= {"outlet_report", "province_opinion", "relay.county"}
    day.until("12:00")
    late = clock_rows(day.book.incident, day.book.clocks(day.now))
    assert any(clock.breach_at is not None for clock in late)


def test_the_row_of_a_resolved_complaint_has_every_step() -> None:
    day = Day("09:00")
    day.tell("09:10", LEAD, "calming_attempted", outcome="not_persuaded")
    customer = {"name": "佘某", "phone": "1390", "policy_numbers": ["P-1"], "reason": "收益"}
    day.tell("09:20", LEAD, "customer_recorded", **customer)
    day.tell("09:30", LEAD, "handed_to_insurer")
    day.tell("10:00", ANHE, "policy_examined", policy_number="P-1", signed=True)
    day.tell("11:00", ANHE, "insurer_decided", decision="解释", remedy="explanation")
    day.tell("11:10", LEAD, "decision_relayed")
    day.tell("12:00", COUNTY, "resolved")
    row = incident_row(day.book.incident, day.book.clocks(day.now))
    assert (row.to_handover, row.to_resolution, row.remedy) == (30 * 60, 3 * HOUR, "explanation")
    assert (row.policies_undetermined, row.closed_at) == (1, None)
    assert "佘" not in row.model_dump_json()
