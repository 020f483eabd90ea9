"""When schedules run: written from a line of the file, read back from Temporal, compared however written (R13)."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from temporalio.client import ScheduleCalendarSpec, ScheduleIntervalSpec, ScheduleRange, ScheduleSpec

from plan.cadence import WEEK, Weekday, When, said
from plan.errors import Malformed
from runtime.schedule_times import ZONE, at_time, cron_spec, in_words, spec_of, times

QUARTERLY = When(months=(1, 4, 7, 10), days=(8,), at="09:00")
WEEKLY = When(weekdays=(Weekday.MON, Weekday.SUN), at="17:30")


def as_the_server_says(spec: ScheduleSpec) -> ScheduleSpec:
    """Every range with its end and step, as a description has it."""

    def filled(ranges: Sequence[ScheduleRange]) -> list[ScheduleRange]:
        return [ScheduleRange(each.start, max(each.end, each.start), max(each.step, 1)) for each in ranges]

    calendars = [
        ScheduleCalendarSpec(
            second=filled(calendar.second),
            minute=filled(calendar.minute),
            hour=filled(calendar.hour),
            day_of_month=filled(calendar.day_of_month),
            month=filled(calendar.month),
            day_of_week=filled(calendar.day_of_week),
        )
        for calendar in spec.calendars
    ]
    return ScheduleSpec(calendars=calendars, time_zone_name=spec.time_zone_name)


@pytest.mark.parametrize("when", [QUARTERLY, WEEKLY, When(days=(1, 2), weekdays=(Weekday.SAT,), at="00:05")])
def test_a_line_of_the_file_is_the_same_when_it_is_read_back(when: When) -> None:
    spec = spec_of(when)
    assert spec.time_zone_name == ZONE
    assert times(as_the_server_says(spec)) == times(spec)
    for lang in ("zh", "en"):
        assert in_words(as_the_server_says(spec), lang) == said(when, lang)


def test_temporal_counts_the_week_from_sunday() -> None:
    for n, day in enumerate(WEEK):
        (calendar,) = spec_of(When(weekdays=(day,), at="09:00")).calendars
        assert [each.start for each in calendar.day_of_week] == [(n + 1) % 7]


def test_another_hour_day_or_zone_is_another_time() -> None:
    known = times(spec_of(QUARTERLY))
    for changed in ({"at": "09:01"}, {"days": (9,)}, {"months": (1,)}, {"weekdays": (Weekday.MON,)}):
        assert times(spec_of(QUARTERLY.model_copy(update=changed))) != known
    elsewhere = spec_of(QUARTERLY)
    elsewhere.time_zone_name = "UTC"
    assert times(elsewhere) != known


def test_the_same_days_at_another_time_of_day() -> None:
    assert times(at_time(spec_of(QUARTERLY), "10:30")) == times(spec_of(QUARTERLY.model_copy(update={"at": "10:30"})))


@pytest.mark.parametrize("at", ["9:30", "24:00", "noon", "10:60", ""])
def test_what_is_no_time_of_day_is_refused(at: str) -> None:
    with pytest.raises(Malformed, match="is not a time of day"):
        at_time(spec_of(QUARTERLY), at)


def test_what_runs_every_so_often_has_no_time_of_day() -> None:
    often = ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(minutes=5))])
    with pytest.raises(Malformed, match="has no days"):
        at_time(often, "09:00")
    assert (in_words(often, "zh"), in_words(often, "en")) == ("每 5 分钟", "every 5 min")


@pytest.mark.parametrize("cron", ["0 9 8 1,4,7,10 *", " 30  10 * * MON-FRI ", "*/10 * * * *"])
def test_five_fields_are_a_cron_expression(cron: str) -> None:
    spec = cron_spec(cron)
    assert list(spec.cron_expressions) == [" ".join(cron.split())]
    assert spec.time_zone_name == ZONE


@pytest.mark.parametrize(
    "cron", ["", "nonsense", "@daily", "0 9 * *", "CRON_TZ=UTC 0 9 * * *", "0 9 * * MON#1", "0 9 * * * *"]
)
def test_anything_else_would_be_taken_for_something_else(cron: str) -> None:
    """A sharp sign begins a comment: the first Monday of a month would be every Monday."""
    with pytest.raises(Malformed, match="is not a cron expression"):
        cron_spec(cron)


def test_what_fits_no_words_is_said_as_cron() -> None:
    odd = ScheduleCalendarSpec(
        minute=[ScheduleRange(0), ScheduleRange(30)],
        hour=[ScheduleRange(9)],
        day_of_month=[ScheduleRange(31)],
        day_of_week=[ScheduleRange(1, 5)],
    )
    assert in_words(ScheduleSpec(calendars=[odd]), "en") == "0,30 9 31 * 1,2,3,4,5"
    daily = ScheduleCalendarSpec(hour=[ScheduleRange(9)])
    assert in_words(ScheduleSpec(calendars=[daily]), "zh") == "每天 09:00"
