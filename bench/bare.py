"""The engine alone: a workflow with one timer and one activity, on a worker set up as ours is.

    python -m bench.bare

What a notice costs beyond this is Tocsin's own. The activity posts what a webhook would, to the same receiver.
"""

import asyncio
import signal
import sys
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel
from temporalio import activity, workflow
from temporalio.common import Priority
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

with workflow.unsafe.imports_passed_through():
    from activities.http import HTTP
    from activities.lanes import Lanes
    from runtime.names import CRISIS_PRIORITY
    from runtime.settings import Settings
    from runtime.temporal import PURE_MODULES, connect, plugin
    from worker import ACTIVITY_POLLERS, LINKS_AND_ROSTERS, WORKFLOW_POLLERS, WORKFLOW_TASKS
    from workflows.delivering import ATTEMPT_LIMIT, RETRY

QUEUE: Final = "bench"
POSTS_QUEUE: Final = "bench.posts"
BARE: Final = "Bare"
TEXT: Final = "【时限提醒】" + "请在时限前报告上级单位。" * 12
"""About as long as a notice."""


class Order(BaseModel):
    key: str
    url: str
    due_at: datetime


@workflow.defn(name=BARE)
class Bare:
    @workflow.run
    async def run(self, order: Order) -> datetime:
        """When it woke, by its own clock. Begun too late it fails, so that whoever measures does not wait for it."""
        left = order.due_at - workflow.now()
        if left <= timedelta(0):
            raise ApplicationError("it was begun after it was due; begin earlier", non_retryable=True)
        await workflow.sleep(left)
        woke = workflow.now()
        await workflow.execute_activity(
            "post",
            order,
            task_queue=POSTS_QUEUE,
            start_to_close_timeout=ATTEMPT_LIMIT,
            retry_policy=RETRY,
            priority=Priority(priority_key=CRISIS_PRIORITY),
        )
        return woke


class Posts:
    def __init__(self, http: HTTP) -> None:
        self._http = http

    @activity.defn(name="post")
    async def post(self, order: Order) -> int:
        headers = {"content-type": "application/json", "idempotency-key": order.key}
        return (await self._http.post(order.url, content=TEXT.encode(), headers=headers)).status


async def serve() -> None:
    settings, http, stop = Settings(), HTTP(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    client, ours = await connect(settings), plugin(settings)
    passed = SandboxRestrictions.default.with_passthrough_modules(*PURE_MODULES, "bench", "worker")
    ours.workflow_runner = SandboxedWorkflowRunner(restrictions=passed)
    async with (
        Worker(
            client,
            task_queue=QUEUE,
            workflows=[Bare],
            plugins=[ours],
            max_cached_workflows=settings.max_cached_workflows,
            max_concurrent_workflow_tasks=WORKFLOW_TASKS,
            max_concurrent_activities=LINKS_AND_ROSTERS,
            max_concurrent_workflow_task_polls=WORKFLOW_POLLERS,
            max_concurrent_activity_task_polls=ACTIVITY_POLLERS,
            sticky_queue_schedule_to_start_timeout=settings.sticky_timeout,
        ),
        Worker(
            client,
            task_queue=POSTS_QUEUE,
            activities=[Posts(http).post],
            max_concurrent_activities=Lanes().slots(2),
            max_concurrent_activity_task_polls=ACTIVITY_POLLERS,
        ),
    ):
        sys.stderr.write("Serving the bare workflows.\n")
        sys.stderr.flush()
        await stop.wait()
    await http.aclose()


if __name__ == "__main__":
    asyncio.run(serve())
