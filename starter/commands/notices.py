"""`tocsin notices`: which notices have not arrived, across all open incidents (R14, R28)."""

from datetime import UTC, datetime

import click

from runtime.leaving import run
from runtime.settings import Settings
from starter.client import connect
from starter.notices import STATES, not_arrived
from starter.options import Asked, Command, asked
from starter.output import say_error, say_json
from starter.pages.notices import notices_page
from starter.pages.paper import paper
from starter.places import viewer
from starter.words import either


@click.command("notices", cls=Command)
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Of these; all three without it.")
@click.option("--incident", metavar="ID", help="One incident's.")
@click.option("--drill", is_flag=True, help="演练 · Of drills, which are not listed otherwise.")
@click.option("--limit", default=50, type=click.IntRange(1, 1000), show_default=True, help="Notices of a page, about.")
@click.option("--after", metavar="INCIDENT", help="The last incident of the page before.")
def command(states: tuple[str, ...], incident: str | None, drill: bool, limit: int, after: str | None) -> int:
    """未送达的通知 · List notices that are pending, held (throttled) or failed, incident by incident.

    A page ends with a whole incident. `tocsin resend` and `tocsin reroute` take the ids shown.
    """
    return run(_notices(states or STATES, incident, drill, limit, after, asked()))


async def _notices(
    states: tuple[str, ...], incident: str | None, drill: bool, limit: int, after: str | None, how: Asked
) -> int:
    client, eyes = await connect(), viewer(how.by, Settings())
    found = await not_arrived(client, states, incident=incident, drill=drill, limit=limit, after=after, viewer=eyes)
    if how.as_json:
        say_json(found.model_dump(mode="json"))
    else:
        paper(notices_page(found, how.lang, datetime.now(UTC)))
    if found.silent:
        zh, en = "没有工作进程应答，未能查看", "No worker answered for"
        say_error(f"{either(how.lang, zh, en)}: {', '.join(found.silent)}")
    if found.next and not how.as_json:
        zh, en = (
            f"还有更多（共 {found.incidents} 件），下一页: --after {found.next}",
            f"There is more ({found.incidents} incidents in all); next page: --after {found.next}",
        )
        say_error(either(how.lang, zh, en))
    return 0
