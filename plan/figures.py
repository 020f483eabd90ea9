"""The figures: what is counted, over what, and how (docs/reference.md, "Figures").

One rule of counting for all: incidents filed in the period. Drills and imported history never count; drills have
figures of their own. What is owed and still missing counts as what it is: a report past due that has not come is
missing, in the whole of its rate, and not left out of it. What cannot be known yet is None, never zero.
Units: durations are whole seconds; a percentile is the nearest rank, so it is always a value that occurred.
`figures` is the definition; the store computes the same in SQL (`runtime/records/figures.py`) and tests compare them.
Errors: none.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from pydantic import computed_field

from plan.incident import Form, Stage
from plan.kept_rows import ClockRow, IncidentRow
from plan.values import Instant, Kept

WITHIN_DAYS: Final = (15, 30, 60)
PERCENTILES: Final = (50, 90)
MIXES: Final = ("channel", "subject", "product_line", "insurer", "remedy")
UNKNOWN: Final = "-"

Incident = tuple[IncidentRow, Sequence[ClockRow]]


class FiguresAsked(Kept):
    """Filed from `since` on and before `until`; in a unit, or any below it; of an insurer."""

    since: Instant | None = None
    until: Instant | None = None
    unit: str | None = None
    insurer: str | None = None

    def takes(self, row: IncidentRow) -> bool:
        return (
            (self.since is None or row.filed_at >= self.since)
            and (self.until is None or row.filed_at < self.until)
            and (self.unit is None or self.unit in row.units)
            and (self.insurer is None or self.insurer in row.insurers)
        )


class Rate(Kept):
    """`part` of `whole`; no share where there is nothing to have a share of."""

    part: int = 0
    whole: int = 0

    @computed_field
    @property
    def share(self) -> float | None:
        return round(self.part / self.whole, 4) if self.whole else None


class Times(Kept):
    """How long something took, in seconds, over the `count` that are done; `waiting` have begun and are not."""

    count: int = 0
    waiting: int = 0
    p50: int | None = None
    p90: int | None = None
    longest: int | None = None


class OnTime(Kept):
    """One clock over all incidents. Owed so far: what was met, and what is due; `running` is neither."""

    on_time: int = 0
    late: int = 0
    missing: int = 0
    running: int = 0

    @computed_field
    @property
    def share(self) -> float | None:
        return Rate(part=self.on_time, whole=self.on_time + self.late + self.missing).share


class Drills(Kept):
    """Exercises alone. Passed is who reported within the hour, of all who had to."""

    count: int = 0
    reported_in_time: Rate = Rate()
    to_report: Times = Times()


class Figures(Kept):
    """Everything of a period, as of an instant. `unasked` are open incidents that did not answer: they are missing."""

    as_of: Instant
    asked: FiguresAsked = FiguresAsked()
    incidents: int = 0
    group_events: int = 0
    open: int = 0
    unasked: int = 0
    times: dict[str, Times] = {}
    on_time: dict[str, OnTime] = {}
    resolved_within: dict[str, Rate] = {}
    open_for: dict[str, int] = {}
    repeats: Rate = Rate()
    reopened: Rate = Rate()
    to_crisis: Rate = Rate()
    to_group: Rate = Rate()
    mis_selling: Rate = Rate()
    notices_failed: Rate = Rate()
    conduct: int = 0
    policies: dict[str, int] = {}
    mix: dict[str, dict[str, int]] = {}
    drills: Drills = Drills()


def figures(incidents: Iterable[Incident], asked: FiguresAsked, now: datetime) -> Figures:
    """The definition of every figure, over incidents with their clocks as they stand at `now`."""
    everything = [each for each in incidents if not each[0].imported]
    real = [(row, clocks) for row, clocks in everything if not row.drill and asked.takes(row)]
    rows = [row for row, _ in real]
    complaints = [row for row in rows if row.form is Form.SINGLE]
    repeated = {row.repeat_of for row, _ in everything if not row.drill}
    return Figures(
        as_of=now,
        asked=asked,
        incidents=len(rows),
        group_events=len(rows) - len(complaints),
        open=sum(1 for row in rows if row.closed_at is None),
        times=_all_times(rows, complaints),
        on_time=_on_time((clock for _, clocks in real for clock in clocks), now),
        resolved_within={str(days): _within(complaints, days, now) for days in WITHIN_DAYS},
        open_for=_open_for(complaints, now),
        repeats=_rate(complaints, lambda r: r.resolved_at is not None, lambda r: r.incident_id in repeated),
        reopened=_rate(rows, lambda r: r.closed_at is not None or r.reopened > 0, lambda r: r.reopened > 0),
        to_crisis=_rate(complaints, lambda _: True, lambda r: r.known_at is not None),
        to_group=_rate(complaints, lambda _: True, lambda r: r.group_id is not None),
        mis_selling=_rate(rows, lambda r: r.mis_selling is not None, lambda r: bool(r.mis_selling)),
        notices_failed=Rate(
            part=sum(row.notices_failed for row in rows),
            whole=sum(row.notices_failed + row.notices_arrived for row in rows),
        ),
        conduct=sum(row.conduct for row in rows),
        policies={
            "normal": sum(row.policies_normal for row in rows),
            "flawed": sum(row.policies_flawed for row in rows),
            "problem": sum(row.policies_problem for row in rows),
            "undetermined": sum(row.policies_undetermined for row in rows),
        },
        mix={name: dict(sorted(Counter(_facet(row, name) for row in complaints).items())) for name in MIXES},
        drills=_drills([each for each in everything if each[0].drill and asked.takes(each[0])], now),
    )


def times(done: Iterable[int | None], waiting: int) -> Times:
    """Nearest rank: of 10 values the 90th percentile is the ninth."""
    values = sorted(value for value in done if value is not None)
    if not values:
        return Times(waiting=waiting)
    p50, p90 = (values[-(-len(values) * each // 100) - 1] for each in PERCENTILES)
    return Times(count=len(values), waiting=waiting, p50=p50, p90=p90, longest=values[-1])


def _all_times(rows: Sequence[IncidentRow], complaints: Sequence[IncidentRow]) -> dict[str, Times]:
    """Whether somebody waits is known where a step is owed; nobody need be called, or handed over."""
    return {
        "to_acknowledge": times(
            (row.to_acknowledge for row in complaints),
            sum(1 for row in complaints if row.to_acknowledge is None and row.closed_at is None),
        ),
        "to_report": times(
            (row.to_report for row in rows), sum(1 for row in rows if row.report_owed and row.to_report is None)
        ),
        "to_handover": times((row.to_handover for row in complaints), 0),
        "to_arrival": times(
            (row.to_arrival for row in rows),
            sum(1 for row in rows if row.arrival_owed and row.to_arrival is None and row.closed_at is None),
        ),
        "to_resolution": times(
            (row.to_resolution for row in complaints), sum(1 for row in complaints if unresolved(row))
        ),
    }


def unresolved(row: IncidentRow) -> bool:
    """Neither resolved nor over in another way."""
    return row.resolved_at is None and row.closed_at is None and row.stage is not Stage.WITHDRAWN


def _on_time(clocks: Iterable[ClockRow], now: datetime) -> dict[str, OnTime]:
    counted: dict[str, Counter[str]] = {}
    for clock in clocks:
        if not clock.void:
            counted.setdefault(clock.name, Counter())[standing(clock, now)] += 1
    return {name: OnTime(**counted[name]) for name in sorted(counted)}


def standing(clock: ClockRow, now: datetime) -> str:
    """On the boundary is on time."""
    if clock.met_at is not None:
        return "on_time" if clock.met_at <= clock.due_at else "late"
    return "missing" if clock.due_at < now else "running"


def _within(complaints: Sequence[IncidentRow], days: int, now: datetime) -> Rate:
    """Of those resolved, or open so long already that they cannot be any more: who is still in time is not counted."""
    limit = timedelta(days=days)
    return _rate(
        complaints,
        lambda r: r.to_resolution is not None or (unresolved(r) and r.filed_at < now - limit),
        lambda r: r.to_resolution is not None and r.to_resolution <= days * 86_400,
    )


def _open_for(complaints: Sequence[IncidentRow], now: datetime) -> dict[str, int]:
    """How long unresolved complaints have been open, in days."""
    ages = Counter(age(now - row.filed_at) for row in complaints if unresolved(row))
    return {name: ages[name] for name in AGES}


AGES: Final = ("0-15", "16-30", "31-60", "61+")


def age(open_for: timedelta) -> str:
    for name, days in zip(AGES, WITHIN_DAYS, strict=False):
        if open_for <= timedelta(days=days):
            return name
    return AGES[-1]


def _rate(
    rows: Iterable[IncidentRow], whole: Callable[[IncidentRow], bool], part: Callable[[IncidentRow], bool]
) -> Rate:
    counted = [row for row in rows if whole(row)]
    return Rate(part=sum(1 for row in counted if part(row)), whole=len(counted))


def _facet(row: IncidentRow, name: str) -> str:
    value: str | None = (row.insurers[0] if row.insurers else None) if name == "insurer" else getattr(row, name)
    return value or UNKNOWN


def _drills(drills: Sequence[Incident], now: datetime) -> Drills:
    reports = _on_time((c for _, clocks in drills for c in clocks if c.name == "outlet_report"), now)
    hour = reports.get("outlet_report", OnTime())
    return Drills(
        count=len(drills),
        reported_in_time=Rate(part=hour.on_time, whole=hour.on_time + hour.late + hour.missing),
        to_report=times(
            (row.to_report for row, _ in drills),
            sum(1 for row, _ in drills if row.report_owed and row.to_report is None),
        ),
    )
