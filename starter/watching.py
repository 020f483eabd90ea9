"""What the watches see: one by its id, or every outlet's that has something in sight.

Errors: `Unreachable`, when no worker answers in time. Where nothing was ever reported there is no watch, which is an
answer too: nothing is seen.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from plan.errors import Unreachable
from runtime.names import VIEW, WATCH
from runtime.reach import PATIENCE, within

AT_ONCE: Final = 50
"""Watches that are listed at most."""

Seen = dict[str, Any]


async def seen(client: Client, watch: str, *, patience: timedelta = 2 * PATIENCE) -> Seen:
    """What a watch shows; only its id where it sees nothing."""
    found = await within(patience, _shown(client, watch))
    if found is None:
        raise Unreachable(
            f"No worker answers for {watch}. Start one (`tocsin worker`, or `tocsin up`), then ask again."
        )
    return found


async def every_outlet(client: Client, *, drill: bool) -> Sequence[Seen]:
    """The watches of outlets that have complaints in sight, the fullest first."""
    begins = "watch/drill/outlet/" if drill else "watch/outlet/"
    query = f"WorkflowType = '{WATCH}' AND ExecutionStatus = 'Running' AND WorkflowId STARTS_WITH '{begins}'"
    try:
        ids = [found.id async for found in client.list_workflows(query, limit=AT_ONCE)]
    except RPCError as failed:
        raise Unreachable(f"Temporal did not answer the list ({failed.status.name}). Try again.") from failed
    shown = await asyncio.gather(*(seen(client, watch) for watch in ids))
    return sorted(shown, key=lambda each: (-most(each, "short"), -most(each, "long"), each["watch"]))


def most(watch: Seen, window: str) -> int:
    """The largest number of people who belong together within a window."""
    return max((crowd["people"] for crowd in watch.get(window) or ()), default=0)


async def _shown(client: Client, watch: str) -> Seen:
    """Not FAILED_PRECONDITION: a watch that has just gone on answers a moment later."""
    handle = client.get_workflow_handle(watch)
    while True:
        try:
            if (await handle.describe()).status is not WorkflowExecutionStatus.RUNNING:
                return {"watch": watch}
            return await handle.query(VIEW, {}, result_type=dict)
        except RPCError as failed:
            if failed.status is RPCStatusCode.NOT_FOUND:
                return {"watch": watch}
            if failed.status is not RPCStatusCode.FAILED_PRECONDITION:
                raise Unreachable(f"Temporal refused to show {watch} ({failed.status.name}). Try again.") from failed
        await asyncio.sleep(0.1)
