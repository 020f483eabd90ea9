"""The words of a notice: a text of its own for each duty and role, filled at delivery (R14, R29; stories, section 3).

A text is found by the duty without its number (`warn.outlet_report.1` → `warn.outlet_report`), then by the recipient's
role, else `any`. It never fails: what has no text gets the generic one, a word that is not known its stand-in, for a
notice that goes out short is better than one that does not. `wording_faults.py` finds what is wrong at load.

Units: a word may be an instant or a duration in ISO 8601, or a code of `values` (several by commas); it is written out
in the recipient's language, in the playbook's zone. What is not one of these stands as it is. None may be personal.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field

from plan.roster import Role
from plan.values import Inbound, Label, Plain

CHINA: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""Without summer time since 1991 (A17)."""
LONGEST_WORD: Final = 80
"""Characters of one word; names may be longer."""
ANY: Final = "any"
REPEAT: Final = "repeat"

PLACEHOLDERS: Final[Mapping[str, str]] = {
    "incident": "the incident's id",
    "outlet": "the outlet's name; `outlet_en` beside it is used in English",
    "superior": "the name of the unit the outlet reports to (`superior_en`)",
    "recipient_unit": "the name of the unit the recipient stands for (`recipient_unit_en`)",
    "insurer": "the insurer's name (`insurer_en`)",
    "due": "an instant: until when",
    "left": "a duration: how long until then",
    "late": "a duration: how long past it",
    "level": "a level: province, city, county",
    "state": "a code: a clock's state, a party on the way, criteria",
    "number": "which one: the number of a repeat or a round",
    "scene": "the name of the outlet where people are (`scene_en`)",
    "group": "the id of the group event",
}
"""Every word a notice may use, and what it is. `role` beside them says whom the text speaks to (`plan.roster.Role`)."""

STANDS_IN: Final[Mapping[str, str]] = {Role.OUTLET_CONTACT: Role.OUTLET_LEAD, Role.UNIT_CONTACT: Role.WORK_GROUP}
"""Whose text a role is given that has none of its own."""


def _by_role(value: object) -> object:
    return {ANY: value} if isinstance(value, str) else value


Line = Annotated[str, Field(min_length=1, max_length=1_000), Plain]
Variants = Annotated[dict[str, Line], BeforeValidator(_by_role)]
"""One text, or a text for each role with `any` for everybody else."""


class Wording(Inbound):
    """What people are told in one language. `drill_texts` stand in for `texts` in a drill, where they are there."""

    lang: Literal["zh", "en"]
    version: Label
    drill_mark: Line
    generic: Variants
    missing: dict[str, Line]
    values: dict[str, dict[str, Line]] = Field(default_factory=dict)
    texts: dict[str, Variants]
    drill_texts: dict[str, Variants] = Field(default_factory=dict)
    prohibitions: tuple[Line, ...] = ()


def render(
    wording: Wording,
    duty: str,
    words: Mapping[str, str],
    *,
    drill: bool,
    zone: tzinfo = CHINA,
    now: datetime | None = None,
) -> str:
    """The notice as it is sent. With `now`, an instant of the same day is written without its date."""
    text = variant(wording, duty, words.get("role"), drill=drill)
    mark = wording.drill_mark if drill else ""
    return mark + _PLACE.sub(lambda found: _word(wording, found[1], words, zone, now), text)


def duty_key(duty: str) -> str:
    """A duty without level and number: `warn.relay.county.1` → `warn.relay`."""
    return ".".join(duty.split(".")[:2])


def variant(wording: Wording, duty: str, role: str | None, *, drill: bool) -> str:
    """The text for a duty and a role, not filled yet."""
    by_role = _variants(wording, duty, drill=drill)
    spoken_to = role or ANY
    for candidate in (spoken_to, STANDS_IN.get(spoken_to, ANY), ANY):
        if candidate in by_role:
            return by_role[candidate]
    return next(iter(by_role.values()), "")


def _variants(wording: Wording, duty: str, *, drill: bool) -> Mapping[str, str]:
    key = duty_key(duty)
    for name in (key, REPEAT) if key.startswith(f"{REPEAT}.") else (key,):
        found = (wording.drill_texts.get(name) if drill else None) or wording.texts.get(name)
        if found:
            return found
    return wording.generic


_PLACE = re.compile(r"\{([a-z_]+)\}")
_INSTANT = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*(?:Z|[+-]\d{2}:?\d{2})$")
_DURATION = re.compile(r"^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?$")
_SPACES = re.compile(r"\s+")


def _word(wording: Wording, name: str, words: Mapping[str, str], zone: tzinfo, now: datetime | None) -> str:
    raw = words.get(f"{name}_{wording.lang}") or words.get(name) or ""
    plain = _SPACES.sub(" ", raw).strip()[:LONGEST_WORD]
    if not plain:
        return wording.missing.get(name, "")
    if name == "due" and _INSTANT.match(plain):
        return _instant(wording.lang, plain, zone, now)
    if name in ("left", "late") and (span := _DURATION.match(plain)):
        return _duration(wording.lang, span)
    codes = wording.values.get(name, {})
    if all(code in codes for code in plain.split(",")):
        return ("、" if wording.lang == "zh" else ", ").join(codes[code] for code in plain.split(","))
    return plain


def _instant(lang: str, text: str, zone: tzinfo, now: datetime | None) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    local = at.astimezone(UTC).astimezone(zone)
    clock = f"{local:%H:%M}"
    if now is not None and now.astimezone(zone).date() == local.date():
        return clock
    return f"{local.month}月{local.day}日 {clock}" if lang == "zh" else f"{local:%d %b} {clock}".lstrip("0")


def _duration(lang: str, span: re.Match[str]) -> str:
    """Days, hours and minutes, no seconds: a person acts on minutes."""
    days, hours, minutes, seconds = (int(part or 0) for part in span.groups())
    total = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds) // timedelta(minutes=1)
    units = ("天", "小时", "分钟") if lang == "zh" else ("d", "h", "min")
    parts = ((total // 1440, units[0]), (total // 60 % 24, units[1]), (total % 60, units[2]))
    written = " ".join(f"{amount} {unit}" for amount, unit in parts if amount)
    return written or ("不到 1 分钟" if lang == "zh" else "under 1 min")
