"""`tocsin figures`: what was counted of a period (docs/reference.md, "Figures")."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import click

from plan.figures import FiguresAsked
from runtime.leaving import run
from runtime.settings import Settings
from starter.client import connect
from starter.kept import figures_of
from starter.options import Asked, Command, asked
from starter.output import say, say_error, say_json
from starter.pages.figures import as_csv, figures_page
from starter.pages.paper import paper
from starter.words import either

CHINA = ZoneInfo("Asia/Shanghai")
DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command(cls=Command)
@click.option("--from", "first", type=DAY, metavar="DATE", help="First day of filing (Asia/Shanghai).")
@click.option("--to", "last", type=DAY, metavar="DATE", help="Last day of filing, itself included.")
@click.option("--unit", help="机构 · A unit or outlet, with everything below it.")
@click.option("--insurer", help="保险公司 · One insurer.")
@click.option("--csv", "csv", is_flag=True, help="One row a figure, as CSV.")
def command(first: datetime | None, last: datetime | None, unit: str | None, insurer: str | None, csv: bool) -> int:
    """统计指标 · Figures over incidents filed in a period; drills and imported history never count.

    What is overdue and still open counts as missing. Open incidents are asked how they stand now.
    """
    wanted = FiguresAsked(since=_begin(first), until=_begin(last, days=1), unit=unit, insurer=insurer)
    return run(_figures(wanted, csv, asked()))


def _begin(day: datetime | None, *, days: int = 0) -> datetime | None:
    """Midnight in China at the begin of a day, or so many days later."""
    return None if day is None else (day + timedelta(days=days)).replace(tzinfo=CHINA).astimezone(UTC)


async def _figures(wanted: FiguresAsked, csv: bool, how: Asked) -> int:
    figures = await figures_of(await connect(), wanted, Settings())
    if how.as_json:
        say_json(figures.model_dump(mode="json"))
    elif csv:
        say(as_csv(figures))
    else:
        paper(figures_page(figures, how.lang))
    if figures.unasked:
        en = f"{figures.unasked} open incidents did not answer; of them only what is stored counts."
        say_error(either(how.lang, f"{figures.unasked} 件未结事件没有回答，只计已存档部分。", en))
    return 0
