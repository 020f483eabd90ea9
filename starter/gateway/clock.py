"""The one clock that stamps `received_at`. Whether it agrees with Temporal's is `clock_check.py`."""

from datetime import UTC, datetime


class SystemClock:
    """This machine's."""

    def now(self) -> datetime:
        return datetime.now(UTC)
