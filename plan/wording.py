"""The words of a notice: a text of its own for each duty and role, filled at delivery (R14, R29; stories, section 3).

A text is found by the duty without its number (`warn.outlet_report.1` → `warn.outlet_report`), then by the recipient's
role, else `any`. It begins with a bracket that can stand alone: what to do, and until when. In a chat it also names
whom it means, for others read it. It never fails: what has no text gets the generic one, a word that is not known its
stand-in, for a notice that goes out short is better than one that does not. `wording_faults.py` finds what is wrong at
load, `wording_words.py` says which words there are for which duty.

Units: a word may be an instant or a duration in ISO 8601, or a code of `values` (several by commas); it is written out
in the recipient's language, in the playbook's zone. What is not one of these stands as it is. None may be personal.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field

from plan.private_numbers import hidden
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
    "unreached": "the name of the unit of somebody whom a notice did not reach (`unreached_en`)",
    "insurer": "the insurer's name (`insurer_en`)",
    "due": "an instant: until when",
    "left": "a duration: how long until then",
    "late": "a duration: how long past it",
    "level": "a level: province, city, county",
    "state": "a code: a clock's state, a party on the way, criteria",
    "number": "which one: the number of a repeat or a round",
    "scene": "the name of the outlet where people are (`scene_en`)",
    "group": "the id of the group event",
    "unit": "the name of the unit that a round, or an action, is of (`unit_en`)",
    "since": "an instant: since when is counted",
    "new": "how many incidents came in",
    "open": "how many incidents are open",
    "overdue": "how many of them have missed something that is still owed",
    "crises": "how many were a crisis",
    "breaches": "how many have a breach on record",
    "undelivered": "how many have somebody who could not be told",
    "waiting": "how many wait for the insurer",
    "actions": "how many actions are open",
    "action": "the id of an action",
    "outlets": "how many outlets a round is about",
    "watched": "how many of them are on the watch-list",
    "points": "how many points lessons have added to the screening standard",
    "lacking": "how many have not done what was asked",
    "seen": "what people at the outlet see, in a drill (`seen_en`)",
}
"""Every word a notice may use, and what it is: none is personal, so that any of them may go to a chat (R29).

`role` beside them says whom the text speaks to (`plan.roster.Role`).
"""

STANDS_IN: Final[Mapping[str, str]] = {Role.OUTLET_CONTACT: Role.OUTLET_LEAD, Role.UNIT_CONTACT: Role.WORK_GROUP}
"""Whose text a role is given that has none of its own."""


def _by_role(value: object) -> object:
    return {ANY: value} if isinstance(value, str) else value


Line = Annotated[str, Field(min_length=1, max_length=1_000), Plain]
Variants = Annotated[dict[str, Line], BeforeValidator(_by_role)]
"""One text, or a text for each role with `any` for everybody else."""


class Wording(Inbound):
    """What people are told in one language. `drill_texts` stand in for `texts` in a drill, where they are there.

    `undated_texts` stand in for a text with `{due}` where no due time lies ahead: it is met, carried or over already.
    `addressed` says by role whom a text in a chat means; an outlet is named by its texts themselves. `digest_head`
    comes before several notices folded into one message, `shortened` after one that was too long; `link_personal` and
    `link_group` lead to the page where one says "received", or signs in; `spoken_end` ends what a telephone reads out.
    `drill_desk` says whom a notice is for that a drill's desk is told instead.
    """

    lang: Literal["zh", "en"]
    version: Label
    drill_mark: Line
    generic: Variants
    missing: dict[str, Line]
    addressed: dict[str, Line] = Field(default_factory=dict)
    digest_head: Line = "【{number}】"
    shortened: Line = "…"
    link_personal: Line = "{link}"
    link_group: Line = "{link}"
    spoken_end: Annotated[str, Field(max_length=1_000), Plain] = ""
    drill_desk: Line = "{meant_for}: "
    values: dict[str, dict[str, Line]] = Field(default_factory=dict)
    texts: dict[str, Variants]
    undated_texts: dict[str, Variants] = Field(default_factory=dict)
    drill_texts: dict[str, Variants] = Field(default_factory=dict)
    prohibitions: tuple[Line, ...] = ()


def render(
    wording: Wording,
    duty: str,
    words: Mapping[str, str],
    *,
    drill: bool,
    chat: bool = False,
    zone: tzinfo = CHINA,
    now: datetime | None = None,
) -> str:
    """The notice as it is sent. With `now`, an instant of the same day is written without its date.

    In a `chat` it says whom it means, and no number that may be somebody's is printed.
    """
    text = variant(wording, duty, words.get("role"), drill=drill, ahead=bool(words.get("left")))
    head, rest = _halves(text)
    fill = _Filling(wording, words, chat=chat, zone=zone, now=now)
    mark = wording.drill_mark if drill else ""
    desk = _meant_for(wording, words) if drill else ""
    return mark + fill(head) + desk + (fill(_addressed(wording, words)) if chat or desk else "") + fill(rest)


def brief(
    wording: Wording,
    duty: str,
    words: Mapping[str, str],
    *,
    drill: bool,
    zone: tzinfo = CHINA,
    now: datetime | None = None,
) -> str:
    """One notice of many in a chat, without the drill's mark: what to do until when, who, which incident, where."""
    head, _ = _halves(variant(wording, duty, words.get("role"), drill=drill, ahead=bool(words.get("left"))))
    fill = _Filling(wording, words, chat=True, zone=zone, now=now)
    desk = _meant_for(wording, words) if drill else ""
    return fill(head) + desk + fill(f"{_addressed(wording, words)}{{incident}} {{outlet}}")


def headline(wording: Wording, text: str) -> str:
    """Of a notice as it is sent its first bracket, the drill's mark aside; empty where it begins without one."""
    return _halves(text.removeprefix(wording.drill_mark))[0].rstrip()


def written_out(
    wording: Wording, words: Mapping[str, str], *, zone: tzinfo = CHINA, now: datetime | None = None
) -> dict[str, str]:
    """Every word by itself, as a text says it: for a service that fills in registered templates."""
    fill = _Filling(wording, words, chat=False, zone=zone, now=now)
    return {name: fill(f"{{{name}}}") for name in PLACEHOLDERS}


def duty_key(duty: str) -> str:
    """A duty without level and number: `warn.relay.county.1` → `warn.relay`."""
    return ".".join(duty.split(".")[:2])


def variant(wording: Wording, duty: str, role: str | None, *, drill: bool, ahead: bool = True) -> str:
    """The text for a duty and a role, not filled yet; `ahead` says whether a due time is still to come."""
    text = _for_role(_variants(wording, duty, drill=drill), role)
    undated = {} if ahead or "{due}" not in text else wording.undated_texts.get(duty_key(duty), {})
    return _for_role(undated, role) or text


def _for_role(by_role: Mapping[str, str], role: str | None) -> str:
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


def _halves(text: str) -> tuple[str, str]:
    """The bracket a text begins with, and the rest."""
    found = _BRACKET.match(text)
    return (found[0], text[found.end() :]) if found else ("", text)


def _addressed(wording: Wording, words: Mapping[str, str]) -> str:
    """Whom a text means, not filled yet; nothing where the role has no such words, or its unit is not known."""
    role = words.get("role", "")
    line = wording.addressed.get(role) or wording.addressed.get(STANDS_IN.get(role, ""), "")
    return line if all(words.get(name) for name in _PLACE.findall(line)) else ""


def _meant_for(wording: Wording, words: Mapping[str, str]) -> str:
    """Whom a notice is for that a drill's desk is told: a person's id, and no name."""
    person = words.get("meant_for", "")
    return wording.drill_desk.replace("{meant_for}", hidden(person)) if person else ""


_PLACE = re.compile(r"\{([a-z_]+)\}")
_BRACKET = re.compile(r"【[^】]*】|\[[^\]]*\] ?")
_INSTANT = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*(?:Z|[+-]\d{2}:?\d{2})$")
_DURATION = re.compile(r"^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?$")
_SPACES = re.compile(r"\s+")


class _Filling:
    """Puts the words of one notice into a text of its language."""

    def __init__(
        self, wording: Wording, words: Mapping[str, str], *, chat: bool, zone: tzinfo, now: datetime | None
    ) -> None:
        self._wording, self._words, self._chat, self._zone, self._now = wording, words, chat, zone, now

    def __call__(self, text: str) -> str:
        return _PLACE.sub(lambda found: self._word(found[1]), text)

    def _word(self, name: str) -> str:
        lang = self._wording.lang
        raw = self._words.get(f"{name}_{lang}") or self._words.get(name) or ""
        plain = _SPACES.sub(" ", raw).strip()[:LONGEST_WORD]
        if not plain:
            return self._wording.missing.get(name, "")
        if name in ("due", "since") and _INSTANT.match(plain):
            return _instant(lang, plain, self._zone, self._now)
        if name in ("left", "late") and (span := _DURATION.match(plain)):
            return _duration(lang, span)
        codes = self._wording.values.get(name, {})
        if all(code in codes for code in plain.split(",")):
            return ("、" if lang == "zh" else ", ").join(codes[code] for code in plain.split(","))
        return hidden(plain) if self._chat else plain


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
