"""Everything that can go wrong, as one small tree. A message says what, why and what to do, and names no customer.

TocsinError                exit  HTTP
├── Malformed               2    422   what came in cannot be read
├── Refused                 1    409   the plan says no; carries the rule
│   └── Conflict            1    409   the same id with other content
├── NoSuchIncident          4    404
├── Unreachable             3    503   Temporal or every worker is away; trying again may help
└── Misconfigured           2    500   every fault of a file or setting at once
"""

from collections.abc import Sequence
from typing import NamedTuple


class TocsinError(Exception):
    """The root. `exit_code` is the command's, `http_status` the gateway's."""

    exit_code = 2
    http_status = 500


class Flaw(NamedTuple):
    """One fault of a message: where it stands in it (RFC 6901), or the parameter that has it, and what to do."""

    pointer: str
    what: str
    parameter: str | None = None


class Malformed(TocsinError):
    """`flaws` are the faults of a message one by one, where they are known."""

    http_status = 422

    def __init__(self, message: str, *, flaws: Sequence[Flaw] = ()) -> None:
        super().__init__(message)
        self.flaws = tuple(flaws)


class Refused(TocsinError):
    exit_code = 1
    http_status = 409

    def __init__(self, message: str, *, rule: str | None = None) -> None:
        super().__init__(message)
        self.rule = rule


class Conflict(Refused):
    """One id, two contents."""


class NoSuchIncident(TocsinError):
    exit_code = 4
    http_status = 404


class Unreachable(TocsinError):
    exit_code = 3
    http_status = 503


class Misconfigured(TocsinError):
    """`faults` lists every fault found, each with its place."""

    def __init__(self, message: str, *, faults: Sequence[str] = ()) -> None:
        super().__init__("\n".join([message, *faults]) if faults else message)
        self.faults = tuple(faults)
