"""What is wrong with the registered templates of short messages, every fault at once (R11, R14, R29).

A template may use only the words that its duty has; a due time also where it may be over, for then a stand-in is sent.
A code has one text, a drill's texts say that they are one, and nothing in a text is somebody's. Errors: none.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from plan.fault import Fault
from plan.occasions import DUTIES
from plan.private_numbers import written_number
from plan.roster import Role
from plan.sms import DESK, MEANT_FOR, SmsBook, SmsTemplate, SmsTemplates, fixed_part, variables
from plan.wording import ANY, PLACEHOLDERS, REPEAT
from plan.wording_words import STANDING, perhaps_due, surely

LONGEST_FIXED: Final = 110
"""Characters of a text without its values: with them it is two parts of a long message, as they are paid for."""
DRILL: Final = "演练"
_NOT_TAKEN: Final = re.compile(r"[【】「」『』〖〗①②③④⑤⑥⑦⑧⑨★※→]")
_DUTY: Final = re.compile(rf"{REPEAT}(?:\.[a-z_]+)?")
Path = tuple[str | int, ...]


def sms_faults(book: SmsBook) -> list[Fault]:
    """Every fault of the file."""
    everything = [*_all("real", book.real), *_all("drill", book.drill)]
    return [
        *_roles(book),
        *_duties("real", book.real),
        *_duties("drill", book.drill),
        *(fault for path, duty, template in everything for fault in _text(path, duty, template)),
        *_codes(everything),
    ]


def _all(part: str, templates: SmsTemplates) -> list[tuple[Path, str | None, SmsTemplate]]:
    """Each template with where it stands and the duty it is for; None for the default."""
    found: list[tuple[Path, str | None, SmsTemplate]] = [
        ((part, "default", role), None, template) for role, template in templates.default.items()
    ]
    for duty, by_role in templates.duties.items():
        found += [((part, "duties", duty, role), duty, template) for role, template in by_role.items()]
    return found


def _roles(book: SmsBook) -> Iterator[Fault]:
    for part, templates in (("real", book.real), ("drill", book.drill)):
        variants: list[tuple[Path, Mapping[str, SmsTemplate]]] = [((part, "default"), templates.default)]
        variants += [((part, "duties", duty), by_role) for duty, by_role in templates.duties.items()]
        for path, by_role in variants:
            if ANY not in by_role:
                yield Fault(path, f"has no template for `{ANY}`; register one for whoever has none of their own", "R14")
            for role in by_role:
                if role != ANY and role not in list(Role) and not (part == "drill" and role == DESK):
                    yield Fault((*path, role), f"{role} is not a role; write one of {', '.join(Role)}, or {ANY}")


def _duties(part: str, templates: SmsTemplates) -> Iterator[Fault]:
    for duty in templates.duties:
        if duty not in DUTIES and not _DUTY.fullmatch(duty):
            what = f"{duty} is not a duty that ever comes up; correct it or take it out"
            yield Fault((part, "duties", duty), what)


def _text(path: Path, duty: str | None, template: SmsTemplate) -> Iterator[Fault]:
    path, fixed = (*path, "text"), fixed_part(template)
    yield from _words(path, duty, template)
    if any(sign in fixed for sign in "${}"):
        yield Fault(path, "has a sign that belongs to no value; write values like ${incident}, and nothing else so")
    if _NOT_TAKEN.search(fixed):
        yield Fault(path, "has brackets or signs that no gateway registers; write plain text")
    if len(fixed) > LONGEST_FIXED:
        yield Fault(path, f"is {len(fixed)} characters long without its values; say it in {LONGEST_FIXED}")
    if written_number(fixed):
        yield Fault(path, "holds a long number, which may be somebody's; point to the system instead", "R29")
    if path[0] == "drill" and not template.text.startswith(DRILL):
        yield Fault(path, f"must begin with {DRILL}, so that nobody takes it for real; write it first", "R11")
    elif path[0] == "real" and DRILL in template.text:
        yield Fault(path, f"speaks of {DRILL}, and is sent when it is none; put it under drill", "R11")


def _words(path: Path, duty: str | None, template: SmsTemplate) -> Iterator[Fault]:
    there = STANDING if duty is None or duty == REPEAT else surely(duty)
    if duty is not None and duty != REPEAT and perhaps_due(duty):
        there |= {"due"}
    desk = {MEANT_FOR} if path[-2] == DESK else frozenset[str]()
    for name in variables(template):
        if name in desk:
            continue
        if name not in PLACEHOLDERS:
            what = f"${{{name}}} is not a word of notices; use one of {', '.join(sorted(there))}"
            yield Fault(path, what, "R29")
        elif name not in there:
            what = f"${{{name}}} may not be known here; use one of {', '.join(sorted(there))}"
            yield Fault(path, what, "R14")


def _codes(everything: list[tuple[Path, str | None, SmsTemplate]]) -> Iterator[Fault]:
    """Two texts under one code: one of them is not what the recipient reads."""
    texts: dict[str, str] = {}
    for path, _, template in everything:
        if texts.setdefault(template.code, template.text) != template.text:
            what = f"{template.code} stands here with another text than before; a code has one text, give this its own"
            yield Fault((*path, "code"), what)
