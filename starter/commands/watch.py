"""`tocsin watch`: what a watch sees, within which windows, and what it has raised (A23; R14, R32, R39)."""

from datetime import UTC, datetime

import click

from plan.watch import ANY_LINE
from runtime.leaving import run
from runtime.names import watch_id
from starter.client import connect
from starter.options import Asked, Command, asked
from starter.output import say_json
from starter.pages.paper import paper
from starter.pages.watch import outlets_page, watch_page
from starter.watching import every_outlet, seen


@click.command(cls=Command)
@click.option("--outlet", help="网点 · One outlet's watch.")
@click.option("--insurer", help="保险公司 · One insurer's watch.")
@click.option("--line", help="险种 · Of this product line of the insurer only.")
@click.option("--person", metavar="KEY", help="客户 · One person's watch, by person key.")
@click.option("--drill", is_flag=True, help="演练 · The watches of drills, which are apart.")
def command(outlet: str | None, insurer: str | None, line: str | None, person: str | None, drill: bool) -> int:
    """查看观察 · What a watch sees; without a choice every outlet that has complaints in sight."""
    if sum(chosen is not None for chosen in (outlet, insurer, person)) > 1:
        raise click.UsageError("one watch at a time: --outlet, --insurer or --person")
    if line is not None and insurer is None:
        raise click.UsageError("--line is a product line of an insurer; name it with --insurer")
    return run(_watch(_chosen(outlet, insurer, line, person, drill), drill, asked()))


def _chosen(outlet: str | None, insurer: str | None, line: str | None, person: str | None, drill: bool) -> str | None:
    if outlet is not None:
        return watch_id("outlet", outlet, drill=drill)
    if insurer is not None:
        return watch_id("line", insurer, line or ANY_LINE, drill=drill)
    return watch_id("person", person, drill=drill) if person is not None else None


async def _watch(watch: str | None, drill: bool, how: Asked) -> int:
    client, now = await connect(), datetime.now(UTC)
    if watch is None:
        found = await every_outlet(client, drill=drill)
        if how.as_json:
            say_json({"watches": found})
        else:
            paper(outlets_page(found, how.lang))
        return 0
    shown = await seen(client, watch)
    if how.as_json:
        say_json(shown)
    else:
        paper(watch_page(shown, how.lang, now))
    return 0
