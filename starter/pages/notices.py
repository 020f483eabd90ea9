"""Notices that have not arrived, a line each, with what an operator needs to have one sent again."""

from collections.abc import Iterator
from datetime import datetime

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from starter.notices import Found, Undone
from starter.pages.times import clock_time
from starter.words import NOTICE_STATES, Lang, either, word

_HEADS = (
    ("事件", "incident"),
    ("通知", "notice"),
    ("状态", "state"),
    ("渠道", "channel"),
    ("时间", "when"),
    ("代码", "code"),
    ("次数", "attempts"),
    ("原因", "why"),
)
_STYLES = {"failed": "bold red", "held": "yellow"}


def notices_page(found: Found, lang: Lang, now: datetime) -> Iterator[RenderableType]:
    """What has not arrived, incident by incident."""
    if not found.notices:
        yield Text(either(lang, "通知都已送达。", "Every notice has arrived."), style="green")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head in _HEADS:
        table.add_column(either(lang, *head), no_wrap=True, overflow="ellipsis")
    for notice in found.notices:
        table.add_row(*_cells(notice, lang, now))
    yield table


def _cells(notice: Undone, lang: Lang, now: datetime) -> list[Text]:
    return [
        Text(notice.incident_id),
        Text(notice.notice_id),
        Text(word(NOTICE_STATES, notice.state, lang), _STYLES.get(notice.state, "")),
        Text(notice.channel or "-"),
        Text(_when(notice, lang, now)),
        Text(notice.code or "-"),
        Text(str(notice.attempts)),
        Text(notice.why),
    ]


def _when(notice: Undone, lang: Lang, now: datetime) -> str:
    """Held until, tried last at, or owed since."""
    if notice.held_until is not None:
        until = clock_time(notice.held_until, now)
        return either(lang, f"至 {until}", f"until {until}")
    if notice.state == "failed":
        return clock_time(notice.at, now)
    since = clock_time(notice.created_at, now)
    return either(lang, f"{since} 起", f"since {since}")
