"""A drill for the record: begun, played, answered at its desk, stopped, scored (R11, R31)."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final

from temporalio.testing import WorkflowEnvironment

from plan.drill import DrillAsked
from plan.drill_scenario import Scenario
from runtime.drilling import begin_drill, drill_seen, judged, stop_drill
from runtime.names import drill_id
from runtime.seals import Keyring
from runtime.telling import tell_fact
from tests.replay.day import COUNTY, DOOR, LEAD, OUTLET

PLAYED: Final = Scenario.model_validate(
    {
        "id": "golden",
        "version": "1",
        "title": {"zh": "金色", "en": "Golden"},
        "lasts": "PT2H",
        "complaint": {"person": "A", "reason": "演练"},
        "steps": [
            {"at": "PT0S", "seen": {"zh": "客户在柜台大声说话", "en": "A customer speaks aloud at the counter"}},
            {"at": "PT5M", "tells": {"headcount": 6}},
            {"at": "PT10M", "complaint": {"person": "B", "channel": "hotline", "reason": "演练"}},
        ],
        "expects": [{"kind": "police_contacted", "within": "PT8M"}],
    }
)
LONGEST: Final = timedelta(seconds=30)


async def exercised(environment: WorkflowEnvironment, keys: Keyring, name: str) -> list[str]:
    """Five people after five minutes, a report, a second complaint; the county stops it after a quarter of an hour."""
    client = environment.client
    asked = DrillAsked(scenario=PLAYED.id, outlet=OUTLET, by=COUNTY)
    await begin_drill(client, name, asked)
    view = await judged(client, name, LONGEST)
    assert view is not None
    began = datetime.fromisoformat(view["started_at"])
    handle = client.get_workflow_handle(drill_id(name), result_type=dict)
    (first,) = await _filed(environment, name, 1)
    await _until(environment, [first, drill_id(name)], began + timedelta(minutes=6))
    reported = {"kind": "report_submitted", "by": LEAD, "fact_id": f"{name}-1", "content": {"course": "演练"}}
    receipt = await tell_fact(
        client,
        first.removeprefix("incident/"),
        reported,
        door=DOOR,
        keyring=keys,
        received_at=began + timedelta(minutes=6),
    )
    assert receipt.accepted, receipt.reason
    await _until(environment, [first, drill_id(name)], began + timedelta(minutes=11))
    both = await _filed(environment, name, 2)
    stop = {"kind": "drill_stopped", "by": COUNTY, "reason": "演练到此"}
    assert (await stop_drill(client, keys, name, stop, door=DOOR)).accepted
    seen: dict[str, Any] = await asyncio.wait_for(handle.result(), LONGEST.total_seconds())
    assert [(each["kind"], each["what"]) for each in seen["score"]["missed"]] == [("expected", "police_contacted")]
    return [drill_id(name), *(each.removeprefix("incident/") for each in both)]


async def _filed(environment: WorkflowEnvironment, name: str, number: int) -> list[str]:
    """The workflows of its incidents, once it has filed so many."""
    async with asyncio.timeout(LONGEST.total_seconds()):
        while len(found := (await drill_seen(environment.client, name))["incidents"]) < number:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return [f"incident/{each}" for each in found]


async def _until(environment: WorkflowEnvironment, workflows: list[str], at: datetime) -> None:
    for each in workflows:
        handle = environment.client.get_workflow_handle(each)
        left = at - await environment.get_current_time(handle)
        if left > timedelta(0):
            await environment.fast_forward(handle, left)
