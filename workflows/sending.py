"""Deliveries: each notice its own background task, channel after channel, then the next person (R14).

A slow channel delays no other recipient and no clock. What one channel answers is its own success, or the reason to go
on to the next.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from temporalio import workflow

from plan.book import Book
from plan.duties import Duty
from plan.incident import Notice, Severity
from plan.notices import delivery_key, ways
from plan.orders import Delivered, DeliveryOrder, Outcome
from plan.words import words_of
from runtime.names import CRISIS_PRIORITY, IMPORT_PRIORITY, USUAL_PRIORITY
from workflows.background import Background
from workflows.delivering import Delivering, NotDelivered

AT_MOST = timedelta(minutes=10)
AT_MOST_IN_A_CRISIS = timedelta(minutes=2)
AT_LEAST = timedelta(seconds=30)


class Deliveries:
    """Begins the deliveries; what becomes of each is written into the book."""

    def __init__(self, book: Book, background: Background) -> None:
        self._book, self._background = book, background
        self._delivering = Delivering()

    def begin(self, duty: Duty, notice: Notice) -> None:
        self._background.begin(self._deliver(duty, notice))

    def settle(self, outcomes: Iterable[Outcome]) -> list[Outcome]:
        """What a mailbox said of notices on their way; what is left came too late, or twice."""
        return self._delivering.settle(outcomes)

    async def _deliver(self, duty: Duty, notice: Notice) -> None:
        """Try each way in the person's order; when all fail, the plan says whom to tell instead."""
        channels = ways(self._book.incident, notice, confidential=duty.confidential, wake=duty.wake)
        attempts = 0
        for channel in channels:
            try:
                answer = await self._tell(duty, notice, channel)
            except NotDelivered as no:
                attempts += no.attempts
                self._failed(notice, channel, no)
                continue
            self._book.delivered(notice, answer, workflow.now())
            return
        self._book.undelivered(notice, channels[-1] if channels else None, attempts, workflow.now())

    async def _tell(self, duty: Duty, notice: Notice, channel: str) -> Delivered:
        def held(until: datetime) -> None:
            self._book.held(notice, until, workflow.now())

        order, limit = self._order(duty, notice, channel), self._limit(duty)
        return await self._delivering.deliver(order, limit=limit, priority=self._priority(), held=held)

    def _failed(self, notice: Notice, channel: str, no: NotDelivered) -> None:
        self._book.channel_failed(notice, channel, no.why, workflow.now(), code=no.code, attempts=no.attempts)

    def _order(self, duty: Duty, notice: Notice, channel: str) -> DeliveryOrder:
        incident, now = self._book.incident, workflow.now()
        return DeliveryOrder(
            key=delivery_key(incident, notice, channel),
            incident_id=incident.incident_id,
            duty=duty.id,
            recipient=notice.recipient,
            channel=channel,
            drill=incident.drill,
            desk=incident.desk.desk if incident.desk else None,
            confidential=duty.confidential,
            words=words_of(incident, duty, notice, now),
            due_at=duty.clock.due_at if duty.clock else None,
            now=now,
        )

    def _limit(self, duty: Duty) -> timedelta:
        """At most ten minutes, two in a crisis, less where the duty's clock is nearer."""
        most = AT_MOST_IN_A_CRISIS if self._book.incident.severity is Severity.CRISIS else AT_MOST
        left = duty.clock.due_at - workflow.now() if duty.clock else most
        return max(min(most, left), AT_LEAST) if left > timedelta(0) else most

    def _priority(self) -> int:
        """A drill never goes before a real crisis."""
        if self._book.incident.severity is Severity.CRISIS and not self._book.incident.drill:
            return CRISIS_PRIORITY
        started_as = workflow.info().priority.priority_key
        return IMPORT_PRIORITY if started_as == IMPORT_PRIORITY else USUAL_PRIORITY
