"""One round of the rhythm, begun by a schedule: look, keep it in the unit's register, tell (R10, R11, R13, R30, R31).

`run` is the whole story. A round is known by the time it was planned for, which Temporal says, so that one that is run
again tells nobody twice. Where it cannot be prepared for good it fails, and `tocsin schedules` shows that.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import JsonValue, ValidationError
from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy, SearchAttributeKey, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from activities.names import KEEP_ROUND, PREPARE_ROUND
from plan.bulletin import Bulletin
from plan.rhythm import Round
from plan.rounds import DrillStart, Prepared, RoundOrder
from runtime.names import DRILL, RHYTHM, VIEW, drill_id
from workflows.announcing import announce
from workflows.reading import NOTHING, decoded

LOOKING = timedelta(minutes=2)
AT_MOST = timedelta(hours=12)
RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=2))
PLANNED_FOR = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")


@workflow.defn(name=RHYTHM)
class RhythmWorkflow:
    """Its result says what was told, and to how many kinds of people."""

    def __init__(self) -> None:
        self._round: Round | None = None
        self._told: list[JsonValue] = []
        self._prepared: Prepared | None = None

    @workflow.run
    async def run(self, start: RawValue = NOTHING) -> dict[str, JsonValue]:
        planned = self._round = _read(start)
        prepared = self._prepared = await self._looked(planned, _planned_for())
        await self._kept(prepared)
        for bulletin in prepared.bulletins:
            await self._tell(bulletin)
        if prepared.drill is not None and prepared.held.drill is not None:
            await self._drill(prepared.held.drill, prepared.drill)
        workflow.set_current_details(self._details())
        return self._seen()

    @workflow.signal(dynamic=True)
    def unknown_signal(self, name: str, args: Sequence[RawValue]) -> None:
        """It takes no messages."""

    @workflow.update(dynamic=True)
    def unknown_update(self, name: str, args: Sequence[RawValue]) -> dict[str, JsonValue]:
        return {"accepted": False, "reason": "a round takes no messages; enter what was done into the unit's register"}

    @workflow.query(
        name=VIEW, description="本轮：要求、对象、已告知 · This round: what is asked, of whom, who was told"
    )
    def view(self, message: RawValue = NOTHING) -> dict[str, JsonValue]:
        return self._seen()

    # The steps

    async def _looked(self, planned: Round, at: datetime) -> Prepared:
        return await workflow.execute_activity(
            PREPARE_ROUND,
            RoundOrder(round=planned, at=at),
            result_type=Prepared,
            start_to_close_timeout=LOOKING,
            schedule_to_close_timeout=AT_MOST,
            retry_policy=RETRY,
            summary=planned.id,
        )

    async def _kept(self, prepared: Prepared) -> None:
        """Before anybody is told: whoever answers at once finds the round there."""
        await workflow.execute_activity(
            KEEP_ROUND,
            prepared.held,
            start_to_close_timeout=LOOKING,
            schedule_to_close_timeout=AT_MOST,
            retry_policy=RETRY,
            summary=f"记入台账 {prepared.held.unit}",
        )

    async def _tell(self, bulletin: Bulletin) -> None:
        if await announce(bulletin):
            self._told.append(bulletin.reference)

    async def _drill(self, drill: str, start: DrillStart) -> None:
        try:
            await workflow.start_child_workflow(
                DRILL,
                start.model_dump(mode="json"),
                id=drill_id(drill),
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                parent_close_policy=ParentClosePolicy.ABANDON,
                static_summary=f"[DRILL] {start.outlet} · {start.scenario}",
            )
        except WorkflowAlreadyStartedError:
            return  # this round's drill has begun before

    def _seen(self) -> dict[str, JsonValue]:
        held = self._prepared.held if self._prepared else None
        return {
            "round": held.id if held else self._round.id if self._round else None,
            "told": list(self._told),
            "held": held.model_dump(mode="json") if held else None,
        }

    def _details(self) -> str:
        """Numbers only."""
        held = self._prepared.held if self._prepared else None
        if held is None:
            return "—"
        drill = f"，演练 {held.drill}" if held.drill else ""
        return f"已通知 {len(self._told)} 组{drill} · {len(self._told)} bulletins"


def _planned_for() -> datetime:
    """What the schedule planned it for; without a schedule now."""
    return workflow.info().typed_search_attributes.get(PLANNED_FOR) or workflow.now()


def _read(start: RawValue) -> Round:
    try:
        return Round.model_validate(decoded(start))
    except ValidationError as malformed:
        why = (
            f"The round cannot be read ({malformed.error_count()} faults); `tocsin schedules apply --reset` writes its "
            "schedule anew."
        )
        raise ApplicationError(why, type="Malformed", non_retryable=True) from None
