"""The incident's side of its record in the store: written in batches at quiet moments, whole before it ends (R62).

While the store is away the record waits, and the incident does not: facts are judged and notices sent, only its end and
nothing else depends on it. What the store refuses, because it holds another chain, leaves an entry and is tried again
by the hour, until somebody has found out who wrote there.
"""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from activities.names import KEEP_RECORD, RECORD_REFUSED
from plan.book import Book
from plan.keeping import SALT, KeepAnswer, KeepOrder, batch, is_time
from plan.kept_rows import clock_rows, incident_row, notice_rows
from workflows.background import Background

ATTEMPT_LIMIT = timedelta(seconds=20)
FIRST_TRIES = timedelta(minutes=2)
LATER_TRIES = timedelta(hours=1)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))


class Recording:
    """Keeps what is not kept yet; one batch at a time."""

    def __init__(self, book: Book, background: Background) -> None:
        self._book, self._background = book, background
        self._under_way = False
        self._kept_before_leaving = False
        self._last = workflow.now()

    @property
    def owes(self) -> bool:
        """Something is on record that the store does not have."""
        return self._book.keeps_records and self._book.recorded != self._book.sequence

    def keep_what_is_due(self, *, at_the_end: bool) -> None:
        """At the end at once; before that now and then, when the incident is awake anyway."""
        if not self.owes or self._under_way:
            return
        crisis = self._book.incident.episode is not None
        if at_the_end or (not self._book.incident.over and is_time(workflow.now(), self._last, crisis=crisis)):
            self._begin(at_the_end)

    def keep_before_leaving(self) -> bool:
        """Whether the next run waits for this: once in a run, and not while the store is away."""
        if not self.owes or self._kept_before_leaving or self._book.record_late:
            return False
        self._kept_before_leaving = True
        self._begin(at_the_end=False)
        return True

    def _begin(self, at_the_end: bool) -> None:
        self._under_way = True
        self._background.begin(self._keep(at_the_end))

    async def _keep(self, at_the_end: bool) -> None:
        try:
            await self._keep_up_to(self._book.sequence, LATER_TRIES if self._book.record_late else FIRST_TRIES)
            self._book.record_late = False
        except ActivityError as error:
            self._late(error)
            if at_the_end and _refused(error):
                await asyncio.sleep(LATER_TRIES.total_seconds())
        finally:
            self._under_way = False  # and nothing else: this runs too where the workflow is dropped from memory
        self._last = workflow.now()

    async def _keep_up_to(self, sequence: int, tries: timedelta) -> None:
        """Batch after batch; the store's answer says where the next one begins."""
        while (self._book.recorded or 0) < sequence:
            answer = await workflow.execute_activity(
                KEEP_RECORD,
                self._order(),
                result_type=KeepAnswer,
                start_to_close_timeout=ATTEMPT_LIMIT,
                schedule_to_close_timeout=tries,
                retry_policy=RETRY,
                summary="存档",
            )
            self._book.recorded = answer.sequence

    def _order(self) -> KeepOrder:
        book, after = self._book, self._book.recorded or 0
        entries, words = batch(book.entries, book.vault, after)
        whole = entries[-1].sequence == book.sequence
        running = book.clocks(workflow.now()) if whole else []
        return KeepOrder(
            incident_id=book.incident.incident_id,
            run_id=workflow.info().run_id,
            entries=entries,
            words=words if after else {SALT: book.salt, **words},
            row=incident_row(book.incident, running) if whole else None,
            clocks=clock_rows(book.incident, running),
            notices=notice_rows(book.incident) if whole else (),
        )

    def _late(self, error: ActivityError) -> None:
        """An entry for each outage, not for each try."""
        if self._book.record_late:
            return
        self._book.record_late = True
        what = "record_refused" if _refused(error) else "record_delayed"
        self._book.note(what, workflow.now(), why=str(error.cause or error)[:300])


def _refused(error: ActivityError) -> bool:
    return isinstance(error.cause, ApplicationError) and error.cause.type == RECORD_REFUSED
