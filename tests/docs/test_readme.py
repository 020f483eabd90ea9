"""What the pages tell people to type exists, what they link to is there, and the two READMEs say the same."""

import json
import re
from itertools import pairwise
from pathlib import Path

import click
import pytest

from plan.facts import MODELS
from plan.malformed import parse_complaint, parse_fact
from starter.main import tocsin
from starter.sets import fields_of
from tests.docs.pages import FENCE, LINK, PAGES, ROOT, anchors, commands, page

NAMES = [str(path.relative_to(ROOT)) for path in PAGES]
READMES = ("README.md", "README.zh-CN.md")


@pytest.mark.parametrize("name", NAMES)
def test_every_command_on_a_page_exists(name: str) -> None:
    for words in commands(page(name)):
        if words[0] == "tocsin":
            understood(words)
        elif words[0] == "make":
            made(words)


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    for link in LINK.findall(FENCE.sub("", page(name))):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        assert target.exists(), f"{name} links to {link}, which is not there"
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{name} links to {link}: no such heading"


@pytest.mark.parametrize("name", READMES)
def test_every_fact_of_the_readme_is_one(name: str) -> None:
    told = [words for words in commands(page(name)) if words[:2] == ["tocsin", "tell"]]
    assert len(told) > 2
    for words in told:
        said = [value for option, value in pairwise(words) if option == "--set"]
        parse_fact({**fields_of(words[3], said, {}), "kind": words[3], "by": "somebody"})
    filed = [words for words in commands(page(name)) if words[0] == "echo"]
    assert filed
    for words in filed:
        parse_complaint(json.loads(words[1]))


def test_both_readmes_tell_the_same_commands() -> None:
    first, second = (list(map(bare, commands(page(name)))) for name in READMES)
    assert first == second


def test_both_readmes_run_line_for_line() -> None:
    first, second = (list(map(kind, page(name).splitlines())) for name in READMES)
    for number, (one, other) in enumerate(zip(first, second, strict=False), start=1):
        assert one == other, f"line {number} is {one} in {READMES[0]} and {other} in {READMES[1]}"
    assert len(first) == len(second)


def understood(words: list[str]) -> None:
    """As click reads it, options, choices and what is required; nothing is run."""
    command, context, rest = tocsin, click.Context(tocsin, info_name="tocsin"), words[1:]
    while isinstance(command, click.Group):
        if not rest and command.invoke_without_command:
            return  # `tocsin schedules` alone lists them
        assert rest, f"{' '.join(words)} names no command"
        inner = command.get_command(context, rest[0])
        assert inner is not None, f"{' '.join(words)}: there is no {rest[0]}"
        command, context, rest = inner, click.Context(inner, parent=context, info_name=rest[0]), rest[1:]
    if "--help" not in rest:
        command.make_context(context.info_name, rest, parent=context.parent)
    if context.info_name == "tell" and len(rest) > 1:
        assert rest[1] in MODELS, f"{rest[1]} is not a kind of fact"


def made(words: list[str]) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for word in words[1:]:
        assert "=" in word or word in targets, f"the Makefile has no {word}"


def bare(words: list[str]) -> list[str]:
    """Without what is said in the page's own language."""
    return [word if word.isascii() and " " not in word else "…" for word in (w.partition("=")[0] for w in words)]


def kind(line: str) -> str:
    """What a line is, whatever it says."""
    for mark in ("```", "#", "|", "- ", "![", "  "):
        if line.startswith(mark):
            return mark + (line.partition(" ")[0] if mark == "#" else "")
    return "text" if line.strip() else ""


def test_the_pages_know_no_machine() -> None:
    for path in [*PAGES, *Path(ROOT / "docs").glob("*.svg")]:
        found = re.search(r"/(?:work|tmp|root|home/\w+)/", path.read_text(encoding="utf-8"))
        assert found is None, f"{path.name} names a machine's own path: {found}"
