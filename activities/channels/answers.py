"""Reading what another system answered over HTTP, with suspicion: it may be long, broken, or no JSON at all.

Nothing in here raises. What goes into the record of another system's words is one short printable text.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, cast

LONGEST_WAIT: Final = timedelta(hours=1)
"""Of a `Retry-After`; beyond it the series of attempts is over anyway."""
LATER: Final = frozenset({408, 425, 429})
"""And 5xx: a passing trouble."""
WRONG_ADDRESS: Final = frozenset({401, 403, 404, 405, 407, 410})
"""And 3xx: nobody there takes messages, or not from us."""


def passing(status: int) -> bool:
    return status in LATER or status >= 500


def wrong_address(status: int) -> bool:
    return status in WRONG_ADDRESS or 300 <= status < 400


def object_in(body: bytes) -> Mapping[str, object]:
    """The JSON object in a body; empty where there is none."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, object]", said) if isinstance(said, dict) else {}


def short(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return "".join(sign for sign in str(value) if sign.isprintable())[:200]


def wait_asked(value: str | None, now: datetime) -> timedelta | None:
    """Seconds or an HTTP date (RFC 9110, 10.2.3); None where absent, unreadable or already over."""
    if value is None:
        return None
    try:
        wait = timedelta(seconds=int(value)) if value.isdecimal() else parsedate_to_datetime(value) - now
    except (ValueError, OverflowError, TypeError):
        return None
    return min(wait, LONGEST_WAIT) if wait > timedelta(0) else None
