"""A look from outside: what Temporal's own lists say of the incidents, and a nudge for those that stand still.

A handful of queries, each bounded, however many incidents are open; only what looks wrong is looked at one by one.
Errors: none of its own; where Temporal does not answer it is tried again, and the dead man's switch says the rest.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from typing import Final

from temporalio import activity
from temporalio.client import Client, WorkflowExecution
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.http import HTTP, BadAddress, NoAnswer
from activities.names import DELIVER_NOTICE, LOOK_FROM_OUTSIDE, SAY_ALL_IS_WELL
from plan.incident import Stage
from plan.watchdog import MOST, Finding, Looked, LookOrder, Trouble
from runtime.names import INCIDENT, LOOK, WATCHDOG, incident_id_of
from runtime.search_attributes import NEXT_DUE_AT, NOTICES, STAGE

AT_ONCE: Final = 8
"""Calls under way, so that a look is no load."""
NUDGE_TAKES: Final = timedelta(seconds=15)
LOOK_AGAIN: Final = timedelta(milliseconds=250)

_OPEN: Final = f"WorkflowType = '{INCIDENT}' AND ExecutionStatus = 'Running'"
_ENDED: Final = f"'{Stage.CLOSED}', '{Stage.WITHDRAWN}'"
_BROKEN: Final = "ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut', 'Canceled')"


class WatchdogActivities:
    """`switch` is the address of a dead man's switch: it is called only when all is well."""

    def __init__(self, client: Client, http: HTTP, *, switch: str | None = None) -> None:
        self._client, self._http, self._switch = client, http, switch
        self._turn = asyncio.Semaphore(AT_ONCE)

    @activity.defn(name=LOOK_FROM_OUTSIDE)
    async def look_from_outside(self, order: LookOrder) -> Looked:
        """Find what no incident can say of itself; what stands still is nudged, and reported only if it stays so."""
        stalled, nudged = await self._nudged(order)
        found = [
            stalled,
            await self._listed(Trouble.FAILING, "TemporalReportedProblems IS NOT NULL AND ExecutionStatus = 'Running'"),
            await self._listed(Trouble.BROKEN_OFF, _broken_off(order.now - order.since)),
            await self._hanging(order.now - order.hanging),
        ]
        return Looked(
            at=order.now,
            open=(await self._client.count_workflows(_OPEN)).count,
            findings=tuple(finding for finding in found if finding.ids),
            nudged=tuple(nudged),
        )

    @activity.defn(name=SAY_ALL_IS_WELL)
    async def say_all_is_well(self) -> None:
        """Call the dead man's switch, where there is one: whoever misses the call looks after us."""
        if self._switch is None:
            return
        try:
            answer = await self._http.post(self._switch, content=b"", headers={})
        except (BadAddress, NoAnswer) as failed:
            raise ApplicationError(f"The dead man's switch was not reached: {failed}. It is tried again.") from None
        if not 200 <= answer.status < 300:
            raise ApplicationError(
                f"The dead man's switch answered {answer.status}. Correct TOCSIN_DEAD_MAN_URL; it is tried again."
            )

    async def _listed(self, trouble: Trouble, query: str) -> Finding:
        return _finding(trouble, [run async for run in self._runs(query)])

    async def _nudged(self, order: LookOrder) -> tuple[Finding, list[str]]:
        """Those that stand still although they were nudged, and those that went on."""
        query = f"{_OPEN} AND {NEXT_DUE_AT.name} < '{(order.now - order.late).isoformat()}'"
        before = [run async for run in self._runs(query)]
        if not before:
            return Finding(trouble=Trouble.STALLED, ids=()), []
        await asyncio.gather(*(self._nudge(run) for run in before))
        left = asyncio.get_running_loop().time() + NUDGE_TAKES.total_seconds()
        still = before
        while still and asyncio.get_running_loop().time() < left:
            await asyncio.sleep(LOOK_AGAIN.total_seconds())
            now = {run.id async for run in self._runs(query)}
            still = [run for run in still if run.id in now]
        stuck = {run.id for run in still}
        return _finding(Trouble.STALLED, still), [incident_id_of(run.id) for run in before if run.id not in stuck]

    async def _nudge(self, run: WorkflowExecution) -> None:
        """A message that says nothing: whatever is due is evaluated anew."""
        try:
            async with self._turn:
                await self._client.get_workflow_handle(run.id, run_id=run.run_id).signal(LOOK)
        except RPCError as failed:
            if failed.status is not RPCStatusCode.NOT_FOUND:  # it has ended meanwhile
                raise

    async def _hanging(self, since: datetime) -> Finding:
        """A delivery gives up by itself long before; one that is older than that will never settle."""
        runs = [run async for run in self._runs(f"{_OPEN} AND {NOTICES.name} IN ('pending', 'held')")]
        old = await asyncio.gather(*(self._has_old_delivery(run, since) for run in runs))
        return _finding(Trouble.HANGING, [run for run, hangs in zip(runs, old, strict=True) if hangs])

    async def _has_old_delivery(self, run: WorkflowExecution, since: datetime) -> bool:
        try:
            async with self._turn:
                told = await self._client.get_workflow_handle(run.id, run_id=run.run_id).describe()
        except RPCError as failed:
            if failed.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        deliveries = [p for p in told.raw_description.pending_activities if p.activity_type.name == DELIVER_NOTICE]
        return any(pending.scheduled_time.ToMilliseconds() < since.timestamp() * 1_000 for pending in deliveries)

    async def _runs(self, query: str) -> AsyncIterator[WorkflowExecution]:
        """At most one more than will be named, so that it can be said that there are more."""
        async for run in self._client.list_workflows(query, limit=MOST + 1):
            if run.workflow_type != WATCHDOG:
                yield run


def _broken_off(since: datetime) -> str:
    """Of incidents alone; a run that went on in another one, by continue-as-new, is none of them."""
    recent = f"WorkflowType = '{INCIDENT}' AND CloseTime > '{since.isoformat()}'"
    return f"{recent} AND ({_BROKEN} OR (ExecutionStatus = 'Completed' AND {STAGE.name} NOT IN ({_ENDED})))"


def _finding(trouble: Trouble, runs: Iterable[WorkflowExecution]) -> Finding:
    ids = list(dict.fromkeys(run.id for run in sorted(runs, key=lambda run: run.start_time)))
    return Finding(trouble=trouble, ids=tuple(ids[:MOST]), more=len(ids) > MOST)
