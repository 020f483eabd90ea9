"""What open incidents say of themselves: for the figures, and for the day's root. Each is asked by a query.

A query leaves nothing behind. Errors: Unreachable where the list cannot be read; an incident that does not answer is
given back without its row.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

from temporalio.client import Client, WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.service import RPCError

from plan.errors import Unreachable
from plan.keeping import LiveRow
from runtime.names import FIGURES, INCIDENT, incident_id_of

AT_ONCE: Final = 16
ANSWERS_WITHIN: Final = timedelta(seconds=10)


async def live_rows(client: Client) -> AsyncIterator[tuple[str, LiveRow | None]]:
    """Every open incident by its id, with what it says; some at once, in the order in which they were listed."""
    query = f"WorkflowType = '{INCIDENT}' AND ExecutionStatus = 'Running'"
    asked: list[str] = []
    try:
        async for run in client.list_workflows(query):
            asked.append(run.id)
            if len(asked) == AT_ONCE:
                for answered in await _answers(client, asked):
                    yield answered
                asked = []
    except RPCError as failed:
        raise Unreachable("The open incidents cannot be listed: Temporal does not answer. Try again later.") from failed
    for answered in await _answers(client, asked):
        yield answered


async def _answers(client: Client, workflows: list[str]) -> list[tuple[str, LiveRow | None]]:
    rows = await asyncio.gather(*(_asked(client, each) for each in workflows))
    return list(zip((incident_id_of(each) for each in workflows), rows, strict=True))


async def _asked(client: Client, workflow: str) -> LiveRow | None:
    """None where nobody answers in time, or the incident was begun by code that does not know the question."""
    try:
        return await client.get_workflow_handle(workflow).query(
            FIGURES, result_type=LiveRow, rpc_timeout=ANSWERS_WITHIN
        )
    except (RPCError, WorkflowQueryFailedError, WorkflowQueryRejectedError):
        return None
