"""Numbers that may be somebody's: a mobile number or an identity card's, where an id is printed for many (R29).

An incident's id stands in search attributes, logs and chats, and another system may have chosen it: some number their
tickets by the customer's telephone. A door asks `fault_of` before it files, a chat is given `hidden` words.
Reading: of an id, eleven digits that begin like a mobile number of the mainland, alone or behind 86; eighteen
characters whose date and check character are those of an identity card (GB 11643). A UUID is drawn by lot, and one in
some thousands holds eleven such digits: it is nobody's. A policy number has no form of its own: it cannot be told from
any other id. A text that people wrote needs no long number at all. Errors: none.
"""

import re
import unicodedata
from datetime import date
from typing import Final

_DRAWN = r"(?=[0-9-]*[A-Fa-f])[0-9A-Fa-f]{8}-?(?:[0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}"
_MOBILE = re.compile(_DRAWN + r"|(?P<number>(?<![0-9])(?:86)?1[3-9][0-9]{9}(?![0-9]))")
_CARD = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])")
_NOBODYS = re.compile(
    r"(?<![0-9])(?:[48]00[ -]?[0-9]{3,4}[ -]?[0-9]{3,4}|(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2})(?![0-9])"
)
_LONG = re.compile(r"[0-9](?:[ .()-]{0,2}[0-9]){6,}")
_LETTERED = re.compile(r"(?<![A-Za-z])[A-Za-z]{1,6}[ .-]?[0-9]{5,}")
_IN_WORDS = re.compile(r"[〇零一二三四五六七八九幺两]{7,}")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
SHOWN: Final = 4
"""Characters left of a hidden number, enough to tell two incidents apart."""


def fault_of(incident_id: str) -> str | None:
    """Why an incident may not have this id, and what to do; None where it may. It does not repeat the id."""
    kind = private_number(incident_id)
    if kind is None:
        return None
    return (
        f"holds what looks like {kind}, and an incident's id is printed in chats, logs and lists (R29); use a number "
        "of the system it comes from"
    )


def private_number(text: str) -> str | None:
    """What kind of number somebody would know a person by, if there is one in the text."""
    if any(found["number"] for found in _MOBILE.finditer(text)):
        return "a mobile number"
    if any(_is_card(found[0]) for found in _CARD.finditer(text)):
        return "an identity card's number"
    return None


def written_number(text: str) -> bool:
    """Whether a text that people wrote holds a number that may be somebody's: a telephone's, a card's, a policy's.

    Hotlines (400, 800) and dates are nobody's.
    """
    plain = _NOBODYS.sub(" ", unicodedata.normalize("NFKC", text))
    return bool(_LONG.search(plain) or _LETTERED.search(plain) or _IN_WORDS.search(plain))


def hidden(text: str) -> str:
    """The text with all but the last characters of such numbers taken out."""
    text = _CARD.sub(lambda found: _tail(found[0]) if _is_card(found[0]) else found[0], text)
    return _MOBILE.sub(lambda found: _tail(found[0]) if found["number"] else found[0], text)


def _tail(number: str) -> str:
    return f"*{number[-SHOWN:]}"


def _is_card(number: str) -> bool:
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return 1900 <= int(number[6:10]) < 2100 and _CHECKS[total % 11] == number[17].upper()
