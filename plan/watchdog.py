"""What the watchdog looks for from outside the incidents' own timers (architecture, "Nothing is lost").

It reads lists that Temporal keeps, never every incident: what it costs does not grow with what is well. Units: instants
are UTC; a limit is elapsed time.
"""

import hashlib
from datetime import timedelta
from enum import StrEnum

from plan.values import Instant, Kept

MOST = 100
"""Incidents named of one kind; `more` says that there are others."""


class Trouble(StrEnum):
    STALLED = "stalled"
    """A due time has passed and no breach is on record: a timer was lost, or nothing is evaluated."""
    FAILING = "failing"
    """Its workflow task fails again and again: code that must be mended."""
    BROKEN_OFF = "broken_off"
    """Ended without `closed` or `withdrawn`: terminated, reset, failed or timed out."""
    HANGING = "hanging"
    """A notice has been under way for longer than any may be."""


class Finding(Kept):
    """One kind of trouble, and the workflows it was found in, oldest first."""

    trouble: Trouble
    ids: tuple[str, ...]
    more: bool = False


class LookOrder(Kept):
    """`now` is the watchdog's own time. `late` is how long a due time may be over before somebody is asked why."""

    now: Instant
    late: timedelta = timedelta(minutes=2)
    hanging: timedelta = timedelta(minutes=45)
    since: timedelta = timedelta(days=2)


class Looked(Kept):
    """`open` is how many incidents were open; `nudged` those that went on once they were nudged."""

    at: Instant
    open: int
    findings: tuple[Finding, ...] = ()
    nudged: tuple[str, ...] = ()

    @property
    def well(self) -> bool:
        return not self.findings


def reference(looked: Looked) -> str:
    """The id of the notice about it: the same trouble is told once a day, new trouble at once."""
    said = ";".join(f"{found.trouble}:{','.join(found.ids)}" for found in looked.findings)
    return f"watchdog-{looked.at:%Y%m%d}-{hashlib.sha256(said.encode()).hexdigest()[:12]}"
