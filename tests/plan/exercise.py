"""A drill told to the plan without a server: the scenario's world, what people do, and the score (R11)."""

from datetime import datetime
from typing import Any

from plan.drill import Drill, DrillAsked, DrillState, Prepared, Why
from plan.drill_plan import DrillPlan
from plan.drill_scenario import Scenario
from plan.drill_sheet import Missed, Sheet
from plan.receipts import Receipt
from plan.score import score
from plan.told import WITHIN
from runtime.scenarios import SCENARIOS, load_scenario
from tests.plan.times import at
from tests.plan.told import T1, Day


def scenario(name: str = "crowd", **changes: Any) -> Scenario:
    """One that comes along, changed as said."""
    return Scenario.model_validate({**load_scenario(SCENARIOS / f"{name}.yaml").model_dump(), **changes})


class Exercise:
    """A drill that begins at 09:00 at T1. Times are those of the day; the world acts by itself as time passes."""

    def __init__(self, played: Scenario | None = None, *, speed: float = 1, plan: DrillPlan | None = None, **day: Any):
        plan = plan or DrillPlan()
        asked = DrillAsked(scenario="crowd", outlet=T1, insurers=plan.insurers, speed=speed, by="gd-gz-th.work")
        self.drill = Drill(
            drill_id="X",
            state=DrillState.PLAYING,
            asked=asked,
            found=Prepared(scenario=played or scenario(), plan=plan),
            starts_at=at("09:00"),
            incidents=("D-X",),
        )
        said: dict[str, Any] = {"channel": "outlet", "reported_by": WITHIN, **day}
        self.day = Day("09:00", incident_id="D-X", drill=True, drill_plan=plan, **said)

    def does(self, when: str, by: str, kind: str, **fields: Any) -> Receipt:
        """Somebody of the plan states a fact."""
        self.until(when)
        return self.day.judge(self.day.fact(by, kind, **fields))

    def answers(self, when: str, *people: str, duty: str) -> None:
        for person in people:
            assert self.does(when, person, "notice_acknowledged", notice_id=f"{duty}~{person}").accepted

    def until(self, when: str | datetime) -> None:
        """Time passes, and the world does what the scenario says."""
        while (following := self.drill.next_step()) and following[1] <= at(when):
            step, instant = following
            self.drill = self.drill.model_copy(update={"played": self.drill.played + 1})
            self.day.until(max(instant, self.day.now))
            if step.tells is not None:
                assert self.within(step.tells.kind, **step.tells.stated).accepted
        self.day.until(when)

    def within(self, kind: str, **fields: Any) -> Receipt:
        """Said by the drill itself."""
        return self.day.judge(self.day.fact(WITHIN, kind, door="tocsin", **fields))

    def ended(self, when: str | datetime = "12:00") -> Sheet:
        """The drill ends its incident, and is scored."""
        self.until(when)
        if not self.day.incident.over:
            assert self.within("withdrawn", reason="演练结束").accepted
        self.drill = self.drill.model_copy(update={"ended_at": at(when), "why": Why.PLAYED})
        return score(self.drill, {"D-X": self.day.book.state})


def named(missed: tuple[Missed, ...]) -> set[tuple[str, str]]:
    """What was missed: of which kind, and what."""
    return {(str(each.kind), each.what) for each in missed}
