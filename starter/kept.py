"""What commands read from the store: records of incidents that Temporal no longer keeps, roots, figures.

Errors: NoSuchIncident where neither Temporal nor the store has an incident; Unreachable, Misconfigured.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from temporalio.client import Client

from plan.errors import NoSuchIncident
from plan.figures import Figures, FiguresAsked
from plan.record import Entry
from runtime.records import figures as counted
from runtime.records.engine import Store, open_store, store_url
from runtime.records.live import live_rows
from runtime.records.reading import entries
from runtime.settings import Settings
from starter.record import pages

Answer = TypeVar("Answer")


async def record_of(client: Client, incident_id: str, settings: Settings) -> list[Entry]:
    """The whole record: from Temporal as long as it is there, else from the store; the same either way."""
    try:
        return [entry async for page in pages(client, incident_id) for entry in page.entries]
    except NoSuchIncident:
        kept = await stored_record(incident_id, settings)
        if not kept:
            raise
        return kept


async def stored_record(incident_id: str, settings: Settings) -> list[Entry]:
    """What the store has of it; empty where there is nothing, or no store yet."""
    if not is_there(settings):
        return []
    return await in_store(settings, lambda store: entries(store, incident_id))


async def figures_of(client: Client, asked: FiguresAsked, settings: Settings) -> Figures:
    """The figures over the store and every open incident as it stands now."""
    said = [each async for each in live_rows(client)]
    live = [row for _, row in said if row is not None]
    now = datetime.now(UTC)
    silent = len(said) - len(live)
    return await in_store(settings, lambda store: counted.figures(store, asked, now, live, unasked=silent))


async def in_store(settings: Settings, work: Callable[[Store], Answer]) -> Answer:
    """Open the store, do this in a thread, close it."""

    def done() -> Answer:
        store = open_store(settings)
        try:
            return work(store)
        finally:
            store.close()

    return await asyncio.to_thread(done)


def is_there(settings: Settings) -> bool:
    """Whether there can be anything: a file that nobody has made holds nothing, and asking makes none."""
    url = store_url(settings)
    return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()
