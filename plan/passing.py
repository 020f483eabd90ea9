"""What is told to a member and concerns its group event too, so that it is passed on (A19; R2, R41-R46).

Under the same id and stamp. The member has judged who may say it; the group event does not judge that again.
- Always: opinions and the regulator, whose clocks the group event carries.
- A member at the scene: its reports, for it is the same outlet's hour; what it learns of the crisis, or the clocks it
  has given away would be nobody's; who is on the way or there, and that the police were told.
- A member elsewhere keeps its own hour and its own scene, so its reports and arrivals stay with it. What it learns
  counts for the group event from the receipt on: the scene's outlet did not know it before.
Errors: none.
"""

from typing import Any

from plan.facts import ReportSubmitted
from plan.incident import Incident
from plan.told import Told

OPINIONS = ("handling_opinion_submitted", "opinion_reviewed", "regulator_informed")
REPORTING = ("report_submitted", *OPINIONS)
LEARNED = ("circumstances_reported", "crisis_declared")
ON_SCENE = ("on_the_way", "arrived_on_scene", "police_contacted")
PASSED_ON = (*REPORTING, *LEARNED, *ON_SCENE)


def passed_on(member: Incident, told: Told) -> dict[str, Any] | None:
    """The fact as its group event is told it; None where it concerns the member alone."""
    kind = told.fact.kind
    said = told.fact.model_dump(mode="json", exclude_unset=True) | {"fact_id": told.fact_id}
    if member.group_id is None or kind not in (PASSED_ON if member.rules_version >= 2 else REPORTING):
        return None
    if member.rules_version < 2 or member.scene in (None, member.outlet) or kind in OPINIONS:
        return said
    return _from_elsewhere(told, said)


def _from_elsewhere(told: Told, said: dict[str, Any]) -> dict[str, Any] | None:
    """What it learned, as of its receipt; of a report only what it says of the circumstances."""
    fact = told.fact
    if fact.kind in LEARNED:
        return {name: value for name, value in said.items() if name != "known_at"}
    if isinstance(fact, ReportSubmitted) and fact.circumstances is not None:
        learned = fact.circumstances.model_dump(mode="json", exclude_unset=True, exclude={"known_at"})
        return {"kind": "circumstances_reported", "by": fact.by, "fact_id": told.fact_id, **learned}
    return None
