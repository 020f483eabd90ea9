"""An ordinary complaint from filing to closing costs at most 150 history events: 10 facts as updates, 8 notices.

Told on the server with skipped time, four days in all; the events that skipping itself writes are counted apart, for a
production server has none of them. The arithmetic stands beside the count, so that a reader can see what each costs.
"""

from collections import Counter
from statistics import median
from typing import Any, Final

from temporalio.api.enums.v1 import EventType

from bench.skipped import stage
from bench.tables import Options, Table, spread
from tests.replay.day import COUNTY, INSURER, LEAD, Day
from tests.replay.scenarios import Stage

LIMIT = 150
FACTS, NOTICES = 10, 8
_OF_SKIPPING: Final = ("WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED", "WORKFLOW_EXECUTION_OPTIONS_UPDATED")
_WHY: Final = {
    "WORKFLOW_TASK_SCHEDULED": "a workflow task is three events: one for the start, the roster, each fact",
    "WORKFLOW_TASK_STARTED": "and each batch of deliveries or timer that comes back",
    "WORKFLOW_TASK_COMPLETED": "",
    "ACTIVITY_TASK_SCHEDULED": f"an activity is three events: {NOTICES} notices, the roster, the record, the watches",
    "ACTIVITY_TASK_STARTED": "",
    "ACTIVITY_TASK_COMPLETED": "",
    "WORKFLOW_EXECUTION_UPDATE_ACCEPTED": f"{FACTS} facts, two events each",
    "WORKFLOW_EXECUTION_UPDATE_COMPLETED": "",
    "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES": "one for each change of stage or of what is due next, or as notices arrive",
    "TIMER_STARTED": "one timer, re-armed when the next instant moves",
    "TIMER_CANCELED": "",
}
_OTHERS: Final = (
    "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES",
    "TIMER_STARTED",
    "TIMER_CANCELED",
    "TIMER_FIRED",
    "WORKFLOW_EXECUTION_STARTED",
    "WORKFLOW_EXECUTION_COMPLETED",
)
_CUSTOMER: Final[dict[str, Any]] = {"name": "演示客户", "phone": "13800000000", "policy_numbers": ["P-1"]}


async def ordinary(stage: Stage) -> Day:
    """Not persuaded, handed over, decided in time, relayed, resolved, closed."""
    day = stage.day("09:00")
    async with stage.serve():
        await day.filed(customer=_CUSTOMER)
        await day.accepted("09:30", LEAD, "calming_attempted", outcome="not_persuaded")
        await day.accepted("09:34", LEAD, "customer_recorded", policy_numbers=["P-1", "P-2"])
        await day.accepted("09:38", LEAD, "handed_to_insurer", due_at=day.at("D+7 17:00").isoformat())
        await day.accepted("D+1 10:00", INSURER, "policy_examined", policy_number="P-1", signed=True)
        await day.accepted("D+1 11:00", COUNTY, "policy_examined", policy_number="P-1", mis_selling_proven=False)
        await day.accepted("D+2 10:00", INSURER, "insurer_progressed", note="正在核对")
        await day.accepted("D+3 10:00", INSURER, "insurer_decided", decision="说明后客户认可", remedy="explanation")
        await day.accepted("D+3 10:40", LEAD, "decision_relayed", how="电话")
        await day.accepted("D+3 15:00", COUNTY, "resolved")
        await day.accepted("D+3 15:10", COUNTY, "closed")
        await day.handle.result()
    return day


async def measure(options: Options) -> Table:
    """Several days, for how many deliveries come back in one workflow task differs from run to run. Each has a server
    of its own: a second complaint of the same customer would be a repeat, and three customers a crowd.
    """
    found: list[Counter[str]] = []
    for _ in range(options.rounds):
        async with stage("ordinary") as there:
            day = await ordinary(there)
            entries = Counter(entry["what"] for entry in await day.entries())
            if (entries["notice"], entries["delivered"]) != (NOTICES, NOTICES):
                raise RuntimeError(f"not the ordinary complaint that this measures: {entries}")
            found.append(await _events(day))
    ours = [sum(count for name, count in events.items() if name not in _OF_SKIPPING) for events in found]
    table = Table(
        title="history",
        claim=f"an ordinary complaint ({FACTS} facts as updates, {NOTICES} notices): at most {LIMIT} history events.",
        columns=("event", "count", "why"),
        held=max(ours) <= LIMIT,
    )
    for name in sorted({name for events in found for name in events if name not in _OF_SKIPPING}):
        table.rows.append((name, spread([events[name] for events in found], 0), _WHY.get(name, "")))
    table.rows.append(("**all**", spread(ours, 0), ""))
    activities = int(max(events["ACTIVITY_TASK_SCHEDULED"] for events in found))
    alone = 1 + FACTS + activities
    others = sum(median(events[name] for events in found) for name in _OTHERS)
    worst = 3 * alone + 3 * activities + 2 * FACTS + others
    skipping = median(sum(events[name] for name in _OF_SKIPPING) for events in found)
    table.notes += [
        f"{options.rounds} complaints; the median of each, and the range. The most was {max(ours)}.",
        f"At worst every activity comes back alone: the start, {FACTS} facts and {activities} activities are {alone} "
        f"workflow tasks: 3 x {alone} + 3 x {activities} activities + 2 x {FACTS} updates + {others:.0f} others "
        f"(attributes, timers, start, end) = {worst:.0f}.",
        f"Not counted: {skipping:.0f} events that skipping time writes.",
    ]
    return table


async def _events(day: Day) -> Counter[str]:
    history = await day.handle.fetch_history()
    return Counter(EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in history.events)
