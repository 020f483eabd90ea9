"""An incident's history played again without a server, to its last workflow task: what the incident knows then."""

from datetime import datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    Replayer,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)
from temporalio.worker._workflow_instance import _WorkflowLogicFlag  # pyright: ignore[reportPrivateUsage]

from plan.book import Book
from runtime.settings import Settings
from runtime.temporal import plugin
from workflows.incident import IncidentWorkflow

ONE_BATCH = _WorkflowLogicFlag.PROCESS_WORKFLOW_ACTIVATION_JOBS_AS_SINGLE_BATCH
"""The order in which a task's messages and timers are applied: off in temporalio 1.35, to be the default later."""


class Witness(Interceptor):
    """Keeps hold of the incident that is played."""

    def __init__(self) -> None:
        self.incidents: list[Any] = []

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        incidents = self.incidents

        class In(WorkflowInboundInterceptor):
            async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
                incidents.append(workflow.instance())
                return await super().execute_workflow(input)

        return In


async def replayed(settings: Settings, history: WorkflowHistory, *, one_batch: bool = False) -> Book:
    """The book after the history's last task."""
    witness = Witness()
    replayer = Replayer(workflows=[IncidentWorkflow], plugins=[plugin(settings)], interceptors=[witness])
    replayer._set_default_workflow_logic_flag(ONE_BATCH, enabled=one_batch)  # pyright: ignore[reportPrivateUsage]
    await replayer.replay_workflow(history)
    book: Book = witness.incidents[-1]._book
    return book


def with_last_task(history: WorkflowHistory, tail: list[HistoryEvent], at: datetime) -> WorkflowHistory:
    """The history up to where a task was last completed, then these events, then one task for all of them at `at`."""
    events = [*history.events]
    while events[-1].event_type != EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED and not _is_command(events[-1]):
        events.pop()
    return WorkflowHistory(history.workflow_id, _numbered([*events, *tail], at))


def _is_command(event: HistoryEvent) -> bool:
    """What a completed task asked for."""
    return event.event_type in (
        EventType.EVENT_TYPE_TIMER_STARTED,
        EventType.EVENT_TYPE_TIMER_CANCELED,
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
        EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
    )


def _numbered(events: list[HistoryEvent], at: datetime) -> list[HistoryEvent]:
    stamp = Timestamp()
    stamp.FromDatetime(at)
    scheduled = HistoryEvent(event_type=EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, event_time=stamp)
    scheduled.workflow_task_scheduled_event_attributes.SetInParent()
    started = HistoryEvent(event_type=EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED, event_time=stamp)
    started.workflow_task_started_event_attributes.SetInParent()
    copied: list[HistoryEvent] = []
    for number, event in enumerate([*events, scheduled, started], start=1):
        copy = HistoryEvent()
        copy.CopyFrom(event)
        copy.event_id = number
        copied.append(copy)
    copied[-1].workflow_task_started_event_attributes.scheduled_event_id = len(copied) - 1
    return copied
