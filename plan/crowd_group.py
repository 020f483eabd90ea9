"""A crowd that became a group event, as the outlet's watch remembers it (A19, A23).

What was counted is frozen when it opens. `members` is what was told to join, by the number of its entry once it has
taken it.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from plan.values import Instant, Kept
from plan.wording import CHINA


class CrowdGroup(Kept):
    """`first_at` and `last_at` are of its complaints, `links` what joins them, `people` how many it opened with."""

    group_id: str
    opened_at: Instant
    first_at: Instant
    last_at: Instant
    links: tuple[str, ...] = ()
    people: int = 0
    members: dict[str, int] = {}

    def takes(
        self, instants: Iterable[datetime], by: frozenset[str], span: timedelta, ended_at: datetime | None
    ) -> bool:
        """Whether a complaint still joins it: it belongs to it, came in time, and before it was over."""
        in_time = any(
            self.first_at - span < at < self.last_at + span and (ended_at is None or at < ended_at) for at in instants
        )
        return in_time and not by.isdisjoint(self.links)

    def joined_by(self, incident_id: str, instants: Iterable[datetime], by: frozenset[str], number: int) -> Self:
        """With one complaint more. It may be followed by others that belong to it."""
        return self.model_copy(
            update={
                "last_at": max(self.last_at, *instants),
                "links": tuple(sorted({*self.links, *by})),
                "members": {**self.members, incident_id: self.members.get(incident_id, 0)},
            }
        )

    def received(self, incident_id: str, sequence: int) -> Self:
        return self.model_copy(update={"members": {**self.members, incident_id: sequence}})

    def without(self, incident_id: str) -> Self:
        return self.model_copy(update={"members": {k: v for k, v in self.members.items() if k != incident_id}})


def group_id(outlet: str, first: str, at: datetime) -> str:
    """The same crowd has the same id, whoever asks how often: outlet, the day in China, the first of its incidents."""
    place = "".join(each for each in outlet if each.isascii() and (each.isalnum() or each in "._-"))[:40]
    mark = hashlib.sha256(f"{outlet}\n{first}\n{at.isoformat()}".encode()).hexdigest()[:6]
    return f"{place}-{at.astimezone(CHINA):%Y%m%d}-g{mark}"
