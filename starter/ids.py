"""Ids that a door makes when the caller brought none: sortable by time, readable over a telephone."""

import secrets
import time
import uuid
from datetime import datetime, timedelta, timezone

_SHANGHAI = timezone(timedelta(hours=8))
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Base 32 without I, L, O and U (Crockford): nothing that is misheard or misread."""


def incident_id(now: datetime) -> str:
    """An id like `C-20261124-7Q3M0ZKX`: the day in Shanghai and forty random bits."""
    return f"C-{now.astimezone(_SHANGHAI):%Y%m%d}-{''.join(secrets.choice(_LETTERS) for _ in range(8))}"


def fact_id() -> str:
    """An id like `f-019…`: a UUID of version 7, so that facts sort in the order they were told."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (1 << 48) - 1) << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    return f"f-{uuid.UUID(int=value)}"
