"""The workflow of one address that may not be spoken to faster (R14; decision 17). `run` is the whole story.

What waits, whose turn it is and when, `plan/mail.py` says. Here is only what Temporal makes of it: letters arrive as
signals, one message at a time goes out as one attempt of an activity, and incidents are told by another.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import chain
from typing import Any, cast

from pydantic import JsonValue, ValidationError
from temporalio import workflow
from temporalio.common import Priority, RawValue, RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from activities.names import SEND_LETTERS, SETTLE_LETTERS
from plan.channels import MANNERS, Manner
from plan.details import local
from plan.mail import Mail
from plan.mail_shown import mailbox_details, mailbox_view
from plan.mail_state import MailState, Parcel
from plan.orders import Letter, SendAnswer, SendOrder, SettleOrder, Trouble
from plan.values import Kept
from runtime.names import CRISIS_PRIORITY, DELIVERIES_QUEUE, MAILBOX, POST, VIEW
from workflows.background import Background
from workflows.delivering import ATTEMPT_LIMIT, trouble_of
from workflows.reading import NOTHING, decoded
from workflows.waiting import Timer

ON_ITS_WAY = timedelta(seconds=25)
"""How long a message may be on its way, waiting for a worker included: less than incidents wait beyond the mailbox."""
TELLING = timedelta(minutes=1)
"""How long incidents are tried to be told; after it their own patience ends the wait."""
ONCE = RetryPolicy(maximum_attempts=1)
AGAIN = RetryPolicy(initial_interval=timedelta(seconds=0.5), maximum_interval=timedelta(seconds=10))


class MailboxStart(Kept):
    """How the address may be spoken to; and what a run hands to the next."""

    manner: Manner | None = None
    max_events: int | None = None
    carried: MailState | None = None


@workflow.defn(name=MAILBOX)
class MailboxWorkflow:
    """Begun with its first letter, ended when nothing waits and nothing that was sent counts any more."""

    def __init__(self) -> None:
        """Letters may come before `run` has begun: they are read there, in their order."""
        _, _, rest = workflow.info().workflow_id.partition("/")
        self._channel = rest.partition("/")[0]
        self._mail = Mail(MailState(manner=MANNERS.get(self._channel, Manner())))
        self._background = Background(on_end=self._look_again)
        self._timer = Timer()
        self._max_events: int | None = None
        self._posted: list[object] = []
        self._unreadable = 0
        self._changed = True
        self._telling = False

    @workflow.run
    async def run(self, start: RawValue = NOTHING) -> None:
        self._open(start)
        while not self._over():
            self._read_what_was_posted()
            if not self._long:
                self._send_what_may_go()
                self._tell_what_became_of_it()
            elif not self._background.busy:
                workflow.continue_as_new(self._carried_over())
            workflow.set_current_details(mailbox_details(self._mail, self._channel, workflow.now()))
            await self._until_a_change_or_the_next_instant()
            self._background.raise_what_broke()

    # What arrives

    @workflow.signal(name=POST, description="投递信件 · More letters, from deliveries")
    def post(self, message: RawValue = NOTHING) -> None:
        self._posted.append(decoded(message))

    @workflow.signal(dynamic=True)
    def unknown_signal(self, name: str, args: Sequence[RawValue]) -> None:
        self._unreadable += 1

    @workflow.update(dynamic=True)
    def unknown_update(self, name: str, args: Sequence[RawValue]) -> dict[str, JsonValue]:
        self._unreadable += 1
        return {"accepted": False, "reason": f"a mailbox takes letters by the signal {POST} only, from deliveries"}

    @workflow.query(name=VIEW, description="等候与已发 · What waits, and what was sent lately")
    def view(self, message: RawValue = NOTHING) -> dict[str, JsonValue]:
        return mailbox_view(self._mail, self._channel, self._unreadable)

    # The steps

    def _open(self, message: RawValue) -> None:
        """A start that cannot be read is as good as none: what was posted must not be lost with it.

        What the run before left must not be lost either: the task fails, and is tried again until mended code comes.
        """
        try:
            start = MailboxStart.model_validate(decoded(message))
        except ValidationError:
            if workflow.info().continued_run_id is not None:
                raise
            return
        self._max_events = start.max_events
        if start.carried is not None and workflow.info().continued_run_id is not None:
            self._mail = Mail(start.carried)
        elif start.manner is not None:
            self._mail = Mail(MailState(manner=start.manner))

    def _read_what_was_posted(self) -> None:
        posted, self._posted = self._posted, []
        for said in chain.from_iterable(_letters(each) for each in posted):
            try:
                letter = Letter.model_validate(said)
            except ValidationError:
                self._unreadable += 1
            else:
                self._mail.post(letter, workflow.now())

    def _send_what_may_go(self) -> None:
        if parcel := self._mail.look(workflow.now()):
            self._background.begin(self._send(parcel))

    async def _send(self, parcel: Parcel) -> None:
        """One attempt. Ended by the server, it may have been taken: it counts, and goes out again under its key."""
        order = self._order(parcel)
        try:
            answer = await workflow.execute_activity(
                SEND_LETTERS,
                order,
                task_queue=DELIVERIES_QUEUE,
                result_type=SendAnswer,
                start_to_close_timeout=ATTEMPT_LIMIT,
                schedule_to_close_timeout=ON_ITS_WAY,
                retry_policy=ONCE,
                summary=f"{len(order.orders)} 条 → {self._channel}",
                priority=Priority(priority_key=min(each.letter.priority for each in self._mail.of(parcel))),
            )
        except ActivityError as error:
            self._failed(error)
        else:
            self._answered(answer)

    def _answered(self, answer: SendAnswer) -> None:
        now = workflow.now()
        if answer.delivered is not None:
            self._mail.delivered(answer.delivered, now)
        elif answer.unfit:
            self._mail.unfit(answer.unfit, now)
        else:
            self._mail.failed("an answer without an outcome", Trouble(), now)

    def _failed(self, error: ActivityError) -> None:
        cause, now = error.cause, workflow.now()
        if not isinstance(cause, ApplicationError):
            self._mail.failed("no answer in time", Trouble(), now)
            return
        why, trouble = f"{cause.type}: {cause.message}"[:300], trouble_of(cause)
        if cause.non_retryable:
            self._mail.refused(why, trouble, now)
        else:
            self._mail.failed(why, trouble, now)

    def _tell_what_became_of_it(self) -> None:
        """One at a time, so that of one letter the later word never overtakes the earlier."""
        if not self._telling and (outcomes := self._mail.to_tell()):
            self._telling = True
            self._background.begin(self._tell(SettleOrder(outcomes=outcomes)))

    async def _tell(self, order: SettleOrder) -> None:
        try:
            await workflow.execute_activity(
                SETTLE_LETTERS,
                order,
                task_queue=DELIVERIES_QUEUE,
                start_to_close_timeout=ATTEMPT_LIMIT,
                schedule_to_close_timeout=TELLING,
                retry_policy=AGAIN,
                summary=f"回执 → {len(order.outcomes)} 件",
                priority=Priority(priority_key=CRISIS_PRIORITY),
            )
        except ActivityError:
            workflow.logger.warning("incidents could not be told what became of their letters; their own limit ends it")
        finally:
            self._telling = False

    async def _until_a_change_or_the_next_instant(self) -> None:
        at = None if self._long else self._mail.next_instant(workflow.now())
        self._timer.arm(at, lambda at: f"{local(at)} 再看")
        self._changed = False
        await self._until(lambda: self._changed or self._timer.rang or bool(self._posted))

    async def _until(self, condition: Callable[[], bool]) -> None:
        """A cancellation is refused: what was sent must be remembered as long as it counts."""
        while not condition():
            try:
                await workflow.wait_condition(condition)
            except asyncio.CancelledError:
                self._unreadable += 1

    def _look_again(self) -> None:
        self._changed = True

    def _over(self) -> bool:
        idle = not self._posted and not self._background.busy
        return idle and self._mail.over(workflow.now())

    @property
    def _long(self) -> bool:
        """The history grows too long: nothing more is begun, and once nothing is on its way the next run goes on."""
        info = workflow.info()
        most = self._max_events
        return info.is_continue_as_new_suggested() or (most is not None and info.get_current_history_length() > most)

    # From run to run

    def _carried_over(self) -> dict[str, Any]:
        start = MailboxStart(max_events=self._max_events, carried=self._mail.state)
        return start.model_dump(mode="json", exclude_none=True)

    def _order(self, parcel: Parcel) -> SendOrder:
        """Those whom it is for, the ones that were given up among them: it is their message too."""
        letters = [self._mail.letters[number].letter for number in parcel.numbers]
        return SendOrder(
            channel=self._channel,
            mailbox=workflow.info().workflow_id,
            key=parcel.key,
            text=parcel.text,
            lang=letters[0].written.lang,
            drill=letters[0].order.drill,
            orders=tuple(letter.order for letter in letters),
        )


def _letters(posted: object) -> Sequence[object]:
    """What one signal brings: letters, or one by itself."""
    return cast("list[object]", posted) if posted and isinstance(posted, list) else (posted,)
