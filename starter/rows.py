"""Reading a CSV file row by row, however broken it is: a bad row is an answer with its line, never the end.

Streaming, one row in memory. Rows are strict RFC 4180: a quote that is never closed costs one line, not the rest of the
file. Errors: `Misconfigured` for a file that cannot be read at all or has no usable header.
"""

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from plan.errors import Misconfigured

MAX_LINE = 200_000
"""Bytes of one line; and the longest cell."""


@dataclass(frozen=True)
class Row:
    """One row: its cells by column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Unreadable:
    """One row that is not a row, with what was read of it."""

    line: int
    why: str
    text: str = ""


class _Undecodable(Exception):
    """A line that is not text."""


def rows(path: Path, *, encoding: str = "utf-8", delimiter: str = ",") -> Iterator[Row | Unreadable]:
    """Every row of the file, in order. The first row names the columns."""
    try:
        with path.open("rb") as file:
            lines = _Lines(file, encoding)
            header = _header(lines, path, delimiter)
            for line, found in _records(lines, delimiter):
                if isinstance(found, Unreadable):
                    yield found
                elif found:
                    yield _row(line, found, header)
    except OSError as error:
        raise Misconfigured(f"{path} was not read: {(error.strerror or 'cannot be read').lower()}.") from error


def columns(path: Path, *, encoding: str = "utf-8", delimiter: str = ",") -> tuple[str, ...]:
    """The names in the header."""
    try:
        with path.open("rb") as file:
            return _header(_Lines(file, encoding), path, delimiter)
    except OSError as error:
        raise Misconfigured(f"{path} was not read: {(error.strerror or 'cannot be read').lower()}.") from error


@dataclass(frozen=True)
class _Line:
    """A physical line; `fault` where it is not text."""

    number: int
    text: str
    fault: str | None = None


class _Lines:
    """Physical lines, decoded one by one; lines of a row that went wrong can be put back and read again."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self._again: deque[_Line] = deque()
        self._read = 0
        self.taken: list[_Line] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._next_line()
        self.taken.append(line)
        if line.fault:
            raise _Undecodable(line.fault)
        return line.text

    def put_back_all_but_the_first(self) -> None:
        self._again.extendleft(reversed(self.taken[1:]))

    def _next_line(self) -> _Line:
        raw = self._file.readline(MAX_LINE + 1)
        if not raw:
            raise StopIteration
        self._read += 1
        if self._read == 1:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if len(raw) > MAX_LINE:
            self._skip_to_the_end_of_the_line(raw)
            return _Line(self._read, "", f"is longer than {MAX_LINE:,} bytes")
        if b"\0" in raw:
            return _Line(self._read, "", "holds a NUL byte; export the file again as plain text")
        try:
            return _Line(self._read, raw.decode(self._encoding))
        except UnicodeDecodeError as error:
            why = f"is not {self._encoding} (byte {error.start + 1}); set encoding in the map"
            return _Line(self._read, "", why)

    def _skip_to_the_end_of_the_line(self, raw: bytes) -> None:
        while raw and not raw.endswith(b"\n"):
            raw = self._file.readline(MAX_LINE + 1)


def _records(lines: _Lines, delimiter: str) -> Iterator[tuple[int, list[str] | Unreadable]]:
    """Rows as lists of cells, each with the line it begins on."""
    csv.field_size_limit(MAX_LINE)
    while True:
        lines.taken = []
        try:
            cells = next(csv.reader(lines, delimiter=delimiter, strict=True))
        except StopIteration:
            return
        except (csv.Error, _Undecodable) as error:
            first, last = lines.taken[0], lines.taken[-1]
            why = _plainly(error) if last is first else f"a quoted cell runs on to line {last.number}, where it breaks"
            lines.put_back_all_but_the_first()
            yield first.number, Unreadable(first.number, why, first.text.rstrip("\r\n"))
        else:
            yield lines.taken[0].number, cells


def _plainly(error: Exception) -> str:
    said = str(error)
    if "unexpected end of data" in said:
        return "a quoted cell is never closed"
    if "new-line character" in said:
        return "a carriage return stands outside quotes; save the file with ordinary line ends"
    if "expected after" in said:
        return "text stands after a closing quote; quotes inside a cell must be doubled"
    return f"field longer than {MAX_LINE:,} characters" if "field limit" in said else said


def _header(lines: _Lines, path: Path, delimiter: str) -> tuple[str, ...]:
    _, found = next(_records(lines, delimiter), (0, None))
    if found is None:
        raise Misconfigured(f"{path} is empty. The first line must name the columns.")
    if isinstance(found, Unreadable):
        raise Misconfigured(f"{path}:1: the header {found.why}. The first line must name the columns.")
    names = tuple(name.strip() for name in found)
    if len(set(names)) != len(names) or not all(names):
        raise Misconfigured(f"{path}:1: a column has no name, or two have the same. Name each column once.")
    return names


def _row(line: int, cells: list[str], header: tuple[str, ...]) -> Row | Unreadable:
    if len(cells) != len(header):
        why = f"has {len(cells)} cells where the header has {len(header)}"
        return Unreadable(line, why, ",".join(cells))
    return Row(line, dict(zip(header, cells, strict=True)))
