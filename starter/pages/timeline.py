"""An entry of the record as one line: when, what, about what, by whom. Sealed words stay sealed."""

from datetime import datetime

from rich.text import Text

from plan.record import Entry
from starter.kinds import entry_word
from starter.pages.details import details
from starter.pages.times import clock_time, day_time
from starter.words import Lang, clock_word, duty_word, either

_STYLES = {
    "breach": "bold red",
    "clock_met_late": "yellow",
    "clock_met": "green",
    "crisis": "bold red",
    "refused": "yellow",
    "malformed": "yellow",
    "undelivered": "bold red",
    "unanswered": "bold red",
    "delivery_failed": "yellow",
}
_MARKS = {"clock_met": "✓", "clock_met_late": "✓!", "breach": "✗", "refused": "✗", "crisis": "!"} | dict.fromkeys(
    ("undelivered", "unanswered"), "✗"
)
_CLOCKS = ("clock_", "breach")
_NOTICES = ("notice", "held", "delivered", "delivery_failed", "delivery_late", "undelivered", "unanswered")
_TOLD_OF_A_NOTICE = ("channel", "until", "code", "message_id", "attempts", "why", "told_instead", "recipients")
_OF_A_NOTICE = ("notice_acknowledged", "notice_resent")


def entry_line(entry: Entry, lang: Lang) -> Text:
    """`12  2026-11-24 09:48:00  危机事件 …`"""
    line = Text(f"{entry.sequence:>5}  {day_time(entry.recorded_at)}  ")
    line.append(happening(entry, lang))
    if entry.door:
        line.append(f"  [{entry.door}]", style="dim")
    if day_time(entry.received_at) != day_time(entry.recorded_at):
        line.append(f"  {either(lang, '收到', 'received')} {day_time(entry.received_at)}", style="dim")
    return line


def happening(entry: Entry, lang: Lang) -> Text:
    """What happened, about what, by whom, by which rule."""
    line = Text(f"{_MARKS.get(entry.what, ' '):<2} ")
    line.append(entry_word(entry.what, lang), style=_STYLES.get(entry.what, ""))
    for part in (_about(entry, lang), *_said(entry, lang)):
        if part:
            line.append(f"  {part}")
    follows = entry.what.startswith(_CLOCKS) or entry.what == "crisis"  # the fact before it says who told that
    if entry.by and not follows:
        line.append(f"  {either(lang, '由', 'by')} {entry.by}")
    if entry.rule:
        line.append(f"  {entry.rule}", style="dim")
    return line


def _about(entry: Entry, lang: Lang) -> str:
    about = entry.about or ""
    if entry.what.startswith(_CLOCKS):
        return clock_word(about, lang)
    if entry.what in _NOTICES:
        return _notice(about, lang)
    if entry.what in _OF_A_NOTICE:
        return _notice(str(entry.data.get("notice_id")), lang)
    return ""


def _notice(notice_id: str, lang: Lang) -> str:
    duty, _, person = notice_id.partition("~")
    return f"{duty_word(duty, lang)} → {person}" if person else duty_word(duty, lang)


def _said(entry: Entry, lang: Lang) -> list[str]:
    """Of a clock that was met the hour at which it was; of a notice by which channel; else every plain value."""
    if entry.what in ("clock_met", "clock_met_late", "breach", "breach_lifted"):
        at = entry.data.get("at")
        return [clock_time(datetime.fromisoformat(at))] if isinstance(at, str) else []
    if entry.what in _NOTICES:
        told = {name: entry.data.get(name) for name in _TOLD_OF_A_NOTICE}
        return details(told | ({"attempts": None} if told["attempts"] == 1 else {}), lang)
    if entry.what in _OF_A_NOTICE:
        return details({"told_instead": entry.data.get("to")}, lang)
    return details(entry.data, lang)
