"""Paper to print on: colours on a terminal, plain lines elsewhere or with NO_COLOR."""

import sys
from collections.abc import Iterable

from rich.console import Console, RenderableType

_PLAIN_WIDTH = 160
"""Columns where there is no terminal, so that a file holds whole lines."""


def paper(parts: Iterable[RenderableType]) -> None:
    """Print the parts on stdout, each on its own line."""
    console = _console()
    for part in parts:
        console.print(part)
    sys.stdout.flush()


def _console() -> Console:
    terminal = sys.stdout.isatty()
    return Console(
        file=sys.stdout,
        width=None if terminal else _PLAIN_WIDTH,
        markup=False,
        highlight=False,
        emoji=False,
        soft_wrap=not terminal,
        safe_box=True,
    )
