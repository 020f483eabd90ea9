"""`tocsin list`: which incidents there are, what is due first (contract, section 1)."""

from datetime import UTC, datetime

import click

from plan.incident import Stage
from runtime.leaving import run
from starter.client import connect
from starter.listing import ANY, Wanted, listing
from starter.options import Asked, Command, asked
from starter.output import say_error, say_json
from starter.pages.listing import listing_page
from starter.pages.paper import paper
from starter.words import either

_STATUS = click.Choice([*(stage.value for stage in Stage), ANY])


@click.command("list", cls=Command)
@click.option(
    "--status", multiple=True, type=_STATUS, help="Stage; may stand several times. Without it: what is not over."
)
@click.option("--overdue", is_flag=True, help="逾期 · A clock was missed and is not met yet.")
@click.option("--crisis", is_flag=True, help="危机事件 · Crises only.")
@click.option("--drill", is_flag=True, help="演练 · Drills, which are not listed otherwise.")
@click.option("--outlet", help="网点 · One outlet's.")
@click.option("--insurer", help="保险公司 · One insurer's.")
@click.option("--limit", default=50, type=click.IntRange(1, 1000), show_default=True, help="Lines of a page.")
@click.option("--after", metavar="INCIDENT", help="The last incident of the page before.")
def command(
    status: tuple[str, ...],
    overdue: bool,
    crisis: bool,
    drill: bool,
    outlet: str | None,
    insurer: str | None,
    limit: int,
    after: str | None,
) -> int:
    """列出事件 · List incidents, what is due first."""
    wanted = Wanted(status=status, overdue=overdue, crisis=crisis, drill=drill, outlet=outlet, insurer=insurer)
    return run(_list(wanted, limit, after, asked()))


async def _list(wanted: Wanted, limit: int, after: str | None, how: Asked) -> int:
    found = await listing(await connect(), wanted, limit=limit, after=after)
    if how.as_json:
        say_json(found.model_dump(mode="json"))
        return 0
    paper(listing_page(found, how.lang, datetime.now(UTC)))
    if found.next:
        zh, en = (
            f"共 {found.total} 件，下一页: --after {found.next}",
            f"{found.total} in all; next page: --after {found.next}",
        )
        say_error(either(how.lang, zh, en))
    return 0
