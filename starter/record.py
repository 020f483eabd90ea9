"""Fetching the record of an incident page by page (contract, section 8)."""

from collections.abc import AsyncIterator

from temporalio.client import Client

from plan.record import Entry
from plan.values import Kept
from runtime import telling
from runtime.names import TIMELINE

AT_ONCE = 200


class Page(Kept):
    """One answer of the query: `head` and `sequence` are the record's last, not the page's."""

    incident_id: str
    entries: tuple[Entry, ...]
    next_after: int | None = None
    head: str
    sequence: int


async def pages(client: Client, incident_id: str, *, after: int = 0, viewer: str | None = None) -> AsyncIterator[Page]:
    """Every page after a sequence number, as that person may see it."""
    place: int | None = after
    while place is not None:
        answer = await telling.ask(client, incident_id, TIMELINE, {"after": place, "limit": AT_ONCE, "viewer": viewer})
        page = Page.model_validate(answer)
        yield page
        place = page.next_after
