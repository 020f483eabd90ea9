"""Reading what a person hands in: a JSON file or standard input, bounded and strict.

Errors: `Malformed`, saying what is wrong, where, and what to do. The content is never repeated in a message.
"""

import json
import sys
from pathlib import Path
from typing import BinaryIO, NoReturn

from plan.errors import Malformed

MAX_BYTES = 1_000_000
"""A complaint or a fact is at most a few kilobytes; its longest text 8,000 characters."""


def read_object(source: str) -> dict[str, object]:
    """The JSON object in a file, or on standard input for `-`."""
    if source == "-":
        return parse_object(_bounded(sys.stdin.buffer, "standard input"), "standard input")
    path = Path(source)
    try:
        with path.open("rb") as file:
            return parse_object(_bounded(file, path.name), path.name)
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise Malformed(
            f"{source} was not read: {reason}. Name a file that exists, or - for standard input."
        ) from error


def parse_object(raw: bytes, name: str) -> dict[str, object]:
    """One JSON object, without duplicate names, NaN or text after it."""
    value = parse_json(raw, name)
    if not isinstance(value, dict):
        raise Malformed(f"{name} is not a JSON object. Send one complaint or one fact in braces.")
    return value  # pyright: ignore[reportUnknownVariableType]


def parse_json(raw: bytes, name: str) -> object:
    """One JSON value, read as strictly."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(f"{name} is not UTF-8 (byte {error.start + 1}). Save it as UTF-8.") from error
    if not text.strip():
        raise Malformed(f"{name} is empty. Send one JSON object.")
    try:
        return json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise Malformed(f"{name} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}.") from error
    except RecursionError as error:
        raise Malformed(f"{name} is nested too deeply. Send one flat JSON object.") from error
    except ValueError as error:
        raise Malformed(f"{name} is not usable JSON: {error}.") from error


def _bounded(file: BinaryIO, name: str) -> bytes:
    raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise Malformed(f"{name} is larger than {MAX_BYTES:,} bytes. Send one complaint or fact, without attachments.")
    return raw


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice[:60]!r} stands twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
