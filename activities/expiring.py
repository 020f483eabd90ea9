"""Erases the words of incidents past their term, some at each call (PIPL; R62). Never one that is open, or open again.

Safe to repeat: what is erased is found no more. Errors: RECORDS_AWAY, where the store does not answer, or this role may
not erase: tried again until somebody has mended it.
"""

from datetime import UTC, datetime
from typing import Final

from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.names import ERASE_EXPIRED, RECORDS_AWAY
from activities.shelf import Shelf
from plan.errors import NoSuchIncident, TocsinError
from plan.retention import Term
from plan.values import Kept
from runtime.names import workflow_id
from runtime.records.erasing import erase
from runtime.records.expiring import expired

BY: Final = "system:tocsin"
AT_ONCE: Final = 100


class ExpireOrder(Kept):
    """Go on after this incident."""

    after: str = ""


class Expired(Kept):
    """`after`: where to go on, None where nothing is left. `open`: past their term by the store, and open again."""

    erased: int = 0
    open: int = 0
    after: str | None = None


class ExpiringActivities:
    """`shelf` is the store by the role that may erase; `term` None: nothing is ever erased by age."""

    def __init__(self, client: Client, shelf: Shelf, term: Term | None) -> None:
        self._client, self._shelf, self._term = client, shelf, term

    @activity.defn(name=ERASE_EXPIRED)
    async def erase_expired(self, order: ExpireOrder) -> Expired:
        term = self._term
        if term is None:
            return Expired()
        before = term.before(datetime.now(UTC))
        try:
            found = await self._shelf.ask(lambda store: expired(store, before, after=order.after, limit=AT_ONCE))
            erased = 0
            for incident_id in found:
                activity.heartbeat()
                erased += await self._erased(incident_id, f"retention {term}")
        except (TocsinError, RPCError) as away:
            raise ApplicationError(str(away), type=RECORDS_AWAY) from None
        more = found[-1] if len(found) == AT_ONCE else None
        return Expired(erased=erased, open=len(found) - erased, after=more)

    async def _erased(self, incident_id: str, reason: str) -> bool:
        if await self._is_open(incident_id):
            return False
        try:
            await self._shelf.ask(lambda store: erase(store, incident_id, by=BY, reason=reason))
        except NoSuchIncident:
            return False
        return True

    async def _is_open(self, incident_id: str) -> bool:
        try:
            found = await self._client.get_workflow_handle(workflow_id(incident_id)).describe()
        except RPCError as failed:
            if failed.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return found.status is WorkflowExecutionStatus.RUNNING
