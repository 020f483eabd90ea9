"""What a watch sees, on a page: how many people within each window, by what they belong together, what was raised."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from starter.pages.times import clock_time
from starter.watching import Seen, most
from starter.words import Lang, either

WHY: Mapping[str, tuple[str, str]] = {
    "signs": ("聚集苗头", "signs of a group"),
    "declare": ("请判断（可能已满五人）", "asked what it is (five, perhaps)"),
    "pattern": ("请判断（一个月内多人）", "asked what it is (several in a month)"),
}


def outlets_page(watches: Sequence[Seen], lang: Lang) -> Iterator[RenderableType]:
    """Every outlet that has complaints in sight, the fullest first."""
    if not watches:
        yield Text(either(lang, "没有正在观察的网点。", "No outlet has complaints in sight."))
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head in (("网点", "outlet"), ("短窗人数", "now"), ("长窗人数", "month"), ("投诉", "complaints"), ("", "")):
        table.add_column(either(lang, *head), no_wrap=True)
    for watch in watches:
        groups = [group["group_id"] for group in watch["groups"] if group["over_at"] is None]
        counts = (str(most(watch, "short")), str(most(watch, "long")), str(watch["complaints"]))
        table.add_row(watch["outlet"], *counts, "  ".join(f"→ {group}" for group in groups))
    yield table


def watch_page(watch: Seen, lang: Lang, now: datetime) -> Iterator[RenderableType]:
    """One watch."""
    if "kind" not in watch:
        yield Text(either(lang, f"{watch['watch']}：目前没有看到投诉。", f"{watch['watch']}: nothing is seen now."))
        return
    mark = either(lang, "【演练】", "[DRILL] ") if watch["drill"] else ""
    yield Text(f"{mark}{watch['watch']}", style="bold")
    match watch["kind"]:
        case "outlet":
            yield from _outlet(watch, lang, now)
        case "line":
            yield from _line(watch, lang, now)
        case _:
            yield from _person(watch, lang, now)


def _outlet(watch: Seen, lang: Lang, now: datetime) -> Iterator[RenderableType]:
    rules = watch["rules"]["watch"]
    signs, five, ask = rules["signs_at"], watch["rules"]["group_of"], rules["long_at"]
    short = either(
        lang,
        f"短窗 {rules['short']}：满 {signs} 人为苗头，满 {five} 人为群体性事件",
        f"Within {rules['short']}: {signs} people are signs, {five} a group event",
    )
    long = either(
        lang, f"长窗 {rules['long']}：满 {ask} 人请判断", f"Within {rules['long']}: {ask} people are asked about"
    )
    for heading, crowds in ((short, watch["short"]), (long, watch["long"])):
        yield Text(heading)
        yield from (_crowd(crowd, lang) for crowd in crowds)
    for group in watch["groups"]:
        over = either(lang, "，已结束", ", over") if group["over_at"] else ""
        opened = clock_time(datetime.fromisoformat(group["opened_at"]), now)
        members = either(lang, f"{group['members']} 件", f"{group['members']} complaints")
        yield Text(f"→ {group['group_id']}  {opened}  {members}{over}")
    for raised in watch["raised"]:
        at = clock_time(datetime.fromisoformat(raised["at"]), now)
        yield Text(f"! {either(lang, *WHY[raised['why']])}  {at}  {raised['told']}")


def _crowd(crowd: dict[str, Any], lang: Lang) -> Text:
    people = either(lang, f"{crowd['people']} 人", f"{crowd['people']} people")
    nameless = either(lang, f"（其中身份不明 {crowd['nameless']}）", f" ({crowd['nameless']} not known)")
    by = ", ".join(crowd["by"]) or "-"
    return Text(f"  {people}{nameless if crowd['nameless'] else ''}  {by}  {' '.join(crowd['incidents'])}")


def _line(watch: Seen, lang: Lang, now: datetime) -> Iterator[RenderableType]:
    for cluster in watch["clusters"]:
        usual = either(lang, "还不知道", "not known yet") if cluster["usual"] is None else f"{cluster['usual']:.1f}"
        place = cluster["province"] or "-"
        said = either(
            lang,
            f"{place}：{cluster['people']} 人，往常 {usual}",
            f"{place}: {cluster['people']} people, usually {usual}",
        )
        yield Text(f"  {said}", style="red" if cluster["reaches"] else "")
    for place, until in watch["raised"].items():
        at = clock_time(datetime.fromisoformat(until), now)
        yield Text(either(lang, f"! 已提升警戒 {place}，至 {at}", f"! alert raised for {place}, until {at}"))


def _person(watch: Seen, lang: Lang, now: datetime) -> Iterator[RenderableType]:
    for name, complaint in watch["complaints"].items():
        resolved = complaint["resolved_at"]
        at = clock_time(datetime.fromisoformat(resolved), now) if resolved else "-"
        number = watch["repeats"].get(name)
        again = either(lang, f"  第 {number} 次重复", f"  repeat {number}") if number else ""
        yield Text(f"  {name}  {either(lang, '办结', 'resolved')} {at}{again}")
