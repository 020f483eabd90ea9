"""Replaying a history without a server, and seeing what the incident made of it.

A replay compares commands only: a changed rule that gives the same commands rewrites the folded record in silence. So
the book is looked at just before the replayed workflow is taken out of memory, and its view and head are compared too.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import JsonValue
from temporalio import workflow
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import WorkflowHistory
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    Replayer,
    WorkflowInboundInterceptor,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowInterceptorClassInput,
    WorkflowRunner,
)

from plan.book import State
from plan.record import export_line
from plan.verification import verify
from runtime.settings import Settings
from runtime.temporal import plugin
from tests.replay.golden import Run
from workflows.drill import DrillWorkflow
from workflows.incident import IncidentWorkflow
from workflows.mailbox import MailboxWorkflow
from workflows.register import RegisterWorkflow
from workflows.rhythm import RhythmWorkflow
from workflows.watch import WatchWorkflow

LOOK: Final = "golden_look"


@dataclass
class Replayed:
    """`failure` is what the SDK compares; `view`, `head` and the record's own soundness are what we do."""

    failure: Exception | None = None
    view: dict[str, Any] | None = None
    head: str | None = None
    fault: str | None = None


async def replay(run: Run, settings: Settings) -> Replayed:
    """One run, offline, in the same sandbox and behind the same interceptors as on a worker."""
    ours, looking = plugin(settings), _Looking()
    runner = ours.workflow_runner
    assert isinstance(runner, WorkflowRunner)
    ours.workflow_runner = _LookingRunner(runner, looking)
    kinds = [IncidentWorkflow, MailboxWorkflow, WatchWorkflow, RegisterWorkflow, RhythmWorkflow, DrillWorkflow]
    replayer = Replayer(workflows=kinds, plugins=[ours], interceptors=[looking])
    history = WorkflowHistory.from_json(run.workflow_id, run.history)
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    looking.replayed.failure = result.replay_failure
    return looking.replayed


def no_longer_said(then: JsonValue, now: JsonValue, where: str = "view") -> list[str]:
    """Where a view says something else than it did, or nothing. It may say more: what is added later is optional."""
    if isinstance(then, dict) and isinstance(now, dict):
        both = [(f"{where}.{name}", value, now.get(name, "not said")) for name, value in then.items()]
    elif isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        both = [(f"{where}[{n}]", *pair) for n, pair in enumerate(zip(then, now, strict=True))]
    else:
        return [] if then == now else [where]
    return [fault for place, a, b in both for fault in no_longer_said(a, b, place)]


class _Looking(Interceptor):
    """Gets hold of the workflow's object, and reads it when told to."""

    def __init__(self) -> None:
        self.replayed = Replayed()
        self._incident: Any = None

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        input.unsafe_extern_functions[LOOK] = self._at  # type: ignore[typeddict-unknown-key]
        return _HandsOver

    def _at(self, incident: object) -> None:
        self._incident = incident

    def look(self, now: datetime) -> None:
        if isinstance(self._incident, MailboxWorkflow):  # it keeps no record
            self.replayed.view, self.replayed.head = self._incident.view(), ""
            return
        if isinstance(self._incident, WatchWorkflow):  # nor does it
            self.replayed.view, self.replayed.head = self._incident.shown(now), ""
            return
        if isinstance(self._incident, RegisterWorkflow):  # nor do these
            self.replayed.view, self.replayed.head = self._incident.shown(now), ""
            return
        if isinstance(self._incident, RhythmWorkflow | DrillWorkflow):
            self.replayed.view, self.replayed.head = self._incident.view(), ""
            return
        book, shown = self._incident._book, self._incident._shown
        state: State = book.state
        self.replayed.view = shown.view(now, viewer=None)
        self.replayed.head = book.head
        self.replayed.fault = verify(export_line(entry) for entry in state.entries).fault


class _HandsOver(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        hand_over = workflow.extern_functions()[LOOK]  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        hand_over(workflow.instance())
        return await super().execute_workflow(input)


class _LookingRunner(WorkflowRunner):
    """Looks before a workflow is taken out of memory, which cancels it and so changes it."""

    def __init__(self, inner: WorkflowRunner, looking: _Looking) -> None:
        self._inner, self._looking = inner, looking

    def prepare_workflow(self, defn: Any) -> None:
        self._inner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        instance = self._inner.create_instance(det)
        activate, now = instance.activate, datetime.now(UTC)

        def looked_at(act: WorkflowActivation) -> WorkflowActivationCompletion:
            nonlocal now
            if any(job.HasField("remove_from_cache") for job in act.jobs):
                self._looking.look(now)
            else:
                now = act.timestamp.ToDatetime(tzinfo=UTC)
            return activate(act)

        instance.activate = looked_at
        return instance
