"""How much one caller may send: a bucket each, filled again as time passes (draft-ietf-httpapi-ratelimit-headers-11).

A caller has as many calls at once as ten seconds give, and then one as each is given back. Who shows no valid key has a
small bucket for its address. What cannot wait (`plan/urgency.py`) is taken beyond the bucket, from callers we know.
Buckets are of this process; two gateways give twice as much.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor
from typing import Final

WINDOW: Final = 10
"""Seconds in which an empty bucket is full again."""
MOST: Final = 20_000
"""Buckets kept; of more callers than that, the one that called least lately begins anew."""


@dataclass(frozen=True)
class Policy:
    """`name` in the answer's fields; `quota` calls in `WINDOW`, and at once."""

    name: str
    quota: int

    @property
    def field(self) -> str:
        return f'"{self.name}";q={self.quota};w={WINDOW}'


@dataclass(frozen=True)
class Left:
    """What is left after a call, or how long until the next one; in whole seconds."""

    policy: Policy
    taken: bool
    remaining: int
    full_in: int
    next_in: int

    @property
    def fields(self) -> dict[str, str]:
        again = self.full_in if self.taken else self.next_in
        return {
            "RateLimit-Policy": self.policy.field,
            "RateLimit": f'"{self.policy.name}";r={self.remaining};t={again}',
        }


class Buckets:
    """One for each caller, under one policy. `now` counts seconds and never goes back."""

    def __init__(self, policy: Policy, now: Callable[[], float]) -> None:
        self._policy, self._now = policy, now
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> Left:
        """One call's worth, where there is one."""
        now, quota = self._now(), self._policy.quota
        level, at = self._levels.pop(caller, (float(quota), now))
        level = min(quota, level + (now - at) * quota / WINDOW)
        taken = level >= 1
        level -= taken
        self._levels[caller] = (level, now)
        if len(self._levels) > MOST:
            self._levels.popitem(last=False)
        return Left(
            policy=self._policy,
            taken=taken,
            remaining=floor(level),
            full_in=ceil((quota - level) * WINDOW / quota),
            next_in=max(1, ceil((1 - level) * WINDOW / quota)),
        )
