"""What one incident asks of another: tell it a fact, open a group event, load what a closed run ended with.

Links go through the worker's own client, never from workflow to workflow: a member may be closed or gone, and a group
event is no parent. Everything here may be repeated: facts have ids, and a group event is opened once.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final

from temporalio import activity
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus
from temporalio.common import Priority, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.names import (
    LOAD_ENDED,
    MALFORMED,
    NOT_JUDGED_YET,
    NOT_VISIBLE_YET,
    NOTHING_TO_RESUME,
    TELL_INCIDENT,
)
from plan.errors import Malformed, NoSuchIncident
from plan.orders import LinkAnswer, LinkOrder, ResumeOrder
from plan.receipts import Answer
from runtime.names import INCIDENT, USUAL_PRIORITY, WORKFLOWS_QUEUE, workflow_id
from runtime.reach import PATIENCE
from runtime.seals import Keyring, stamp
from runtime.telling import tell_fact

DOOR: Final = "tocsin"
"""The door of what incidents tell each other."""
LOOKS: Final = 150
LOOK_AGAIN: Final = timedelta(seconds=0.05)
"""How often the list of runs is looked at, and how long between: together less than the attempt may take."""

State = dict[str, Any]
"""What the workflow itself wrote as its result's `state`; only the workflow reads it."""


class LinkActivities:
    """`patience` is how long a worker has to take what is told, before it is left for later."""

    def __init__(self, client: Client, keyring: Keyring, *, patience: timedelta = PATIENCE) -> None:
        self._client, self._keyring, self._patience = client, keyring, patience

    @activity.defn(name=TELL_INCIDENT)
    async def tell_incident(self, order: LinkOrder) -> LinkAnswer:
        """Tell another incident a fact under its own id and stamp (A12, A19); the answer is a verdict.

        Not judged yet is not an answer: it is asked again under the same id. Temporal out of reach likewise.
        """
        if order.opens is not None:
            await self._open(order.incident_id, order.opens, order.received_at)
        try:
            receipt = await tell_fact(
                self._client,
                order.incident_id,
                order.fact,
                door=DOOR,
                keyring=self._keyring,
                received_at=order.received_at,
                patience=self._patience,
            )
        except NoSuchIncident:
            return LinkAnswer(gone=True)
        except Malformed as never:
            raise ApplicationError(str(never), type=MALFORMED, non_retryable=True) from never
        if receipt.state is Answer.PENDING:
            raise ApplicationError(
                f"{order.incident_id} holds the fact and has not judged it yet. It is asked again by itself.",
                type=NOT_JUDGED_YET,
            )
        return LinkAnswer(receipt=receipt.model_dump(mode="json"))

    async def _open(self, incident_id: str, opens: State, received_at: datetime) -> None:
        """Start the group event unless it is there. One that was closed is not begun anew: telling it resumes it."""
        stamped = stamp(received_at)
        seal = self._keyring.sign(incident_id, opens, stamped, DOOR)
        start = {"incident_id": incident_id, "received_at": stamped, "door": DOOR, "seal": seal, **opens}
        try:
            await self._client.start_workflow(
                INCIDENT,
                start,
                id=workflow_id(incident_id),
                task_queue=WORKFLOWS_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                priority=Priority(priority_key=USUAL_PRIORITY),
                static_summary=_summary(incident_id, opens),
            )
        except WorkflowAlreadyStartedError:
            return

    @activity.defn(name=LOAD_ENDED)
    async def load_ended(self, order: ResumeOrder) -> State:
        """The state a closed incident ended with, for the run that goes on from it (contract, section 5).

        The run that was named may not have been the last: of it and every completed run after it, the state of the
        highest `sequence` wins, so that nothing on record is lost.
        """
        ended = [result for run in await self._completed(order) if (result := await self._result(order, run))]
        if not ended:
            raise ApplicationError(
                f"{order.incident_id} cannot go on: none of its closed runs is kept any more. Its record stands in the "
                "audit exports; lengthen the namespace's retention for the next ones.",
                type=NOTHING_TO_RESUME,
                non_retryable=True,
            )
        return max(ended, key=_sequence)["state"]

    async def _completed(self, order: ResumeOrder) -> list[str]:
        """The run that was named, and the others that have completed.

        Two who tell a closed incident something at the same time may both name the same run, although the one's run has
        come and gone before the other's begins. So the list of runs is believed only once it shows the run that asks.
        """
        for _ in range(LOOKS):
            runs = [
                run async for run in self._client.list_workflows(f"WorkflowId = '{workflow_id(order.incident_id)}'")
            ]
            if _up_to_date(runs, order.asked_by):
                done = [run.run_id for run in runs if run.status is WorkflowExecutionStatus.COMPLETED]
                return [order.run_id, *(run for run in done if run != order.run_id)]
            await asyncio.sleep(LOOK_AGAIN.total_seconds())
        raise ApplicationError(
            f"the list of the runs of {order.incident_id} lags behind; it is looked at again by itself.",
            type=NOT_VISIBLE_YET,
        )

    async def _result(self, order: ResumeOrder, run_id: str) -> State | None:
        """None where the run is gone, still open, or ended without a result (terminated, continued)."""
        handle = self._client.get_workflow_handle(workflow_id(order.incident_id), run_id=run_id, result_type=dict)
        try:
            if (await handle.describe()).status is not WorkflowExecutionStatus.COMPLETED:
                return None
            result: State = await handle.result(follow_runs=False)
        except RPCError as failed:
            if failed.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        return result if isinstance(result.get("state"), dict) else None


def _up_to_date(runs: list[WorkflowExecution], asked_by: str | None) -> bool:
    """The run that asks is there, and no other is open: then whatever ended before it began is there as ended."""
    if asked_by is None:
        return True
    open_now = [run.run_id for run in runs if run.status is WorkflowExecutionStatus.RUNNING]
    return open_now == [asked_by]


def _summary(incident_id: str, opens: State) -> str:
    """What the UI's list and head line show of a group event."""
    group: State = opens.get("group") or {}
    drill = "[DRILL] " if group.get("drill") else ""
    return f"{drill}{incident_id} · {group.get('scene') or '-'} · group event"


def _sequence(result: State) -> int:
    sequence = result.get("sequence")
    return sequence if isinstance(sequence, int) else -1
