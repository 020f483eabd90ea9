"""Fills the last column of docs/rules.md: the test files that mark each rule.

    python -m tests.docs.rules_page

What a rule asks and where it lives is written by hand; which tests show it is read from their marks.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.docs.pages import ROOT, cells
from tests.rules import Kept, collected

PAGE: Final = ROOT / "docs" / "rules.md"
MOST: Final = 3
ROOMS: Final = ("plan", "server", "runtime", "activities", "cli")
"""Nearest to the plan first."""
ROW: Final = re.compile(r"R\d{1,2}")


def filled(text: str) -> str:
    """The page with its last column as the marks have it now."""
    kept = collected(ROOT)
    return "\n".join(
        _line(line, kept.get(cells(line)[0], Kept())) if is_row(line) else line for line in text.split("\n")
    )


def is_row(line: str) -> bool:
    return line.startswith("|") and bool(ROW.fullmatch(cells(line)[0]))


def shown_by(kept: Kept) -> Sequence[str]:
    """The test files, those of the plan first; few are enough to find the rest."""
    files = dict.fromkeys(test.partition("::")[0] for test in kept.tests)
    return sorted(files, key=lambda name: (_room(name), name))[:MOST]


def _room(name: str) -> int:
    room = name.partition("/")[0]
    return ROOMS.index(room) if room in ROOMS else len(ROOMS)


def _line(line: str, kept: Kept) -> str:
    *first, _ = cells(line)
    files = ", ".join(f"`tests/{name}`" for name in shown_by(kept))
    return f"| {' | '.join(first)} | {files} |"


def main(page: Path = PAGE) -> None:
    page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
