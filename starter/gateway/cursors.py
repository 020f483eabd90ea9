"""Where the next page begins, as one opaque word.

A cursor carries the place itself, not the incident that stood there: incidents may be filed, end or become due sooner
meanwhile, and the next page still begins right behind the last one. What moves between two pages may be seen twice or
not at all; nothing else is. It belongs to the filters it was given for. Errors: Malformed.
"""

import base64
import binascii
import hashlib
import json

from pydantic import TypeAdapter, ValidationError

from plan.errors import Malformed
from plan.values import Kept

LONGEST = 600


class Cursor(Kept):
    """`place` is the last one shown; `of` is a digest of what was asked."""

    place: str
    of: str


_CURSOR = TypeAdapter(Cursor)


def written(place: str, asked: object) -> str:
    """The cursor behind a place, of this question."""
    return (
        base64.urlsafe_b64encode(Cursor(place=place, of=_digest(asked)).model_dump_json().encode()).decode().rstrip("=")
    )


def place_in(cursor: str | None, asked: object) -> str | None:
    """The place behind which the page begins; None for the first one."""
    if cursor is None:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        read = (
            _CURSOR.validate_json(base64.b64decode(padded, altchars=b"-_", validate=True))
            if len(cursor) <= LONGEST
            else None
        )
    except (ValueError, binascii.Error, ValidationError):
        read = None
    if read is None:
        raise Malformed("cursor cannot be read. Take it from `next` of the page before, or leave it out to begin anew.")
    if read.of != _digest(asked):
        raise Malformed("cursor belongs to other filters. Keep the filters, or leave the cursor out to begin anew.")
    return read.place


def _digest(asked: object) -> str:
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode(errors="surrogatepass")).hexdigest()[
        :16
    ]
