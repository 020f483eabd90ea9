"""Shortens a text to so many bytes, and says so (R29): a robot refuses what is too long, or cuts it off in silence.

What reads as one character stays whole (an accent, an emoji of several parts), and so does a word in Latin letters or a
number: half an incident's id names another incident, half a time another hour. Units: bytes of UTF-8. Errors: none;
where not even the mark has room, it is left out.
"""

import re
import unicodedata
from collections.abc import Callable
from itertools import takewhile
from types import MappingProxyType
from typing import Final

MARKS: Final = MappingProxyType(
    {"zh": "…（已截短，全文见系统）", "en": "… (shortened; the whole text is in the system)"}
)
"""What says that a text was shortened, by its language: for a channel, which has no wording at hand."""
LONGEST_WORD: Final = 120
"""Characters; a longer word is cut in two, for else too little of the text would be left."""


def size(text: str) -> int:
    return len(_encoded(text))


def shortened(text: str, longest: int, mark: str) -> str:
    """The text itself where it fits, else its beginning and the mark; never more than `longest` bytes."""
    if size(text) <= longest:
        return text
    room = longest - size(mark)
    return _beginning(text, room).rstrip() + mark if room >= 0 else _beginning(text, longest)


def _beginning(text: str, longest: int) -> str:
    end = len(_encoded(text)[: max(longest, 0)].decode(errors="ignore"))
    whole_word = _back(end, lambda at: _one_character(text, at) or _one_word(text, at))
    return text[: whole_word or _back(end, lambda at: _one_character(text, at)) or end]


def _back(end: int, in_two: Callable[[int], bool]) -> int:
    """The last place up to `end` where nothing is cut in two; 0 where none is near."""
    near = max(end - LONGEST_WORD, 0)
    return next((at for at in range(end, near, -1) if not in_two(at)), 0)


_JOINER: Final = "\N{ZERO WIDTH JOINER}"
_ADDED: Final = re.compile("[\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
"""Skin tones, and the tags of a flag."""
_HALF_FLAG: Final = re.compile("[\U0001f1e6-\U0001f1ff]")
"""Two of them are a flag."""
_IN_A_WORD: Final = re.compile(r"[A-Za-z0-9_.:/~@%?&=+-]")


def _one_character(text: str, at: int) -> bool:
    """Whether what stands before and after `at` reads as one character."""
    if at >= len(text):
        return False
    before, after = text[at - 1], text[at]
    if _JOINER in (before, after) or _ADDED.match(after) or unicodedata.category(after).startswith("M"):
        return True
    return _HALF_FLAG.match(after) is not None and _half_flags(text[:at]) % 2 == 1


def _half_flags(text: str) -> int:
    """At the end of a text."""
    return sum(1 for _ in takewhile(_HALF_FLAG.match, reversed(text)))


def _one_word(text: str, at: int) -> bool:
    return at < len(text) and all(_IN_A_WORD.match(sign) for sign in text[at - 1 : at + 1])


def _encoded(text: str) -> bytes:
    """Half a surrogate pair cannot be sent: it counts, and goes out, as a question mark."""
    return text.encode(errors="replace")
