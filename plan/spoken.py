"""A notice for the ear (R14): a telephone reads out what was written for the eye.

The bracket a text begins with becomes its first sentence, what stood in round brackets follows a comma, and quotes go:
whoever listens can tap nothing. A bracket in the other language's form is left out, for the voice speaks one language;
of the drill's mark so much stays as it speaks. Nothing else is changed. Errors: none.
"""

import re
from collections.abc import Mapping
from typing import Final

_SQUARE, _LENTICULAR = re.compile(r"\[([^\]]*)\]\s*"), re.compile(r"【([^】]*)】\s*")
_ROUND: Final[Mapping[str, re.Pattern[str]]] = {
    "zh": re.compile(r"（([^（）]*)）"),
    "en": re.compile(r"\s*\(([^()]*)\)"),
}
_QUOTES = re.compile(r"[“”\"「」『』]")


def spoken(text: str, lang: str, end: str = "") -> str:
    """The text as it is read out, with what is said at the end of each call."""
    if lang == "zh":
        said = _ROUND["zh"].sub(r"，\1", _LENTICULAR.sub(r"\1。", _SQUARE.sub("", text)))
    else:
        said = _ROUND["en"].sub(r", \1", _SQUARE.sub(r"\1. ", _LENTICULAR.sub("", text)))
    return _QUOTES.sub("", f"{said}{'' if lang == 'zh' else ' '}{end}").strip()
