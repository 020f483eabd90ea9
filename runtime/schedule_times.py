"""When a schedule of Temporal's runs, and when a person says it should (R10, R13): Asia/Shanghai throughout.

A schedule may have been moved in Temporal's own UI as well, so its times are read back and compared as sets of hours,
days and months, however they are written. Errors: Malformed, where a time of day or a cron expression is none.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from temporalio.client import ScheduleCalendarSpec, ScheduleIntervalSpec, ScheduleRange, ScheduleSpec

from plan.cadence import WEEK, When, said
from plan.errors import Malformed

ZONE: Final = "Asia/Shanghai"
_FIELD: Final = r"[0-9A-Za-z*,/-]+"
_CRON: Final = re.compile(rf"{_FIELD}( {_FIELD}){{4}}")
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_EVERY_DAY: Final = frozenset(range(1, 32))
_EVERY_MONTH: Final = frozenset(range(1, 13))
_EVERY_WEEKDAY: Final = frozenset(range(7))

Times = frozenset[tuple[object, ...]]
"""Everything that decides when a schedule runs, in a form that can be compared."""


def spec_of(when: When) -> ScheduleSpec:
    """The times as Temporal keeps them."""
    calendar = ScheduleCalendarSpec(
        month=_ranges(when.months) or (ScheduleRange(1, 12),),
        day_of_month=_ranges(when.days) or (ScheduleRange(1, 31),),
        day_of_week=_ranges((WEEK.index(day) + 1) % 7 for day in when.weekdays) or (ScheduleRange(0, 6),),
        hour=(ScheduleRange(when.time_of_day.hour),),
        minute=(ScheduleRange(when.time_of_day.minute),),
        comment=f"{said(when, 'zh')} · {said(when, 'en')}",
    )
    return ScheduleSpec(calendars=[calendar], time_zone_name=ZONE)


def cron_spec(cron: str) -> ScheduleSpec:
    """Five fields: minute, hour, day of month, month, day of week. Anything else would be taken for something else."""
    written = " ".join(cron.split())
    if not _CRON.fullmatch(written):
        raise Malformed(
            f"{cron[:60]!r} is not a cron expression. Write five fields: minute, hour, day of month, month, day of "
            'week, as in "0 9 8 1,4,7,10 *" (Asia/Shanghai).'
        )
    return ScheduleSpec(cron_expressions=[written], time_zone_name=ZONE)


def at_time(spec: ScheduleSpec, at: str) -> ScheduleSpec:
    """The same days at another time of day."""
    found = _TIME.fullmatch(at.strip())
    if found is None:
        raise Malformed(f"{at[:20]!r} is not a time of day. Write it like 09:30 (Asia/Shanghai).")
    if not spec.calendars:
        raise Malformed("This schedule has no days, it runs every so often. Give it times with --cron.")
    hour, minute = (ScheduleRange(int(found[1])),), (ScheduleRange(int(found[2])),)
    moved = [replace(calendar, hour=hour, minute=minute, comment=None) for calendar in spec.calendars]
    different = {_sets(calendar): calendar for calendar in moved}
    return replace(spec, calendars=list(different.values()), time_zone_name=ZONE)


def times(spec: ScheduleSpec) -> Times:
    """What decides when it runs; the zone too, where days and hours depend on it."""
    zone = spec.time_zone_name if spec.calendars or spec.skip else None
    return frozenset(
        [
            ("zone", zone),
            ("from", spec.start_at, spec.end_at, spec.jitter or timedelta(0)),
            *(("calendar", *_sets(calendar)) for calendar in spec.calendars),
            *(("skip", *_sets(calendar)) for calendar in spec.skip),
            *(("interval", each.every, each.offset or timedelta(0)) for each in spec.intervals),
            *(("cron", each) for each in spec.cron_expressions),
        ]
    )


def in_words(spec: ScheduleSpec, lang: str) -> str:
    """`每年 1、4 月 8 日 09:00`; what no such words fit is said as cron."""
    parts = [_calendar(calendar, lang) for calendar in spec.calendars]
    parts += [_interval(each, lang) for each in spec.intervals]
    return ("；" if lang == "zh" else "; ").join([*parts, *spec.cron_expressions])


def _ranges(values: Iterable[int]) -> tuple[ScheduleRange, ...]:
    return tuple(ScheduleRange(value) for value in sorted(set(values)))


def _values(ranges: Sequence[ScheduleRange]) -> frozenset[int]:
    """Every value of some ranges; an end that is left out is the start."""
    return frozenset(
        value for each in ranges for value in range(each.start, max(each.end, each.start) + 1, max(each.step, 1))
    )


def _sets(calendar: ScheduleCalendarSpec) -> tuple[frozenset[int], ...]:
    return (
        _values(calendar.second),
        _values(calendar.minute),
        _values(calendar.hour),
        _values(calendar.day_of_month),
        _values(calendar.month),
        _values(calendar.year),
        _values(calendar.day_of_week),
    )


def _calendar(calendar: ScheduleCalendarSpec, lang: str) -> str:
    seconds, minutes, hours, days, months, years, weekdays = _sets(calendar)
    once_a_day = seconds == frozenset({0}) and len(minutes) == len(hours) == 1 and not years
    of_a_month = frozenset[int]() if days == _EVERY_DAY else days
    of_a_week = frozenset[int]() if weekdays == _EVERY_WEEKDAY else frozenset((day - 1) % 7 for day in weekdays)
    if not once_a_day or max(of_a_month, default=0) > 28:
        return _as_cron(calendar)
    at = f"{min(hours):02}:{min(minutes):02}"
    if not of_a_month and not of_a_week:
        return f"{'每天' if lang == 'zh' else 'every day'} {at}" if months == _EVERY_MONTH else _as_cron(calendar)
    when = When(
        months=() if months == _EVERY_MONTH else tuple(sorted(months)),
        days=tuple(sorted(of_a_month)),
        weekdays=tuple(WEEK[day] for day in sorted(of_a_week)),
        at=at,
    )
    return said(when, lang)


def _as_cron(calendar: ScheduleCalendarSpec) -> str:
    """As a crontab would write it."""
    _, minutes, hours, days, months, _, weekdays = _sets(calendar)
    fields = ((minutes, 60, 0), (hours, 24, 0), (days, 31, 1), (months, 12, 1), (weekdays, 7, 0))
    every = [values == frozenset(range(first, first + size)) for values, size, first in fields]
    return " ".join(
        "*" if all_of else ",".join(str(value) for value in sorted(values))
        for (values, _, _), all_of in zip(fields, every, strict=True)
    )


def _interval(interval: ScheduleIntervalSpec, lang: str) -> str:
    seconds = int(interval.every.total_seconds())
    amount, zh, en = (seconds // 60, "分钟", "min") if seconds % 60 == 0 else (seconds, "秒", "s")
    return f"每 {amount} {zh}" if lang == "zh" else f"every {amount} {en}"
