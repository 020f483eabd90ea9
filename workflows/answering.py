"""Who answers for an incident, resolved by an activity (R28); of a resumed incident first the state it ended with.

Facts wait until it is known. What cannot be resolved leaves an entry and is tried again, never fatal: the first time
bounded to minutes, so that the entry comes soon, then to an hour, so that a file left broken for days stays cheap.
"""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from activities.names import LOAD_ENDED, NOTHING_TO_RESUME, RESOLVE_ROSTER
from plan.book import Book, State
from plan.complaint import Complaint
from plan.orders import ResumeOrder, RosterAnswer, RosterOrder
from plan.start import Start
from workflows.background import Background

ATTEMPT_LIMIT = timedelta(seconds=10)
FIRST_TRIES = timedelta(minutes=2)
LATER_TRIES = timedelta(hours=1)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=2))


class Answering:
    """`ready` once it is known who answers. History that was imported needs nobody until somebody speaks of it."""

    def __init__(self, book: Book, background: Background) -> None:
        self._book, self._background = book, background
        self._start: Start | None = None
        self._complaint: Complaint | None = None
        self.ready = False
        self._wanted = False
        self._waiting = 0
        self._loaded = False
        self._asked_anew = False
        self._under_way = False
        self._tries = FIRST_TRIES
        self._lost: str | None = None

    def open(self, start: Start, complaint: Complaint | None) -> None:
        self._start, self._complaint = start, complaint
        self._loaded = start.resumes is None
        self.ready = self._book.playbook is not None
        self._wanted = self._wanted or not self._book.incident.imported

    async def known(self) -> None:
        """Wait, in order of arrival; at once where it is known."""
        self._wanted = True
        self._waiting += 1
        try:
            while not self.ready:
                self.raise_when_lost()
                await workflow.wait_condition(lambda: self.ready or self._lost is not None)
        finally:
            self._waiting -= 1

    @property
    def all_heard(self) -> bool:
        """Nothing that could be judged now still waits."""
        return not (self.ready and self._waiting)

    def again(self) -> None:
        """Somebody else may answer from now on: it is resolved before the next fact is judged or duty begun."""
        self.ready, self._asked_anew = False, True
        self._tries = FIRST_TRIES

    @property
    def as_known(self) -> bool:
        """It is known, or was tried in vain: then whoever answered before is told."""
        return self.ready or self._tries == LATER_TRIES

    @property
    def must_begin(self) -> bool:
        return self._wanted and not self.ready and not self._under_way

    def begin(self) -> None:
        if self.must_begin and self._start is not None:
            self._under_way = True
            self._background.begin(self._resolve(self._start))

    def raise_when_lost(self) -> None:
        """Of a closed incident nothing is kept any more: there is nothing to go on from."""
        if self._lost is not None:
            raise ApplicationError(self._lost, type=NOTHING_TO_RESUME, non_retryable=True)

    async def _resolve(self, start: Start) -> None:
        try:
            await self._load_what_ended(start)
            if self._asked_anew or self._book.playbook is None:
                self._book.resolve(await self._roster(), self._complaint, workflow.now())
            self.ready, self._asked_anew = True, False
        except ActivityError as error:
            self._failed(error)
        finally:
            self._under_way = False

    async def _load_what_ended(self, start: Start) -> None:
        if self._loaded or start.resumes is None:
            return
        self._book.restore(await self._ended(start.incident_id, start.resumes))
        self._book.note("resumed", workflow.now())
        self._loaded = True

    def _failed(self, error: ActivityError) -> None:
        cause = error.cause
        if isinstance(cause, ApplicationError) and cause.type == NOTHING_TO_RESUME:
            self._lost = str(cause)
        elif self._loaded:
            self._book.note("roster_failed", workflow.now(), why=str(cause or error)[:500])
        self._tries = LATER_TRIES

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
            start_to_close_timeout=ATTEMPT_LIMIT,
            schedule_to_close_timeout=self._tries,
            retry_policy=RETRY,
            summary="确定责任人和联系链",
        )

    async def _ended(self, incident_id: str, run_id: str) -> State:
        ended: dict[str, Any] = await workflow.execute_activity(
            LOAD_ENDED,
            ResumeOrder(incident_id=incident_id, run_id=run_id, asked_by=workflow.info().run_id),
            start_to_close_timeout=ATTEMPT_LIMIT,
            schedule_to_close_timeout=self._tries,
            retry_policy=RETRY,
            summary="读取关闭时的状态",
        )
        return State.model_validate(ended)
