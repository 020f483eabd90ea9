"""How a drill is begun, stopped and looked at (R11, R31).

One drill per id: the same again is known, another under its id is a conflict. A drill is durable once it is begun; the
verdict, whether it may be, is its workflow's, and `begun` waits for it. Errors: Conflict; NoSuchIncident, where there
is no such drill; Unreachable.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowQueryFailedError
from temporalio.common import (
    Priority,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from plan.drill import DrillAsked, DrillState
from plan.errors import Conflict, NoSuchIncident, Unreachable
from plan.receipts import Receipt
from plan.values import Kept
from runtime.names import DIGEST, DRILL, SUBMIT, USUAL_PRIORITY, VIEW, WORKFLOWS_QUEUE, drill_id, drill_of
from runtime.next_run import filed_digest
from runtime.reach import PATIENCE, insisting, within
from runtime.seals import Keyring, stamp
from runtime.search_attributes import DRILL as IS_A_DRILL
from runtime.search_attributes import OUTLET

VERDICT_WITHIN: Final = timedelta(seconds=20)
LOOK_AGAIN: Final = timedelta(seconds=0.1)


class Begun(NamedTuple):
    """`created` is False where the same drill was begun before."""

    drill: str
    created: bool


async def begin_drill(client: Client, drill: str, asked: DrillAsked) -> Begun:
    """Begin it; durable when this returns, and not judged yet."""
    digest = hashlib.sha256(asked.model_dump_json().encode()).hexdigest()

    async def begun() -> Begun:
        try:
            await client.start_workflow(
                DRILL,
                asked.model_dump(mode="json"),
                id=drill_id(drill),
                task_queue=WORKFLOWS_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                memo={DIGEST: digest},
                search_attributes=_attributes(asked),
                static_summary=f"[DRILL] {asked.outlet} · {asked.scenario}",
                priority=Priority(priority_key=USUAL_PRIORITY),
            )
        except WorkflowAlreadyStartedError as there:
            if await filed_digest(await client.get_workflow_handle(drill_id(drill)).describe()) != digest:
                raise Conflict(
                    f"The drill {drill} is not begun: there is another one of this id. Begin it under an id of its own "
                    "(--id)."
                ) from there
            return Begun(drill, created=False)
        return Begun(drill, created=True)

    answer = await within(2 * PATIENCE, insisting(drill_id(drill), begun))
    if answer is None:
        raise Unreachable(f"Temporal does not answer, so the drill {drill} is not begun for sure. Begin it again.")
    return answer


async def judged(client: Client, drill: str, patience: timedelta = VERDICT_WITHIN) -> dict[str, Any] | None:
    """What the drill shows once it was judged whether it may begin; None where no worker has come to that in time."""

    async def seen() -> dict[str, Any]:
        while True:
            with suppress(Unreachable):
                view = await drill_seen(client, drill)
                if view["state"] != DrillState.PREPARING:
                    return view
            await asyncio.sleep(LOOK_AGAIN.total_seconds())

    return await within(patience, seen())


async def drill_seen(client: Client, drill: str) -> dict[str, Any]:
    """What the drill shows: of one that is over, what it ended with, although no worker runs."""
    handle = client.get_workflow_handle(drill_id(drill), result_type=dict)

    async def seen() -> dict[str, Any]:
        try:
            if (await handle.describe()).status is WorkflowExecutionStatus.COMPLETED:
                return await handle.result()
            return await handle.query(VIEW, {}, result_type=dict)
        except RPCError as failed:
            if failed.status is RPCStatusCode.NOT_FOUND and "amespace" not in failed.message:
                raise no_such_drill(drill) from failed
            raise

    try:
        answer = await within(PATIENCE, insisting(drill_id(drill), seen))
    except WorkflowQueryFailedError as failed:
        raise Unreachable(f"The drill {drill} does not answer: {failed}. Try again.") from failed
    if answer is None:
        raise Unreachable(f"No worker answers for the drill {drill}. Start one (`tocsin worker`), then ask again.")
    return answer


async def stop_drill(client: Client, keyring: Keyring, drill: str, fact: Mapping[str, Any], *, door: str) -> Receipt:
    """Stop it before its end; the receipt says whether that was accepted."""
    handle = client.get_workflow_handle(drill_id(drill))
    envelope = keyring.envelope(drill_id(drill), fact, stamp(datetime.now(UTC)), door)
    try:
        return await handle.execute_update(SUBMIT, envelope, result_type=Receipt, rpc_timeout=VERDICT_WITHIN)  # pyright: ignore[reportUnknownMemberType]
    except RPCError as failed:
        if failed.status is RPCStatusCode.NOT_FOUND:
            raise no_such_drill(drill) from failed
        raise Unreachable(
            f"The drill {drill} was not stopped: Temporal or every worker is out of reach. Start them, and try again."
        ) from failed


class ListedDrill(Kept):
    """One line of the list. `state` is None where a drill was ended by force."""

    drill_id: str
    scenario: str | None = None
    outlet: str | None = None
    recipients: str | None = None
    state: str | None = None
    rule: str | None = None
    passed: bool | None = None
    points: int | None = None
    started_at: datetime
    ended_at: datetime | None = None


async def drills(client: Client, *, outlet: str | None, limit: int) -> list[ListedDrill]:
    """The latest first. What they say of themselves stands in Temporal's memo, so that no worker is asked."""
    query = f"WorkflowType = '{DRILL}'" + (f" AND {OUTLET.name} = '{outlet}'" if outlet else "")

    async def found() -> list[ListedDrill]:
        runs = [run async for run in client.list_workflows(query, limit=limit)]
        return [_listed(run.id, await run.memo(), run) for run in runs]

    answer = await within(2 * PATIENCE, insisting("the drills", found))
    if answer is None:
        raise Unreachable("The drills cannot be listed: Temporal does not answer. Start it, and try again.")
    return sorted(answer, key=lambda each: each.started_at, reverse=True)


def _listed(workflow: str, memo: Mapping[str, Any], run: Any) -> ListedDrill:
    said = {name: value for name, value in memo.items() if name in ListedDrill.model_fields}
    open_or_done = run.status in (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED)
    state = said.get("state") or str(DrillState.PREPARING)
    return ListedDrill.model_validate(
        {
            **said,
            "drill_id": drill_of(workflow),
            "state": state if open_or_done else None,
            "started_at": run.start_time,
            "ended_at": run.close_time,
        }
    )


def no_such_drill(drill: str) -> NoSuchIncident:
    return NoSuchIncident(f"There is no drill {drill} that runs or is kept. `tocsin drill list` shows those there are.")


def _attributes(asked: DrillAsked) -> TypedSearchAttributes:
    return TypedSearchAttributes([SearchAttributePair(IS_A_DRILL, True), SearchAttributePair(OUTLET, asked.outlet)])
