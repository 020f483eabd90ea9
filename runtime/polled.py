"""Who asks Temporal for work, as the server itself says: a worker is there when it polls, and nothing else counts.

A poll lasts a minute, so that a worker that died is seen as polling for a while yet. One that stopped in order has said
so, and is not counted from then on. Errors: RPCError, as it comes.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.enums.v1 import DescribeTaskQueueMode, TaskQueueType, WorkerStatus
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.worker.v1 import WorkerHeartbeat
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, ListWorkersRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from runtime.names import DELIVERIES_QUEUE, WORKFLOWS_QUEUE

LATELY: Final = timedelta(minutes=2)
"""A poll waits for a minute at most before the worker asks again."""
POLLED: Final = (
    (WORKFLOWS_QUEUE, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, "workflows"),
    (WORKFLOWS_QUEUE, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY, "rosters and links"),
    (DELIVERIES_QUEUE, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY, "deliveries"),
)
_STOPPING: Final = (WorkerStatus.WORKER_STATUS_SHUTTING_DOWN, WorkerStatus.WORKER_STATUS_SHUTDOWN)
_OLDER: Final = (RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.INVALID_ARGUMENT)
"""What a server says that keeps no list of workers."""


async def not_polled(client: Client, host: str | None = None) -> list[str]:
    """What nobody, or nobody of this host, has asked for lately; nothing where all is well."""
    since = datetime.now(UTC) - LATELY
    said = {queue: await _workers(client, queue) for queue, _, _ in POLLED}
    return [
        f"{what} ({queue})"
        for queue, kind, what in POLLED
        if not any(_counts(poller, said[queue], host, since) for poller in await pollers(client, queue, kind))
    ]


async def pollers(client: Client, queue: str, kind: TaskQueueType.ValueType) -> Iterable[PollerInfo]:
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


async def _workers(client: Client, queue: str) -> Sequence[WorkerHeartbeat]:
    """What workers of a queue said of themselves; nothing where the server keeps no such list (before 1.29)."""
    request = ListWorkersRequest(namespace=client.namespace, query=f'TaskQueue = "{queue}"')
    try:
        said = await client.workflow_service.list_workers(request)
    except RPCError as failed:
        if failed.status not in _OLDER:
            raise
        return []
    return [worker.worker_heartbeat for worker in said.workers_info]


def _counts(poller: PollerInfo, workers: Sequence[WorkerHeartbeat], host: str | None, since: datetime) -> bool:
    """The SDK calls a worker PROCESS@HOST, and a container is a host of its own."""
    if host is not None and not poller.identity.endswith(f"@{host}"):
        return False
    same = [worker for worker in workers if worker.worker_identity == poller.identity]
    goes_on = any(worker.status not in _STOPPING for worker in same)
    stopped = [] if goes_on else [_instant(worker.heartbeat_time) for worker in same]
    return _instant(poller.last_access_time) > max([since, *stopped])


def _instant(written: Timestamp) -> datetime:
    return written.ToDatetime(UTC)
