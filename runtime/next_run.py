"""Going on from a closed incident: what is told later starts the next run of the same id (contract, section 5).

The message travels with the start, in one call: a next run that began alone would find nothing to do and end before the
message arrived. Errors: NoSuchIncident where there is none, Unreachable where its last run has no state to go on from.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self, cast

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowUpdateHandle,
    WorkflowUpdateRPCTimeoutOrCancelledError,
    WorkflowUpdateStage,
)
from temporalio.common import (
    Priority,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.service import RPCError

from plan.errors import Unreachable
from runtime.names import DIGEST, INCIDENT, USUAL_PRIORITY, WORKFLOWS_QUEUE, workflow_id
from runtime.search_attributes import ALL


@dataclass(frozen=True)
class NextRun:
    """What a next run takes over from the closed one. Where somebody else was first, theirs gets the message."""

    client: Client
    incident_id: str
    closed_run: str
    digest: str | None
    summary: str | None
    search_attributes: TypedSearchAttributes

    @classmethod
    async def of(cls, client: Client, incident_id: str) -> Self | None:
        """None where the incident is open after all. RPCError is left to `insisting`."""
        last = await client.get_workflow_handle(workflow_id(incident_id)).describe()
        match last.status:
            case WorkflowExecutionStatus.RUNNING | None:
                return None
            case WorkflowExecutionStatus.COMPLETED:
                return cls(
                    client,
                    incident_id,
                    closed_run=last.run_id,
                    digest=await filed_digest(last),
                    summary=await last.static_summary(),
                    search_attributes=_ours(last.typed_search_attributes),
                )
            case status:
                raise Unreachable(
                    f"{incident_id} was ended from outside ({status.name.lower()}, run {last.run_id}): there is no "
                    "state to go on from. Let an operator reset that run in Temporal, then try again."
                )

    async def update(self, name: str, argument: object, *, update_id: str, result: type) -> WorkflowUpdateHandle[Any]:
        """Start it with an update; returns once the update is accepted."""
        operation: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            INCIDENT,
            self._argument,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            **self._options,
        )
        try:
            return await self.client.start_update_with_start_workflow(  # pyright: ignore[reportUnknownMemberType]
                name,
                argument,
                start_workflow_operation=operation,
                wait_for_stage=WorkflowUpdateStage.ACCEPTED,
                id=update_id,
                result_type=result,
            )
        except (RPCError, WorkflowUpdateRPCTimeoutOrCancelledError):
            # temporalio 1.35 keeps the error in the operation as well and complains when nobody looks at it there
            await asyncio.gather(operation.workflow_handle(), return_exceptions=True)
            raise

    async def signal(self, name: str, argument: object) -> None:
        """Start it with a signal; durable when this returns."""
        await self.client.start_workflow(
            INCIDENT,
            self._argument,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            **self._options,
            start_signal=name,
            start_signal_args=[argument],
        )

    @property
    def _argument(self) -> dict[str, str]:
        return {"incident_id": self.incident_id, "resumes": self.closed_run}

    @property
    def _options(self) -> dict[str, Any]:
        """What both ways of starting it have in common."""
        return {
            "id": workflow_id(self.incident_id),
            "task_queue": WORKFLOWS_QUEUE,
            "id_reuse_policy": WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            "memo": {DIGEST: self.digest} if self.digest else None,
            "search_attributes": self.search_attributes,
            "static_summary": self.summary,
            "priority": Priority(priority_key=USUAL_PRIORITY),
        }


async def filed_digest(described: WorkflowExecutionDescription) -> str | None:
    """The digest of the complaint as it was filed; None for an incident without one, such as a group event."""
    digest: object = await described.memo_value(DIGEST, None)
    return digest if isinstance(digest, str) else None


def _ours(found: TypedSearchAttributes) -> TypedSearchAttributes:
    """Temporal's own attributes may not be set."""
    names = {key.name for key in ALL}
    pairs = cast(Iterable[SearchAttributePair[Any]], found)
    return TypedSearchAttributes([pair for pair in pairs if pair.key.name in names])
