"""What is wrong with the texts of one language or of a script, every fault at once (R11, R14, R21, R29, R57).

A notice is read by many and at any hour: short, no personal data, nothing that rings a telephone in a drill. A script
is read out to a customer: no promise of money or time, nothing the customer is not to hear yet. Errors: none.
"""

import re
from collections.abc import Iterator, Mapping

from plan.fault import Fault
from plan.lint import promises
from plan.occasions import DUTIES
from plan.roster import Role
from plan.script import Script
from plan.wording import ANY, PLACEHOLDERS, REPEAT, Wording, render, variant

LONGEST: Mapping[str, int] = {"zh": 120, "en": 300}
"""Characters of a filled notice, the drill's mark included."""
LONGEST_LINE = 120
"""Characters of one line of a script: what a person can say in one breath or two."""
PROHIBITIONS = 7
DO_NOT_DIAL = "勿实际拨打"
AUTHORITIES = frozenset({"prompt.police", "prompt.regulator", "prompt.intervention"})
"""Prompts that in a drill must say in so many words that nobody is to be called (R11)."""

SAMPLE: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "outlet": "云杉路营业所",
        "superior": "天河区分公司",
        "recipient_unit": "天河区分公司",
        "insurer": "某某人寿",
    },
    "en": {
        "outlet": "Yunshan Road Outlet",
        "superior": "Tianhe County",
        "recipient_unit": "Tianhe County",
        "insurer": "Some Life",
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
}

_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")
_PERSONAL = re.compile(r"name|phone|policy|customer|person|identity|reason|amount|address")
_NUMBER = re.compile(r"\d{7,}")
_DIALS = re.compile(r"拨打|打电话|打给|致电|拨通|\b(?:call|dial|ring|phone (?:them|the|up))\b", re.IGNORECASE)
_AUTHORITY = re.compile(r"公安|派出所|警察|监管|\b(?:police|regulator)\b", re.IGNORECASE)
_NOT_REALLY = re.compile(r"勿实际拨打|do not (?:actually )?(?:call|dial)", re.IGNORECASE)
_TO_INSURER = re.compile(r"贵司|\byour (?:company|answer)\b", re.IGNORECASE)
_DUTY = re.compile(rf"{REPEAT}(?:\.[a-z_]+)?")


def wording_faults(wording: Wording) -> list[Fault]:
    """Every fault of the notices of one language."""
    return [
        *_frame(wording),
        *_texts(wording, "texts", wording.texts),
        *_texts(wording, "drill_texts", wording.drill_texts),
        *_text(wording, ("generic",), wording.generic),
        *_drills(wording),
    ]


def script_faults(script: Script) -> list[Fault]:
    """Every fault of an agreed script: each line is linted, for each is said to a customer (R37, R57)."""
    found: list[Fault] = []
    seen: set[str] = set()
    for n, situation in enumerate(script.situations):
        path = ("situations", n)
        if situation.id in seen:
            found.append(Fault((*path, "id"), f"{situation.id} stands here a second time; keep one"))
        seen.add(situation.id)
        for place, line in enumerate(situation.say):
            at = (*path, "say", place)
            found += [Fault(at, f"says {f.words!r} to a customer; {f.advice}", f.rule) for f in promises(line)]
            if len(line) > LONGEST_LINE and script.lang == "zh":
                found.append(Fault(at, f"is longer than {LONGEST_LINE} characters; say it in two lines"))
            if _BRACES.search(line):
                found.append(Fault(at, "has a placeholder, and a script is read out as it stands; write it out"))
    return found


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
    if len(wording.prohibitions) != PROHIBITIONS:
        yield Fault(("prohibitions",), f"the plan has {PROHIBITIONS}; write one line for each", "R57")
    if REPEAT not in wording.texts:
        yield Fault(("texts",), f"there is no text for {REPEAT}; write one for whatever has none of its own", "R14")


def _texts(wording: Wording, part: str, texts: Mapping[str, Mapping[str, str]]) -> Iterator[Fault]:
    for duty, by_role in texts.items():
        if duty not in DUTIES and not _DUTY.fullmatch(duty):
            yield Fault((part, duty), f"{duty} is not a duty that ever comes up; correct it or take it out")
        yield from _text(wording, (part, duty), by_role)


def _text(wording: Wording, path: tuple[str, ...], by_role: Mapping[str, str]) -> Iterator[Fault]:
    if ANY not in by_role:
        yield Fault(path, f"has no text for `{ANY}`; write one for whoever has none of his own")
    for role, text in by_role.items():
        if role != ANY and role not in list(Role):
            yield Fault((*path, role), f"{role} is not a role; write one of {', '.join(Role)}, or {ANY}")
        if role != Role.INSURER and _TO_INSURER.search(text):
            yield Fault((*path, role), "speaks to an insurer; write that under insurer, and another text here")
        yield from _words(wording, (*path, role), text)


def _words(wording: Wording, path: tuple[str, ...], text: str) -> Iterator[Fault]:
    for found in _BRACES.finditer(text):
        name = found[1]
        if name in PLACEHOLDERS:
            continue
        if name and _PERSONAL.search(name):
            yield Fault(
                path, f"{{{name}}} is personal, and a notice is read by many; point to the system instead", "R29"
            )
        else:
            what = f"{{{name}}} is not a word of notices" if name else "a brace stands alone"
            yield Fault(path, f"{what}; use one of {', '.join(PLACEHOLDERS)}")
    if _NUMBER.search(text):
        yield Fault(path, "holds a long number, which may be somebody's; point to the system instead", "R29")
    filled = _filled(wording, text, drill=True)
    if len(filled) > LONGEST[wording.lang]:
        limit = LONGEST[wording.lang]
        yield Fault(path, f"is {len(filled)} characters long when filled; say it in {limit}")


def _filled(wording: Wording, text: str, *, drill: bool) -> str:
    words = {**_ALWAYS, **SAMPLE[wording.lang], "scene": SAMPLE[wording.lang]["outlet"]}
    measured = wording.model_copy(update={"texts": {"tell.filed": {ANY: text}}, "drill_texts": {}})
    return render(measured, "tell.filed", words, drill=drill)


def _drills(wording: Wording) -> Iterator[Fault]:
    """In a drill nobody is told to dial, and who would be called by the real one is named with a warning (R11)."""
    for duty in wording.texts:
        part = "drill_texts" if duty in wording.drill_texts else "texts"
        by_role = wording.drill_texts.get(duty) or wording.texts[duty]
        for role in by_role:
            text = variant(wording, duty, role, drill=True)
            path, rest = (part, duty, role), _NOT_REALLY.sub("", text)
            if duty in AUTHORITIES and DO_NOT_DIAL not in text:
                yield Fault(path, f"must say {DO_NOT_DIAL} in a drill; write it under drill_texts", "R11")
            elif _DIALS.search(rest):
                yield Fault(path, "tells somebody to dial in a drill too; write another under drill_texts", "R11")
            elif _AUTHORITY.search(text) and rest == text:
                yield Fault(path, f"speaks of an authority; say {DO_NOT_DIAL} under drill_texts", "R11")
