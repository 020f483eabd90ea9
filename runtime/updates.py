"""An update of an incident, whichever run it meets: an open one, or the next run of a closed one.

An update that no worker has accepted is not durable, a restart of the server loses it; an accepted one is. However
often it is tried, it is one update to the server, by its id. Errors: those of `reach.py` and `next_run.py`.
"""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowUpdateHandle, WorkflowUpdateStage
from temporalio.service import RPCError, RPCStatusCode

from runtime.names import workflow_id
from runtime.next_run import NextRun
from runtime.reach import insisting, within


class Update:
    """`about` goes into the update's id, so that an operator finds what it was for."""

    def __init__(
        self, client: Client, incident_id: str, name: str, argument: object, *, about: str, result: type
    ) -> None:
        self._client, self._incident_id = client, incident_id
        self._name, self._argument, self._result = name, argument, result
        self._id = f"{about}/{uuid4().hex}"

    async def accepted(self, patience: timedelta) -> WorkflowUpdateHandle[Any] | None:
        """The accepted update, whose result follows; None when no worker took it in time."""
        return await within(patience, insisting(self._incident_id, self._sent))

    async def _sent(self) -> WorkflowUpdateHandle[Any] | None:
        """None to try again: the incident has just been closed, or has just gone on."""
        try:
            return await self._client.get_workflow_handle(workflow_id(self._incident_id)).start_update(  # pyright: ignore[reportUnknownMemberType]
                self._name,
                self._argument,
                id=self._id,
                wait_for_stage=WorkflowUpdateStage.ACCEPTED,
                result_type=self._result,
            )
        except RPCError as failed:
            if failed.status is not RPCStatusCode.NOT_FOUND:
                raise
        return await self._sent_to_the_next_run()

    async def _sent_to_the_next_run(self) -> WorkflowUpdateHandle[Any] | None:
        next_run = await NextRun.of(self._client, self._incident_id)
        try:
            return next_run and await next_run.update(
                self._name, self._argument, update_id=self._id, result=self._result
            )
        except RPCError as failed:
            if failed.status is not RPCStatusCode.NOT_FOUND:
                raise
            return None
