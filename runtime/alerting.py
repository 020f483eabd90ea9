"""How an alert is told something: started where it is not in force, judged by its workflow, the answer a receipt (R32).

Errors: Unreachable where Temporal or every worker is out of reach; nothing is left for later then, for who raises an
alert wants to see it in force.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from temporalio.client import Client, WithStartWorkflowOperation, WorkflowUpdateStage
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDConflictPolicy
from temporalio.service import RPCError

from plan.alert import ALL
from plan.errors import Unreachable
from plan.receipts import Receipt
from runtime.names import ALERT, SUBMIT, WORKFLOWS_QUEUE, alert_id
from runtime.seals import Keyring, stamp
from runtime.search_attributes import INSURER, PROVINCE

PATIENCE: Final = timedelta(seconds=20)


async def tell_alert(
    client: Client, keyring: Keyring, *, province: str | None, insurer: str | None, fact: Mapping[str, Any], door: str
) -> Receipt:
    """Tell the alert for a province and an insurer (None: all of them) a fact, and wait for the verdict."""
    alert = alert_id(province, insurer)
    envelope = keyring.envelope(alert, fact, stamp(datetime.now(UTC)), door)
    start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        ALERT,
        {},
        id=alert,
        task_queue=WORKFLOWS_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        search_attributes=_attributes(province, insurer),
        static_summary=_summary(province, insurer),
    )
    try:
        handle = await client.start_update_with_start_workflow(  # pyright: ignore[reportUnknownMemberType]
            SUBMIT,
            envelope,
            start_workflow_operation=start,
            wait_for_stage=WorkflowUpdateStage.COMPLETED,
            id=f"alert/{uuid4().hex}",
            result_type=Receipt,
            rpc_timeout=PATIENCE,
        )
        return await handle.result()
    except RPCError as failed:
        raise Unreachable(
            "The alert was not told: Temporal or every worker is out of reach. Start them (`tocsin up`), try again."
        ) from failed


def _attributes(province: str | None, insurer: str | None) -> TypedSearchAttributes:
    pairs = ((PROVINCE, province), (INSURER, insurer))
    return TypedSearchAttributes([SearchAttributePair(key, value) for key, value in pairs if value is not None])


def _summary(province: str | None, insurer: str | None) -> str:
    return f"警戒 · alert · {province or ALL} · {insurer or ALL}"
