"""The workflow of one exercise: it files a drill incident, plays the world outside, ends it and scores it (R11, R31).

`run` is the whole story; its steps follow in order. What comes when is the plan's (`plan/drill.py`). A drill is bounded
by its scenario, so that it needs no continue-as-new. A cancellation is a way to stop it: nothing of it stays open.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue, ValidationError
from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy, SearchAttributePair
from temporalio.exceptions import ActivityError, ApplicationError

from activities.names import (
    FILE_IN_DRILL,
    LOOK_AT_DRILL,
    PREPARE_DRILL,
    RESOLVE_ROSTER,
    SCORE_DRILL,
    TELL_INCIDENT,
)
from plan.bulletin import Bulletin
from plan.details import local
from plan.drill import (
    Drill,
    DrillAsked,
    DrillFiling,
    DrillState,
    Filing,
    Happened,
    LookedAt,
    Prepared,
    Stopped,
    Why,
)
from plan.drill_scenario import Complains, Step, Tells
from plan.drill_sheet import Sheet
from plan.drill_talk import may_start, may_stop, read_stop, stopped
from plan.drill_view import drill_details, drill_memo, drill_view
from plan.messages import Bad
from plan.orders import LinkAnswer, LinkOrder, RosterAnswer, RosterOrder
from plan.receipts import Answer, Receipt, Refusal
from plan.roster import Roster
from plan.told import WITHIN
from runtime.names import DRILL, RECORD, SUBMIT, VIEW, drill_id, drill_of
from runtime.search_attributes import DRILL as IS_A_DRILL
from runtime.search_attributes import OUTLET
from workflows.announcing import announce
from workflows.reading import NOTHING, decoded, open_seal, several

LIMIT = timedelta(seconds=30)
AT_MOST = timedelta(minutes=30)
"""How long a step of the world is tried: later it would not fit in any more."""
LOOKING = timedelta(minutes=1)
UNTIL_IT_IS_OVER = timedelta(days=7)
"""How long the end and the score are tried: nothing of a drill may stay open."""
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))
LOOKS_AT_THE_END = 5
HOW = "Drill takes one argument, {scenario, outlet, recipients, insurers, by}. Begin one with `tocsin drill start`."


@workflow.defn(name=DRILL)
class DrillWorkflow:
    """Its result is what `view` says, with the score sheet."""

    def __init__(self) -> None:
        """Messages may come before `run` has begun: they wait until it is known who may stop it."""
        self._drill = Drill(drill_id=drill_of(workflow.info().workflow_id))
        self._roster: Roster | None = None
        self._stopped: Stopped | None = None

    @workflow.run
    async def run(self, start: RawValue = NOTHING) -> dict[str, JsonValue]:
        self._read(start)
        playing = asyncio.create_task(self._played())
        while not playing.done():
            try:
                await workflow.wait_condition(playing.done)
            except asyncio.CancelledError:
                self._stopped = self._stopped or Stopped(at=workflow.now(), by="temporal", reason="cancelled")
        playing.result()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return drill_view(self._drill)

    async def _played(self) -> None:
        if (no := await self._prepare()) is not None:
            self._know(state=DrillState.REFUSED, refusal=no)
            return
        await self._begin()
        while not self._ended():
            await self._until(self._drill.next_instant(workflow.now()))
            await self._look()
            await self._play_what_is_due()
        await self._say_that_it_is_over()
        await self._end()
        await self._score()
        if await self._end():  # a group event that was only being opened
            await self._score()
        self._know(state=DrillState.OVER)

    # What arrives

    @workflow.update(name=SUBMIT, description="停止演练 · Stop the drill: {kind: drill_stopped, by, reason}")
    async def submit(self, message: RawValue = NOTHING) -> Receipt:
        return await self._hear(message)

    @workflow.signal(name=RECORD, description="停止演练 · Stop the drill: {kind: drill_stopped, by, reason}")
    async def record(self, message: RawValue = NOTHING) -> None:
        await self._hear(message)

    @workflow.signal(dynamic=True)
    def unknown_signal(self, name: str, args: Sequence[RawValue]) -> None:
        """It takes nothing else; facts are told to its incidents."""

    @workflow.update(dynamic=True)
    def unknown_update(self, name: str, args: Sequence[RawValue]) -> Receipt:
        return Receipt(fact_id="", state=Answer.REFUSED, reason=f"there is no message {name[:60]!r}; use submit")

    @workflow.query(name=VIEW, description="演练现状与评分 · How far the drill has come, and its score sheet")
    def view(self, message: RawValue = NOTHING) -> dict[str, JsonValue]:
        return drill_view(self._drill)

    async def _hear(self, message: RawValue) -> Receipt:
        said = decoded(message)
        await workflow.wait_condition(lambda: self._roster is not None or self._drill.refusal is not None)
        me = drill_id(self._drill.drill_id)
        told = several(said) or read_stop(said, drill=me, now=workflow.now(), open_seal=open_seal())
        if isinstance(told, Bad):
            return Receipt(fact_id="", state=Answer.REFUSED, reason=told.why, reason_zh=told.why_zh, rule="malformed")
        stop, at = told
        if no := may_stop(stop, self._roster or Roster(version="")):
            return _refused(stop.fact_id, no)
        self._stopped = self._stopped or stopped(stop, at)
        return Receipt(fact_id=stop.fact_id or "", state=Answer.ACCEPTED, accepted=True)

    # The steps

    def _read(self, start: RawValue) -> None:
        mine = workflow.info().workflow_id.startswith(drill_id(""))
        try:
            asked = DrillAsked.model_validate(decoded(start))
        except ValidationError as malformed:
            why = f"The drill cannot be read ({malformed.error_count()} faults). {HOW}"
            raise ApplicationError(why, type="Malformed", non_retryable=True) from None
        if not mine or not self._drill.drill_id:
            raise ApplicationError(f"Its workflow id begins with drill/. {HOW}", type="Malformed", non_retryable=True)
        self._know(asked=asked)

    async def _prepare(self) -> Refusal | None:
        """What it begins with, and whether who asks for it may; of a schedule nobody is asked."""
        asked = self._drill.order
        roster = await _asked(
            RESOLVE_ROSTER,
            RosterOrder(incident_id=self._drill.drill_id, outlet=asked.outlet, with_playbook=False),
            RosterAnswer,
            AT_MOST,
        )
        self._roster = roster.roster
        if no := may_start(asked, roster.roster, within=workflow.info().parent is not None):
            return no
        found = await _asked(PREPARE_DRILL, asked, Prepared, AT_MOST)
        self._know(found=found)
        return found.refusal

    async def _begin(self) -> None:
        pairs: list[SearchAttributePair[Any]] = [
            SearchAttributePair(IS_A_DRILL, True),
            SearchAttributePair(OUTLET, self._drill.order.outlet),
        ]
        workflow.upsert_search_attributes([key.value_set(value) for key, value in pairs])  # pyright: ignore[reportUnknownMemberType]
        self._know(state=DrillState.PLAYING, starts_at=workflow.now())
        if (refused := await self._file(0, self._drill.scenario.complaint)) is not None:
            self._stopped = Stopped(at=workflow.now(), by=WITHIN, reason=refused)
        await self._play_what_is_due()

    def _ended(self) -> bool:
        """Stopped, everything closed by people, or the end reached; the first of these is why."""
        if self._drill.why is None:
            if self._stopped is not None:
                self._know(why=Why.STOPPED, stopped=self._stopped)
            elif self._drill.closed:
                self._know(why=Why.CLOSED)
            elif workflow.now() >= self._drill.ends_at:
                self._know(why=Why.PLAYED)
        return self._drill.why is not None

    async def _until(self, at: datetime) -> None:
        left = max(at - workflow.now(), timedelta(0))
        try:
            await workflow.wait_condition(
                lambda: self._stopped is not None, timeout=left, timeout_summary=f"演练 {local(at)} 下一步"
            )
        except TimeoutError:
            return

    async def _look(self) -> None:
        """Which incidents are over, and which group events they have become part of."""
        if not self._drill.everything:
            return
        try:
            looked = await _asked(LOOK_AT_DRILL, self._drill.everything, LookedAt, LOOKING)
        except ActivityError:
            return  # nobody answers for them now; it looks again with the next step
        self._drill = self._drill.looked(looked)

    async def _play_what_is_due(self) -> None:
        """Every step whose time has come; what is late after an outage comes in its order, at once."""
        while not self._drill.why and not self._stopped and (following := self._drill.next_step()):
            step, at = following
            if at > workflow.now():
                return
            number = self._drill.played + 1
            self._know(played=number)
            await self._play(step, number)

    async def _play(self, step: Step, number: int) -> None:
        if scene := self._drill.scene(step, number):
            await self._tell(scene)
            self._happened(number, "seen")
        if step.tells is not None:
            await self._state(step.tells, number)
        if step.complaint is not None:
            await self._file(number, step.complaint)

    async def _file(self, number: int, said: Complains) -> str | None:
        """None where it is filed, else why not."""
        order = DrillFiling(
            complaint=self._drill.complaint(said), plan=self._drill.found.plan, received_at=workflow.now()
        )
        try:
            filed = await _asked(FILE_IN_DRILL, order, Filing, AT_MOST)
        except ActivityError:
            filed = Filing(incident_id=self._drill.incident_id(), refused="not filed")
        if filed.refused is None:
            self._know(incidents=(*self._drill.incidents, filed.incident_id))
        self._happened(number, "complaint", filed.incident_id, accepted=filed.refused is None)
        return filed.refused

    async def _state(self, said: Tells, number: int) -> None:
        """As a system would; the incident judges it like any other."""
        incident = self._drill.incidents[0]
        fact = {"kind": said.kind, **said.stated}
        receipt = await self._told(incident, fact, str(number), workflow.now(), AT_MOST)
        accepted, rule = bool(receipt.get("accepted")), receipt.get("rule")
        self._happened(number, "tells", incident, accepted=accepted, rule=rule)

    async def _told(
        self, incident: str, fact: dict[str, Any], mark: str, at: datetime | None, at_most: timedelta
    ) -> dict[str, Any]:
        said = {**fact, "by": WITHIN, "fact_id": f"drill:{self._drill.mark}:{mark}"}
        order = LinkOrder(incident_id=incident, fact=said, received_at=at or workflow.now())
        try:
            return (await _asked(TELL_INCIDENT, order, LinkAnswer, at_most)).receipt or {}
        except ActivityError:
            return {}

    async def _tell(self, bulletin: Bulletin | None) -> None:
        if bulletin is not None:
            await announce(bulletin)

    async def _say_that_it_is_over(self) -> None:
        """At once, for somebody may be on the way."""
        self._know(state=DrillState.ENDING, ended_at=workflow.now())
        await self._look()
        await self._tell(self._drill.announced_over())

    async def _end(self) -> bool:
        """Withdraw what is open of it, group events too, until nothing is; whether anything was."""
        withdrawn = False
        for _ in range(LOOKS_AT_THE_END):
            await self._look()
            open_still = [each for each in self._drill.everything if each not in self._drill.over]
            if not open_still:
                break
            withdrawn = True
            for incident in open_still:
                over = {"kind": "withdrawn", "reason": "演练结束 · the drill is over"}
                await self._told(incident, over, "over", self._drill.ended_at, UNTIL_IT_IS_OVER)
        return withdrawn

    async def _score(self) -> None:
        """Waits for the last deliveries of its incidents. Without a score the drill is over all the same."""
        try:
            sheet = await _asked(SCORE_DRILL, self._drill, Sheet, UNTIL_IT_IS_OVER)
        except ActivityError:
            return
        self._know(sheet=sheet)

    def _happened(self, step: int, what: Any, incident: str | None = None, **answer: Any) -> None:
        happened = Happened(step=step, what=what, at=workflow.now(), incident_id=incident, **answer)
        self._know(happened=(*self._drill.happened, happened))

    def _know(self, **changes: Any) -> None:
        before, self._drill = self._drill, self._drill.model_copy(update=changes)
        workflow.set_current_details(drill_details(self._drill))
        if drill_memo(before) != drill_memo(self._drill):
            workflow.upsert_memo(drill_memo(self._drill))


async def _asked(name: str, order: object, result: type[Any], at_most: timedelta) -> Any:
    return await workflow.execute_activity(
        name,
        order,
        result_type=result,
        start_to_close_timeout=LIMIT,
        schedule_to_close_timeout=at_most,
        retry_policy=RETRY,
    )


def _refused(fact_id: str | None, no: Refusal) -> Receipt:
    return Receipt(
        fact_id=fact_id or "", state=Answer.REFUSED, reason=no.reason, reason_zh=no.reason_zh or None, rule=no.rule
    )
