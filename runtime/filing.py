"""Filing a complaint: one incident per id, whoever calls how often (contract, section 3; R1, R24).

The complaint's digest stands in the workflow's memo, so that a second filing is known as the same or as another without
asking the incident. Errors: Conflict (same id, other content); Malformed; Unreachable, when Temporal did not take it:
filing again under the same id is safe.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import rfc8785
from temporalio.client import Client
from temporalio.common import (
    Priority,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError

from plan.complaint import Complaint
from plan.drill_plan import DrillPlan
from plan.errors import Conflict, Malformed, Unreachable
from plan.incident import Form, Severity, Stage
from plan.urgency import cannot_wait
from plan.values import Instant, Kept
from runtime.names import CRISIS_PRIORITY, DIGEST, INCIDENT, USUAL_PRIORITY, WORKFLOWS_QUEUE, workflow_id
from runtime.next_run import filed_digest
from runtime.reach import PATIENCE, insisting, within
from runtime.seals import Keyring, stamp
from runtime.search_attributes import DRILL, FORM, INSURER, OUTLET, SEVERITY, STAGE
from runtime.turns import turns


class Filed(NamedTuple):
    """`created` is False where the same complaint had been filed before."""

    incident_id: str
    created: bool


class Imported(Kept):
    """Marks history: no notices, no clocks. What is known of how it ended."""

    closed_at: Instant | None = None
    outcome: str | None = None


async def file(
    client: Client,
    complaint: Complaint,
    *,
    door: str,
    keyring: Keyring,
    received_at: datetime | None = None,
    imported: Imported | None = None,
    drill_plan: DrillPlan | None = None,
    priority: int = USUAL_PRIORITY,
    patience: timedelta = 2 * PATIENCE,
) -> Filed:
    """File a complaint; durable when this returns. Without an `incident_id` it gets one.

    `drill_plan` is whom its notices go to, of a drill (R11). Of many at once each has its turn, what cannot wait
    first; waiting for it is no part of the patience.
    """
    incident_id = complaint.incident_id or f"C-{uuid4()}"
    body = complaint.model_copy(update={"incident_id": incident_id}).model_dump(mode="json")
    stamped = stamp(received_at or datetime.now(UTC))
    start = {
        "incident_id": incident_id,
        "complaint": body,
        "received_at": stamped,
        "door": door,
        "seal": keyring.sign(incident_id, body, stamped, door),
        "imported": imported.model_dump(mode="json") if imported else None,
        **({"drill_plan": drill_plan.model_dump(mode="json")} if drill_plan else {}),
    }
    digest = digest_of(complaint)

    async def filed() -> Filed:
        try:
            await client.start_workflow(
                INCIDENT,
                start,
                id=workflow_id(incident_id),
                task_queue=WORKFLOWS_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                memo={DIGEST: digest},
                search_attributes=_attributes(complaint),
                static_summary=_summary(incident_id, complaint),
                priority=Priority(priority_key=priority),
            )
        except WorkflowAlreadyStartedError as there:
            known = await filed_digest(await client.get_workflow_handle(workflow_id(incident_id)).describe())
            if known != digest:
                raise Conflict(
                    f"{incident_id} is not filed: another complaint has this id. File this one under an id of its own, "
                    "or tell the incident what has changed."
                ) from there
            return Filed(incident_id, created=False)
        return Filed(incident_id, created=True)

    async with turns(client).turn(CRISIS_PRIORITY if cannot_wait(body) else priority):
        answer = await within(patience, insisting(incident_id, filed))
        if answer is None:
            raise Unreachable(
                f"Temporal does not answer, so {incident_id} is not filed for sure. "
                "File it again under the same id once Temporal answers; it will be there once."
            )
        return answer


def digest_of(complaint: Complaint) -> str:
    """SHA-256 over the RFC 8785 form of what was filed, without its id and with defaults spelled out.

    What a complaint could not say before is left out where it is not said: one filed earlier stays the same.
    """
    said: Any = complaint.model_dump(mode="json", exclude={"incident_id"})
    if complaint.product_line is None:
        del said["product_line"]
    try:
        return hashlib.sha256(rfc8785.dumps(said)).hexdigest()
    except rfc8785.CanonicalizationError:
        raise Malformed("The complaint has a text that is not valid Unicode; correct it and file again.") from None


def _attributes(complaint: Complaint) -> TypedSearchAttributes:
    """What operators can filter by before the first workflow task has run."""
    pairs: list[SearchAttributePair[Any]] = [
        SearchAttributePair(SEVERITY, Severity.COMPLAINT.value),
        SearchAttributePair(STAGE, Stage.OPEN.value),
        SearchAttributePair(FORM, Form.SINGLE.value),
        SearchAttributePair(DRILL, complaint.drill),
    ]
    pairs += [SearchAttributePair(OUTLET, complaint.outlet)] if complaint.outlet else []
    pairs += [SearchAttributePair(INSURER, complaint.insurer)] if complaint.insurer else []
    return TypedSearchAttributes(pairs)


def _summary(incident_id: str, complaint: Complaint) -> str:
    """What the UI's list and head line show; nothing personal, for it is not encrypted everywhere."""
    drill = "[DRILL] " if complaint.drill else ""
    return f"{drill}{incident_id} · {complaint.outlet or complaint.unit} · {complaint.channel.value}"
