"""What watches need of the world: incidents' reports posted to them, whether an incident is open, an alert raised.

A report goes to each watch by signal-with-start, sealed, so that a watch believes no one else. Everything here may be
repeated: a watch takes the newest report of an incident and no older one.
"""

import asyncio
from datetime import UTC, datetime
from typing import Any, Final

from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import Priority, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from activities.names import LOOK_AT_INCIDENT, RAISE_ALERT, REPORT_SIGHTING
from plan.saying import RaiseAlert
from plan.sighting import Sighting, SightingOrder
from plan.told import WITHIN
from plan.watch import Report, seen_by
from plan.wording import CHINA
from runtime.names import ALERT, RECORD, SEEN, USUAL_PRIORITY, WATCH, WORKFLOWS_QUEUE, alert_id, watch_id, workflow_id
from runtime.seals import Keyring, stamp

DOOR: Final = "tocsin"


class WatchActivities:
    """Over the worker's own client."""

    def __init__(self, client: Client, keyring: Keyring) -> None:
        self._client, self._keyring = client, keyring

    @activity.defn(name=REPORT_SIGHTING)
    async def report_sighting(self, order: SightingOrder) -> None:
        """Post what an incident is now to the watches that see it, and to those that saw it before (A23)."""
        said = order.sighting
        hashed = tuple(sorted({self._keyring.policy_key(number) for number in order.numbers}))
        heightened = not said.drill and said.outlet is not None and await self._alerted(said)
        report = Report(
            sighting=said.model_copy(update={"policies": hashed, "heightened": heightened}), rules=order.rules
        )
        places = dict.fromkeys([*seen_by(said), *(seen_by(order.were) if order.were else ())])
        await asyncio.gather(*(self._post(watch_id(*place, drill=said.drill), report) for place in places))

    async def _post(self, watch: str, report: Report) -> None:
        said = report.model_dump(mode="json")
        await self._signal(WATCH, watch, SEEN, said, f"观察 · watch · {watch.partition('/')[2]}")

    async def _signal(self, kind: str, workflow: str, signal: str, said: dict[str, Any], summary: str) -> None:
        """Started where it does not run, and told, in one call."""
        envelope = self._keyring.envelope(workflow, said, stamp(datetime.now(UTC)), DOOR)
        await self._client.start_workflow(
            kind,
            {},
            id=workflow,
            task_queue=WORKFLOWS_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=signal,
            start_signal_args=[envelope],
            priority=Priority(priority_key=USUAL_PRIORITY),
            static_summary=summary,
        )

    async def _alerted(self, said: Sighting) -> bool:
        """Whether a heightened alert is in force: for its province and insurer, or for all of either (R7, R32)."""
        places = ((said.province, said.insurer), (None, said.insurer), (said.province, None))
        wanted = {alert_id(province, insurer) for province, insurer in places if province or insurer}
        return any(await asyncio.gather(*(self._runs(alert) for alert in sorted(wanted))))

    @activity.defn(name=LOOK_AT_INCIDENT)
    async def look_at_incident(self, incident_id: str) -> bool:
        """Whether an incident is open: neither closed nor withdrawn, nor gone."""
        return await self._runs(workflow_id(incident_id))

    async def _runs(self, workflow: str) -> bool:
        try:
            found = await self._client.get_workflow_handle(workflow).describe()
        except RPCError as failed:
            if failed.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return found.status is WorkflowExecutionStatus.RUNNING

    @activity.defn(name=RAISE_ALERT)
    async def raise_alert(self, order: RaiseAlert) -> None:
        """Raise a heightened alert, or let one that is in force last longer (R32)."""
        alert = alert_id(order.province, order.insurer)
        reason = f"观察 · the watch: {order.people} persons lately, {order.usual:.1f} as a rule"
        until = order.until.astimezone(CHINA).date().isoformat()
        said = {"kind": "alert_raised", "by": WITHIN, "until": until, "reason": reason}
        await self._signal(ALERT, alert, RECORD, said, f"警戒 · alert · {order.insurer}")
