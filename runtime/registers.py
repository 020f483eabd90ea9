"""How something gets into a unit's register, and is never lost; and how it is looked at (R10, R11, R30, R58).

As with facts (`telling.py`): what a person enters goes as an update, which is judged and answered; where no worker
takes it in time the same sealed envelope is left as a signal, which Temporal keeps at once. A register is started by
the first thing that is entered. Errors: Malformed, with every fault of an item; Misconfigured, Unreachable as there;
NoSuchIncident where a register is asked for that nobody ever wrote into.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateHandle,
    WorkflowUpdateRPCTimeoutOrCancelledError,
    WorkflowUpdateStage,
)
from temporalio.common import Priority, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from plan.errors import Malformed, NoSuchIncident, Unreachable
from plan.receipts import Answer, Receipt
from plan.register_messages import parse_item
from runtime.names import RECORD, REGISTER, SUBMIT, USUAL_PRIORITY, VIEW, WORKFLOWS_QUEUE, register_id
from runtime.reach import PATIENCE, insisting, within
from runtime.seals import Keyring, stamp

log: Final = logging.getLogger(__name__)


async def enter(
    client: Client,
    unit: str,
    item: Mapping[str, Any],
    *,
    door: str,
    keyring: Keyring,
    received_at: datetime | None = None,
    patience: timedelta = PATIENCE,
) -> Receipt:
    """Enter an item, as JSON; the receipt is the verdict, or `pending` when it is kept and not judged yet."""
    said = {**item, "fact_id": item.get("fact_id") or f"r-{uuid4()}"}
    parse_item(said)
    envelope = _envelope(unit, said, door, keyring, received_at)
    pending = Receipt(fact_id=str(said["fact_id"]), state=Answer.PENDING)
    update_id = f"{pending.fact_id}/{uuid4().hex}"
    accepted = await within(patience, insisting(register_id(unit), lambda: _asked(client, unit, envelope, update_id)))
    if accepted is None:
        await _left(client, unit, envelope, patience)
        return pending
    try:
        return await within(patience, accepted.result()) or pending
    except WorkflowUpdateFailedError as failed:
        log.warning("a worker failed on item %s (%s); it is left as a signal", pending.fact_id, type(failed.cause))
        await _left(client, unit, envelope, patience)
        return pending
    except RPCError:
        return pending  # accepted, hence kept


async def leave_item(
    client: Client,
    unit: str,
    item: Mapping[str, Any],
    *,
    door: str,
    keyring: Keyring,
    received_at: datetime | None = None,
) -> None:
    """Leave an item for the register to read; durable when this returns. RPCError is left to who calls."""
    await _signal(client, unit, _envelope(unit, item, door, keyring, received_at))


async def register_view(
    client: Client, unit: str, viewer: str | None = None, *, patience: timedelta = PATIENCE
) -> dict[str, Any]:
    """The register as that person may see it."""
    handle = client.get_workflow_handle(register_id(unit))

    async def answered() -> dict[str, Any]:
        try:
            return await handle.query(VIEW, {"viewer": viewer}, result_type=dict)
        except RPCError as failed:
            if failed.status is RPCStatusCode.NOT_FOUND and "amespace" not in failed.message:
                raise no_register(unit) from failed
            raise

    try:
        answer = await within(patience, insisting(register_id(unit), answered))
    except WorkflowQueryFailedError as failed:
        raise Malformed(f"The register of {unit} does not answer a view asked like this: {failed}") from failed
    if answer is None:
        raise Unreachable(f"No worker answers for the register of {unit}. Start one (`tocsin worker`), then ask again.")
    return answer


def no_register(unit: str) -> NoSuchIncident:
    return NoSuchIncident(
        f"Nothing was ever entered into a register of {unit}. Check the unit's id; the first entry starts its register."
    )


def _envelope(
    unit: str, item: Mapping[str, Any], door: str, keyring: Keyring, received_at: datetime | None
) -> dict[str, Any]:
    return keyring.envelope(register_id(unit), item, stamp(received_at or datetime.now(UTC)), door)


async def _asked(
    client: Client, unit: str, envelope: Mapping[str, Any], update_id: str
) -> WorkflowUpdateHandle[Receipt]:
    operation: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(REGISTER, {}, **_start(unit))
    try:
        return await client.start_update_with_start_workflow(  # pyright: ignore[reportUnknownMemberType]
            SUBMIT,
            envelope,
            start_workflow_operation=operation,
            wait_for_stage=WorkflowUpdateStage.ACCEPTED,
            id=update_id,
            result_type=Receipt,
        )
    except (RPCError, WorkflowUpdateRPCTimeoutOrCancelledError):
        # temporalio 1.35 keeps the error in the operation as well and complains when nobody looks at it there
        await asyncio.gather(operation.workflow_handle(), return_exceptions=True)
        raise


async def _left(client: Client, unit: str, envelope: Mapping[str, Any], patience: timedelta) -> None:
    async def left() -> bool:
        await _signal(client, unit, envelope)
        return True

    if not await within(patience, insisting(register_id(unit), left)):
        raise Unreachable(
            f"Temporal does not answer, so what was entered into the register of {unit} is not recorded for sure. "
            "Enter it again with the same fact_id once Temporal answers; it will count once."
        )


async def _signal(client: Client, unit: str, envelope: Mapping[str, Any]) -> None:
    await client.start_workflow(REGISTER, {}, **_start(unit), start_signal=RECORD, start_signal_args=[envelope])


def _start(unit: str) -> dict[str, Any]:
    return {
        "id": register_id(unit),
        "task_queue": WORKFLOWS_QUEUE,
        "id_reuse_policy": WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
        "priority": Priority(priority_key=USUAL_PRIORITY),
        "static_summary": f"台账 · register · {unit}",
    }
