"""When an address may be spoken to again (R14; architecture, "Nothing is lost").

A service counts messages as they arrive, at an instant between the beginning and the end of an attempt that we do not
know. So an attempt counts from its end, whatever came of it, and a little longer than the service says: the clocks of
two servers differ. Units: instants in UTC, oldest first. Errors: none.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from plan.channels import Manner

MARGIN: Final = timedelta(seconds=1)
"""By how much a stretch is taken to be longer than it is."""


def free_at(attempts: Sequence[datetime], manner: Manner, now: datetime, *, urgent: bool) -> datetime:
    """The first instant, now or later, at which one more message keeps every rate.

    What is not urgent leaves `reserved` of the first rate free: a crisis may always come.
    """
    found = now
    for number, rate in enumerate(manner.rates):
        kept_free = manner.reserved if number == 0 and not urgent else 0
        most = max(rate.at_most - kept_free, 1)
        if len(attempts) >= most:
            found = max(found, attempts[-most] + rate.within + MARGIN)
    return found


def stretch(manner: Manner) -> timedelta:
    """How long an attempt counts."""
    return max((rate.within for rate in manner.rates), default=timedelta(0)) + MARGIN


def still_counting(attempts: Sequence[datetime], manner: Manner, now: datetime) -> tuple[datetime, ...]:
    """The attempts that some rate still counts."""
    return tuple(at for at in attempts if at + stretch(manner) > now)
