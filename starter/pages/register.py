"""A unit's register: what is still to be done and by whom, then the rounds and what they lack, then what was done."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from plan.rhythm import Kind
from starter.pages.times import clock_time, left
from starter.words import FEEDS, READY, RESULTS, ROUNDS, WATCHED, Lang, either, word

View = dict[str, Any]
SHOWN = 10
"""Of what is done, the last ones."""


def register_page(view: View, lang: Lang, now: datetime) -> Iterator[RenderableType]:
    """As much of it as the viewer may see."""
    yield Text(f"{view['unit']}  {view['unit_name']}".rstrip(), style="bold")
    yield from _actions(view, lang, now)
    for held in view["rounds"]:
        yield from _round(held, lang, now)
    yield from _standard(view, lang)
    yield from _done(view, lang)


def _actions(view: View, lang: Lang, now: datetime) -> Iterator[RenderableType]:
    yield Text(_head(either(lang, "未完成事项", "open actions"), len(view["actions"])), style="bold")
    if not view["actions"]:
        return
    table = _table()
    for action in sorted(view["actions"], key=lambda each: each["due_at"]):
        due = datetime.fromisoformat(action["due_at"])
        table.add_row(
            Text(action["action_id"]),
            Text(action["owner"]),
            Text(f"{clock_time(due, now)} {left(due, now, lang)}", "red" if action["state"] == "overdue" else ""),
            Text(word(FEEDS, action["feeds"], lang)),
            Text(action["from_incident"] or action["outlet"] or ""),
            Text(action["text"]),
        )
    yield table


def _round(held: View, lang: Lang, now: datetime) -> Iterator[RenderableType]:
    due = datetime.fromisoformat(held["due_at"])
    missing = held["lacking"]
    said = f"{word(ROUNDS, held['kind'], lang)}  {clock_time(datetime.fromisoformat(held['at']), now)}"
    if held["kind"] in (Kind.SCREENING, Kind.TRAINING, Kind.READINESS):
        said += f"  {either(lang, '应在', 'due')} {clock_time(due, now)}"
        of = len(held["outlets"])
        said += either(lang, f"  已完成 {of - len(missing)}/{of}", f"  done {of - len(missing)}/{of}")
    yield Text(said, style="bold red" if missing and due < now else "bold")
    if missing:
        yield Text(f"  {either(lang, '还差', 'lacking')}: {', '.join(missing)}")
    watched: dict[str, list[str]] = held.get("watched") or {}
    for outlet, reasons in watched.items():
        why = either(lang, "、", ", ").join(word(WATCHED, each, lang) for each in reasons)
        yield Text(f"  ! {outlet}: {why}")
    unconfirmed: dict[str, list[str]] = held.get("unconfirmed") or {}
    for outlet, items in unconfirmed.items():
        yield Text(f"  - {outlet}: {', '.join(word(READY, item, lang) for item in items)}")
    if held.get("points"):
        yield Text(f"  {either(lang, '新增排查要点', 'points added to the standard')}: {', '.join(held['points'])}")
    if held.get("drill"):
        yield Text(f"  {', '.join(held['outlets'])} → {held['drill']}")


def _standard(view: View, lang: Lang) -> Iterator[RenderableType]:
    if not view["standard"]:
        return
    head = either(lang, "排查标准的新增要点", "added to the screening standard")
    yield Text(_head(head, len(view["standard"])), style="bold")
    table = _table()
    for point in view["standard"]:
        table.add_row(Text(point["action_id"]), Text(point["from_incident"] or ""), Text(point["text"]))
    yield table


def _done(view: View, lang: Lang) -> Iterator[RenderableType]:
    """The last of each, newest first."""
    lists = (
        (either(lang, "排查", "screenings"), view["screenings"], _screening),
        (either(lang, "培训", "trainings"), view["trainings"], _training),
        (either(lang, "已完成事项", "actions done"), view["done"], _action_done),
    )
    for head, entries, cells in lists:
        if entries:
            yield Text(_head(head, len(entries)), style="bold")
            table = _table()
            for entry in entries[: -SHOWN - 1 : -1]:
                table.add_row(*(Text(cell) for cell in cells(entry, lang)))
            yield table


def _screening(entry: View, lang: Lang) -> list[str]:
    at = clock_time(datetime.fromisoformat(entry["at"]))
    return [at, entry["outlet"], word(RESULTS, entry["result"], lang), entry["by"], entry["note"] or ""]


def _training(entry: View, lang: Lang) -> list[str]:
    people = either(lang, f"{entry['attendees']} 人", f"{entry['attendees']} people")
    return [entry["held_on"], entry["who"], entry["topic"], people, entry["by"]]


def _action_done(entry: View, lang: Lang) -> list[str]:
    at = clock_time(datetime.fromisoformat(entry["done_at"]))
    return [at, entry["action_id"], word(FEEDS, entry["feeds"], lang), entry["done_by"], entry["note"] or ""]


def _head(words: str, number: int) -> str:
    return f"{words}: {number}"


def _table() -> Table:
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 2), show_header=False)
