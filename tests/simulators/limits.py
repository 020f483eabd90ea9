"""How fast each service lets itself be spoken to: a window that slides, for each robot, phone or token.

Counted is whatever the service had to judge, answered or not; what it refused for being too much does not count.
"""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tests.simulators.inbox import Kind

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    at_most: int
    within: timedelta


@dataclass(frozen=True)
class Rule:
    """Whoever breaks one of the limits hears nothing else for `penalty`."""

    limits: tuple[Limit, ...]
    penalty: timedelta = timedelta(0)


RULES: Final[Mapping[Kind, Rule]] = {
    Kind.WECOM: Rule((Limit(20, _MINUTE),)),
    Kind.DINGTALK: Rule((Limit(20, _MINUTE),), penalty=10 * _MINUTE),
    Kind.FEISHU: Rule((Limit(100, _MINUTE), Limit(5, timedelta(seconds=1)))),
    Kind.SMS: Rule((Limit(1, _MINUTE), Limit(5, _HOUR), Limit(10, _DAY))),
}
"""As the services publish them; of an SMS gateway, what it lets one number have of one kind of message."""


class Limits:
    """`shorten` divides every stretch of time; `kinds` are those that are held to their limits."""

    def __init__(self, kinds: frozenset[Kind], *, shorten: float = 1) -> None:
        self.kinds = kinds
        self.shorten = shorten
        self._seen: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self._until: dict[str, datetime] = {}

    def allow(self, kind: Kind, address: str, now: datetime) -> bool:
        """Whether the service takes one more now; if so it is counted."""
        rule = RULES.get(kind)
        if rule is None or kind not in self.kinds:
            return True
        if address in self._until and now < self._until[address]:
            return False
        seen = self._seen[address]
        longest = max(limit.within for limit in rule.limits) / self.shorten
        while seen and now - seen[0] >= longest:
            seen.popleft()
        if any(self._full(seen, limit, now) for limit in rule.limits):
            self._until[address] = now + rule.penalty / self.shorten
            return False
        seen.append(now)
        return True

    def forget(self) -> None:
        self._seen.clear()
        self._until.clear()

    def _full(self, seen: deque[datetime], limit: Limit, now: datetime) -> bool:
        within = limit.within / self.shorten
        return sum(now - at < within for at in seen) >= limit.at_most
