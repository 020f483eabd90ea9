"""`FILE.rejected.csv`: the rows that were not filed, each with its line in the file and the reason.

Made when the first row is rejected; one left from an earlier run is removed, so that it never speaks of this one.
Errors: `Misconfigured` where it cannot be written.
"""

import csv
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from plan.errors import Misconfigured
from starter.importing import Rejected


class RejectedRows:
    """Written as rows are rejected; a row that could not be cut into cells stands in one piece."""

    def __init__(self, file: Path, columns: tuple[str, ...]) -> None:
        self.path = file.with_suffix(".rejected.csv")
        self._columns = columns
        self._out: TextIO | None = None

    def __enter__(self) -> Self:
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._out is not None:
            self._out.close()

    def write(self, row: Rejected) -> None:
        try:
            if self._out is None:
                self._out = self.path.open("w", encoding="utf-8", newline="")
                csv.writer(self._out).writerow(["rejected_line", "rejected_because", *self._columns])
            csv.writer(self._out).writerow([row.line, row.why, *row.cells])
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> Misconfigured:
        reason = (error.strerror or "cannot be written").lower()
        return Misconfigured(f"{self.path}: {reason}. Copy the file to a folder you may write to, and import it there.")
