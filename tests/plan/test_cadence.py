"""What comes round, and when: written for people, the same for the clock (R10, R11, R13, R30)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.cadence import WEEK, Weekday, When, occurrences, said, shortest_gap
from plan.wording import CHINA

QUARTERLY = When(months=(1, 4, 7, 10), days=(8,), at="09:00")
FIRST_MONDAY = When(days=(1, 2, 3, 4, 5, 6, 7), weekdays=(Weekday.MON,), at="10:30")
whens = st.builds(
    When,
    months=st.lists(st.integers(1, 12), unique=True, max_size=4).map(tuple),
    days=st.lists(st.integers(1, 28), unique=True, max_size=4).map(tuple),
    weekdays=st.lists(st.sampled_from(WEEK), unique=True, max_size=3).map(tuple),
    at=st.just("09:00"),
)


@pytest.mark.rule("R13")
def test_a_quarterly_meeting_comes_round_four_times_a_year_at_nine_in_the_morning_in_china() -> None:
    first, *_ = found = occurrences(QUARTERLY, years=1)
    assert [f"{each:%m-%d %H:%M}" for each in found] == ["01-08 09:00", "04-08 09:00", "07-08 09:00", "10-08 09:00"]
    assert first.astimezone(UTC) == datetime(2026, 1, 8, 1, tzinfo=UTC)


def test_where_days_and_weekdays_stand_a_day_must_be_both() -> None:
    found = occurrences(FIRST_MONDAY, years=1)
    assert len(found) == 12
    assert all(each.weekday() == 0 and each.day <= 7 for each in found)


def test_the_shortest_gap_is_that_of_the_shortest_months() -> None:
    assert shortest_gap(When(days=(8,), at="09:00")) == timedelta(days=28)
    assert shortest_gap(When(weekdays=(Weekday.MON, Weekday.THU), at="09:00")) == timedelta(days=3)
    assert shortest_gap(When(at="09:00")) is None


@given(whens)
def test_every_occurrence_is_on_its_days_and_in_order(when: When) -> None:
    found = occurrences(when, years=1)
    assert found == sorted(found)
    for each in found:
        assert each.tzinfo is CHINA
        assert not when.months or each.month in when.months
        assert not when.days or each.day in when.days
        assert not when.weekdays or WEEK[each.weekday()] in when.weekdays


@pytest.mark.parametrize(
    ("when", "zh", "en"),
    [
        (QUARTERLY, "每年 1、4、7、10 月 8 日 09:00", "day 8 of Jan, Apr, Jul, Oct 09:00"),
        (When(days=(1, 15), at="08:05"), "每月 1、15 日 08:05", "day 1, 15 of every month 08:05"),
        (When(weekdays=(Weekday.FRI,), at="17:00"), "每周 周五 17:00", "every Fri 17:00"),
        (
            When(months=(3,), days=(1, 2, 3), weekdays=(Weekday.MON,), at="09:00"),
            "每年 3 月 1、2、3 日 （逢周一） 09:00",
            "day 1, 2, 3 if a Mon of Mar 09:00",
        ),
    ],
)
def test_a_person_can_read_it(when: When, zh: str, en: str) -> None:
    assert said(when, "zh") == zh
    assert said(when, "en") == en
