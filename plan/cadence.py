"""How often something comes round, written so that a person can read it: months, days, a time of day (R10, R13).

Times of day are Asia/Shanghai, without summer time since 1991 (A17). Days of a month go up to 28, for later ones do not
come every month. Where both days and weekdays are named, a day must be both: the first Monday is days 1-7, weekday mon.
Errors: none; what never comes round has no occurrences.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from plan.values import Kept
from plan.wording import CHINA

YEARS: Final = 5
"""So far occurrences are looked for; a day that is a Monday comes round sooner."""
_FROM: Final = date(2026, 1, 1)


class Weekday(StrEnum):
    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


WEEK: Final = tuple(Weekday)
Month = Annotated[int, Field(strict=True, ge=1, le=12)]
DayOfMonth = Annotated[int, Field(strict=True, ge=1, le=28)]
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class When(Kept):
    """No months are every month. One of days and weekdays is needed."""

    months: tuple[Month, ...] = ()
    days: tuple[DayOfMonth, ...] = ()
    weekdays: tuple[Weekday, ...] = ()
    at: TimeOfDay

    @property
    def time_of_day(self) -> time:
        return time.fromisoformat(self.at)


def occurrences(when: When, *, years: int = YEARS) -> list[datetime]:
    """Every time it comes round in some years, in order."""
    days = (_FROM + timedelta(days=n) for n in range(366 * years))
    return [datetime.combine(day, when.time_of_day, CHINA) for day in days if _is_one(when, day)]


def shortest_gap(when: When) -> timedelta | None:
    """The shortest time from one to the next; None where there are not two."""
    found = occurrences(when)
    return min((after - before for before, after in pairwise(found)), default=None)


def said(when: When, lang: str) -> str:
    """`每年 1、4、7、10 月 8 日 09:00`, `every Mon 09:00`."""
    zh = lang == "zh"
    comma = "、" if zh else ", "
    days = comma.join(str(day) for day in when.days)
    weekdays = comma.join(_weekday(day, zh=zh) for day in when.weekdays)
    months = comma.join(str(month) if zh else _MONTHS[month - 1] for month in when.months)
    if zh:
        parts = [f"每年 {months} 月" if months else "每月" if days else "每周"]
        parts += [f"{days} 日"] if days else []
        parts += [f"（逢{weekdays}）" if days else weekdays] if weekdays else []
        return f"{' '.join(parts)} {when.at}"
    parts = [f"day {days}"] if days else []
    parts += [("if a " if days else "every ") + weekdays] if weekdays else []
    parts += [f"of {months}" if months else "of every month"] if days or months else []
    return f"{' '.join(parts)} {when.at}"


_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _weekday(day: Weekday, *, zh: bool) -> str:
    return f"周{'一二三四五六日'[WEEK.index(day)]}" if zh else day.capitalize()


def _is_one(when: When, day: date) -> bool:
    if not when.days and not when.weekdays:
        return False
    return (
        (not when.months or day.month in when.months)
        and (not when.days or day.day in when.days)
        and (not when.weekdays or WEEK[day.weekday()] in when.weekdays)
    )
