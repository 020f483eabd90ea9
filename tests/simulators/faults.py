"""What a service can do wrong, and which wrong is next for whom (the names stand in `__init__.py`).

The nearest place counts: the inbox, then its kind, then everywhere; within one the faults follow each other.
"""

import random
from collections import deque
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

EVERYWHERE = "*"

When = Literal["before", "after", "midway"]


class Do(StrEnum):
    REFUSE = "refuse"
    BUSY = "busy"
    STATUS = "status"
    HANG = "hang"
    SILENT = "silent"
    SLOW = "slow"
    DROP = "drop"
    RANDOM = "random"


class Fault(BaseModel):
    """One way to fail, for `times` calls or until mended."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    do: Do
    code: str | None = None
    status: Annotated[int, Field(ge=200, le=599)] | None = None
    seconds: Annotated[float, Field(ge=0, le=600)] = 1
    when: When = "after"
    times: Annotated[int, Field(ge=1)] | None = None
    probability: Annotated[float, Field(ge=0, le=1)] = 0.3
    seed: int = 0
    mix: tuple["Fault", ...] = ()

    @classmethod
    def refuse(cls, code: str | int | None = None, *, status: int | None = None, times: int | None = None) -> Self:
        """The service's own error, or without a code its permanent refusal; in a 200 or in `status`."""
        return cls(do=Do.REFUSE, code=None if code is None else str(code), status=status, times=times)

    @classmethod
    def busy(cls, *, times: int | None = None) -> Self:
        """The service's own "try again"."""
        return cls(do=Do.BUSY, times=times)

    @classmethod
    def http(cls, status: int = 503, *, times: int | None = None) -> Self:
        """An error of HTTP's, without a body of the service's."""
        return cls(do=Do.STATUS, status=status, times=times)

    @classmethod
    def hang(cls, *, times: int | None = None) -> Self:
        """Not taken, never answered."""
        return cls(do=Do.HANG, times=times)

    @classmethod
    def silent(cls, *, times: int | None = None) -> Self:
        """Taken, never answered."""
        return cls(do=Do.SILENT, times=times)

    @classmethod
    def slow(cls, seconds: float, *, times: int | None = None) -> Self:
        return cls(do=Do.SLOW, seconds=seconds, times=times)

    @classmethod
    def drop(cls, when: When = "after", *, times: int | None = None) -> Self:
        """The connection, before the message is read, after it, or (taken) in the middle of the answer."""
        return cls(do=Do.DROP, when=when, times=times)

    @classmethod
    def random(
        cls, probability: float = 0.3, *, seed: int = 0, mix: tuple["Fault", ...] = (), times: int | None = None
    ) -> Self:
        """So many of the calls, each in one of the ways of `mix`; the same seed fails the same calls."""
        return cls(do=Do.RANDOM, probability=probability, seed=seed, mix=mix, times=times)

    @property
    def name(self) -> str:
        """What stands in an arrival's `answer` where the service did not answer by its own code."""
        match self.do:
            case Do.STATUS:
                return str(self.status or 503)
            case Do.DROP:
                return f"drop {self.when}"
            case _:
                return self.do.value


MIX = (
    Fault(do=Do.STATUS, status=500),
    Fault(do=Do.STATUS, status=502),
    Fault(do=Do.STATUS, status=503),
    Fault(do=Do.HANG),
    Fault(do=Do.SILENT),
    Fault(do=Do.DROP, when="before"),
    Fault(do=Do.DROP, when="after"),
    Fault(do=Do.DROP, when="midway"),
    Fault(do=Do.BUSY),
)
"""Of random faults: 5xx, time-outs, resets and error codes in a 200, none of them for good."""


class _Row:
    """The faults of one place, in order."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.waiting = deque((fault, fault.times, random.Random(fault.seed)) for fault in faults)  # noqa: S311

    def next(self) -> Fault | None:
        if not self.waiting:
            return None
        fault, left, dice = self.waiting.popleft()
        if left is None or left > 1:
            self.waiting.appendleft((fault, None if left is None else left - 1, dice))
        if fault.do is not Do.RANDOM:
            return fault
        return dice.choice(fault.mix or MIX) if dice.random() < fault.probability else None


class Faults:
    """By place: an inbox's address, a kind, or everywhere."""

    def __init__(self) -> None:
        self._rows: dict[str, _Row] = {}

    def set(self, place: str, *faults: Fault) -> None:
        """Instead of those there; none mends the place."""
        self._rows.pop(place, None)
        if faults:
            self._rows[place] = _Row(faults)

    def mend(self, place: str | None = None) -> None:
        if place is None:
            self._rows.clear()
        self._rows.pop(place or "", None)

    def next(self, address: str) -> Fault | None:
        """What this call meets; counts it."""
        for place in (address, address.partition("/")[0], EVERYWHERE):
            row = self._rows.get(place)
            if row is not None and row.waiting:
                return row.next()
        return None

    def at(self, place: str) -> tuple[Fault, ...]:
        """What is still to come, with the calls that are left."""
        row = self._rows.get(place)
        return tuple(fault.model_copy(update={"times": left}) for fault, left, _ in row.waiting) if row else ()
