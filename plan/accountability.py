"""What there is to answer for, by category, and what still wants a decision (R56, R60-R63).

Category 2 is a missed clock of ours (R62), category 3 conduct that was reported (R63), category 1 rules that were not
kept: mis-selling that is proven (R56, whoever did it is liable; R61). A decision of its category settles a matter.

Readings: of the clocks only those of reporting call for a decision; the others are configured targets, and are shown
because late action is judged as well. What the insurer owes is not ours to judge. That a decision was wrong (R61) no
software sees. Errors: none.
"""

from plan.incident import Incident
from plan.playbook import ClockName
from plan.values import Kept

REPORTING = (ClockName.OUTLET_REPORT, ClockName.PROVINCE_OPINION, ClockName.REGULATOR_REPORT, ClockName.RELAY)
"""The clocks whose breach is a matter of accountability (R62): those of reporting, not the configured targets."""
INSURERS = (ClockName.INSURER_ANSWER, ClockName.INSURER_ON_SCENE)
MIS_SELLING = "mis_selling"


class Matter(Kept):
    """`about` is a clock's id, `conduct.<n>`, or `mis_selling`; `called_for`: somebody has to decide on it."""

    about: str
    category: int
    rule: str
    called_for: bool = True
    person: str | None = None
    behaviour: int | None = None


def matters(incident: Incident) -> list[Matter]:
    """Everything there is to answer for, whether it is decided or not."""
    found = [
        Matter(about=clock_id, category=2, rule="R62", called_for=_name(clock_id) in REPORTING)
        for clock_id, breach in incident.breaches.items()
        if breach.lifted_at is None and _name(clock_id) not in INSURERS
    ]
    found += [
        Matter(about=f"conduct.{number}", category=3, rule="R63", person=said.person, behaviour=said.behaviour)
        for number, said in enumerate(incident.conduct, start=1)
    ]
    if any(file.mis_selling_proven for file in incident.policies):
        found.append(Matter(about=MIS_SELLING, category=1, rule="R56"))
    return found


def undecided(incident: Incident) -> tuple[str, ...]:
    """What still calls for a decision."""
    decided = {mark.category for mark in incident.accountability}
    return tuple(each.about for each in matters(incident) if each.called_for and each.category not in decided)


def needs_accountability(incident: Incident) -> bool:
    """A crisis with a breach of reporting that was not lifted, or with reported conduct (contract, section 5)."""
    return incident.ever_crisis and any(each.called_for and each.about != MIS_SELLING for each in matters(incident))


def is_accounted_for(incident: Incident) -> bool:
    """A decision is there, or an open action with its owner and date (contract, section 5)."""
    return bool(incident.accountability) or any(action.open for action in incident.actions)


def _name(clock_id: str) -> str:
    return clock_id.partition(".")[0]
