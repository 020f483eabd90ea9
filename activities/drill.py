"""What a drill asks of the world: its scenario, incidents filed in its name, how they stand, the score (R11, R31).

Everything here may be repeated: incidents and facts have ids. Errors: ApplicationError, tried again where a file cannot
be read, or an incident has not come to its end yet.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.names import (
    FILE_IN_DRILL,
    LOOK_AT_DRILL,
    MISCONFIGURED,
    NOT_OVER_YET,
    PREPARE_DRILL,
    SCORE_DRILL,
)
from plan.book import State
from plan.drill import Drill, DrillAsked, DrillFiling, Filing, LookedAt, Prepared, SeenIncident
from plan.drill_found import not_prepared, prepared
from plan.drill_sheet import Sheet
from plan.errors import Conflict, Malformed, Misconfigured, NoSuchIncident
from plan.incident import Stage
from plan.malformed import parse_complaint
from plan.organisation import Organisation
from plan.score import score
from runtime.asking import ask
from runtime.filing import file
from runtime.names import VIEW, workflow_id
from runtime.scenarios import Scenarios
from runtime.seals import Keyring

DOOR: Final = "tocsin"
OVER: Final = frozenset((Stage.CLOSED, Stage.WITHDRAWN))
LOOKS: Final = 40
LOOK_AGAIN: Final = timedelta(seconds=0.1)
"""How often an incident that was just ended is looked at before it is left for later, and how long between."""


class DrillActivities:
    """`organisation` gives its current version, `scenarios` one by its name; both are called in a thread."""

    def __init__(
        self, client: Client, keyring: Keyring, *, organisation: Callable[[], Organisation], scenarios: Scenarios
    ) -> None:
        self._client, self._keyring = client, keyring
        self._organisation, self._scenarios = organisation, scenarios

    @activity.defn(name=PREPARE_DRILL)
    async def prepare_drill(self, asked: DrillAsked) -> Prepared:
        """What the drill begins with. A scenario that is not there, or has faults, is a refusal: begin another one."""
        try:
            scenario = await asyncio.to_thread(self._scenarios, asked.scenario)
        except Malformed as unknown:
            return not_prepared(str(unknown))
        except Misconfigured as wrong:
            return not_prepared(f"{asked.scenario} has {len(wrong.faults)} faults; run tocsin check")
        try:
            return prepared(asked, scenario, await asyncio.to_thread(self._organisation))
        except (Misconfigured, OSError, ValueError) as wrong:
            raise ApplicationError(
                f"The drill was not prepared: the organisation cannot be read ({type(wrong).__name__}). Run "
                "`tocsin check` where the worker runs and mend the file; it is tried again by itself.",
                type=MISCONFIGURED,
            ) from None

    @activity.defn(name=FILE_IN_DRILL)
    async def file_in_drill(self, order: DrillFiling) -> Filing:
        """File a complaint of the scenario, once."""
        try:
            filed = await file(
                self._client,
                parse_complaint(order.complaint),
                door=DOOR,
                keyring=self._keyring,
                received_at=order.received_at,
                drill_plan=order.plan,
            )
        except (Conflict, Malformed) as no:
            return Filing(incident_id=str(order.complaint.get("incident_id")), refused=str(no))
        return Filing(incident_id=filed.incident_id)

    @activity.defn(name=LOOK_AT_DRILL)
    async def look_at_drill(self, incidents: tuple[str, ...]) -> LookedAt:
        """How the incidents stand. One that is not there is over."""
        return LookedAt(incidents=tuple([await self._seen(each) for each in incidents]))

    async def _seen(self, incident_id: str) -> SeenIncident:
        try:
            view = await ask(self._client, incident_id, VIEW)
        except NoSuchIncident:
            return SeenIncident(incident_id=incident_id, over=True)
        told = dict.fromkeys(str(notice["recipient"]) for notice in view["notices"])
        over, group_id = view["stage"] in OVER, view["group_id"]
        return SeenIncident(incident_id=incident_id, over=over, group_id=group_id, told=tuple(told))

    @activity.defn(name=SCORE_DRILL)
    async def score_drill(self, drill: Drill) -> Sheet:
        """The score sheet, from what its incidents ended with. One that is not over yet is waited for."""
        found = {name: await self._ended(name) for name in drill.everything}
        states = {name: State.model_validate(state) for name, state in found.items() if state is not None}
        return await asyncio.to_thread(score, drill, states)

    async def _ended(self, incident_id: str) -> dict[str, Any] | None:
        """The state it ended with; None where it was ended by force, or is kept no longer."""
        handle = self._client.get_workflow_handle(workflow_id(incident_id), result_type=dict)
        try:
            status = await _settled(handle)
            if status is WorkflowExecutionStatus.RUNNING:
                raise ApplicationError(
                    f"{incident_id} has not come to its end yet: a notice is still on its way. It is looked at again "
                    "by itself.",
                    type=NOT_OVER_YET,
                )
            if status is not WorkflowExecutionStatus.COMPLETED:
                return None
            result: dict[str, Any] = await handle.result()
        except RPCError as failed:
            if failed.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        state = result.get("state")
        return state if isinstance(state, dict) else None  # pyright: ignore[reportUnknownVariableType]


async def _settled(handle: WorkflowHandle[Any, Any]) -> WorkflowExecutionStatus | None:
    """Its status, once it runs no more; or after a while."""
    for _ in range(LOOKS):
        status = (await handle.describe()).status
        if status is not WorkflowExecutionStatus.RUNNING:
            return status
        await asyncio.sleep(LOOK_AGAIN.total_seconds())
    return WorkflowExecutionStatus.RUNNING
