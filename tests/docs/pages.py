"""Reading the project's pages: tables, code spans, fenced commands, links."""

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
SPAN = re.compile(r"`([^`]+)`")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def spans(text: str) -> list[str]:
    """What stands in code spans, blocks aside."""
    return SPAN.findall(FENCE.sub("", text))


def names(text: str) -> frozenset[str]:
    """Every name in code spans and blocks: `a.b` counts as itself, `a` and `b` do not."""
    said = [*spans(text), *(body for _, body in FENCE.findall(text))]
    return frozenset(word.strip(".:/") for each in said for word in re.findall(r"[A-Za-z0-9_.:/~-]+", each))


def section(text: str, heading: str) -> str:
    """From a heading to the next of its level or above."""
    start = re.search(rf"^(#+) {re.escape(heading)}$", text, re.MULTILINE)
    assert start, f"there is no heading {heading!r}"
    end = re.compile(rf"^#{{1,{len(start[1])}}} ", re.MULTILINE).search(text, start.end())
    return text[start.end() : end.start() if end else len(text)]


def rows(text: str, header: str) -> list[list[str]]:
    """The cells of the table whose first header cell this is."""
    lines = iter(text.splitlines())
    for line in lines:
        if cells(line)[:1] == [header]:
            break
    next(lines, None)
    found: list[list[str]] = []
    for line in lines:
        if not line.startswith("|"):
            break
        found.append(cells(line))
    assert found, f"there is no table that begins with {header!r}"
    return found


def cells(line: str) -> list[str]:
    parts = re.split(r"(?<!\\)\|", line.strip())
    return [part.strip() for part in parts[1:-1]]


def commands(text: str) -> Iterator[list[str]]:
    """The commands in ```sh blocks, as words, each part of a pipe for itself; a quoted text may span lines."""
    for language, body in FENCE.findall(text):
        if language == "sh":
            yield from _split(re.sub(r"(^|\s{2,})#.*$", "", body, flags=re.MULTILINE).replace("\\\n", " "))


def _split(body: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(body, posix=True, punctuation_chars="|;&<>\n")
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t\r", True, ""
    words: list[str] = []
    for word in [*lexer, "\n"]:
        if set(word) - set("|;&<>\n"):
            words.append(word)
        elif words:
            yield _without_settings(words)
            words = []


def _without_settings(words: Sequence[str]) -> list[str]:
    """`TOCSIN_LANG=en tocsin …` is a command of tocsin."""
    first = next((n for n, word in enumerate(words) if not re.fullmatch(r"[A-Z_]+=.*", word)), len(words))
    return list(words[first:])


def anchors(text: str) -> set[str]:
    """The anchors a page's headings make."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower(), flags=re.UNICODE).strip().replace(" ", "-")
        for heading in HEADING.findall(FENCE.sub("", text))
    }
