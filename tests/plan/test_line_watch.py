"""The line's watch: complaints of one insurer cluster, and an alert is raised (R7, R32).

The last tests read 1,507 real complaints to an insurance department, where they are at hand. A person is a file there:
it knows no names. `PHL` is a company with one complaint in 2022, none in 2023 and two before the summer of 2024, when
five came within eight days; they went on in waves until the autumn of 2025.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from plan.line_watch import LineWatch
from plan.playbook import WatchRule
from plan.saying import RaiseAlert, Said
from plan.sighting import Rules, Sighting
from plan.watch_view import watch_details, watch_view
from tests.plan.watching import RULES, sighting

REAL = Path(__file__).parents[3] / "shared" / "data" / "ct_life_annuity_marketing.csv"
PHL = "PHL Variable Insurance Company"
BEGAN = datetime(2026, 1, 1, 1, tzinfo=UTC)


def on(day: int) -> datetime:
    return BEGAN + timedelta(days=day)


class Line:
    """One insurer's watch, told of a complaint a day at a time."""

    def __init__(self, *, drill: bool = False, rules: Rules = RULES) -> None:
        self.watch = LineWatch(insurer="anhe-life", drill=drill)
        self.rules = rules
        self.alerts: list[RaiseAlert] = []
        self._number = 0

    def comes(self, at: datetime, *persons: str, province: str | None = "gd", **more: Any) -> str:
        self._number += 1
        name = f"C{self._number}"
        known = persons or (f"p-{self._number}",)
        self.report(sighting(at, name, *known, province=province, **more))
        return name

    def report(self, reported: Sighting) -> None:
        self.watch = self.watch.seen(reported, self.rules)
        for say in self.watch.owed:
            assert isinstance(say, RaiseAlert)
            self.alerts.append(say)
            self.watch = self.watch.answered(say, Said(accepted=True))

    def raised(self) -> list[tuple[int, str | None]]:
        """The days on which an alert was raised, and where; raising it again until a later day does not count."""
        first: list[RaiseAlert] = []
        until: dict[str | None, datetime] = {}
        for alert in self.alerts:
            if alert.at >= until.get(alert.province, alert.at):
                first.append(alert)
            until[alert.province] = alert.until
        return [((alert.at - BEGAN).days, alert.province) for alert in first]


def quiet(line: Line) -> None:
    """A year with a complaint every two months."""
    for day in range(0, 330, 60):
        line.comes(on(day))


@pytest.mark.rule("R7", "R32")
def test_five_persons_in_a_month_after_a_quiet_year_raise_an_alert_for_their_province() -> None:
    line = Line()
    quiet(line)
    for day in range(370, 375):
        line.comes(on(day))
    assert line.raised() == [(374, "gd")]
    alert = line.alerts[-1]
    assert (alert.insurer, alert.people, alert.until) == ("anhe-life", 5, on(374) + timedelta(days=30))


@pytest.mark.rule("R32")
def test_what_is_usual_raises_nothing_however_much_it_is() -> None:
    line = Line()
    for day in range(500):
        line.comes(on(day))
    assert line.raised() == []


@pytest.mark.rule("R32")
def test_before_there_is_anything_to_compare_with_nothing_is_raised() -> None:
    line = Line()
    for day in range(0, 59, 2):
        line.comes(on(day))
    assert line.raised() == []


@pytest.mark.rule("R32")
def test_one_person_with_many_complaints_is_no_cluster() -> None:
    line = Line()
    quiet(line)
    for day in range(370, 380):
        line.comes(on(day), "p-1")
    assert line.raised() == []


@pytest.mark.rule("R32")
def test_where_no_province_stands_out_by_itself_the_alert_holds_for_all() -> None:
    line = Line()
    quiet(line)
    for day in range(370, 375):
        line.comes(on(day), province=f"province-{day}")
    assert line.raised() == [(374, None)]


@pytest.mark.rule("R32")
def test_it_is_raised_until_a_later_day_while_it_goes_on_and_anew_when_it_comes_again() -> None:
    line = Line()
    quiet(line)
    for day in range(370, 381):
        line.comes(on(day))
    assert line.raised() == [(374, "gd")]
    assert line.alerts[-1].until == on(380) + timedelta(days=30)
    for day in range(480, 490):
        line.comes(on(day))
    assert [day for day, _ in line.raised()] == [374, 484]


@pytest.mark.rule("R11", "R32")
def test_a_drill_raises_nothing() -> None:
    line = Line(drill=True)
    quiet(line)
    for day in range(370, 380):
        line.comes(on(day), drill=True)
    assert line.raised() == []


def test_a_complaint_that_turns_out_to_be_another_insurers_is_forgotten() -> None:
    line = Line()
    quiet(line)
    names = [line.comes(on(day)) for day in range(370, 374)]
    line.report(sighting(on(373), names[-1], "p-9", number=5, insurer="zhongtai-life"))
    line.comes(on(374))
    assert line.raised() == []


def test_what_is_kept_does_not_grow_with_the_complaints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plan.line_watch.MOST", 50)
    line = Line()
    for day in range(600):
        for n in range(3):
            line.comes(on(day) + timedelta(hours=n))
    assert len(line.watch.heard) <= 50
    assert len(line.watch.days) <= 365 + 31 + 1
    shown = watch_view(line.watch, on(599))
    assert shown["clusters"] == [{"province": "gd", "people": 90, "usual": pytest.approx(90, abs=1), "reaches": False}]
    assert "90 人" in watch_details(line.watch, on(599))


# -- real complaints ---------------------------------------------------------------------------------------------------


def _files() -> dict[str, list[date]]:
    """The day each complaint was opened, by company."""
    found: defaultdict[str, list[date]] = defaultdict(list)
    with REAL.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["company"]].append(date.fromisoformat(row["opened"]))
    return {company: sorted(days) for company, days in found.items()}


def _alerts(days: Iterable[date], rules: Rules = RULES) -> list[tuple[date, date]]:
    """From when until when an alert would have been in force."""
    line = Line(rules=rules)
    for day in days:
        line.comes(datetime(day.year, day.month, day.day, 14, tzinfo=UTC))
    held: list[tuple[date, date]] = []
    for alert in line.alerts:
        since, until = alert.at.date(), alert.until.date()
        if held and since <= held[-1][1]:
            held[-1] = (held[-1][0], until)
        else:
            held.append((since, until))
    return held


real = pytest.mark.skipif(not REAL.exists(), reason="the real complaints are not part of this repository")


@real
@pytest.mark.rule("R7", "R32")
def test_the_alert_comes_with_the_first_wave_of_real_complaints_and_not_before() -> None:
    """Whoever reads the file: nothing to see until June 2024 (five in two years); on 9 July five within two weeks."""
    days = _files()[PHL]
    assert len([day for day in days if day < date(2024, 7, 1)]) == 5
    held = _alerts(days)
    assert held[0][0] == date(2024, 7, 9)


@real
@pytest.mark.rule("R32")
def test_the_alert_is_in_force_in_every_month_a_reader_would_mark_and_lapses_in_between() -> None:
    """Months with at least five complaints are marked by eye: July, August, October, November 2024 (5 6 8 7), April to
    September 2025 (8 6 10 8 13 8). In between one to four came: nobody would go on alarming an outlet for those.
    February 2026 has five again, after a year of eight a month: no news.
    """
    days = _files()[PHL]
    by_month = Counter((day.year, day.month) for day in days)
    marked = {month for month, count in by_month.items() if count >= 5} - {(2026, 2)}
    assert marked == {(2024, 7), (2024, 8), (2024, 10), (2024, 11), *((2025, month) for month in range(4, 10))}
    held = _alerts(days)
    covered = {(day.year, day.month) for since, until in held for day in _each(since, until)}
    assert marked <= covered
    assert not {(2024, 6), (2025, 3), (2025, 12), (2026, 1), (2026, 2), (2026, 3)} & covered
    assert [since.strftime("%Y-%m") for since, _ in held] == [
        "2024-07",
        "2024-10",
        "2025-01",
        "2025-04",
        "2025-06",
        "2025-08",
    ]


@real
@pytest.mark.rule("R32")
def test_of_all_the_others_only_one_company_ever_stands_out() -> None:
    """Three months of one large insurer: five in April 2023 where one or two were usual, and the like."""
    standing_out = {company: _alerts(days) for company, days in _files().items() if company != PHL}
    found = {company: [since.strftime("%Y-%m") for since, _ in held] for company, held in standing_out.items() if held}
    assert found == {"Metropolitan Life Insurance Company": ["2022-09", "2023-04", "2025-01"]}


@real
def test_a_number_alone_would_alarm_for_ever_and_twice_the_usual_does_not() -> None:
    """Why `line_times`: with the number alone the last wave never ends, for the usual has become six a month."""
    alone = Rules(watch=WatchRule(line_times=1), group_of=5)
    days = _files()[PHL]
    assert sum((until - since).days for since, until in _alerts(days, alone)) > sum(
        (until - since).days for since, until in _alerts(days)
    )


def _each(since: date, until: date) -> Iterable[date]:
    return (since + timedelta(days=n) for n in range((until - since).days))
