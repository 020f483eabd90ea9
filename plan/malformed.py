"""What comes in, read or refused: every fault at once, in plain sentences that never repeat what was sent.

A fact or a complaint is a JSON object (a dict, or the model itself) of at most 256 kB. Errors: `Malformed`, whose text
has one line per fault, with the field and what to do. Nothing of the input gets into it: names get into every field.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from plan.complaint import Complaint
from plan.errors import Flaw, Malformed
from plan.facts import FACT, MODELS, AnyFact

MAX_BYTES = 262_144
MAX_FAULTS = 30
MAX_DEPTH = 6
"""How many steps of a field's place are named."""

Read = TypeVar("Read")

_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_AN_INSTANT = "is not an instant with its offset; write it like 2026-11-24T09:12:00+08:00"
_SENTENCES: Mapping[str, str] = {
    "missing": "is required; add it",
    "extra_forbidden": "is not a field here; leave it out or check its spelling",
    "invalid_key": "is not a field here; a field's name is a text",
    "string_type": "must be a text",
    "string_unicode": "is not valid Unicode; send UTF-8",
    "too_short": "is empty; write something, or leave the field out",
    "string_too_short": "is empty; write something, or leave the field out",
    "string_too_long": "is longer than {max_length} characters; shorten it",
    "string_pattern_mismatch": "does not have the form of an id; it must match {pattern}",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "enum": "must be one of {expected}",
    "too_long": "has more than {max_length} items; send fewer",
    "tuple_type": "must be a list",
    "dict_type": "must be an object with fields",
    "model_type": "must be an object with fields",
    "model_attributes_type": "must be an object with fields",
    "recursion_loop": "is nested too deeply; send it flat",
    "timezone_aware": _AN_INSTANT,
    "union_tag_not_found": "kind: is required; name the kind of fact (`tocsin schema fact` lists them)",
    "union_tag_invalid": "kind: is not a kind of fact; `tocsin schema fact` lists them",
}


def parse_fact(data: object) -> AnyFact:
    """The fact that was sent, or `Malformed`."""
    return _parsed(data, "the fact", FACT.validate_python)


def parse_complaint(data: object) -> Complaint:
    """The complaint that was sent, or `Malformed`."""
    return _parsed(data, "the complaint", Complaint.model_validate)


def malformed(error: ValidationError, what: str = "the message") -> Malformed:
    """A pydantic error as ours: what was not read, and every fault with what to do."""
    return Malformed(str(_malformed(what, *faults_of(error))), flaws=flaws_of(error.errors(include_input=False)))


def flaws_of(found: Sequence[ErrorDetails], parameters: Collection[str] = ()) -> list[Flaw]:
    """The same faults, each with where it stands; under one of `parameters` it is no field but one of those."""
    return [_flaw(fault, parameters) for fault in found[:MAX_FAULTS]]


def faults_of(error: ValidationError) -> list[str]:
    """One sentence per fault; of very many, the first 30."""
    found = error.errors(include_url=False, include_input=False)
    more = len(found) - MAX_FAULTS
    return [_sentence(fault) for fault in found[:MAX_FAULTS]] + ([f"and {more} more faults"] if more > 0 else [])


def _malformed(what: str, *faults: str) -> Malformed:
    return Malformed("\n".join([f"{what} cannot be read; put right and send it again:", *faults]))


def _parsed(data: object, what: str, validate: Callable[[object], Read]) -> Read:
    if isinstance(data, BaseModel):
        data = data.model_dump(exclude_unset=True, warnings=False)
    if not isinstance(data, dict):
        raise _malformed(what, 'it must be one object with fields, such as {"kind": ...}')
    if _weight(cast(object, data)) > MAX_BYTES:
        raise _malformed(what, "it is larger than 256 kB; shorten its texts")
    try:
        return validate(cast(object, data))
    except ValidationError as error:
        raise malformed(error, what) from None  # its cause would carry what was sent


def _weight(data: object) -> int:
    """About how many bytes this is as JSON; not counted further once it is too much."""
    weight, waiting = 0, [data]
    while waiting and weight <= MAX_BYTES:
        value = waiting.pop()
        if isinstance(value, str):
            weight += 2 + (len(value) if value.isascii() else len(value.encode(errors="surrogatepass")))
        elif isinstance(value, dict):
            fields = cast("dict[object, object]", value)
            weight += 2 + 2 * len(fields)
            waiting += [*fields, *fields.values()]
        elif isinstance(value, list | tuple | set | frozenset):
            items = cast("Collection[object]", value)
            weight += 2 + len(items)
            waiting += items
        else:
            weight += 4
    return weight


def _sentence(fault: ErrorDetails) -> str:
    """`headcount: must be a whole number`. An unreadable field name is not repeated either."""
    where = ".".join(_readable(part) for part in _place(fault))
    what = _words(fault)
    return f"{where}: {what}" if where else what


def _place(fault: ErrorDetails) -> Sequence[str | int]:
    """Without the kind of fact, which is no step of the message."""
    place = fault["loc"][1:] if fault["loc"] and fault["loc"][0] in MODELS else fault["loc"]
    return place[:MAX_DEPTH]


def _readable(part: str | int) -> str:
    return str(part) if isinstance(part, int) or _FIELD.fullmatch(part) else "?"


def _flaw(fault: ErrorDetails, parameters: Collection[str]) -> Flaw:
    place = [_readable(part) for part in _place(fault)]
    if place and place[0] in parameters:
        return Flaw("", _words(fault), parameter=next(part for part in reversed(place) if not part.isdecimal()))
    return Flaw("".join(f"/{part}" for part in place), _words(fault))


def _words(fault: ErrorDetails) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind.startswith("datetime_"):
        return _AN_INSTANT
    if kind.startswith("date_"):
        return "is not a day; write it like 2026-11-24"
    return _SENTENCES.get(kind, "cannot be read").format_map(context)
