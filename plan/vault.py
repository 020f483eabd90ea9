"""Confidential words, kept apart from the record: a commitment stands in their place (contract, section 8; R29).

The record holds `{"sealed": commitment}`, the vault the words under that commitment. Whoever erases the words leaves
the chain of hashes whole. A commitment is SHA-256 over the RFC 8785 form of [salt, sequence, path, value]. The salt
stays with the vault and is never exported; it has to go with the last of the words, for short ones can be guessed by
whoever has it. Which fields are confidential stands at the fields themselves (`plan.values.Sealed`). Errors: none.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Annotated, Any, cast, get_args, get_origin

import rfc8785
from pydantic import BaseModel, JsonValue

from plan.values import Sealed, stamp

SEALED = "sealed"
ENVELOPE = frozenset({"kind", "fact_id", "by"})
"""Fields of a fact that the entry itself holds (`what`, `about`, `by`)."""

Seal = Callable[[str, JsonValue], JsonValue]


def commit(salt: str, sequence: int, path: str, value: JsonValue) -> str:
    """The commitment to one value: 64 hex digits. The path and the sequence make equal words look different."""
    return hashlib.sha256(rfc8785.dumps([salt, sequence, path, value])).hexdigest()


def sealed_fact(said: BaseModel, *, salt: str, sequence: int) -> tuple[dict[str, JsonValue], dict[str, JsonValue]]:
    """What the record may say of a fact or a complaint, and what goes into the vault.

    Left out: whatever was not said (null, an empty list, an empty part), and a fact's envelope.
    """
    vault: dict[str, JsonValue] = {}

    def seal(path: str, value: JsonValue) -> JsonValue:
        commitment = commit(salt, sequence, path, value)
        vault[commitment] = value
        return {SEALED: commitment}

    public = _model(said, "", seal)
    if "kind" in public:
        public = {name: value for name, value in public.items() if name not in ENVELOPE}
    return public, vault


def opened(data: Mapping[str, JsonValue], vault: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The words put back where the vault still has them; what was erased stays sealed."""
    return {name: _opened(value, vault) for name, value in data.items()}


def _opened(value: JsonValue, vault: Mapping[str, JsonValue]) -> JsonValue:
    if isinstance(value, list):
        return [_opened(item, vault) for item in value]
    if not isinstance(value, dict):
        return value
    commitment = value.get(SEALED)
    if len(value) == 1 and isinstance(commitment, str):
        return vault.get(commitment, value)
    return opened(value, vault)


def _model(model: BaseModel, path: str, seal: Seal) -> dict[str, JsonValue]:
    said: dict[str, JsonValue] = {}
    for name, confidential in _fields(type(model)):
        value = getattr(model, name)
        if value is None:
            continue
        written = _written(value, f"{path}{name}", seal if confidential else None, seal)
        if written not in ([], {}):
            said[name] = written
    return said


def _written(value: object, path: str, sealing: Seal | None, seal: Seal) -> JsonValue:
    """A value as JSON; `sealing` is there where its field is confidential, and each item is sealed by itself."""
    match value:
        case BaseModel():
            return cast(JsonValue, _model(value, f"{path}.", seal))
        case tuple() | list():
            items = cast("tuple[object, ...]", value)
            return [_written(item, f"{path}.{place}", sealing, seal) for place, item in enumerate(items)]
        case Enum():
            written = cast(JsonValue, value.value)
        case datetime():
            written = stamp(value)
        case date():
            written = value.isoformat()
        case _:
            written = cast(JsonValue, value)
    return written if sealing is None else sealing(path, written)


@cache
def _fields(model: type[BaseModel]) -> tuple[tuple[str, bool], ...]:
    """Each field of a model, and whether what it says is confidential."""
    return tuple(
        (name, _marked(Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation))
        for name, field in model.model_fields.items()
    )


def _marked(annotation: Any) -> bool:
    """Whether the mark stands anywhere in this annotation; a nested model speaks for itself."""
    if get_origin(annotation) is Annotated:
        return any(isinstance(mark, Sealed) for mark in annotation.__metadata__) or _marked(annotation.__origin__)
    return any(_marked(part) for part in get_args(annotation))
