"""Asking an incident what it knows. A query leaves nothing behind; showing personal data leaves an entry.

Errors: NoSuchIncident; Unreachable, when no worker answers in time; Malformed, when the question cannot be read;
Refused, when the plan does not show this person what was asked for.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowQueryFailedError, WorkflowUpdateFailedError

from plan.errors import Malformed, Refused, Unreachable
from runtime.gate import gate
from runtime.names import REVEAL, workflow_id
from runtime.reach import PATIENCE, insisting, within
from runtime.updates import Update


async def ask(
    client: Client,
    incident_id: str,
    query: str,
    argument: Mapping[str, Any] | None = None,
    *,
    patience: timedelta = PATIENCE,
) -> dict[str, Any]:
    """The answer to a query, as JSON."""
    handle = client.get_workflow_handle(workflow_id(incident_id))

    async def answered() -> dict[str, Any]:
        return await handle.query(query, dict(argument or {}), result_type=dict)

    try:
        answer = await within(patience, insisting(incident_id, answered))
    except WorkflowQueryFailedError as failed:
        raise Malformed(f"{incident_id} does not answer {query} asked like this: {failed}") from failed
    if answer is None:
        raise silent(incident_id)
    return answer


async def reveal(client: Client, incident_id: str, viewer: str, *, patience: timedelta = PATIENCE) -> dict[str, Any]:
    """The incident with its personal data, for a viewer whom the plan allows; `personal_data_shown` is recorded."""
    asked = {"viewer": viewer}
    update = Update(client, incident_id, REVEAL, asked, about=f"{REVEAL}/{uuid4().hex}", result=dict)
    async with gate(client, incident_id):
        accepted = await update.accepted(patience)
        try:
            shown: dict[str, Any] | None = accepted and await within(patience, accepted.result())
        except WorkflowUpdateFailedError as failed:
            raise Refused(f"{incident_id} is not shown with personal data to {viewer}: {failed.cause}") from failed
    if shown is None:
        raise silent(incident_id)
    return shown


def silent(incident_id: str) -> Unreachable:
    return Unreachable(
        f"No worker answers for {incident_id}. Start one (`tocsin worker`, or `tocsin up`), then ask again; "
        "facts are taken meanwhile and judged then."
    )
