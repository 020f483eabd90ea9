"""The workflow of one subscription: what other systems are told, in order, until they have taken it (decision 27).

Hints arrive as signals, from incidents as they go on and from whoever keeps their records. Whose turn it is and when
`plan/feeding.py` says; one activity at a time reads records and posts events. It waits for as long as its subscription
is in force, and costs nothing meanwhile: its cursors are what keeps a receiver from being told everything again.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from pydantic import JsonValue, ValidationError
from temporalio import workflow
from temporalio.common import Priority, RawValue, RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from activities.names import DELIVER_EVENTS, TRY_SUBSCRIPTION
from plan.details import local
from plan.feeding import Feed, FeedAnswer, FeedOrder, FeedState, Hint
from plan.values import Kept
from runtime.names import EVENTS_QUEUE, FEED, HAPPENED, IMPORT_PRIORITY, LOOK, TRY, VIEW, subscription_of
from workflows.background import Background
from workflows.reading import NOTHING, decoded
from workflows.waiting import Timer

ATTEMPT_LIMIT = timedelta(seconds=45)
SILENCE = timedelta(seconds=15)
"""Without a sign of life for so long the worker is taken for dead, and another goes on."""
PATIENCE = timedelta(hours=1)
TRYING = timedelta(seconds=20)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
ONCE = RetryPolicy(maximum_attempts=1)


class FeedStart(Kept):
    max_events: int | None = None
    carried: FeedState | None = None


@workflow.defn(name=FEED)
class FeedWorkflow:
    """`run` is the whole story: read the hints, send what is due, wait."""

    def __init__(self) -> None:
        """Hints may come before `run` has begun."""
        self._feed = Feed(FeedState())
        self._background = Background(on_end=self._look_again)
        self._timer = Timer()
        self._came: list[RawValue] = []
        self._sending = self._woken = self._asked = self._changed = self._over = False
        self._unreadable = 0
        self._max_events: int | None = None

    @workflow.run
    async def run(self, start: RawValue = NOTHING) -> dict[str, JsonValue]:
        self._open(start)
        while not self._over:
            self._read_what_came()
            if not self._long:
                self._send_what_is_due()
            elif not self._background.busy and workflow.all_handlers_finished():
                workflow.continue_as_new(self._carried_over())
            workflow.set_current_details(self._details())
            await self._until_a_change_or_the_next_instant()
            self._background.raise_what_broke()
        await self._until_all_are_answered()
        return {"delivered": self._feed.state.delivered}

    # What arrives

    @workflow.signal(name=HAPPENED, description="事件有进展 · Records that may have gone on; from workers")
    def happened(self, message: RawValue = NOTHING) -> None:
        self._came.append(message)

    @workflow.signal(name=LOOK, description="现在就试 · Try now whatever waits; also after a pause")
    def look(self, message: RawValue = NOTHING) -> None:
        self._woken = True

    @workflow.signal(dynamic=True)
    def unknown_signal(self, name: str, args: Sequence[RawValue]) -> None:
        self._unreadable += 1

    @workflow.update(name=TRY, description="发送测试事件 · Send an event about nothing")
    async def try_it(self, message: RawValue = NOTHING) -> dict[str, JsonValue]:
        try:
            answer: dict[str, JsonValue] = await workflow.execute_activity(
                TRY_SUBSCRIPTION,
                {"subscription": self._id, "reference": f"test-{workflow.uuid4()}"},
                task_queue=EVENTS_QUEUE,
                start_to_close_timeout=TRYING,
                schedule_to_close_timeout=TRYING,
                retry_policy=ONCE,
                summary="测试",
            )
        except ActivityError as failed:
            return {"delivered": False, "answer": _why(failed)}
        return answer

    @workflow.update(dynamic=True)
    def unknown_update(self, name: str, args: Sequence[RawValue]) -> None:
        raise ApplicationError("a feed takes no such update", type="Malformed", non_retryable=True)

    @workflow.query(name=VIEW, description="已送达与待送 · What was delivered, what waits, since when it fails")
    def view(self, message: RawValue = NOTHING) -> dict[str, JsonValue]:
        state = self._feed.state.model_dump(mode="json", exclude={"cursors", "over", "waiting"})
        return {**state, "waiting": self._feed.waits, "incidents": self._feed.knows, "unreadable": self._unreadable}

    # The steps of the loop

    def _open(self, message: RawValue) -> None:
        """What the run before left must not be lost: the task fails, and is tried again until mended code comes."""
        try:
            start = FeedStart.model_validate(decoded(message) or {})
        except ValidationError:
            if workflow.info().continued_run_id is not None:
                raise
            return
        self._max_events = start.max_events
        if start.carried is not None and workflow.info().continued_run_id is not None:
            self._feed = Feed(start.carried)

    def _read_what_came(self) -> None:
        came, self._came = self._came, []
        for message in came:
            said = decoded(message)
            for each in cast("list[object]", said) if isinstance(said, list) else [said]:
                try:
                    self._feed.happened([Hint.model_validate(each)])
                except ValidationError:
                    self._unreadable += 1
        if self._woken:
            self._woken, self._asked = False, True  # with nothing to send too: it may be over
            self._feed.wake()

    def _send_what_is_due(self) -> None:
        if self._sending:
            return
        turn = self._feed.due(workflow.now())
        if turn or self._asked:
            self._sending, self._asked = True, False
            since = self._feed.state.failing_since
            self._background.begin(
                self._send(FeedOrder(subscription=self._id, cursors=tuple(turn), failing_since=since))
            )

    async def _send(self, order: FeedOrder) -> None:
        try:
            answer = await workflow.execute_activity(
                DELIVER_EVENTS,
                order,
                task_queue=EVENTS_QUEUE,
                result_type=FeedAnswer,
                start_to_close_timeout=ATTEMPT_LIMIT,
                schedule_to_close_timeout=PATIENCE,
                heartbeat_timeout=SILENCE,
                retry_policy=RETRY,
                summary=f"{len(order.cursors)} 件事件",
                priority=Priority(priority_key=IMPORT_PRIORITY),
            )
        except ActivityError as failed:
            self._feed.broke(_why(failed), workflow.now())
        else:
            self._feed.answered(answer, workflow.now())
            self._over = self._over or answer.ended
        finally:
            self._sending = False

    async def _until_a_change_or_the_next_instant(self) -> None:
        self._timer.arm(self._next_instant(), lambda at: f"{local(at)} 再试")
        self._changed = False
        while not self._something_came():
            try:
                await workflow.wait_condition(self._something_came)
            except asyncio.CancelledError:
                self._over = True  # whoever ends the subscription by hand: nothing is lost but what was to be told
                return

    def _something_came(self) -> bool:
        answered = self._long and workflow.all_handlers_finished() and not self._background.busy
        return self._changed or self._woken or self._timer.rang or bool(self._came) or answered

    def _next_instant(self) -> datetime | None:
        return None if self._sending or self._long else self._feed.next_instant(workflow.now())

    async def _until_all_are_answered(self) -> None:
        await workflow.wait_condition(lambda: workflow.all_handlers_finished() and not self._background.busy)

    def _look_again(self) -> None:
        self._changed = True

    @property
    def _id(self) -> str:
        return subscription_of(workflow.info().workflow_id)

    @property
    def _long(self) -> bool:
        info = workflow.info()
        most = self._max_events
        return info.is_continue_as_new_suggested() or (most is not None and info.get_current_history_length() > most)

    def _carried_over(self) -> dict[str, Any]:
        start = FeedStart(max_events=self._max_events, carried=self._feed.carried())
        return start.model_dump(mode="json", exclude_none=True)

    def _details(self) -> str:
        state = self._feed.state
        trouble = f" · {state.failures} ✗ {state.trouble}" if state.failures else ""
        paused = " · 已暂停 paused" if state.paused else ""
        return f"已送 {state.delivered} delivered · 待送 {self._feed.waits} waiting{trouble}{paused}"


def _why(failed: ActivityError) -> str:
    """The kind of what broke; never its words."""
    cause = failed.cause
    return (cause.type or "error") if isinstance(cause, ApplicationError) else "no answer in time"
