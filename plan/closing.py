"""What must be done before an incident may be closed or withdrawn (R43, R45, R58-R63; A18, A24).

Statutory clocks end only by submission, late or not. A crisis needs its causes and lessons, and where a reporting clock
was breached or conduct was reported, an accountability decision; the final report is prompted, not a condition.
"""

from plan.clock import Clock
from plan.clocks import clocks
from plan.details import clock_name
from plan.incident import Incident, Stage
from plan.playbook import ClockName, Playbook
from plan.receipts import Refusal
from plan.refusals import refusal
from plan.told import Told
from plan.wording import CHINA

REPORTING = (ClockName.OUTLET_REPORT, ClockName.PROVINCE_OPINION, ClockName.REGULATOR_REPORT, ClockName.RELAY)
"""The clocks whose breach is a matter of accountability (R62): those of reporting, not the configured targets."""


def may_close(incident: Incident, playbook: Playbook, told: Told, kind: str) -> Refusal | None:
    """What is owed (R43, R45), then R20, then causes (R58), then accountability (R60-R63)."""
    if owed := _statutory_owed(incident, playbook, told):
        return _still_owed(owed, kind)
    if incident.stage is not Stage.RESOLVED:
        return refusal("R20", "not_resolved", kind=kind, stage=incident.stage)
    if incident.ever_crisis and incident.root_cause is None:
        return refusal("R58", "no_root_cause", kind=kind)
    if needs_accountability(incident) and not incident.accountability:
        return refusal("R60", "no_accountability", kind=kind)
    return None


def may_withdraw(incident: Incident, playbook: Playbook, told: Told, kind: str) -> Refusal | None:
    """The customer may withdraw at any stage, but what the crisis started is still owed (A24)."""
    owed = _statutory_owed(incident, playbook, told)
    return _still_owed(owed, kind) if owed else None


def needs_accountability(incident: Incident) -> bool:
    """A crisis with a breach of reporting that was not lifted, or with reported conduct."""
    if not incident.ever_crisis:
        return False
    late = any(
        breach.lifted_at is None and clock_id.split(".")[0] in REPORTING
        for clock_id, breach in incident.breaches.items()
    )
    return late or bool(incident.conduct)


def _statutory_owed(incident: Incident, playbook: Playbook, told: Told) -> Clock | None:
    running = clocks(incident, playbook, told.received_at)
    return next((clock for clock in running if clock.statutory and clock.open), None)


def _still_owed(clock: Clock, kind: str) -> Refusal:
    due = clock.due_at.astimezone(CHINA).isoformat(timespec="minutes")
    return refusal(clock.rule, "owed", kind=kind, clock=clock.id, clock_zh=clock_name(clock.id), due=due)
