"""What is left to be done after an incident, and who answers for what, as a page shows it (R56, R58-R63)."""

from collections.abc import Iterator
from datetime import datetime

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from starter.pages.seen import Seen, SeenAction, SeenItem
from starter.pages.times import clock_time, left, wait
from starter.words import CATEGORIES, CLOCK_STATES, FEEDS, Lang, either, matter_word, word


def actions(seen: Seen, lang: Lang, now: datetime) -> Iterator[RenderableType]:
    """Each with its owner and until when; its text where the view has it."""
    if not seen.actions:
        return
    yield Text()
    yield Text(either(lang, "事项", "actions"), style="bold")
    table = _table()
    for action in seen.actions:
        table.add_row(*_action(action, lang, now))
    yield table


def who_answers(seen: Seen, lang: Lang, now: datetime) -> Iterator[RenderableType]:
    """By category: what, who, how late, who was told and answered, and the numbers of the entries that prove it."""
    if not seen.accountability_items:
        return
    yield Text()
    yield Text(either(lang, "责任与依据", "who answers, and the evidence"), style="bold")
    for item in seen.accountability_items:
        yield _what(item, lang)
        yield Text(f"      {'  '.join(_proof(item, lang, now))}", style="dim")


def _action(action: SeenAction, lang: Lang, now: datetime) -> list[Text]:
    done = action.done_at is not None
    due = clock_time(action.due_at, now)
    until = either(lang, f"{due} 前", f"until {due}")
    when = clock_time(action.done_at, now) if done else f"{until}  {left(action.due_at, now, lang)}"
    late = not done and action.due_at < now
    return [
        Text(f"  {'✓' if done else '✗' if late else '…'} {either(lang, '完成', 'done') if done else ''}".rstrip()),
        Text(action.action_id),
        Text(action.owner),
        Text(when, "bold red" if late else ""),
        Text(word(FEEDS, action.feeds, lang), style="dim"),
        Text(action.text or ""),
    ]


def _what(item: SeenItem, lang: Lang) -> Text:
    """`二类：报告或处置不及时  网点报告上级  gd-gz-th-0001  待认定`"""
    who = item.person or item.unit or either(lang, "待查明", "to be found out")
    said = (_category(item.category, lang), matter_word(item.about, lang), who, _decided(item, lang))
    return Text(f"  {'  '.join(each for each in said if each)}", "bold" if _open(item) else "")


def _proof(item: SeenItem, lang: Lang, now: datetime) -> Iterator[str]:
    if item.due_at is not None:
        yield from _how_late(item, item.due_at, lang, now)
        yield _heard(item, lang, now)
    if item.behaviour is not None:
        yield either(lang, f"第 {item.behaviour} 种行为", f"behaviour {item.behaviour}")
    numbers = ", ".join(map(str, item.evidence)) or "-"
    yield f"{either(lang, '记录', 'record')} {numbers}"


def _category(category: int, lang: Lang) -> str:
    zh, en = CATEGORIES.get(category, (str(category), str(category)))
    return either(lang, zh, en)


def _how_late(item: SeenItem, due_at: datetime, lang: Lang, now: datetime) -> Iterator[str]:
    due = clock_time(due_at, now)
    yield either(lang, f"{due} 前", f"until {due}")
    if item.state:
        yield word(CLOCK_STATES, item.state, lang)
    if item.late:
        yield either(lang, f"晚 {wait(item.late, lang)}", f"{wait(item.late, lang)} late")


def _heard(item: SeenItem, lang: Lang, now: datetime) -> str:
    """When whoever owed it was first told, and who answered first."""
    if item.first_told_at is None:
        return either(lang, "没有通知到", "not reached")
    told = either(lang, "首次通知", "first told") + f" {clock_time(item.first_told_at, now)}"
    if item.first_acknowledged_at is None:
        return f"{told}  {either(lang, '无人回应', 'nobody answered')}"
    answered = f"{item.acknowledged_by or '-'} {clock_time(item.first_acknowledged_at, now)}"
    return f"{told}  {either(lang, '首个回应', 'first answered by')} {answered}"


def _open(item: SeenItem) -> bool:
    return item.called_for and not item.decided_by


def _decided(item: SeenItem, lang: Lang) -> str:
    if item.decided_by:
        return either(lang, "✓ 已认定", "✓ decided")
    return either(lang, "待认定", "to decide") if _open(item) else ""


def _table() -> Table:
    return Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
