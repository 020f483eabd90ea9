"""A story as it happens: the hour, what happened, and who was told what in which words."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from plan.record import Entry
from starter.pages.seen import Seen
from starter.pages.timeline import happening
from starter.pages.times import SHANGHAI, clock_time
from starter.player import Happened
from starter.scenario import Story
from starter.words import CLOCK_STATES, MARKS, Lang, clock_word, either, word

_LEFT_OUT = frozenset({"notice", "delivered", "delivery_failed", "roster_resolved", "continued"})
_MARGIN = " " * 13


def title(story: Story, lang: Lang) -> Iterator[RenderableType]:
    yield Text()
    yield Text(either(lang, *story.title), style="bold underline")


def story_lines(chunk: Sequence[Happened], began_at: datetime, lang: Lang) -> Iterator[RenderableType]:
    """What happened, a line each; then who was told, a line for each text."""
    for happened in chunk:
        if happened.entry.what not in _LEFT_OUT:
            yield _line(happened.entry, began_at, lang)
    told: dict[str, list[str]] = {}
    for happened in chunk:
        if happened.text is not None:
            told.setdefault(happened.text, []).append(str(happened.entry.about).rpartition("~")[2])
    for text, people in told.items():
        yield Text(f"{_MARGIN}→ {', '.join(people)}\n{_MARGIN}  {text}", style="cyan")


def _line(entry: Entry, began_at: datetime, lang: Lang) -> Text:
    """`D+1 09:00  ✓ …`, at the instant of receipt where somebody told it."""
    at = entry.received_at if entry.by else entry.recorded_at
    days = (at.astimezone(SHANGHAI).date() - began_at.astimezone(SHANGHAI).date()).days
    day = f"D+{days}" if days else "D"
    return Text(f"{day:<4}{at.astimezone(SHANGHAI):%H:%M}  ").append(happening(entry, lang))


def ending(seen: Seen, faults: list[str], lang: Lang) -> Iterator[RenderableType]:
    """How the clocks ended, and whether the plan was kept."""
    yield Text()
    for clock in seen.clocks:
        mark, state = MARKS.get(clock.state, "?"), word(CLOCK_STATES, clock.state, lang)
        due = f"{clock_time(clock.due_at)}" + (f" / {clock_time(clock.met_at)}" if clock.met_at else "")
        yield Text(f"  {mark:<2} {state:<8} {clock_word(clock.id, lang)}  {due}")
    if faults:
        yield Text(either(lang, "✗ 未按预案执行:", "✗ The plan was not kept:"), style="bold red")
        yield from (Text(f"    {fault}", style="red") for fault in faults)
    elif any(clock.state == "met_late" for clock in seen.clocks):
        zh, en = (
            "✓ 已按预案执行：逾期已如实记录，并逐级告知。",
            "✓ The plan was kept: what came late is on record and was told.",
        )
        yield Text(either(lang, zh, en), style="bold green")
    else:
        yield Text(either(lang, "✓ 已按预案执行。", "✓ The plan was kept."), style="bold green")
