"""Turning `--set field=value` into the fields of a fact.

A value is JSON where it parses (`6`, `true`, `["a","b"]`), else text. Where the fact wants text, digits stay text, so
that `--set phone=13800000000` means what it says. `a.b=value` reaches into an object; the same field named twice, or a
single value where the fact wants a list, makes a list. Errors: `Malformed`.
"""

import json
from collections.abc import Iterable, Mapping
from typing import TypeGuard, cast

from pydantic import BaseModel, ValidationError

from plan.errors import Malformed
from plan.facts import MODELS

Path = tuple[str, ...]


Models = Mapping[str, type[BaseModel]]


def fields_of(
    kind: str, settings: Iterable[str], base: dict[str, object], models: Models = MODELS
) -> dict[str, object]:
    """`base` with the settings laid over it; `models` say by kind which fields want text, or a list."""
    said = _said(settings)
    values: dict[Path, object] = {path: _value(texts) for path, texts in said.items()}
    for path in _wanting_text(models.get(kind), kind, _laid(base, values), said):
        values[path] = said[path][0] if len(said[path]) == 1 else said[path]
    for path in _wanting_list(models.get(kind), kind, _laid(base, values), said):
        values[path] = said[path]
    return _laid(base, values)


def _said(settings: Iterable[str]) -> dict[Path, list[str]]:
    said: dict[Path, list[str]] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        path = tuple(name.strip().split("."))
        if not equals or not all(path):
            raise Malformed(f"--set {name!r} has no value. Write --set field=value, for example --set headcount=6.")
        said.setdefault(path, []).append(text)
    return said


def _value(texts: list[str]) -> object:
    values = [_json_or_text(text) for text in texts]
    return values[0] if len(values) == 1 else values


def _json_or_text(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _laid(base: dict[str, object], values: dict[Path, object]) -> dict[str, object]:
    laid = dict(base)
    for path, value in values.items():
        place = laid
        for step in path[:-1]:
            inner = place.get(step)
            place[step] = dict(inner) if _is_object(inner) else {}
            place = cast("dict[str, object]", place[step])
        place[path[-1]] = value
    return laid


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _wanting_text(
    model: type[BaseModel] | None, kind: str, fields: dict[str, object], said: Iterable[Path]
) -> list[Path]:
    return [path for path in said if any(_at(path, where) for where in _faults(model, kind, fields, "string_type"))]


def _wanting_list(
    model: type[BaseModel] | None, kind: str, fields: dict[str, object], said: Iterable[Path]
) -> list[Path]:
    return [path for path in said if path in _faults(model, kind, fields, "tuple_type")]


def _at(path: Path, where: tuple[int | str, ...]) -> bool:
    return where[: len(path)] == path and len(where) <= len(path) + 1


def _faults(
    model: type[BaseModel] | None, kind: str, fields: dict[str, object], type_: str
) -> list[tuple[int | str, ...]]:
    if model is None:
        return []
    try:
        model.model_validate({"by": "x", **fields, "kind": kind})
    except ValidationError as error:
        return [fault["loc"] for fault in error.errors(include_url=False) if fault["type"] == type_]
    return []
