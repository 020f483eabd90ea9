"""The workflow of one incident: it keeps time and does what the plan decided (contract, section 2).

Handlers read what arrived, judge and fold it at once, in order; the loop records what came due, begins the duties, and
waits. Why it woke is never asked: a late fact may be applied before the timer it came after.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue
from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from plan.book import Book, State
from plan.errors import Malformed
from plan.incident import Incident
from plan.linking import moves_who_answers
from plan.messages import Bad, read_message
from plan.receipts import Receipt
from plan.settling import read_outcomes
from plan.start import Start
from plan.told import Told
from runtime.names import (
    CONVERT,
    FIGURES,
    INCIDENT,
    LOOK,
    RECORD,
    RESOLVE,
    REVEAL,
    SETTLE,
    SUBMIT,
    TIMELINE,
    VIEW,
    incident_id_of,
)
from workflows.answering import Answering
from workflows.background import Background
from workflows.handing_over import HandingOver
from workflows.linking import Links
from workflows.opening import open_book
from workflows.reading import NOTHING, asked, decoded, open_seal, several
from workflows.recording import Recording
from workflows.sending import Deliveries
from workflows.showing import Shown, timeline_page
from workflows.waiting import Timer
from workflows.watching import Watching

LINGER = timedelta(seconds=30)
"""How long a run that goes on from a closed one waits for what it was started for."""


@workflow.defn(name=INCIDENT)
class IncidentWorkflow:
    """Keeps one incident until it is over. `run` is the whole story; its steps follow in order."""

    def __init__(self) -> None:
        """Messages may come before `run` has begun: they wait until it is known who answers."""
        self._start = Start(incident_id="unknown")
        self._book = Book(State(incident=Incident(incident_id="unknown", filed_at=workflow.now()), salt=""))
        self._background = Background(on_end=self._look_again)
        self._answering = Answering(self._book, self._background)
        self._deliveries = Deliveries(self._book, self._background)
        self._links = Links(self._book, self._background)
        self._watching = Watching(self._book, self._background)
        self._recording = Recording(self._book, self._background)
        self._handing_over = HandingOver(self._book, self._background)
        self._shown = Shown(self._book)
        self._timer = Timer()
        self._heard = 0

    @workflow.run
    async def run(self, start: RawValue = NOTHING) -> dict[str, JsonValue]:
        self._open(start)
        await self._until_all_are_heard()
        while not self._over_and_settled():
            self._answering.begin()
            self._begin_new_duties()
            self._watching.report_what_changed()
            self._handing_over.begin()
            self._recording.keep_what_is_due(at_the_end=self._settled())
            self._shown.publish_what_changed()
            await self._until_a_change_or_the_next_instant()
            await self._until_all_are_heard()
            self._raise_what_cannot_go_on()
            if self._at_a_quiet_moment() and not self._recording.keep_before_leaving():
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

    @workflow.signal(name=SETTLE, description="信箱回执 · What became of notices in a mailbox; a worker seals it")
    async def settle(self, message: RawValue = NOTHING) -> None:
        incident_id = incident_id_of(workflow.info().workflow_id)  # the book may not be open yet
        said = read_outcomes(decoded(message), incident_id=incident_id, open_seal=open_seal())
        late = [] if isinstance(said, Bad) else self._deliveries.settle(said)
        await self._answering.known()
        if isinstance(said, Bad):
            self._book.bad(said, workflow.now(), "refused")
        for outcome in late:
            if outcome.delivered is not None:
                self._book.delivered_late(outcome.key, outcome.delivered, workflow.now())

    @workflow.signal(name=LOOK, description="再看一眼 · Evaluate anew what is due; it says nothing and changes nothing")
    def look(self, message: RawValue = NOTHING) -> None:
        self._look_again()

    @workflow.update(
        name=REVEAL,
        description="向有权人员显示个人信息，并留痕 · Show personal data to who may see it; leaves an entry",
    )
    async def reveal(self, message: RawValue = NOTHING) -> dict[str, JsonValue]:
        await self._answering.known()
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

    @workflow.query(name=FIGURES, description="统计所需，无个人信息 · What figures count of it; nothing personal")
    def figures(self, message: RawValue = NOTHING) -> dict[str, JsonValue]:
        return self._shown.counted(workflow.now())

    async def _hear(self, message: RawValue, kind: str | None = None) -> Receipt:
        said = decoded(message)
        await self._answering.known()  # facts may come before the roster
        now = workflow.now()
        told = several(said) or read_message(
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
        before = self._book.incident
        receipt = self._book.judge(told)
        if receipt.accepted and not receipt.duplicate:
            self._links.follow(told)
            if moves_who_answers(before, self._book.incident, told.fact.kind):
                self._answering.again()
        return receipt

    async def _unknown(self, name: str) -> Receipt:
        await self._answering.known()
        self._heard += 1
        why = f"there is no message named {name[:60]!r}; send a fact to record, or as the update submit"
        return self._book.bad(Bad(why=why, kind="unknown"), workflow.now(), "unknown_message")

    # The steps of the loop

    def _begin_new_duties(self) -> None:
        if not self._answering.as_known:
            return
        for duty, notices in self._book.look(workflow.now()):
            for notice in notices:
                self._deliveries.begin(duty, notice)

    async def _until_a_change_or_the_next_instant(self) -> None:
        self._timer.arm(self._next_instant(), self._shown.timer_summary)
        self._book.changed = False
        answering = not workflow.all_handlers_finished()  # whoever is answered last may be what the end waits for
        await self._until(lambda: self._something_happened() or (answering and workflow.all_handlers_finished()))

    async def _until_all_are_heard(self) -> None:
        """Whoever waited for the roster comes first: what was received in time must not find a breach on record."""
        await self._until(lambda: self._answering.all_heard)

    async def _until(self, condition: Callable[[], bool]) -> None:
        """A cancellation is refused; the incident goes on."""
        while not condition():
            try:
                await workflow.wait_condition(condition)
            except asyncio.CancelledError:
                self._book.note("cancellation_refused", workflow.now(), why="use withdrawn")

    def _something_happened(self) -> bool:
        """O(1): it is asked on every turn of the loop."""
        return self._book.changed or self._timer.rang or self._answering.must_begin

    def _look_again(self) -> None:
        self._book.changed = True

    def _next_instant(self) -> datetime | None:
        if self._lingers():
            return workflow.info().start_time + LINGER
        return self._book.next_instant(workflow.now())

    def _raise_what_cannot_go_on(self) -> None:
        self._background.raise_what_broke()
        self._answering.raise_when_lost()

    def _over_and_settled(self) -> bool:
        """An incident ends only when its record is safe."""
        return self._settled() and not self._recording.owes

    def _settled(self) -> bool:
        """Closed or withdrawn, everybody told, every message judged, and looked at once more after that."""
        if not self._book.incident.over or not workflow.all_handlers_finished() or self._lingers():
            return False
        owes = self._owes_notices() or self._watching.owes or self._handing_over.owes
        return not self._background.busy and not owes

    def _lingers(self) -> bool:
        """A run that goes on from a closed one, before it was told what it was started for."""
        if self._start.resumes is None or self._heard or not self._book.incident.over:
            return False
        return workflow.now() < workflow.info().start_time + LINGER

    def _owes_notices(self) -> bool:
        return self._answering.ready and self._book.has_duties(workflow.now())

    def _at_a_quiet_moment(self) -> bool:
        """Nothing in flight: continue-as-new would lose it."""
        info = workflow.info()
        most = self._start.max_events
        long = info.is_continue_as_new_suggested() or (most is not None and info.get_current_history_length() > most)
        quiet = not self._background.busy and workflow.all_handlers_finished()
        return long and quiet and self._answering.ready and not self._book.incident.over

    # From run to run

    def _open(self, start: RawValue) -> None:
        try:
            self._start, complaint = open_book(self._book, start)
        except Malformed as malformed:
            raise ApplicationError(str(malformed), type="Malformed", non_retryable=True) from malformed
        self._answering.open(self._start, complaint)

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
