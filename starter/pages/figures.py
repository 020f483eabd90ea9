"""The figures on a page, and as rows of CSV: one figure a row, with what it is a part of."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from plan.figures import Figures, OnTime, Rate, Times
from starter.pages.times import clock_time, wait
from starter.words import CLOCKS, LEVELS, Lang, Pair, either

TIMES: dict[str, Pair] = {
    "to_acknowledge": ("受理→首次确认", "filed to first acknowledged"),
    "to_report": ("知悉→首报", "known to first report"),
    "to_handover": ("受理→移交保险公司", "filed to handed over"),
    "to_arrival": ("召唤→保险公司到场", "called to insurer on scene"),
    "to_resolution": ("受理→办结", "filed to resolved"),
}
RATES: dict[str, Pair] = {
    "repeats": ("二次投诉", "repeat complaints"),
    "reopened": ("重新处理", "reopened"),
    "to_crisis": ("升级为危机", "became a crisis"),
    "to_group": ("并入群体事件", "joined a group event"),
    "mis_selling": ("查实误导销售", "mis-selling proven"),
    "notices_failed": ("通知未送达", "notices not delivered"),
}


def figures_page(figures: Figures, lang: Lang) -> Iterator[RenderableType]:
    """First how many, then what is late, how long it took, and the rest."""
    many = f"{figures.incidents} incidents, {figures.open} open, {figures.group_events} group events"
    many_zh = f"事件 {figures.incidents} 件，未结 {figures.open} 件，群体事件 {figures.group_events} 件"
    yield Text(f"{either(lang, many_zh, many)} · {clock_time(figures.as_of)}", style="bold")
    yield from _on_time(figures, lang)
    yield from _times(figures, lang)
    yield from _rates(figures, lang)
    mixed = [
        (name, kinds) for name, kinds in {**figures.mix, "policies": figures.policies}.items() if any(kinds.values())
    ]
    for name, kinds in mixed:
        yield Text(f"{name}: " + ", ".join(f"{kind} {count}" for kind, count in kinds.items() if count))
    drills = figures.drills
    yield Text(
        either(lang, f"演练 {drills.count} 次，按时报告 ", f"{drills.count} drills, reported in time ")
        + _rate(drills.reported_in_time)
    )


def as_csv(figures: Figures) -> str:
    """`figure,key,part,whole,value`: seconds for times, shares between 0 and 1; empty where nothing can be said."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("figure", "key", "part", "whole", "value"))
    for row in _rows(figures):
        writer.writerow(["" if value is None else value for value in row])
    return out.getvalue().rstrip("\n")


Row = tuple[str, str, int | None, int | None, float | int | None]


def _rows(figures: Figures) -> Iterator[Row]:
    for name in ("incidents", "group_events", "open", "unasked", "conduct"):
        yield name, "", None, None, getattr(figures, name)
    for name, times in {**figures.times, "drills.to_report": figures.drills.to_report}.items():
        for key in ("count", "waiting", "p50", "p90", "longest"):
            yield name, key, None, None, getattr(times, key)
    for name, clock in figures.on_time.items():
        for key in ("on_time", "late", "missing", "running"):
            yield f"on_time.{name}", key, None, None, getattr(clock, key)
        yield f"on_time.{name}", "share", clock.on_time, clock.on_time + clock.late + clock.missing, clock.share
    rates = {name: getattr(figures, name) for name in RATES}
    rates |= {f"resolved_within.{days}": rate for days, rate in figures.resolved_within.items()}
    for name, rate in {**rates, "drills.reported_in_time": figures.drills.reported_in_time}.items():
        yield name, "", rate.part, rate.whole, rate.share
    yield "drills", "", None, None, figures.drills.count
    for name, kinds in {"open_for": figures.open_for, "policies": figures.policies, **figures.mix}.items():
        for key, count in kinds.items():
            yield name, key, None, None, count


def _on_time(figures: Figures, lang: Lang) -> Iterator[RenderableType]:
    if not figures.on_time:
        return
    heads = (
        ("时限", "clock"),
        ("按时", "on time"),
        ("逾期", "late"),
        ("缺", "missing"),
        ("未到", "running"),
        ("率", "share"),
    )
    table = _table(lang, *heads)
    for name, clock in figures.on_time.items():
        counts = (clock.on_time, clock.late, clock.missing, clock.running)
        table.add_row(_clock(name, lang), *map(str, counts), _share(clock))
    yield table


def _times(figures: Figures, lang: Lang) -> Iterator[RenderableType]:
    heads = (
        ("用时", "time"),
        ("件", "count"),
        ("等待", "waiting"),
        ("中位", "p50"),
        ("九成", "p90"),
        ("最长", "longest"),
    )
    table = _table(lang, *heads)
    for name, times in figures.times.items():
        table.add_row(either(lang, *TIMES[name]), str(times.count), str(times.waiting), *_waits(times, lang))
    yield table


def _rates(figures: Figures, lang: Lang) -> Iterator[RenderableType]:
    table = _table(lang, ("比率", "rate"), ("", ""), ("", ""))
    for name, words in RATES.items():
        _add(table, either(lang, *words), getattr(figures, name))
    for days, rate in figures.resolved_within.items():
        _add(table, either(lang, f"{days} 日内办结", f"resolved within {days} days"), rate)
    yield table
    ages = ", ".join(f"{name} d: {count}" for name, count in figures.open_for.items())
    yield Text(f"{either(lang, '未办结时长', 'unresolved for')} {ages}")


def _add(table: Table, name: str, rate: Rate) -> None:
    table.add_row(name, f"{rate.part}/{rate.whole}", "-" if rate.share is None else f"{rate.share:.1%}")


def _table(lang: Lang, *heads: Pair) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head in heads:
        table.add_column(either(lang, *head), no_wrap=True)
    return table


def _waits(times: Times, lang: Lang) -> list[str]:
    values = (times.p50, times.p90, times.longest)
    return ["-" if value is None else wait(timedelta(seconds=value), lang) for value in values]


def _clock(name: str, lang: Lang) -> str:
    first, _, level = name.partition(".")
    said = either(lang, *CLOCKS.get(first, (first, first)))
    return f"{said} ({either(lang, *LEVELS.get(level, (level, level)))})" if level else said


def _share(clock: OnTime) -> str:
    return "-" if clock.share is None else f"{clock.share:.1%}"


def _rate(rate: Rate) -> str:
    return f"{rate.part}/{rate.whole}"
