"""What is wrong with the texts of one language, every fault at once (R11, R14, R29, R57).

A notice is read by many and at any hour, and may be read aloud at the counter: what to do and until when in its first
bracket, short, nobody's number, no promise to a customer, nothing that rings a telephone in a drill. It uses only the
words that its duty has (`wording_words.py`). Errors: none.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import chain

from plan.bulletin import WORDS as BULLETINS
from plan.fault import Fault
from plan.lint import promises
from plan.occasions import DUTIES, NEVER_FOR
from plan.private_numbers import written_number
from plan.roster import Role
from plan.wording import ANY, PLACEHOLDERS, REPEAT, Wording, headline, render, variant
from plan.wording_words import TIMES, perhaps_due, surely

LONGEST: Mapping[str, int] = {"zh": 120, "en": 300}
"""Characters of a filled notice, with the drill's mark and whom it means in a chat."""
LONGEST_HEAD: Mapping[str, int] = {"zh": 40, "en": 90}
"""Characters of its first bracket: one line on a telephone, or two."""
PROHIBITIONS = 7
DO_NOT_DIAL = "勿实际拨打"
AUTHORITIES = frozenset({"prompt.police", "prompt.regulator", "prompt.intervention"})
"""Prompts that in a drill must say in so many words that nobody is to be called (R11)."""

SAMPLE: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "outlet": "云杉路营业所",
        "scene": "云杉路营业所",
        "superior": "天河区分公司",
        "recipient_unit": "广东省分公司",
        "unreached": "天河区分公司",
        "insurer": "某某人寿",
        "unit": "广东省分公司",
        "seen": "又来了三位买同一产品的客户，其中一位在群里喊人，另一位在拍视频，门口有人围观，保安已经过去了",
    },
    "en": {
        "outlet": "Yunshan Road Outlet",
        "scene": "Yunshan Road Outlet",
        "superior": "Tianhe County",
        "recipient_unit": "Guangdong Province",
        "unreached": "Tianhe County",
        "insurer": "Some Life",
        "unit": "Guangdong Province",
        "seen": "Three more with the same product have come in, and one of them calls others to come",
    },
}
"""Words of a usual length, to measure a filled text by."""
_ALWAYS: Mapping[str, str] = {
    "incident": "GD-2026-000123",
    "due": "2026-11-24T02:45:00Z",
    "left": "PT1H25M",
    "late": "PT1H25M",
    "level": "county",
    "state": "missed",
    "number": "2",
    "group": "GD-2026-G00012",
    "since": "2026-08-24T02:45:00Z",
    "action": "GD-2026-000123.1",
    **dict.fromkeys(("new", "open", "overdue", "crises", "breaches", "undelivered", "waiting", "actions"), "120"),
    **dict.fromkeys(("outlets", "watched", "points", "lacking"), "120"),
}
_FRAME: Mapping[str, str] = {
    "digest_head": "number",
    "link_personal": "link",
    "link_group": "link",
    "drill_desk": "meant_for",
}
"""Lines around a notice, and the one word each must have."""

_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")
_PERSONAL = re.compile(r"name|phone|policy|customer|person|identity|reason|amount|address")
_LEADS_AWAY = re.compile(r"://|www\.|\S@\S", re.IGNORECASE)
_DIALS = re.compile(r"拨打|打电话|打给|致电|拨通|\b(?:call|dial|ring|phone (?:them|the|up))\b", re.IGNORECASE)
_AUTHORITY = re.compile(r"公安|派出所|警察|监管|\b(?:police|regulator)\b", re.IGNORECASE)
_NOT_REALLY = re.compile(r"勿实际拨打|do not (?:actually )?(?:call|dial)", re.IGNORECASE)
_TO_INSURER = re.compile(r"贵司|\byour (?:company|answer)\b", re.IGNORECASE)
_DUTY = re.compile(rf"{REPEAT}(?:\.[a-z_]+)?")
Path = tuple[str | int, ...]


def wording_faults(wording: Wording) -> list[Fault]:
    """Every fault of the notices of one language."""
    generic = _by_role(wording, ("generic",), "", wording.generic)
    return [
        *_frame(wording),
        *_lines(wording),
        *generic,
        *_texts(wording, "texts", wording.texts),
        *_texts(wording, "undated_texts", wording.undated_texts),
        *_texts(wording, "drill_texts", wording.drill_texts),
        *_dated(wording),
        *_drills(wording),
    ]


def _frame(wording: Wording) -> Iterator[Fault]:
    if "【演练】" not in wording.drill_mark or "[DRILL]" not in wording.drill_mark:
        yield Fault(("drill_mark",), "must say 【演练】[DRILL]; write both", "R11")
    for name in PLACEHOLDERS:
        if name not in wording.missing:
            yield Fault(("missing",), f"there is no stand-in for {name}; write what is said when it is not known")
    for name in (*wording.missing, *wording.values):
        if name not in PLACEHOLDERS:
            path = ("missing", name) if name in wording.missing else ("values", name)
            yield Fault(path, f"{name} is not a word of notices; take it out")
    for line, word in _FRAME.items():
        if _BRACES.findall(getattr(wording, line)) != [word]:
            yield Fault((line,), f"has one word, {{{word}}}; write it once, and no other")
    for role, line in wording.addressed.items():
        if role not in list(Role):
            yield Fault(("addressed", role), f"{role} is not a role; write one of {', '.join(Role)}")
        if set(_BRACES.findall(line)) - {"recipient_unit"}:
            yield Fault(("addressed", role), "may name {recipient_unit} and nothing else; take the rest out", "R29")
    if len(wording.prohibitions) != PROHIBITIONS:
        yield Fault(("prohibitions",), f"the plan has {PROHIBITIONS}; write one line for each", "R57")
    if REPEAT not in wording.texts:
        yield Fault(("texts",), f"there is no text for {REPEAT}; write one for whatever has none of its own", "R14")


def _lines(wording: Wording) -> Iterator[Fault]:
    """Of every line of the file: nobody's number, nothing that leads away, no promise where it may be read aloud."""
    frame = (*_FRAME, "shortened", "spoken_end")
    around: list[tuple[Path, str]] = [((name,), getattr(wording, name)) for name in frame]
    around += [(("missing", name), line) for name, line in wording.missing.items()]
    around += [(("addressed", role), line) for role, line in wording.addressed.items()]
    around += [(("values", name, code), line) for name, codes in wording.values.items() for code, line in codes.items()]
    around += [(("prohibitions", place), line) for place, line in enumerate(wording.prohibitions)]
    parts = (("texts", wording.texts), ("undated_texts", wording.undated_texts), ("drill_texts", wording.drill_texts))
    texts = (
        ((part, duty, role), text)
        for part, by_duty in parts
        for duty, by_role in by_duty.items()
        for role, text in by_role.items()
    )
    generic = ((("generic", role), text) for role, text in wording.generic.items())
    for path, line in chain[tuple[Path, str]](around, generic, texts):
        if written_number(line):
            yield Fault(path, "holds a long number, which may be somebody's; point to the system instead", "R29")
        if _LEADS_AWAY.search(line):
            yield Fault(path, "holds an address; take it out, links are added where they are wanted", "R29")
        for found in promises(_BRACES.sub("○", line)):
            yield Fault(path, f"says {found.words!r}, and may be read aloud to a customer; {found.advice}", found.rule)


def _texts(wording: Wording, part: str, texts: Mapping[str, Mapping[str, str]]) -> Iterator[Fault]:
    for duty, by_role in texts.items():
        if duty not in DUTIES and duty not in BULLETINS and not _DUTY.fullmatch(duty):
            yield Fault((part, duty), f"{duty} is not a duty that ever comes up; correct it or take it out")
        yield from _by_role(wording, (part, duty), duty, by_role)


def _by_role(wording: Wording, path: Path, duty: str, by_role: Mapping[str, str]) -> Iterator[Fault]:
    if ANY not in by_role and path[0] != "undated_texts":
        yield Fault(path, f"has no text for `{ANY}`; write one for whoever has none of his own")
    for role, text in by_role.items():
        at = (*path, role)
        if role != ANY and role not in list(Role):
            yield Fault(at, f"{role} is not a role; write one of {', '.join(Role)}, or {ANY}")
        if role != Role.INSURER and _TO_INSURER.search(text):
            yield Fault(at, "speaks to an insurer; write that under insurer, and another text here")
        yield from _begins(wording, at, duty, text)
        yield from _words(at, duty, text)
        yield from _names(at, duty, text)
        yield from _length(wording, at, role, text)


def _begins(wording: Wording, path: Path, duty: str, text: str) -> Iterator[Fault]:
    """The bracket stands alone in a digest: what to do, and until when."""
    head = headline(wording, text)
    if not head:
        yield Fault(path, "does not begin with a bracket; say in it what to do, and until when", "R14")
        return
    if duty.startswith(("warn.", "breach.")) and not any(f"{{{name}}}" in head for name in TIMES):
        yield Fault(path, "says in its bracket neither until when nor how late; put {due} or {late} there", "R14")
    filled = _filled(wording, head, ANY)
    if len(filled) > LONGEST_HEAD[wording.lang]:
        limit = LONGEST_HEAD[wording.lang]
        yield Fault(path, f"begins with a bracket of {len(filled)} characters when filled; say it in {limit}")


def _words(path: Path, duty: str, text: str) -> Iterator[Fault]:
    """Only words that there are, and that this duty has."""
    known = surely(duty) | ({"due"} if perhaps_due(duty) and path[0] == "texts" else set[str]())
    for found in _BRACES.finditer(text):
        name = found[1]
        if name in known:
            continue
        if name in PLACEHOLDERS:
            what = f"{{{name}}} is not known when {duty or 'this'} is told"
            yield Fault(path, f"{what}; use one of {', '.join(sorted(known))}")
        elif name and _PERSONAL.search(name):
            yield Fault(
                path, f"{{{name}}} is personal, and a notice is read by many; point to the system instead", "R29"
            )
        else:
            what = f"{{{name}}} is not a word of notices" if name else "a brace stands alone"
            yield Fault(path, f"{what}; use one of {', '.join(PLACEHOLDERS)}")


def _names(path: Path, duty: str, text: str) -> Iterator[Fault]:
    """In a chat a text is one of many: it says which incident it is about, and where, unless just that is unknown."""
    if duty in BULLETINS:
        return
    for name in ("incident", *(() if duty in NEVER_FOR else ("outlet",))):
        if f"{{{name}}}" not in text:
            yield Fault(path, f"does not name the {name}, and others read it in a chat; put {{{name}}} into it", "R29")


def _length(wording: Wording, path: Path, role: str, text: str) -> Iterator[Fault]:
    filled = _filled(wording, text, role, drill=True)
    if len(filled) > LONGEST[wording.lang]:
        limit = LONGEST[wording.lang]
        yield Fault(path, f"is {len(filled)} characters long when filled; say it in {limit}")


def _filled(wording: Wording, text: str, role: str, *, drill: bool = False) -> str:
    words = {**_ALWAYS, **SAMPLE[wording.lang], "role": role}
    measured = wording.model_copy(update={"texts": {"tell.filed": {ANY: text}}, "drill_texts": {}})
    return render(measured, "tell.filed", words, drill=drill, chat=True)


def _dated(wording: Wording) -> Iterator[Fault]:
    """A text with a due time that may be over needs another for that case, and only such a text does."""
    for duty, by_role in wording.texts.items():
        undated = wording.undated_texts.get(duty, {})
        for role, text in by_role.items():
            dated = "{due}" in text and perhaps_due(duty)
            covered = role in undated or (ANY in undated and role != Role.INSURER)
            if dated and not covered:
                what = f"names {{due}}, and {duty} may be told when none lies ahead"
                yield Fault(("texts", duty, role), f"{what}; write another under undated_texts", "R14")
    for duty in wording.undated_texts:
        if not perhaps_due(duty) or "{due}" not in "".join(wording.texts.get(duty, {}).values()):
            yield Fault(("undated_texts", duty), f"no text of {duty} needs another without {{due}}; take it out")


def _drills(wording: Wording) -> Iterator[Fault]:
    """In a drill nobody is told to dial, and who would be called by the real one is named with a warning (R11)."""
    for duty in wording.texts:
        part = "drill_texts" if duty in wording.drill_texts else "texts"
        by_role = wording.drill_texts.get(duty) or wording.texts[duty]
        for role in by_role:
            yield from _rings((part, duty, role), duty, variant(wording, duty, role, drill=True))
        for role, text in (wording.undated_texts.get(duty, {}) if part == "texts" else {}).items():
            yield from _rings(("undated_texts", duty, role), duty, text)


def tells_to_dial(text: str) -> bool:
    """Whether somebody may take it for a request to ring up somebody; "do not dial" is none."""
    return _DIALS.search(_NOT_REALLY.sub("", text)) is not None


def _rings(path: Path, duty: str, text: str) -> Iterator[Fault]:
    rest = _NOT_REALLY.sub("", text)
    if duty in AUTHORITIES and DO_NOT_DIAL not in text:
        yield Fault(path, f"must say {DO_NOT_DIAL} in a drill; write it under drill_texts", "R11")
    elif _DIALS.search(rest):
        yield Fault(path, "tells somebody to dial in a drill too; write another under drill_texts", "R11")
    elif _AUTHORITY.search(text) and rest == text:
        yield Fault(path, f"speaks of an authority; say {DO_NOT_DIAL} under drill_texts", "R11")
