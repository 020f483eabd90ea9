"""How a fact gets to an incident, and is never lost (contract, sections 2 and 4). Every way in comes through here.

A fact is sealed once, with the instant the door received it. It goes as an update, which is judged and answered. When
no worker has taken it within the patience, the very same envelope is left as a signal, which Temporal keeps at once: a
report is not turned away because workers are down. Both may arrive; the incident counts a fact once, by its id.

Units: patience is what one step may take, first the update and then the signal; waiting in the gate is not counted.
Errors: NoSuchIncident; Malformed (not JSON, too large); Misconfigured (credentials, namespace); Unreachable, when
Temporal took neither: nothing is promised then, and telling again under the same fact id is safe. A refusal of the plan
is a receipt, not an error.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateHandle
from temporalio.service import RPCError, RPCStatusCode

from plan.errors import Unreachable
from plan.receipts import Answer, Receipt
from runtime.asking import ask, reveal
from runtime.filing import Filed, Imported, file
from runtime.gate import gate
from runtime.names import RECORD, SUBMIT, workflow_id
from runtime.next_run import NextRun
from runtime.reach import PATIENCE, insisting, within
from runtime.seals import Keyring, stamp
from runtime.updates import Update

__all__ = ["Filed", "Imported", "ask", "file", "reveal", "tell_fact"]

log: Final = logging.getLogger(__name__)


async def tell_fact(
    client: Client,
    incident_id: str,
    fact: Mapping[str, Any],
    *,
    door: str,
    keyring: Keyring,
    received_at: datetime | None = None,
    patience: timedelta = PATIENCE,
) -> Receipt:
    """Tell an incident a fact, as JSON; the receipt is the verdict, or `pending` when it is kept and not judged yet.

    `received_at` is when the door received it, now when absent. A fact without a `fact_id` gets one.
    """
    said = {**fact, "fact_id": fact.get("fact_id") or f"f-{uuid4()}"}
    envelope = keyring.envelope(incident_id, said, stamp(received_at or datetime.now(UTC)), door)
    pending = Receipt(fact_id=str(said["fact_id"]), state=Answer.PENDING)
    update = Update(client, incident_id, SUBMIT, envelope, about=pending.fact_id, result=Receipt)
    receipt = None
    async with gate(client, incident_id) as place:
        if not place.no_use:
            receipt = await _asked(update, pending, patience)
            place.heard(receipt is not None and receipt is not pending)
    if receipt is None:
        await _leave(client, incident_id, envelope, patience)
    return receipt or pending


async def _asked(update: Update, pending: Receipt, patience: timedelta) -> Receipt | None:
    """The verdict; `pending` where it is accepted, hence kept, and not judged in time; None where nobody took it."""
    accepted = await update.accepted(patience)
    if accepted is None:
        return None
    try:
        return await within(patience, _verdict(accepted)) or pending
    except WorkflowUpdateFailedError as failed:
        log.warning("a worker failed on fact %s (%s); it is left as a signal", pending.fact_id, type(failed.cause))
        return None


async def _verdict(accepted: WorkflowUpdateHandle[Receipt]) -> Receipt | None:
    """None where Temporal goes away meanwhile: what is accepted is kept, and will be judged."""
    try:
        return await accepted.result()
    except RPCError:
        return None


async def _leave(client: Client, incident_id: str, envelope: Mapping[str, Any], patience: timedelta) -> None:
    """Leave the envelope where it is kept until a worker comes."""

    async def left() -> bool | None:
        try:
            await client.get_workflow_handle(workflow_id(incident_id)).signal(RECORD, envelope)
        except RPCError as failed:
            if failed.status is not RPCStatusCode.NOT_FOUND:
                raise
            next_run = await NextRun.of(client, incident_id)
            if next_run is None:
                return None
            await next_run.signal(RECORD, envelope)
        return True

    if not await within(patience, insisting(incident_id, left)):
        raise Unreachable(
            f"Temporal does not answer, so what was told of {incident_id} is not recorded for sure. "
            "Tell it again with the same fact_id once Temporal answers; it will count once."
        )
