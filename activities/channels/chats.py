"""What is written into a group chat: the notice, as long as the service takes it, and who on duty is called (R29).

A chat is read by many: nobody is called but whom the organisation names, whatever the text says, and never everybody. A
mention that is no id of the service is left out; the notice goes without it. Units: bytes of UTF-8.
"""

import re
from collections.abc import Iterable
from typing import Final

from activities.channels.contract import Message
from plan.shortening import MARKS, shortened, size

CALLS_AT_MOST: Final = 0.25
"""Of a message; the notice is worth more than who is called."""


def mobile(mention: str) -> str | None:
    """The eleven digits of a mobile number; None where it is none."""
    found = _MOBILE.fullmatch(mention)
    return found[1] if found else None


def on_duty(message: Message, an_id: re.Pattern[str]) -> list[str]:
    """Whom to mention, each once, by ids of the service: no phone number, which a chat would see."""
    return [
        mention
        for mention in dict.fromkeys(message.mentions)
        if an_id.fullmatch(mention) and not mobile(mention) and mention.lower() != "all"
    ]


def fitting(calls: Iterable[str], longest: int) -> list[str]:
    """As many calls as may stand in the text, in their order."""
    kept: list[str] = []
    room = longest * CALLS_AT_MOST
    for call in calls:
        room -= size(call) + 1
        if room < 0:
            break
        kept.append(call)
    return kept


def text_of(message: Message, longest: int, calls: Iterable[str] = ()) -> str:
    """The notice, shortened to what has room above the line of calls."""
    line = " ".join(calls)
    ending = f"\n{line}" if line else ""
    mark = MARKS.get(message.lang, MARKS["zh"])
    return shortened(_calling_nobody(message.text), longest - size(ending), mark) + ending


_MOBILE: Final = re.compile(r"(?:\+?86[ -]?)?(1[3-9][0-9]{9})")
_TAG: Final = re.compile(r"<(?=\s*/?\s*(?:at\b|@))", re.IGNORECASE)
_EVERYBODY: Final = re.compile(r"@(?=_?all|everyone|所有人|全体)", re.IGNORECASE)


def _calling_nobody(text: str) -> str:
    """The same words; what a service would take for a mention is written with full-width signs."""
    return _EVERYBODY.sub("＠", _TAG.sub("＜", text))
