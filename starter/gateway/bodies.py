"""Reading what was sent: the right kind of content, and JSON that means one thing only.

Names that stand twice, NaN, numbers without end, text after the value and endless nesting are refused, not guessed at.
How large and how slow a body may be is `limits.py`. Errors: HTTPProblem 415 for another media type, charset or content
encoding; Malformed.
"""

from collections.abc import Iterator
from email.message import Message
from typing import Final, NamedTuple

from starlette.requests import Request

from plan.errors import Malformed, TocsinError
from starter.gateway.idempotency import HEADER, key_in
from starter.gateway.problems import HTTPProblem
from starter.reading import parse_json, parse_object

JSON: Final = "application/json"
LINES: Final = ("application/jsonl", "application/x-ndjson")
NAME: Final = "the body"
_CHARSETS: Final = frozenset({"", "utf-8", "utf8", "us-ascii"})


class Unreadable(NamedTuple):
    """One of many rows that is not JSON, or no object."""

    why: TocsinError


def media_type(request: Request, *taken: str) -> str:
    """The media type of the body, which must be one of these, in UTF-8 and not compressed."""
    written = request.headers.getlist("content-type")
    said, charset = _split(written[0]) if len(written) == 1 else ("", "")
    encoded = request.headers.get("content-encoding", "identity").strip().lower()
    if said not in taken or charset not in _CHARSETS or encoded not in ("", "identity"):
        raise HTTPProblem(
            415,
            f"This path does not take such a body. Send {' or '.join(taken)} in UTF-8, not compressed, and say so in "
            "Content-Type.",
        )
    return said


async def json_object(request: Request) -> dict[str, object]:
    """The body as one JSON object."""
    media_type(request, JSON)
    return parse_object(await request.body(), NAME)


async def rows_of(request: Request) -> list[dict[str, object] | Unreadable]:
    """The rows of a JSON array, or of JSON Lines; a row that cannot be read stops no other."""
    said = media_type(request, JSON, *LINES)
    body = await request.body()
    return [*_lines(body)] if said in LINES else array(body)


def array(body: bytes) -> list[dict[str, object] | Unreadable]:
    """The items of one JSON array."""
    value = parse_json(body, NAME)
    if not isinstance(value, list):
        raise Malformed(f"{NAME} is not a JSON array. Send the rows in brackets, or one a line as {LINES[0]}.")
    items: list[object] = value  # pyright: ignore[reportUnknownVariableType]
    return [item if isinstance(item, dict) else _no_object(n) for n, item in enumerate(items, 1)]


def call_key(request: Request) -> str | None:
    """The caller's own name for this call (`Idempotency-Key`)."""
    written = request.headers.getlist(HEADER)
    return key_in(", ".join(written)) if written else None


def _lines(body: bytes) -> Iterator[dict[str, object] | Unreadable]:
    """Blank lines are none."""
    number = 0
    for line in body.split(b"\n"):
        if not line.strip():
            continue
        number += 1
        try:
            yield parse_object(line, f"row {number}")
        except Malformed as unreadable:
            yield Unreadable(unreadable)


def _no_object(row: int) -> Unreadable:
    return Unreadable(Malformed(f"row {row} is not a JSON object. Send one complaint in braces."))


def _split(written: str) -> tuple[str, str]:
    """Media type and charset, in small letters."""
    message = Message()
    message["content-type"] = written
    charset = message.get_param("charset", "")
    return written.partition(";")[0].strip().lower(), str(charset).strip().lower()
