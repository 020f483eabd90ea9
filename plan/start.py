"""How a run begins: with a complaint, as a group event, or going on from an earlier run (contract, section 2).

`carried` is the state of the run before (continue-as-new); `resumes` names a closed run whose state an activity loads,
so that no client can hand in a state of its own making.
"""

from datetime import datetime
from typing import NamedTuple

from pydantic import Field, JsonValue, ValidationError

from plan.book import State
from plan.drill_plan import DrillPlan
from plan.history import Imported
from plan.messages import INSTANT, OpenSeal
from plan.values import Kept


class GroupStart(Kept):
    """`drill_plan` is left out of what is sealed where there is none, as before there were any."""

    scene: str | None = None
    drill: bool = False
    drill_plan: DrillPlan | None = None

    @property
    def said(self) -> dict[str, JsonValue]:
        """As it was sent, and sealed."""
        return self.model_dump(mode="json", exclude=None if self.drill_plan else {"drill_plan"})


class Start(Kept):
    """The one argument of the workflow: a complaint, a group event, or a run to go on from."""

    incident_id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    complaint: dict[str, JsonValue] | None = None
    received_at: str | None = None
    door: str | None = None
    seal: dict[str, str] | None = None
    imported: Imported | None = None
    resumes: str | None = None
    group: GroupStart | None = None
    drill_plan: DrillPlan | None = None
    max_events: int | None = None
    carried: State | None = None


class Filing(NamedTuple):
    """When it was received and through which door; `held_from` is a stamp in the future that was held back to now."""

    at: datetime
    door: str = "temporal"
    held_from: datetime | None = None


def filed_at(start: Start, now: datetime, open_seal: OpenSeal) -> Filing:
    """The stamp of a complaint, or of the opening of a group event: sealed, or the workflow's own time."""
    envelope = {
        "fact": start.complaint if start.group is None else {"group": start.group.said},
        "received_at": start.received_at,
        "door": start.door,
        "seal": start.seal,
    }
    if start.seal is None or not open_seal(start.incident_id, envelope):
        return Filing(now)
    try:
        stamped = INSTANT.validate_python(start.received_at)
    except ValidationError:
        return Filing(now)
    return Filing(min(stamped, now), str(start.door), stamped if stamped > now else None)
