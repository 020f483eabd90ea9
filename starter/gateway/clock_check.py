"""Whether the gateway's clock and Temporal's agree: deadlines are stamped by the one and kept by the other (R43).

A poll of a private task queue leaves there when the server saw it, by the server's own clock; that lies between the
poll's beginning and the answer in which it is seen. The difference is told, logged and measured where it is more than
`BOUND`. No stamp is changed for it: who is right, a person must find out. It is looked at once a minute.
"""

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Final

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, PollWorkflowTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from plan.errors import TocsinError
from starter.gateway.parts import Clock, Temporal

BOUND: Final = timedelta(seconds=2)
EVERY: Final = timedelta(minutes=1)
PATIENCE: Final = timedelta(seconds=5)
LOOK_AGAIN: Final = timedelta(seconds=0.02)

log: Final = logging.getLogger(__name__)


class ClockCheck:
    """`difference`: Temporal's clock less ours, as last seen; None before that."""

    def __init__(self, clock: Clock, temporal: Temporal) -> None:
        self._clock, self._temporal = clock, temporal
        self.difference: timedelta | None = None

    @property
    def agrees(self) -> bool:
        """Also as long as nobody knows better."""
        return self.difference is None or abs(self.difference) <= BOUND

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY.total_seconds())

    async def look(self) -> None:
        """Once. Where Temporal does not answer, what was seen last stands."""
        with suppress(TocsinError, RPCError, TimeoutError):
            async with asyncio.timeout(PATIENCE.total_seconds()):
                self.difference = await difference(self._clock, await self._temporal.client())
        if self.difference is not None and not self.agrees:
            seconds = self.difference.total_seconds()
            log.error("Temporal's clock is %+.1f s from this machine's; set both by the same time server", seconds)


async def difference(clock: Clock, client: Client) -> timedelta:
    """Temporal's clock less ours: how far it is outside what this call took."""
    queue = TaskQueue(name=f"tocsin.gateway.clock.{token_hex(4)}")
    begun = clock.now()
    poll = asyncio.create_task(_polled(client, queue))
    try:
        while True:
            seen, answered = await _seen(client, queue), clock.now()
            if seen is not None:
                break
            await asyncio.sleep(LOOK_AGAIN.total_seconds())
    finally:
        poll.cancel()
    return max(seen - answered, timedelta(0)) + min(seen - begun, timedelta(0))


async def _polled(client: Client, queue: TaskQueue) -> None:
    """Nobody ever gives it work; it is broken off as soon as it has been seen."""
    request = PollWorkflowTaskQueueRequest(namespace=client.namespace, task_queue=queue, identity="tocsin gateway")
    with suppress(RPCError):
        await client.workflow_service.poll_workflow_task_queue(request, timeout=2 * PATIENCE)


async def _seen(client: Client, queue: TaskQueue) -> datetime | None:
    kind = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
    request = DescribeTaskQueueRequest(namespace=client.namespace, task_queue=queue, task_queue_type=kind)
    pollers = (await client.workflow_service.describe_task_queue(request)).pollers
    return min((poller.last_access_time.ToDatetime(UTC) for poller in pollers), default=None)
