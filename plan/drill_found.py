"""What a drill begins with, found in the organisation: which insurer it is about, who sits at the desk (R11, R28).

Readings: without an insurer in the scenario it is about the first that answers for the outlet. Without a desk that was
named, the first operator has it. Errors: none; what stands against it is a refusal.
"""

from plan.drill import DrillAsked, Prepared
from plan.drill_plan import DrillPlan
from plan.drill_scenario import Scenario
from plan.organisation import Organisation
from plan.receipts import Refusal
from plan.roster import Way
from plan.rounds import insurers_of


def prepared(asked: DrillAsked, scenario: Scenario, organisation: Organisation) -> Prepared:
    """The drill's beginning. Whether the outlet is known, and who may begin, is judged elsewhere."""
    outlet = next((each for each in organisation.outlets if each.id == asked.outlet), None)
    desk = _desk(asked, organisation)
    if isinstance(desk, Refusal):
        return Prepared(refusal=desk)
    return Prepared(
        scenario=scenario,
        insurer=_insurer(scenario, organisation, outlet.superior if outlet else ""),
        outlet_name=outlet.name if outlet else asked.outlet,
        outlet_name_en=(outlet.name_en or outlet.name) if outlet else asked.outlet,
        plan=desk,
    )


def not_prepared(why: str) -> Prepared:
    """The scenario cannot be played."""
    return Prepared(refusal=Refusal(rule="R11", reason=why, reason_zh=f"演练没有开始：{why}"))


def _insurer(scenario: Scenario, organisation: Organisation, superior: str) -> str | None:
    if any(each.id == scenario.insurer for each in organisation.insurers):
        return scenario.insurer
    return next((each.id for each in insurers_of(organisation, superior)), None)


def _desk(asked: DrillAsked, organisation: Organisation) -> DrillPlan | Refusal:
    plan = DrillPlan(insurers=asked.insurers)
    if asked.recipients == "real":
        return plan
    name = asked.desk or next(iter(organisation.operators), None)
    person = next((each for each in organisation.persons if each.id == name), None)
    if person is None or person.left or not person.channels:
        return Refusal(
            rule="R28",
            reason=f"the drill was refused (R28): {name} cannot have its desk, for nobody of this id is reached. Name "
            "a person of the organisation: --desk.",
            reason_zh=f"未被接受（R28）：{name} 不在机构名录或没有联系方式，不能作演练席。请另指定一人（--desk）。",
        )
    ways = tuple(Way(channel=address.channel, audience=address.audience) for address in person.channels)
    return plan.model_copy(update={"desk": person.id, "ways": ways})
