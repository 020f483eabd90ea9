"""A file's values as one of the plan's models, or every fault in words with its line.

Unknown fields are refused whatever the model itself does, for a file is written by people. A field of text that stands
without quotes, and a field nobody knows, are faults that hide nothing: the model is made all the same, so that what is
wrong with the whole shows up in the same run. No value is repeated, for files hold names and phones.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from runtime.yaml_files import Document, Loc

Model = TypeVar("Model", bound=BaseModel)

_HARMLESS: Final = frozenset({"extra_forbidden", "string_type"})
_SENTENCES: Final[Mapping[str, str]] = {
    "missing": "is missing; add it",
    "extra_forbidden": "is not a field here; take it out, or check its spelling and indentation",
    "enum": "must be one of {expected}; choose one",
    "literal_error": "must be one of {expected}; choose one",
    "bool_type": "must be true or false, without quotes; write one of them",
    "time_delta_parsing": "is not a duration; write it like PT30M, PT24H or P7D",
    "time_delta_type": "is not a duration; write it like PT30M, PT24H or P7D",
    "timezone_aware": "has no offset; write it like 2026-11-24T09:12:00+08:00",
    "tuple_type": 'must be a list; write it like ["one", "two"]',
    "list_type": 'must be a list; write it like ["one", "two"]',
    "dict_type": "must have fields of its own; indent them below it",
    "model_type": "must have fields of its own; indent them below it",
    "model_attributes_type": "must have fields of its own; indent them below it",
    "string_too_short": "is empty; write something, or take the field out",
    "string_too_long": "is longer than {max_length} characters; shorten it",
    "string_pattern_mismatch": "is not written as it must be (pattern {pattern}); correct it",
    "string_unicode": "is not valid text; type it again",
    "too_long": "has more than {max_length} entries; take some out",
}


def make(document: Document, kind: type[Model]) -> tuple[Model | None, list[str]]:
    """The model and the faults; with a fault that is not harmless, no model."""
    try:
        return kind.model_validate(document.data, extra="forbid"), []
    except ValidationError as invalid:
        found = invalid.errors(include_url=False)
    faults = [_told(document, fault) for fault in found if not _follows(fault, found)]
    if any(fault["type"] not in _HARMLESS for fault in found):
        return None, faults
    return _mended(document, kind, found), faults


def _mended(document: Document, kind: type[Model], found: Sequence[ErrorDetails]) -> Model | None:
    """The model with the text as it was written, and without what nobody knows."""
    data = _copied(document.data)
    for fault in found:
        if fault["type"] == "extra_forbidden":
            _put(data, fault["loc"], None, remove=True)
        elif fault["loc"] in document.unquoted:
            _put(data, fault["loc"], document.unquoted[fault["loc"]])
    try:
        return kind.model_validate(data, extra="forbid")
    except ValidationError:
        return None


def _copied(value: object) -> Any:
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_copied(inner) for inner in cast("list[object]", value)]
    return value


def _put(data: Any, loc: Loc, value: str | None, *, remove: bool = False) -> None:
    *around, last = loc
    try:
        for step in around:
            data = data[step]
        if remove:
            del data[last]
        else:
            data[last] = value
    except (KeyError, IndexError, TypeError):
        return  # a place that is not in the file as such; the second reading says so


def _follows(fault: ErrorDetails, found: Sequence[ErrorDetails]) -> bool:
    """A list counts as too short when its entries are at fault: that is no fault of its own."""
    around = fault["loc"]
    return fault["type"] == "too_short" and any(
        other["loc"][: len(around)] == around and len(other["loc"]) > len(around) for other in found
    )


def _told(document: Document, fault: ErrorDetails) -> str:
    loc = fault["loc"]
    while loc and loc[-1] == "[key]":
        loc = loc[:-1]
    return f"{document.place(loc)}: {_words(fault)}"


def _words(fault: ErrorDetails) -> str:
    kind, context = fault["type"], fault.get("ctx", {})
    if kind == "string_type":
        return _not_text(fault["input"])
    if kind == "value_error":
        return f"{context['error']}; correct it"
    if kind == "too_short":
        return "is empty; write at least one entry"
    if kind in ("enum", "literal_error") and isinstance(fault["input"], str):
        known = _SENTENCES[kind].format_map(context)
        return f"{fault['input'][:40]!r} is not known; it {known}"
    sentence = _SENTENCES.get(kind)
    return sentence.format_map(context) if sentence else f"{fault['msg'][:1].lower()}{fault['msg'][1:]}; correct it"


def _not_text(value: object) -> str:
    if isinstance(value, bool | int | float):
        what = "true or false" if isinstance(value, bool) else "a number"
        return f'is {what}, not text; put it in quotes (加引号), as in "0451"'
    if value is None:
        return "is empty; write something, or take the field out"
    return "must be one text; write it in quotes (加引号)"
