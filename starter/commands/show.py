"""`tocsin show INCIDENT`: what is known, what is owed next, what was sent (contract, section 6)."""

from datetime import UTC, datetime

import click

from runtime.leaving import run
from runtime.settings import Settings
from starter.client import connect, view
from starter.options import Asked, Command, asked
from starter.output import say_json
from starter.pages.paper import paper
from starter.pages.seen import Seen
from starter.pages.show import show_page
from starter.places import viewer


@click.command(cls=Command)
@click.argument("incident")
@click.option(
    "--reveal", is_flag=True, help="客户信息 · Show personal data to --by PERSON; leaves an entry in the record."
)
def command(incident: str, reveal: bool) -> int:
    """查看事件 · Show INCIDENT as --by PERSON may see it, as the operator when nobody is named.

    Personal data stays masked without --reveal.
    """
    return run(_show(incident, reveal, asked()))


async def _show(incident: str, reveal: bool, how: Asked) -> int:
    client = await connect()
    seen = await view(client, incident, viewer=how.person() if reveal else viewer(how.by, Settings()), reveal=reveal)
    if how.as_json:
        say_json(seen)
    else:
        paper(show_page(Seen.model_validate(seen), how.lang, datetime.now(UTC)))
    return 0
