"""The workflow of one incident: it keeps time and does what the plan decided (contract, section 2).

Handlers read what arrived, judge and fold it at once, in order; the loop records what came due, begins the duties, and
waits. Why it woke is never asked: a late fact may be applied before the timer it came after.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue, ValidationError
from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

from activities.names import LOAD_ENDED, RESOLVE_ROSTER
from plan.book import Book, State
from plan.complaint import Complaint
from plan.errors import Malformed
from plan.incident import Incident
from plan.intake import group_opened, opened
from plan.malformed import parse_complaint
from plan.messages import Bad, read_message
from plan.orders import ResumeOrder, RosterAnswer, RosterOrder
from plan.receipts import Receipt
from plan.start import Start, filed_at
from plan.told import Told
from runtime.names import CONVERT, INCIDENT, RECORD, RESOLVE, REVEAL, SUBMIT, TIMELINE, VIEW
from workflows.linking import Links
from workflows.reading import NOTHING, asked, decoded, open_seal
from workflows.sending import Deliveries
from workflows.showing import Shown, timeline_page

LINGER = timedelta(seconds=30)
"""How long a run that goes on from a closed one waits for what it was started for."""
ROSTER_LIMIT = timedelta(seconds=10)
ROSTER_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))
ROSTER_TRIES = timedelta(minutes=2)


@workflow.defn(name=INCIDENT)
class IncidentWorkflow:
    """Keeps one incident until it is over. `run` is the whole story; its steps follow in order."""

    @workflow.init
    def __init__(self, start: RawValue = NOTHING) -> None:
        self._fault: str | None = None
        self._start = Start(incident_id="unknown")
        self._complaint: Complaint | None = None
        self._book = Book(State(incident=_nobody(), salt=""))
        self._ready = False
        self._wanted = True
        self._heard = 0
        self._timer: asyncio.Task[None] | None = None
        self._timer_at: datetime | None = None
        self._resolving: asyncio.Task[None] | None = None
        try:
            self._open(start)
        except (ValidationError, Malformed, FailureError, RuntimeError) as error:
            self._fault = _plainly(error)
        self._shown = Shown(self._book)
        self._deliveries = Deliveries(self._book)
        self._links = Links(self._book, on_change=self._deliveries.wake)

    @workflow.run
    async def run(self, start: RawValue = NOTHING) -> dict[str, JsonValue]:
        if self._fault is not None:
            raise ApplicationError(self._fault, type="Malformed", non_retryable=True)
        while not self._over_and_settled():
            self._resolve_who_answers()
            self._begin_new_duties()
            self._shown.publish_what_changed()
            await self._until_a_change_or_the_next_instant()
            if self._at_a_quiet_moment():
                self._book.note("continued", workflow.now())
                workflow.continue_as_new(self._carried_over())
        self._shown.publish_what_changed()
        return self._ended()

    # What arrives

    @workflow.update(
        name=SUBMIT,
        description="登记一项事实，回执说明是否被接受 · State one fact; the receipt says whether it was accepted",
    )
    async def submit(self, message: RawValue = NOTHING) -> Receipt:
        return await self._hear(message)

    @workflow.signal(name=RECORD, description="登记任一事实 · Record any fact")
    async def record(self, message: RawValue = NOTHING) -> None:
        await self._hear(message)

    @workflow.signal(name=RESOLVE, description="办结（resolved）· Resolve; takes a resolved fact")
    async def resolve(self, message: RawValue = NOTHING) -> None:
        await self._hear(message, kind="resolved")

    @workflow.signal(name=CONVERT, description="转为群体性事件 · Convert to a group event")
    async def convert(self, message: RawValue = NOTHING) -> None:
        await self._hear(message, kind="converted_to_group_event")

    @workflow.update(
        name=REVEAL,
        description="向有权人员显示个人信息，并留痕 · Show personal data to who may see it; leaves an entry",
    )
    async def reveal(self, message: RawValue = NOTHING) -> dict[str, JsonValue]:
        await workflow.wait_condition(lambda: self._ready)
        viewer = asked(message).get("viewer")
        shown = self._shown.revealed(str(viewer) if viewer else None, workflow.now())
        self._heard += 1
        return shown

    @workflow.signal(dynamic=True)
    async def unknown_signal(self, name: str, args: Sequence[RawValue]) -> None:
        await self._unknown(name)

    @workflow.update(dynamic=True)
    async def unknown_update(self, name: str, args: Sequence[RawValue]) -> Receipt:
        return await self._unknown(name)

    @workflow.query(name=VIEW, description="事件现状：已知、时限、通知、待办 · What is known, due, sent and owed next")
    def view(self, message: RawValue = NOTHING) -> dict[str, JsonValue]:
        viewer = asked(message).get("viewer")
        return self._shown.view(workflow.now(), viewer=str(viewer) if viewer else None)

    @workflow.query(name=TIMELINE, description="记录，分页 · The record, in pages: {after, limit}")
    def timeline(self, message: RawValue = NOTHING) -> dict[str, JsonValue]:
        return timeline_page(self._book, asked(message))

    async def _hear(self, message: RawValue, kind: str | None = None) -> Receipt:
        said = decoded(message)
        self._wanted = True
        await workflow.wait_condition(lambda: self._ready)  # facts may come before the roster
        now = workflow.now()
        told = read_message(
            said,
            incident_id=self._start.incident_id,
            now=now,
            fact_id=f"m-{workflow.uuid4()}",
            open_seal=open_seal(),
            kind=kind,
        )
        self._heard += 1
        if isinstance(told, Bad):
            return self._book.bad(told, now)
        return self._judge(told)  # at once, so that the next fact is judged against it

    def _judge(self, told: Told) -> Receipt:
        receipt = self._book.judge(told)
        if receipt.accepted and not receipt.duplicate:
            self._links.follow(told)
            if told.fact.kind in ("assigned", "rerouted", "member_joined"):
                self._ready = False  # who answers is resolved again before the next fact is judged
        return receipt

    async def _unknown(self, name: str) -> Receipt:
        self._wanted = True
        await workflow.wait_condition(lambda: self._ready)
        self._heard += 1
        why = f"there is no message named {name[:60]!r}; send a fact to record, or as the update submit"
        return self._book.bad(Bad(why=why, kind="unknown"), workflow.now(), "unknown_message")

    # The steps of the loop

    def _resolve_who_answers(self) -> None:
        """By an activity, in the background: a roster that cannot be resolved is told and tried again, never fatal."""
        idle = self._resolving is None or self._resolving.done()
        if not self._ready and self._wanted and idle:
            self._resolving = asyncio.create_task(self._resolved())

    async def _resolved(self) -> None:
        try:
            if self._start.resumes is not None and self._book.playbook is None:
                await self._load_what_ended()
                self._ready = True
                return
            answer = await self._roster()
        except ActivityError as error:
            self._book.note("roster_failed", workflow.now(), why=_plainly(error.cause or error))
            return
        self._book.resolve(answer, self._complaint, workflow.now())
        self._ready = True

    async def _roster(self) -> RosterAnswer:
        incident = self._book.incident
        return await workflow.execute_activity(
            RESOLVE_ROSTER,
            RosterOrder(
                incident_id=incident.incident_id,
                outlet=incident.place if incident.place != incident.unit else None,
                unit=incident.unit,
                insurers=incident.insurers,
                with_playbook=self._book.playbook is None,
            ),
            result_type=RosterAnswer,
            start_to_close_timeout=ROSTER_LIMIT,
            schedule_to_close_timeout=ROSTER_TRIES,
            retry_policy=ROSTER_RETRY,
            summary="确定责任人和联系链",
        )

    async def _load_what_ended(self) -> None:
        order = ResumeOrder(incident_id=self._start.incident_id, run_id=self._start.resumes or "")
        ended: dict[str, Any] = await workflow.execute_activity(
            LOAD_ENDED,
            order,
            start_to_close_timeout=ROSTER_LIMIT,
            schedule_to_close_timeout=ROSTER_TRIES,
            retry_policy=ROSTER_RETRY,
            summary="读取关闭时的状态",
        )
        self._take_over(State.model_validate(ended.get("state", ended)))
        self._book.note("resumed", workflow.now())

    def _begin_new_duties(self) -> None:
        for duty, notices in self._book.look(workflow.now()):
            for notice in notices:
                self._deliveries.begin(duty, notice)

    async def _until_a_change_or_the_next_instant(self) -> None:
        """One timer, restarted only when the next instant moves. A cancellation is refused; the incident goes on."""
        self._arm(self._next_instant())
        self._book.changed = False
        try:
            await workflow.wait_condition(self._something_happened)
        except asyncio.CancelledError:
            self._book.note("cancellation_refused", workflow.now(), why="use withdrawn")

    def _something_happened(self) -> bool:
        """O(1): it is asked on every turn of the loop."""
        return self._book.changed or (self._timer is not None and self._timer.done()) or self._must_resolve()

    def _must_resolve(self) -> bool:
        return not self._ready and self._wanted and (self._resolving is None or self._resolving.done())

    def _next_instant(self) -> datetime | None:
        if self._start.resumes is not None and not self._heard and self._book.incident.over:
            return workflow.info().start_time + LINGER
        return self._book.next_instant(workflow.now())

    def _arm(self, at: datetime | None) -> None:
        if self._timer is not None and (self._timer.done() or at != self._timer_at):
            self._timer.cancel()
            self._timer = None
        if at is not None and self._timer is None:
            now = workflow.now()
            summary = self._shown.timer_summary(at)
            self._timer = asyncio.create_task(workflow.sleep(max(at - now, timedelta(0)), summary=summary))
        self._timer_at = at

    def _over_and_settled(self) -> bool:
        """Closed or withdrawn, everybody told, every message judged, and looked at once more after that."""
        if not self._book.incident.over or not workflow.all_handlers_finished():
            return False
        if self._start.resumes is not None and not self._heard and not self._lingered():
            return False
        return not self._deliveries.in_flight and not self._links.in_flight and not self._owes_notices()

    def _lingered(self) -> bool:
        return workflow.now() >= workflow.info().start_time + LINGER

    def _owes_notices(self) -> bool:
        return self._ready and self._book.has_duties(workflow.now())

    def _at_a_quiet_moment(self) -> bool:
        """Nothing in flight: continue-as-new would lose it."""
        info = workflow.info()
        most = self._start.max_events
        long = info.is_continue_as_new_suggested() or (most is not None and info.get_current_history_length() > most)
        return (
            long
            and self._ready
            and not self._book.incident.over
            and not self._deliveries.in_flight
            and not self._links.in_flight
            and workflow.all_handlers_finished()
        )

    # From run to run

    def _open(self, raw: RawValue) -> None:
        if raw is NOTHING:
            raise Malformed("Incident takes one argument, its start; file a complaint with `tocsin file`")
        self._start = workflow.payload_converter().from_payload(raw.payload, Start)
        start, now = self._start, workflow.now()
        if start.carried is not None:
            self._book = Book(start.carried)
            self._ready = self._book.playbook is not None
            self._wanted = self._ready or not self._book.incident.imported
            return
        if start.resumes is not None:
            self._book = Book(State(incident=_nobody(start.incident_id), salt=""))
            return
        received_at, door = filed_at(start, now, open_seal())
        if start.group is not None:
            incident = group_opened(start.incident_id, start.group.scene, received_at, drill=start.group.drill)
        else:
            self._complaint = parse_complaint(start.complaint)
            imported = start.imported is not None
            incident = opened(self._complaint, start.incident_id, received_at, imported=imported)
            self._wanted = not imported  # history needs nobody to answer until somebody speaks of it
        self._book = Book(State(incident=incident, salt=str(workflow.uuid4())))
        self._book.file(self._complaint, now, door=door, imported=start.imported)

    def _take_over(self, state: State) -> None:
        self._book.restore(state)

    def _carried_over(self) -> dict[str, Any]:
        start = Start(incident_id=self._start.incident_id, max_events=self._start.max_events, carried=self._book.state)
        return start.model_dump(mode="json", exclude_none=True)

    def _ended(self) -> dict[str, JsonValue]:
        return {
            "incident_id": self._start.incident_id,
            "stage": str(self._book.incident.stage),
            "sequence": self._book.sequence,
            "head": self._book.head,
            "state": self._book.state.model_dump(mode="json", exclude_none=True),
        }


def _nobody(incident_id: str = "unknown") -> Incident:
    """A place holder until a run's state is loaded."""
    return Incident(incident_id=incident_id, filed_at=workflow.now())


def _plainly(error: BaseException) -> str:
    return str(error)[:500]
