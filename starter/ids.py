"""Ids that a door makes when the caller brought none, and which ids it takes.

Made ones sort by time and can be read out over a telephone. One that holds a number somebody is known by is refused
(R29), here at the door: an incident that has such an id already goes on under it. Errors: `Malformed`.
"""

import secrets
import time
import uuid
from datetime import datetime, timedelta, timezone

from plan.complaint import Complaint
from plan.errors import Malformed
from plan.facts import AnyFact, ConvertedToGroupEvent
from plan.private_numbers import fault_of

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


def check_complaint(complaint: Complaint) -> None:
    """Refuse to file under an id that may be a customer's number."""
    if complaint.incident_id is not None and (why := fault_of(complaint.incident_id)):
        raise Malformed(f"The complaint was not filed.\nincident_id: {why}, or leave the id out and one is made")


def check_fact(fact: AnyFact) -> None:
    """Refuse to open a group event under such an id."""
    if isinstance(fact, ConvertedToGroupEvent) and (why := fault_of(fact.group_id)):
        raise Malformed(f"The fact was not told.\ngroup_id: {why}")
