"""An incident's record page by page, for whoever tells other systems: from the incident, else from the store.

Both say the same; what the incident no longer answers, because Temporal has let it go, stands in the store.
Errors: `NoAnswerYet`, where it is there and does not answer now.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import select
from temporalio.client import Client, WorkflowQueryFailedError, WorkflowQueryRejectedError
from temporalio.service import RPCError, RPCStatusCode

from activities.shelf import Shelf
from plan.errors import TocsinError
from plan.events import About
from plan.record import Entry
from plan.values import Kept
from runtime.names import TIMELINE, workflow_id
from runtime.records.engine import Store
from runtime.records.reading import entries
from runtime.records.tables import INCIDENTS

AT_ONCE: Final = 100
ANSWERS_WITHIN: Final = timedelta(seconds=8)
_ENTRIES: Final = TypeAdapter(tuple[Entry, ...])


class NoAnswerYet(Exception):
    """It is there, and does not answer now."""


class Page(Kept):
    """Entries after some sequence number; `last`: there were no more then; `over`: there will be none."""

    about: About
    entries: tuple[Entry, ...]
    last: bool
    over: bool


class RecordPages:
    def __init__(self, client: Client, shelf: Shelf) -> None:
        self._client, self._shelf = client, shelf

    async def after(self, incident_id: str, sequence: int) -> Page | None:
        """None where nobody knows it."""
        handle = self._client.get_workflow_handle(workflow_id(incident_id))
        asked = {"after": sequence, "limit": AT_ONCE}
        try:
            said = await handle.query(TIMELINE, asked, result_type=dict, rpc_timeout=ANSWERS_WITHIN)
        except RPCError as failed:
            if failed.status is not RPCStatusCode.NOT_FOUND:
                raise NoAnswerYet from failed
            return await self._kept(incident_id, sequence)
        except (WorkflowQueryFailedError, WorkflowQueryRejectedError) as failed:
            raise NoAnswerYet from failed
        return Page(
            about=About.model_validate(said["about"]),
            entries=_ENTRIES.validate_python(said["entries"]),
            last=said["next_after"] is None,
            over=said["over"],
        )

    async def _kept(self, incident_id: str, sequence: int) -> Page | None:
        try:
            return await self._shelf.ask(lambda store: _stored(store, incident_id, sequence))
        except TocsinError as away:
            raise NoAnswerYet from away


def _stored(store: Store, incident_id: str, sequence: int) -> Page | None:
    with store.reading() as connection:
        row = connection.execute(select(INCIDENTS).where(INCIDENTS.c.incident_id == incident_id)).one_or_none()
    if row is None:
        return None
    kept: Sequence[Entry] = entries(store, incident_id, after=sequence, limit=AT_ONCE)
    about = About(
        incident_id=incident_id,
        drill=row.drill,
        imported=row.imported,
        units=tuple(row.units.strip("/").split("/")),
        insurers=tuple(filter(None, row.insurers.strip("/").split("/"))),
    )
    return Page(about=about, entries=tuple(kept), last=len(kept) < AT_ONCE, over=True)
