"""How figures are taken and shown: medians of several rounds, with their range and the machine's load.

A shared machine makes every single figure doubtful, so nothing is reported from one round where more are affordable,
and what can be compared is compared within one run. Units stand in the column's name.
"""

import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

MILLISECONDS = 1_000


@dataclass(frozen=True)
class Options:
    """What was asked for on the command line."""

    rounds: int = 5
    all: bool = False
    data: str | None = None
    map: str | None = None
    organisation: str | None = None
    at_most: int | None = None

    def up_to(self, numbers: Sequence[int]) -> list[int]:
        """Those that are not too many."""
        return [number for number in numbers if self.at_most is None or number <= self.at_most]


@dataclass
class Table:
    """One claim, measured. `held` says whether it held in this run; None where nothing was promised."""

    title: str
    claim: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list[Sequence[str]])
    notes: list[str] = field(default_factory=list[str])
    held: bool | None = None

    def __str__(self) -> str:
        """As Markdown, so that it can be put into docs/performance.md as it is."""
        verdict = {True: "held", False: "MISSED", None: "no limit set"}[self.held]
        lines = [f"## {self.title}", "", f"Claim: {self.claim} **{verdict}**", ""]
        lines += [_row(self.columns), _row(["---"] * len(self.columns)), *map(_row, self.rows)]
        return "\n".join([*lines, "", *(f"- {note}" for note in self.notes)]) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median, and the range in brackets where there is one."""
    middle = statistics.median(values)
    if len(values) == 1:
        return f"{middle:.{digits}f}"
    return f"{middle:.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def percentile(values: Sequence[float], share: int) -> float:
    """The smallest value that so many per cent are not above."""
    return sorted(values)[max(-(-len(values) * share // 100) - 1, 0)]


def percentiles(seconds: Sequence[float]) -> tuple[str, str, str]:
    """p50, p99 and the largest, in milliseconds."""
    half, most = percentile(seconds, 50), percentile(seconds, 99)
    return f"{half * MILLISECONDS:.0f}", f"{most * MILLISECONDS:.0f}", f"{max(seconds) * MILLISECONDS:.0f}"


def computed(work: Callable[[], object]) -> float:
    """Seconds of this thread's own CPU time that one call took, whoever else is busy on the machine."""
    began = time.thread_time()
    work()
    return time.thread_time() - began


def machine() -> str:
    """What kind of machine this is, and how busy."""
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}, load average {load}"
