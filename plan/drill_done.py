"""What ought to have been done in a drill, and was not: by the scenario, and by the plan's prompts (R11).

Readings: what was not due when the drill ended is not held against anybody. A prompt counts when it was there for half
an hour; one that a clock stands behind is the clock's matter. Errors: none.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from plan.authority import TABLE
from plan.drill import Drill
from plan.drill_account import Account, Tally, stated
from plan.drill_scenario import Expected
from plan.drill_sheet import Kind, Missed
from plan.duties import ABOUT, base
from plan.incident import Occasion, Stage
from plan.outstanding import prompts

A_PROMPT_TAKES: Final = timedelta(minutes=30)


def expectations(drill: Drill, accounts: Sequence[Account], end: datetime) -> tuple[Tally, list[Missed]]:
    tally, missed = Tally(), list[Missed]()
    for expected in drill.scenario.expects:
        until = drill.at(expected.after) + expected.within
        first, in_order = _first(drill, accounts, expected)
        kept = first is not None and first <= until and in_order
        if not kept and first is None and until > end:
            continue  # it was not due when the drill ended
        tally += Tally(int(kept), 1, int(not kept and first is not None and in_order))
        if not kept:
            rule, _ = TABLE[expected.kind]
            missed.append(Missed(kind=Kind.EXPECTED, what=expected.kind, rule=rule, due_at=until, late_at=first))
    return tally, missed


def _first(drill: Drill, accounts: Sequence[Account], expected: Expected) -> tuple[datetime | None, bool]:
    """When it was stated first, and whether nothing came before that should not."""
    since = drill.at(expected.after)
    first = min((at for at in stated(accounts, expected.kind) if at >= since), default=None)
    sooner = min(stated(accounts, expected.before), default=None) if expected.before else None
    return first, sooner is None or (first is not None and first <= sooner)


def prompted(accounts: Sequence[Account], end: datetime) -> tuple[Tally, list[Missed]]:
    tally, missed = Tally(), list[Missed]()
    for each in accounts:
        raised = {
            o.duty: o.at for o in each.incident.occasions if _is_a_prompt(each, o) and o.at + A_PROMPT_TAKES <= end
        }
        open_still = each.incident.model_copy(update={"stage": Stage.OPEN})
        left = [owed for owed in prompts(open_still, each.playbook, end) if owed.what in raised]
        tally += Tally(len(raised) - len(left), len(raised))
        missed += [
            Missed(
                kind=Kind.PROMPT,
                what=owed.what,
                incident_id=each.incident.incident_id,
                rule=owed.rule,
                by=owed.by,
            )
            for owed in left
        ]
    return tally, missed


def _is_a_prompt(account: Account, occasion: Occasion) -> bool:
    name = base(occasion.duty)
    return name.startswith("prompt.") and name not in ABOUT and account.playbook.notice(name) is not None
