"""Several notices in one message to a chat, each of them named (R14, R29).

A robot may say so many messages a minute, so what waits for it is folded: in full while it fits, else in one line that
says what to do, of which incident, where and until when. Two recipients of the same words are told once. Where to sign
in stands once, at the end: the incident's page where all are of one incident, else the front page.

Units: `longest` is in bytes of UTF-8, None without a limit. Errors: none.
"""

from collections.abc import Iterable, Sequence

from plan.shortening import shortened, size
from plan.values import Kept

NUMBER = "{number}"
NUMBERED = 6
"""Bytes that a line of its own and its number take, up to 999."""


class Written(Kept):
    """The words of one letter: in full, and in one line for a message that names many.

    `head` comes before several (`{number}` is how many), with a drill's mark; `cut` after a text that was too long.
    `page` is the line with the incident's page, `front` the one with the front page; empty without links.
    """

    text: str
    line: str
    lang: str = "zh"
    head: str = "【{number}】"
    cut: str = "…"
    page: str = ""
    front: str = ""


def fitting(letters: Iterable[Written], longest: int | None) -> int:
    """How many of them fit into one message, from the first on: each in one line at least; one always does."""
    taken, used, end, lines = 0, 0, 0, set[str]()
    for letter in letters:
        if letter.text not in lines:
            used += size(letter.line) + NUMBERED + (0 if lines else size(letter.head))
            end = max(end, *(size(line) + 1 for line in (letter.page, letter.front) if line), 0)
            if lines and longest is not None and used + end > longest:
                break
            lines.add(letter.text)
        taken += 1
    return taken


def message(letters: Sequence[Written], longest: int | None) -> str:
    """One text for all of them, which fit; the first ones in full, as far as there is room."""
    different = list({letter.text: letter for letter in letters}.values())
    first, end = different[0], _sign_in(different)
    if len(different) == 1:
        return _alone(first, end, longest)
    head = first.head.replace(NUMBER, str(len(different))).rstrip()
    items = [f"{number}. {letter.line}" for number, letter in enumerate(different, start=1)]
    room = None if longest is None else longest - size("\n".join([head, *items, *end]))
    for place, letter in enumerate(different):
        more = size(letter.text) - size(letter.line)
        if room is None or more <= room:
            items[place] = f"{place + 1}. {letter.text}"
            room = None if room is None else room - more
    return "\n".join([head, *items, *end])


def _sign_in(letters: Sequence[Written]) -> list[str]:
    pages = {letter.page for letter in letters}
    fronts = [letter.front for letter in letters if letter.front]
    return [line for line in (pages if len(pages) == 1 else fronts[:1]) if line]


def _alone(letter: Written, end: list[str], longest: int | None) -> str:
    """A text that is too long is cut, and the way to the whole of it left; a way that has no room goes first."""
    if longest is None:
        return "\n".join([letter.text, *end])
    room = longest - sum(size(line) + 1 for line in end)
    if room < longest / 2:
        return shortened(letter.text, longest, letter.cut)
    return "\n".join([shortened(letter.text, room, letter.cut), *end])
