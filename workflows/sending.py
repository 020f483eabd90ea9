"""Deliveries: each notice its own background task, channel after channel, then the next person (R14).

A slow channel delays no other recipient and no clock. An activity is one bounded series of attempts; what it answers is
the channel's own success, or the reason to go on to the next.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from activities.names import DELIVER_NOTICE
from plan.book import Book
from plan.duties import Duty
from plan.incident import Notice, Severity
from plan.notices import ways
from plan.orders import Delivered, DeliveryOrder
from plan.words import words_of
from runtime.names import CRISIS_PRIORITY, DELIVERIES_QUEUE, IMPORT_PRIORITY, USUAL_PRIORITY
from workflows.background import Background

ATTEMPT_LIMIT = timedelta(seconds=12)
"""The real recovery time after a worker's crash."""
AT_MOST = timedelta(minutes=10)
AT_MOST_IN_A_CRISIS = timedelta(minutes=2)
AT_LEAST = timedelta(seconds=30)
RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2.0, maximum_interval=timedelta(seconds=30)
)


class Deliveries:
    """Begins the deliveries; what becomes of each is written into the book."""

    def __init__(self, book: Book, background: Background) -> None:
        self._book, self._background = book, background

    def begin(self, duty: Duty, notice: Notice) -> None:
        self._background.begin(self._deliver(duty, notice))

    async def _deliver(self, duty: Duty, notice: Notice) -> None:
        """Try each way in the person's order; when all fail, the plan says whom to tell instead."""
        channels = ways(self._book.incident, notice, confidential=duty.confidential)
        attempts = 0
        for channel in channels:
            try:
                answer = await self._tell(duty, notice, channel)
            except ActivityError as error:
                attempts += 1
                self._book.channel_failed(notice, channel, _why(error), workflow.now())
                continue
            self._book.delivered(notice, answer, workflow.now())
            return
        self._book.undelivered(notice, channels[-1] if channels else None, attempts, workflow.now())

    async def _tell(self, duty: Duty, notice: Notice, channel: str) -> Delivered:
        incident, now = self._book.incident, workflow.now()
        return await workflow.execute_activity(
            DELIVER_NOTICE,
            DeliveryOrder(
                key=f"{incident.incident_id}/{notice.notice_id}/{channel}",
                incident_id=incident.incident_id,
                duty=duty.id,
                recipient=notice.recipient,
                channel=channel,
                drill=incident.drill,
                confidential=duty.confidential,
                words=words_of(incident, duty, notice, now),
                due_at=duty.clock.due_at if duty.clock else None,
                now=now,
            ),
            task_queue=DELIVERIES_QUEUE,
            result_type=Delivered,
            start_to_close_timeout=ATTEMPT_LIMIT,
            schedule_to_close_timeout=self._limit(duty),
            retry_policy=RETRY,
            summary=f"{duty.id} → {notice.recipient}（{channel}）",
            priority=Priority(priority_key=self._priority()),
        )

    def _limit(self, duty: Duty) -> timedelta:
        """At most ten minutes, two in a crisis, less where the duty's clock is nearer."""
        most = AT_MOST_IN_A_CRISIS if self._book.incident.severity is Severity.CRISIS else AT_MOST
        left = duty.clock.due_at - workflow.now() if duty.clock else most
        return max(min(most, left), AT_LEAST) if left > timedelta(0) else most

    def _priority(self) -> int:
        if self._book.incident.severity is Severity.CRISIS:
            return CRISIS_PRIORITY
        started_as = workflow.info().priority.priority_key
        return IMPORT_PRIORITY if started_as == IMPORT_PRIORITY else USUAL_PRIORITY


def _why(error: ActivityError) -> str:
    """The kind of the failure; the message of an error of ours is free of personal data, others are not shown."""
    cause = error.cause
    if isinstance(cause, ApplicationError):
        return f"{cause.type}: {cause.message}"[:300]
    return type(cause).__name__ if cause else "unknown"
