"""`tocsin timeline INCIDENT`: the record, entry by entry, to its end or as it grows."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import click

from plan.record import Entry
from runtime.leaving import run
from runtime.settings import Settings
from starter.client import connect
from starter.options import Asked, Command, asked
from starter.output import say_json
from starter.pages.paper import paper
from starter.pages.timeline import entry_line
from starter.places import viewer
from starter.record import Page, pages

_LOOK_AGAIN = timedelta(seconds=1)


@click.command(cls=Command)
@click.argument("incident")
@click.option("--after", default=0, type=click.IntRange(min=0), help="Only entries after this sequence number.")
@click.option("-f", "--follow", is_flag=True, help="持续显示 · Go on showing entries as they come; Ctrl-C ends.")
def command(incident: str, after: int, follow: bool) -> int:
    """查看记录 · Show the record of INCIDENT, as --by PERSON may see it."""
    how = asked()
    if follow and how.as_json:
        raise click.UsageError("--follow has no end and --json prints one document; use one of them")
    return run(_follow(incident, after, how) if follow else _timeline(incident, after, how))


async def _timeline(incident: str, after: int, how: Asked) -> int:
    entries: list[Entry] = []
    last: Page | None = None
    async for page in pages(await connect(), incident, after=after, viewer=viewer(how.by, Settings())):
        entries += page.entries
        last = page
    if how.as_json:
        say_json(
            {
                "incident_id": incident,
                "entries": [entry.model_dump(mode="json") for entry in entries],
                "head": last.head if last else None,
                "sequence": last.sequence if last else after,
            }
        )
    else:
        paper([entry_line(entry, how.lang) for entry in entries])
    return 0


async def _follow(incident: str, after: int, how: Asked) -> int:
    async for page in _for_ever(incident, after, how):
        paper([entry_line(entry, how.lang) for entry in page.entries])
    return 0


async def _for_ever(incident: str, after: int, how: Asked) -> AsyncIterator[Page]:
    client = await connect()
    while True:
        async for page in pages(client, incident, after=after, viewer=viewer(how.by, Settings())):
            yield page
            after = max(after, page.sequence)
        await asyncio.sleep(_LOOK_AGAIN.total_seconds())
