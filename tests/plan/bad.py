"""What people and programs send by mistake, or on purpose."""

from collections.abc import Callable
from datetime import datetime

import pytest

from plan.errors import Malformed

BAD_TEXTS: tuple[object, ...] = (
    "a\x00b", "a\x07b", "a\x1bb", "a\x7fb", "a\x85b", "a\rb", "a\u2028b", "a\u202eb", "a\u2066b", "a\ud800b",
    "x" * 8_001, "x" * 10_000_000, 7, True, 1.5, ["a"], {"a": "b"},
)  # fmt: skip
"""Control characters, turned reading directions, half a character, too long, and no text at all."""

BAD_INSTANTS: tuple[object, ...] = (
    "2026-11-24T09:12:00", datetime(2026, 11, 24, 9, 12),  # noqa: DTZ001
    1_764_000_000, 1.5, True, "1764000000", "2026-11-24", "yesterday", "", ["2026-11-24T09:12:00Z"],
    "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-24T25:00:00Z", "2026-11-24T09:12:00+99:00",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z",
)  # fmt: skip


def short(value: object) -> str:
    """A test's name for one of these values."""
    written = repr(value)
    return f"{type(value).__name__} {written[:30]!a} {len(written)}"


def refused(parse: Callable[[object], object], data: object) -> list[str]:
    """The faults that were found, one sentence each."""
    with pytest.raises(Malformed) as caught:
        parse(data)
    assert caught.value.__cause__ is None, "the cause would carry what was sent"
    return str(caught.value).splitlines()[1:]
