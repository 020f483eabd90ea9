"""Whether the worker of this container does its work: Temporal itself says that it polls both queues.

A process that exists, or a port that is open, says nothing of that: a worker that has lost Temporal looks the same from
inside. So the server is asked who polls, and this host must be among them, lately. Prints one line.
Exit codes: 0 healthy, 1 not.
"""

import asyncio
import socket
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from temporalio.api.enums.v1 import DescribeTaskQueueMode, TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from plan.errors import TocsinError
from runtime.leaving import leave, run
from runtime.names import DELIVERIES_QUEUE, WORKFLOWS_QUEUE
from runtime.settings import Settings
from runtime.temporal import connect

LATELY: Final = timedelta(minutes=2)
"""A poll waits for a minute at most before the worker asks again."""
PATIENCE: Final = timedelta(seconds=15)
"""Below the container's own limit for a check, so that the reason is printed."""

POLLED: Final = (
    (WORKFLOWS_QUEUE, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, "workflows"),
    (WORKFLOWS_QUEUE, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY, "rosters and links"),
    (DELIVERIES_QUEUE, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY, "deliveries"),
)


async def not_polled(client: Client, host: str) -> list[str]:
    """What this host has not asked for lately; nothing where all is well."""
    since = datetime.now(UTC) - LATELY
    return [
        f"{what} ({queue})"
        for queue, kind, what in POLLED
        if not any(_is_of(host, poller, since) for poller in await _pollers(client, queue, kind))
    ]


async def _pollers(client: Client, queue: str, kind: TaskQueueType.ValueType) -> Iterable[PollerInfo]:
    """Of all partitions of a queue: this mode alone looks further than the first one, where a worker need not be."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        api_mode=DescribeTaskQueueMode.DESCRIBE_TASK_QUEUE_MODE_ENHANCED,
        task_queue_types=[kind],
        report_pollers=True,
    )
    versions = (await client.workflow_service.describe_task_queue(request)).versions_info.values()
    return [poller for version in versions for poller in version.types_info[kind].pollers]


def _is_of(host: str, poller: PollerInfo, since: datetime) -> bool:
    """The SDK calls a worker PROCESS@HOST, and a container is a host of its own."""
    return poller.identity.endswith(f"@{host}") and poller.last_access_time.ToDatetime(UTC) > since


async def _main() -> int:
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            missing = await not_polled(await connect(Settings()), socket.gethostname())
    except (TocsinError, RPCError, TimeoutError) as failed:
        return _verdict(1, f"Temporal does not say who polls: {failed or 'no answer in time'}")
    if missing:
        return _verdict(1, f"This worker has not asked lately for {', '.join(missing)}.")
    return _verdict(0, "This worker polls both queues.")


def _verdict(code: int, why: str) -> int:
    sys.stdout.write(f"{why}\n")
    return code


if __name__ == "__main__":
    leave(run(_main()))
