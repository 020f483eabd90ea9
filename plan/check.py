"""May this person say this, now? (contract, section 4): the authority table, then the guards."""

from plan.authority import may_say
from plan.guards import may_be_said_now
from plan.incident import Incident
from plan.playbook import Playbook
from plan.receipts import Refusal
from plan.told import Told


def check(incident: Incident, playbook: Playbook, told: Told) -> Refusal | None:
    """None when the plan accepts it; else who or what stands against it, with the rule."""
    return may_say(incident, told) or may_be_said_now(incident, playbook, told)
