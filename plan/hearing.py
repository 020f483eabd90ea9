"""When the outlet first heard of what it owes, and who was the first to answer (R62; contract, section 6).

Heard is delivered by the channel's own success, answered is acknowledged by a person; neither is a report (A6).
"""

from datetime import datetime
from typing import NamedTuple

from plan.incident import Incident


class Hearing(NamedTuple):
    """Nothing where nobody at the outlet was reached, or nobody answered."""

    told_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None


def outlet_heard(incident: Incident, since: datetime) -> Hearing:
    """What the outlet's people heard from an instant on."""
    told = [n for n in incident.notices.values() if n.unit == incident.place and n.created_at >= since]
    sent = min((notice.sent_at for notice in told if notice.sent_at), default=None)
    answered = min(
        ((n.acknowledged_at, n.recipient) for n in told if n.acknowledged_at), key=lambda pair: pair[0], default=None
    )
    return Hearing(sent, *answered) if answered else Hearing(sent)
