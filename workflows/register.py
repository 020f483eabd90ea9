"""The workflow of one unit's register: items are entered, and what comes due is told (R10, R11, R13, R30, R58-R63).

Started by the first item. What may be entered the plan decides (`plan/register_judging.py`), after an activity has
looked up who is who, for all that wait at once and in order of arrival. It goes on for ever by continue-as-new; only
that of a unit which nobody knows ends.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue, ValidationError
from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from activities.names import RESOLVE_STANDING
from plan.details import local
from plan.messages import Bad
from plan.receipts import Answer, Receipt
from plan.register import Refused, Register
from plan.register_due import Owed, next_instant, owed, said
from plan.register_items import ItemTold
from plan.register_judging import judge
from plan.register_messages import read_item
from plan.register_standing import Standing, asks_for
from plan.register_view import register_details, register_view
from plan.values import Kept
from runtime.names import RECORD, REGISTER, SUBMIT, VIEW, unit_of_register
from workflows.announcing import announce
from workflows.background import Background
from workflows.reading import NOTHING, asked, decoded, open_seal, several
from workflows.waiting import Timer

LIMIT = timedelta(seconds=10)
TRIES = timedelta(minutes=5)
AGAIN_AFTER = timedelta(minutes=1)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))
HOW = "A register is started by what is entered into it, under the id of its unit; do not start it by hand."


class RegisterStart(Kept):
    """The one argument: nothing, or what the run before had."""

    max_events: int | None = None
    carried: Register | None = None


class Waiting:
    """One item that waits to be judged, and its receipt once it was."""

    def __init__(self, told: ItemTold) -> None:
        self.told = told
        self.receipt: Receipt | None = None


@workflow.defn(name=REGISTER)
class RegisterWorkflow:
    """`run` is the whole story: judge what came, tell what is due, wait."""

    def __init__(self) -> None:
        """Items may come before `run` has begun: they wait."""
        self._unit = unit_of_register(workflow.info().workflow_id)
        self._register = Register(unit=self._unit)
        self._waiting: list[Waiting] = []
        self._max_events: int | None = None
        self._background = Background(on_end=self._look_again)
        self._timer = Timer()
        self._again_at: datetime | None = None
        self._telling: set[str] = set()
        self._judged = False
        self._changed = True

    @workflow.run
    async def run(self, start: RawValue = NOTHING) -> dict[str, JsonValue]:
        self._open(start)
        while not self._over():
            await self._judge_what_came()
            self._tell_what_is_due()
            workflow.set_current_details(register_details(self._register, workflow.now()))
            await self._until_something_comes()
            self._background.raise_what_broke()
            if self._at_a_quiet_moment():
                workflow.continue_as_new(self._carried_over())
        return {"unit": self._unit, "sequence": self._register.sequence}

    # What arrives

    @workflow.update(
        name=SUBMIT,
        description="登记一项，回执说明是否被接受 · Enter one item; the receipt says whether it was accepted",
    )
    async def submit(self, message: RawValue = NOTHING) -> Receipt:
        waiting = self._hear(message)
        if isinstance(waiting, Receipt):
            return waiting
        await workflow.wait_condition(lambda: waiting.receipt is not None)
        return waiting.receipt or Receipt(fact_id=waiting.told.fact_id, state=Answer.PENDING)

    @workflow.signal(name=RECORD, description="登记任一项 · Enter any item")
    def record(self, message: RawValue = NOTHING) -> None:
        self._hear(message)

    @workflow.signal(dynamic=True)
    def unknown_signal(self, name: str, args: Sequence[RawValue]) -> None:
        self._bad(Bad(why=f"there is no message named {name[:60]!r}; send an item to record", kind="unknown"))

    @workflow.update(dynamic=True)
    def unknown_update(self, name: str, args: Sequence[RawValue]) -> Receipt:
        return self._bad(Bad(why=f"there is no update named {name[:60]!r}; send an item to submit", kind="unknown"))

    @workflow.query(
        name=VIEW,
        description="台账：事项、排查、培训、准备 · Actions, screenings, trainings, readiness: {viewer}",
    )
    def view(self, message: RawValue = NOTHING) -> dict[str, JsonValue]:
        viewer = asked(message).get("viewer")
        return self.shown(workflow.now(), str(viewer) if viewer else None)

    def shown(self, now: datetime, viewer: str | None = None) -> dict[str, JsonValue]:
        """As that person may see it, as of an instant."""
        waiting = sum(1 for each in self._waiting if each.receipt is None)
        return register_view(self._register, now, viewer, waiting=waiting)

    def _hear(self, message: RawValue) -> Waiting | Receipt:
        raw = decoded(message)
        told = several(raw) or read_item(
            raw,
            register_id=workflow.info().workflow_id,
            now=workflow.now(),
            fact_id=f"m-{workflow.uuid4()}",
            open_seal=open_seal(),
        )
        self._changed = True
        if isinstance(told, Bad):
            return self._bad(told)
        self._waiting.append(Waiting(told))
        return self._waiting[-1]

    def _bad(self, bad: Bad) -> Receipt:
        """What nobody can read leaves a line."""
        line = Refused(at=workflow.now(), kind=bad.kind, by=bad.by, rule="malformed", reason=bad.why)
        self._register = self._register.refused(line)
        self._changed = True
        return Receipt(fact_id="", state=Answer.REFUSED, reason=bad.why, reason_zh=bad.why_zh, rule="malformed")

    # The steps of the loop

    async def _judge_what_came(self) -> None:
        """All that wait, in order, after one look at who is who. Where nobody can say, they go on waiting."""
        came = list(self._waiting)
        if not came or (self._again_at is not None and workflow.now() < self._again_at):
            return
        try:
            seen = await self._standing([each.told for each in came])
        except ActivityError:
            self._again_at = workflow.now() + AGAIN_AFTER
            return
        self._again_at = None
        for each in came:
            self._register, each.receipt = judge(self._register, each.told, seen)
        self._waiting = self._waiting[len(came) :]
        self._judged = True

    async def _standing(self, told: list[ItemTold]) -> Standing:
        """A cancellation is refused: somebody waits for the receipt."""
        looking = workflow.start_activity(
            RESOLVE_STANDING,
            asks_for(self._unit, told),
            result_type=Standing,
            start_to_close_timeout=LIMIT,
            schedule_to_close_timeout=TRIES,
            retry_policy=RETRY,
            summary="确定谁可登记",
        )
        while True:
            try:
                return await asyncio.shield(looking)
            except asyncio.CancelledError:
                self._refuse_to_stop()

    def _tell_what_is_due(self) -> None:
        """Nothing new before a quiet moment that is overdue."""
        if self._long():
            return
        for each in owed(self._register, workflow.now()):
            if each.bulletin.reference not in self._telling:
                self._telling.add(each.bulletin.reference)
                self._background.begin(self._tell(each))

    async def _tell(self, each: Owed) -> None:
        try:
            await announce(each.bulletin)
        finally:
            self._telling.discard(each.bulletin.reference)
        self._register = said(self._register, each)

    async def _until_something_comes(self) -> None:
        """A cancellation is refused; the register goes on."""
        self._timer.arm(self._next_instant(), lambda at: f"{local(at)} 再看")
        self._changed = False
        while not self._something_came():
            try:
                await workflow.wait_condition(self._something_came)
            except asyncio.CancelledError:
                self._refuse_to_stop()

    def _refuse_to_stop(self) -> None:
        why = "a register is not cancelled; say which of its actions are done"
        self._register = self._register.refused(
            Refused(at=workflow.now(), kind="cancel", by=None, rule="R58", reason=why)
        )

    def _something_came(self) -> bool:
        fresh = self._again_at is None and bool(self._waiting)
        return self._changed or fresh or self._timer.rang or self._over() or self._at_a_quiet_moment()

    def _look_again(self) -> None:
        self._changed = True

    def _next_instant(self) -> datetime | None:
        instants = [at for at in (next_instant(self._register, workflow.now()), self._again_at) if at is not None]
        return min(instants, default=None)

    def _over(self) -> bool:
        """Whatever was entered was refused, for nobody knows the unit."""
        nothing = self._judged and not self._register.unit_name and self._register.is_empty
        return nothing and self._is_quiet()

    def _long(self) -> bool:
        info = workflow.info()
        most = self._max_events
        return info.is_continue_as_new_suggested() or (most is not None and info.get_current_history_length() > most)

    def _is_quiet(self) -> bool:
        return not self._background.busy and not self._waiting and workflow.all_handlers_finished()

    def _at_a_quiet_moment(self) -> bool:
        """As soon as the last receipt is out: what is due then is begun by the next run."""
        return self._long() and self._is_quiet()

    # From run to run

    def _open(self, start: RawValue) -> None:
        """A start that cannot be read is none: what was entered must not meet a register that failed.

        What an earlier run handed over is never dropped: the task fails, and is tried again until mended code comes.
        """
        if not workflow.info().workflow_id.startswith("register/") or not self._unit:
            raise ApplicationError(HOW, type="Malformed", non_retryable=True)
        goes_on = workflow.info().continued_run_id is not None
        try:
            read = RegisterStart.model_validate(decoded(start) or {})
        except ValidationError:
            if goes_on:
                raise
            return
        self._max_events = read.max_events
        if read.carried is not None and goes_on:
            self._register = read.carried.model_copy(
                update={"refusals": (*read.carried.refusals, *self._register.refusals)}
            )

    def _carried_over(self) -> dict[str, Any]:
        start = RegisterStart(max_events=self._max_events, carried=self._register)
        return start.model_dump(mode="json", exclude_none=True)
