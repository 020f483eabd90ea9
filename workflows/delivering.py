"""One notice over one channel, until the channel said yes or it is sure that it will not (R14).

An activity is one bounded series of attempts. Where it only put the notice into a mailbox, what becomes of it comes as
the signal `settle`, sometimes before the activity has said so: whoever has a `Delivering` hands that on to it. For a
mailbox that says nothing it waits as long as for any delivery.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from pydantic import ValidationError
from temporalio import workflow
from temporalio.common import Priority, RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from activities.names import DELIVER_NOTICE, MAILBOX_SILENT, NO_SUCH_WAY
from plan.orders import Delivered, DeliveryOrder, Outcome, Trouble
from runtime.names import DELIVERIES_QUEUE

ATTEMPT_LIMIT = timedelta(seconds=12)
"""The real recovery time after a worker's crash."""
RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2.0, maximum_interval=timedelta(seconds=30)
)
BEYOND_THE_MAILBOX = timedelta(seconds=30)
"""How much longer than a mailbox keeps a letter it is waited for: an attempt may be under way."""
ADDRESSES_AT_MOST = 3
"""How often a notice follows an address that changes while it waits."""


class NotDelivered(Exception):
    """One channel failed for good: why, with the channel's own code."""

    def __init__(self, why: str, *, code: str = "", attempts: int = 1) -> None:
        super().__init__(why)
        self.why, self.code, self.attempts = why, code, attempts


class _Awaited:
    """A notice on its way, and what its mailbox said last."""

    def __init__(self, held: Callable[[datetime], None]) -> None:
        self.held = held
        self.outcome: Outcome | None = None


class Delivering:
    """What is on its way, by the keys of the orders."""

    def __init__(self) -> None:
        self._awaited: dict[str, _Awaited] = {}

    async def deliver(
        self, order: DeliveryOrder, *, limit: timedelta, priority: int, held: Callable[[datetime], None]
    ) -> Delivered:
        """The channel's own yes. `held` is told until when it waits. Errors: NotDelivered."""
        awaited = self._awaited[order.key] = _Awaited(held)
        try:
            for _ in range(ADDRESSES_AT_MOST):
                awaited.outcome = None
                answer = await _asked(order, awaited, limit, priority)
                if not answer.held:
                    return answer
                if (delivered := await _out_of_the_mailbox(awaited, limit)) is not None:
                    return delivered
        finally:
            self._awaited.pop(order.key, None)
        raise NotDelivered(f"{NO_SUCH_WAY}: its address changed again and again; correct the organisation")

    def settle(self, outcomes: Iterable[Outcome]) -> list[Outcome]:
        """What a mailbox said, taken by whoever waits for it; what is left came too late, or twice."""
        return [outcome for outcome in outcomes if not self._taken(outcome)]

    def _taken(self, outcome: Outcome) -> bool:
        awaited = self._awaited.get(outcome.key)
        if awaited is None or awaited.outcome is not None:
            return False
        if outcome.held_until is not None:
            awaited.held(outcome.held_until)
        else:
            awaited.outcome = outcome
        return True


async def _asked(order: DeliveryOrder, awaited: _Awaited, limit: timedelta, priority: int) -> Delivered:
    try:
        return await workflow.execute_activity(
            DELIVER_NOTICE,
            order,
            task_queue=DELIVERIES_QUEUE,
            result_type=Delivered,
            start_to_close_timeout=ATTEMPT_LIMIT,
            schedule_to_close_timeout=limit,
            retry_policy=RETRY,
            summary=f"{order.duty} → {order.reaches}（{order.channel}）",
            priority=Priority(priority_key=priority),
        )
    except ActivityError as error:
        if awaited.outcome is None:
            raise _not_delivered(error) from None
        return Delivered(channel=order.channel, code="", held=True)  # it was posted by an attempt that died


async def _out_of_the_mailbox(awaited: _Awaited, limit: timedelta) -> Delivered | None:
    """What became of it there; None where its address is another one by now."""
    try:
        await workflow.wait_condition(
            lambda: awaited.outcome is not None, timeout=limit + BEYOND_THE_MAILBOX, timeout_summary="等信箱回执"
        )
    except TimeoutError:
        why = f"{MAILBOX_SILENT}: nothing was heard of it; was its mailbox terminated? Another way is tried"
        raise NotDelivered(why, attempts=0) from None
    outcome = awaited.outcome
    if outcome is None or outcome.again:
        return None
    if outcome.delivered is None:
        raise NotDelivered(outcome.failure or "", code=outcome.code, attempts=outcome.attempts)
    return outcome.delivered


def _not_delivered(error: ActivityError) -> NotDelivered:
    """The kind of the failure; the message of an error of ours is free of personal data, others are not shown."""
    cause = error.cause
    if not isinstance(cause, ApplicationError):
        return NotDelivered(type(cause).__name__ if cause else "unknown")
    trouble = trouble_of(cause)
    return NotDelivered(f"{cause.type}: {cause.message}"[:300], code=trouble.code, attempts=trouble.attempt)


def trouble_of(error: ApplicationError) -> Trouble:
    """What a failed attempt said of itself; of an error that is none of ours nothing is known."""
    try:
        return Trouble.model_validate(error.details[0] if error.details else {})
    except ValidationError:
        return Trouble()
