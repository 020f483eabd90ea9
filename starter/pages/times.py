"""Instants and waits for people: Asia/Shanghai, the day only where it is another day."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from starter.words import Lang, either

SHANGHAI = ZoneInfo("Asia/Shanghai")


def clock_time(at: datetime | None, now: datetime | None = None) -> str:
    """`09:45` today, `11-25 09:45` on another day, with the year in another; a dash for nothing.

    Without `now` the day always stands there, as in the record.
    """
    if at is None:
        return "-"
    local = at.astimezone(SHANGHAI)
    seconds = ":%S" if local.second else ""
    if now is None:
        return local.strftime(f"%Y-%m-%d %H:%M{seconds}")
    today = now.astimezone(SHANGHAI)
    day = "" if today.date() == local.date() else "%m-%d " if today.year == local.year else "%Y-%m-%d "
    return local.strftime(f"{day}%H:%M{seconds}")


def day_time(at: datetime) -> str:
    """`2026-11-24 09:45:00`, for the record."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def left(due_at: datetime, now: datetime, lang: Lang) -> str:
    """Time left, or how late it is."""
    late = now > due_at
    said = wait(abs(due_at - now), lang)
    if late:
        return either(lang, f"已过 {said}", f"{said} late")
    return either(lang, f"还剩 {said}", f"{said} left")


def wait(length: timedelta, lang: Lang) -> str:
    """`2 天 3 小时`, `1 小时 5 分`, `40 秒`: two units at most."""
    seconds = int(length.total_seconds())
    steps = ((86_400, "天", "d"), (3_600, "小时", "h"), (60, "分", "min"), (1, "秒", "s"))
    parts: list[str] = []
    for size, zh, en in steps:
        count, seconds = divmod(seconds, size)
        if count and len(parts) < 2 and not (size == 1 and parts):
            parts.append(either(lang, f"{count} {zh}", f"{count} {en}"))
        elif parts:
            break
    return " ".join(parts) or either(lang, "0 秒", "0 s")
