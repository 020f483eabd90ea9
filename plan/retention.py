"""How long personal words are kept after an incident is closed (PIPL; R62): a term in years, months and days.

Units: calendar years and months by the day of closing, in UTC; a day that the month does not have is its last.
Errors: ValueError where a term is none, or shorter than 30 days: an incident is reopened sooner than that.
"""

import calendar
import re
from datetime import datetime, timedelta
from typing import Final

from plan.values import Kept

SHORTEST: Final = 30
_WRITTEN: Final = re.compile(r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?")


class Term(Kept):
    years: int = 0
    months: int = 0
    days: int = 0

    def __str__(self) -> str:
        parts = ((self.years, "Y"), (self.months, "M"), (self.days, "D"))
        return "P" + "".join(f"{number}{unit}" for number, unit in parts if number)

    def before(self, now: datetime) -> datetime:
        """What was closed by then is past its term."""
        months = now.year * 12 + now.month - 1 - (self.years * 12 + self.months)
        year, month = divmod(months, 12)
        day = min(now.day, calendar.monthrange(year, month + 1)[1])
        return now.replace(year=year, month=month + 1, day=day) - timedelta(days=self.days)


def term(written: str) -> Term:
    """Of `P3Y`, `P18M`, `P400D`, or together."""
    found = _WRITTEN.fullmatch(written.strip())
    years, months, days = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    if years * 360 + months * 28 + days < SHORTEST or years > 200 or months > 2400 or days > 73_000:
        raise ValueError("is no term of at least 30 days")
    return Term(years=years, months=months, days=days)
