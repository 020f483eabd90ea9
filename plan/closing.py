"""What must be done before an incident may be closed or withdrawn (R43, R45, R58-R63; A18, A24).

Statutory clocks end only by submission, late or not. A crisis needs its causes and lessons, and where a reporting clock
was breached or conduct was reported, an accountability decision or an open action with its owner and date; the final
report is prompted, not a condition.
"""

from plan.accountability import is_accounted_for, needs_accountability
from plan.authority import of_a_drill
from plan.clock import Clock
from plan.clocks import clocks
from plan.details import clock_name
from plan.incident import Incident, Stage
from plan.playbook import Playbook
from plan.receipts import Refusal
from plan.refusals import refusal
from plan.told import Told
from plan.wording import CHINA


def may_close(incident: Incident, playbook: Playbook, told: Told, kind: str) -> Refusal | None:
    """What is owed (R43, R45), then R20, then causes (R58), then accountability (R60-R63)."""
    if owed := _statutory_owed(incident, playbook, told):
        return _still_owed(owed, kind)
    if incident.stage is not Stage.RESOLVED:
        return refusal("R20", "not_resolved", kind=kind, stage=incident.stage)
    if incident.ever_crisis and incident.root_cause is None:
        return refusal("R58", "no_root_cause", kind=kind)
    if needs_accountability(incident) and not is_accounted_for(incident):
        return refusal("R60", "no_accountability", kind=kind)
    return None


def may_withdraw(incident: Incident, playbook: Playbook, told: Told, kind: str) -> Refusal | None:
    """The customer may withdraw at any stage, but what the crisis started is still owed (A24).

    A drill is over when its exercise is: then nothing of it is owed any more (R11).
    """
    if of_a_drill(incident, told):
        return None
    owed = _statutory_owed(incident, playbook, told)
    return _still_owed(owed, kind) if owed else None


def _statutory_owed(incident: Incident, playbook: Playbook, told: Told) -> Clock | None:
    running = clocks(incident, playbook, told.received_at)
    return next((clock for clock in running if clock.statutory and clock.open), None)


def _still_owed(clock: Clock, kind: str) -> Refusal:
    due = clock.due_at.astimezone(CHINA).isoformat(timespec="minutes")
    return refusal(clock.rule, "owed", kind=kind, clock=clock.id, clock_zh=clock_name(clock.id), due=due)
