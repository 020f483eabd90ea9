"""The workflow of one heightened alert (R7, R32): in force as long as it runs, told to outlets as it begins and ends.

Facts are judged one after the other, each against who answers in the organisation at that time.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from pydantic import JsonValue
from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from activities.names import RESOLVE_ROSTER
from plan.alert import ALL, Alert, AlertTold, after, alert_view, announced, may_not, read_alert
from plan.bulletin import Bulletin
from plan.messages import Bad
from plan.orders import RosterAnswer, RosterOrder
from plan.receipts import Answer, Receipt
from plan.roster import Roster
from plan.told import WITHIN
from runtime.names import ALERT, BULLETIN, RECORD, SUBMIT, VIEW, bulletin_id
from workflows.reading import NOTHING, decoded, open_seal, several

LOOK_UP = timedelta(seconds=10)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


@workflow.defn(name=ALERT)
class AlertWorkflow:
    """`run` is the whole story."""

    def __init__(self) -> None:
        self._id = workflow.info().workflow_id
        _, province, insurer, *_ = (*self._id.split("/"), ALL, ALL)
        self._alert = Alert(province=province, insurer=insurer)
        self._turn = asyncio.Lock()
        self._told = 0
        self._heard = False
        self._ended = False

    @workflow.run
    async def run(self, _: RawValue = NOTHING) -> dict[str, JsonValue]:
        await self._until(lambda: self._heard and workflow.all_handlers_finished(), None)
        while (ends_at := self._alert.ends_at) is not None:
            if not await self._until(partial(self._moved, ends_at), ends_at):
                await self._end()
            await self._until(workflow.all_handlers_finished, None)
        return alert_view(self._alert, workflow.now())

    @workflow.update(name=SUBMIT, description="提升或解除警戒 · Raise or lift the alert; a worker judges it")
    async def submit(self, message: RawValue = NOTHING) -> Receipt:
        return await self._hear(message)

    @workflow.signal(name=RECORD, description="提升或解除警戒 · Raise or lift the alert")
    async def record(self, message: RawValue = NOTHING) -> None:
        await self._hear(message)

    @workflow.signal(dynamic=True)
    def unknown_signal(self, name: str, args: Sequence[RawValue]) -> None:
        """It takes nothing else; a message that nobody can read ends nothing."""
        self._heard = True

    @workflow.update(dynamic=True)
    def unknown_update(self, name: str, args: Sequence[RawValue]) -> Receipt:
        self._heard = True
        return Receipt(fact_id="", state=Answer.REFUSED, reason=f"there is no message {name[:60]!r}; use submit")

    @workflow.query(name=VIEW, description="警戒现状 · Whether it is in force, until when, who said so")
    def view(self, message: RawValue = NOTHING) -> dict[str, JsonValue]:
        return alert_view(self._alert, workflow.now())

    async def _hear(self, message: RawValue) -> Receipt:
        """One after the other, so that each is judged against what came before."""
        try:
            async with self._turn:
                return await self._judged(decoded(message))
        finally:
            self._heard = True

    async def _judged(self, said: object) -> Receipt:
        told = several(said) or read_alert(said, alert=self._id, now=workflow.now(), open_seal=open_seal())
        if isinstance(told, Bad):
            return Receipt(fact_id="", state=Answer.REFUSED, reason=told.why, reason_zh=told.why_zh, rule="malformed")
        if no := may_not(self._alert, told, await self._roster(told)):
            return Receipt(
                fact_id="", state=Answer.REFUSED, reason=no.reason, reason_zh=no.reason_zh or None, rule=no.rule
            )
        before, self._alert = self._alert, after(self._alert, told)
        await self._announce(before)
        self._show()
        return Receipt(fact_id="", state=Answer.ACCEPTED, accepted=True)

    async def _roster(self, told: AlertTold) -> Roster:
        """Who the groups of the province, and above it, are now (R28); of every province the operator alone."""
        if told.fact.by == WITHIN:
            return Roster(version="")
        unit = None if self._alert.province == ALL else self._alert.province
        order = RosterOrder(incident_id=self._id, unit=unit, with_playbook=False)
        answer = await workflow.execute_activity(
            RESOLVE_ROSTER, order, result_type=RosterAnswer, start_to_close_timeout=LOOK_UP, retry_policy=RETRY
        )
        return answer.roster

    async def _end(self) -> None:
        """Its last day is over."""
        before, self._alert = self._alert, self._alert.model_copy(update={"lifted": True})
        await self._announce(before)

    def _moved(self, ends_at: datetime) -> bool:
        return self._alert.ends_at != ends_at

    async def _announce(self, before: Alert) -> None:
        self._told += 1
        reference = f"{self._id.replace('/', '-')}-{workflow.info().run_id[:8]}-{self._told}"
        if bulletin := announced(before, self._alert, reference):
            await _told(bulletin)

    async def _until(self, condition: Callable[[], bool], at: datetime | None) -> bool:
        """False where the instant came first. A cancellation is not the way to lift an alert: it goes on."""
        while True:
            left = None if at is None else max(at - workflow.now(), timedelta(0))
            try:
                await workflow.wait_condition(condition, timeout=left, timeout_summary="警戒到期")
            except TimeoutError:
                return condition()
            except asyncio.CancelledError:
                continue
            return True

    def _show(self) -> None:
        until = self._alert.until
        workflow.set_current_details(f"警戒至 {until} · in force until {until}" if until else "—")


async def _told(bulletin: Bulletin) -> None:
    try:
        await workflow.start_child_workflow(
            BULLETIN,
            bulletin,
            id=bulletin_id(bulletin.reference),
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            parent_close_policy=ParentClosePolicy.ABANDON,
        )
    except WorkflowAlreadyStartedError:
        return
