"""A progress bar on stderr, where stderr is a terminal; nothing elsewhere."""

import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from starter.words import Lang, either


class Progress:
    """One step a row. The total is the file's lines, which is near enough."""

    def __init__(self, file: Path, lang: Lang) -> None:
        console = Console(file=sys.stderr)
        words = TextColumn(either(lang, "导入", "importing"))
        columns = (words, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Bar(*columns, console=console, disable=not sys.stderr.isatty(), transient=True)
        self._task = self._bar.add_task("import", total=max(_lines(file) - 1, 1))

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def step(self) -> None:
        self._bar.advance(self._task)


def _lines(file: Path) -> int:
    with file.open("rb") as content:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: content.read(1 << 20), b""))
