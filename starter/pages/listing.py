"""A list of incidents, a line each."""

from collections.abc import Iterator
from datetime import datetime

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from starter.listing import Listed, Listing
from starter.pages.times import clock_time, left
from starter.words import SEVERITIES, STAGES, Lang, either, word


def listing_page(found: Listing, lang: Lang, now: datetime) -> Iterator[RenderableType]:
    """What is due first stands first; a missed clock is marked."""
    if not found.incidents:
        yield Text(either(lang, "没有符合条件的事件。", "No incident matches."))
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    heads = (
        ("事件", "incident"),
        ("等级", "severity"),
        ("阶段", "stage"),
        ("网点", "outlet"),
        ("保险公司", "insurer"),
        ("下一时限", "next due"),
        ("", ""),
    )
    for head in heads:
        table.add_column(either(lang, *head), no_wrap=True)
    for incident in found.incidents:
        table.add_row(*_cells(incident, lang, now))
    yield table


def _cells(incident: Listed, lang: Lang, now: datetime) -> list[Text]:
    crisis = incident.severity == "crisis"
    return [
        Text(incident.incident_id, style="bold" if crisis else ""),
        Text(word(SEVERITIES, incident.severity, lang), style="red" if crisis else ""),
        Text(word(STAGES, incident.stage, lang)),
        Text(incident.outlet or "-"),
        Text(incident.insurer or "-"),
        _due(incident, lang, now),
        Text(_marks(incident, lang), style="red"),
    ]


def _due(incident: Listed, lang: Lang, now: datetime) -> Text:
    if incident.next_due_at is None:
        return Text("-")
    said = f"{clock_time(incident.next_due_at, now)} {left(incident.next_due_at, now, lang)}"
    return Text(said, style="red" if incident.next_due_at < now else "")


def _marks(incident: Listed, lang: Lang) -> str:
    marks = [either(lang, "演练", "DRILL")] if incident.drill else []
    marks += [either(lang, f"✗ 逾期 {incident.overdue}", f"✗ overdue {incident.overdue}")] if incident.overdue else []
    if incident.undelivered:
        marks.append(either(lang, f"! 未送达 {incident.undelivered}", f"! undelivered {incident.undelivered}"))
    marks += [f"→ {incident.group_id}"] if incident.group_id else []
    return "  ".join(marks)
