"""Which registered template a short message goes out as, and with which values (R14, R29; R11 for drills).

A gateway in China sends no free text: each text is registered with the operators under a code, with variables in it. A
notice finds its template as it finds its wording: by the duty without its number, then by the recipient's role, else
`any`, else the default. A drill has templates of its own, so that no short message of a drill reads like a real one.

Units: characters; a value is cut where it is too long, and says so by `…`. Nothing in a value leads anywhere: gateways
take no addresses in variables, so a short message has no link. Errors: none; `sms_faults.py` finds them at load.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Final, cast

from pydantic import BeforeValidator, Field

from plan.values import Inbound, Plain
from plan.wording import ANY, REPEAT, STANDS_IN, duty_key

LONGEST_TEXT: Final = 500
"""Characters of a registered text with its values, the gateway's limit."""
CUT: Final = "…"
DESK: Final = "desk"
"""Whom a drill's template under this name is for: its desk, told in everybody's place; it may use `MEANT_FOR`."""
MEANT_FOR: Final = "meant_for"
"""The person whom a notice at the desk is for."""
_VARIABLE: Final = re.compile(r"\$\{([A-Za-z0-9_]+)\}")
_BRACKETS: Final = re.compile(r"[【】]")
_SPACES: Final = re.compile(r"\s+")


class SmsTemplate(Inbound):
    """`text` stands here as it was registered, with `${incident}` where a value goes; what is sent is the code."""

    code: Annotated[str, Field(pattern=r"^SMS_[0-9]{6,12}$")]
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT), Plain]


def _by_role(value: object) -> object:
    if isinstance(value, dict) and "code" in value:
        return {ANY: cast("object", value)}
    return cast("object", value)


def spoken_to(words: Mapping[str, str]) -> str | None:
    """Whom a notice with these words speaks to."""
    return DESK if words.get(MEANT_FOR) else words.get("role")


ByRole = Annotated[dict[str, SmsTemplate], BeforeValidator(_by_role)]
"""One template, or a template for each role with `any` for everybody else."""


class SmsTemplates(Inbound):
    default: ByRole
    duties: dict[str, ByRole] = Field(default_factory=dict)


class SmsBook(Inbound):
    """What is registered with the gateway. `longest` is the most characters of one value; `stand_in` stands for a value
    that is not known, for the gateway takes none that is empty."""

    sign_name: Annotated[str, Field(min_length=2, max_length=30, pattern=r"^[^【】\s]+$")]
    longest: Annotated[int, Field(ge=6, le=LONGEST_TEXT)] = 35
    stand_in: Annotated[str, Field(min_length=1, max_length=20), Plain]
    real: SmsTemplates
    drill: SmsTemplates


def template_of(book: SmsBook, duty: str, role: str | None, *, drill: bool) -> SmsTemplate:
    """What a notice of this duty goes out as to this role."""
    templates, key = book.drill if drill else book.real, duty_key(duty)
    names = (key, REPEAT) if key.startswith(f"{REPEAT}.") else (key,)
    variants = next((templates.duties[name] for name in names if name in templates.duties), templates.default)
    wanted = role or ANY
    for candidate in (wanted, STANDS_IN.get(wanted, ANY), ANY):
        if candidate in variants:
            return variants[candidate]
    return next(iter(variants.values()))


def variables(template: SmsTemplate) -> tuple[str, ...]:
    """The names of the values a text has room for, each once, in their order."""
    return tuple(dict.fromkeys(_VARIABLE.findall(template.text)))


def fixed_part(template: SmsTemplate) -> str:
    """A text without its values."""
    return _VARIABLE.sub("", template.text)


def values_of(book: SmsBook, template: SmsTemplate, words: Mapping[str, str], *, due: bool) -> dict[str, str]:
    """A value for every variable. Where no due time is to be named (`due`), none is: it may be over."""
    known = {name: word for name, word in words.items() if due or name != "due"}
    return {name: _value(book, known.get(name, "")) for name in variables(template)}


def names_due(duty: str, *, ahead: bool) -> bool:
    """Whether a text may name its due time: while it lies ahead, and in a breach, which is about it."""
    return ahead or duty.startswith("breach.")


def _value(book: SmsBook, word: str) -> str:
    plain = _SPACES.sub(" ", _BRACKETS.sub("", word)).strip()
    if len(plain) > book.longest:
        return plain[: book.longest - len(CUT)].rstrip() + CUT
    return plain or book.stand_in
