"""The schedules, a line each: what runs next, what became of the last round, paused or not."""

from collections.abc import Iterator
from datetime import datetime

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from starter.pages.times import clock_time
from starter.schedules import Listed
from starter.words import OUTCOMES, Lang, either, word

_HEADS = (
    ("排期", "schedule"),
    ("时间", "times"),
    ("下次", "next"),
    ("上次", "last"),
    ("结果", "outcome"),
    ("", ""),
    ("说明", "note"),
)
_GOOD = ("completed", "running")


def schedules_page(found: list[Listed], lang: Lang, now: datetime) -> Iterator[RenderableType]:
    """Times are Asia/Shanghai."""
    if not found:
        yield Text(
            either(lang, "还没有排期；执行 tocsin schedules apply。", "No schedule yet: tocsin schedules apply.")
        )
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head in _HEADS:
        table.add_column(either(lang, *head), no_wrap=True)
    for schedule in found:
        table.add_row(*_cells(schedule, lang, now))
    yield table


def _cells(schedule: Listed, lang: Lang, now: datetime) -> list[Text]:
    bad = schedule.outcome is not None and schedule.outcome not in _GOOD
    return [
        Text(schedule.id),
        Text(either(lang, schedule.when_zh, schedule.when)),
        Text(clock_time(schedule.next_at, now)),
        Text(clock_time(schedule.last_at, now)),
        Text(word(OUTCOMES, schedule.outcome, lang), "red" if bad else ""),
        Text(_marks(schedule, lang), "yellow"),
        Text(_note(schedule.note, lang)),
    ]


def _note(note: str, lang: Lang) -> str:
    """Ours are in both languages, with the unit behind them, which the id has too; an operator's stands as it is."""
    zh, _, rest = note.partition(" · ")
    return either(lang, zh, rest.partition(" · ")[0]) if rest else note


def _marks(schedule: Listed, lang: Lang) -> str:
    marks = [either(lang, "已暂停", "paused")] if schedule.paused else []
    marks += [either(lang, "已调整", "adjusted")] if schedule.adjusted else []
    marks += [either(lang, f"错过 {schedule.missed}", f"missed {schedule.missed}")] if schedule.missed else []
    return "  ".join(marks)
