"""What one person has complained of before: the same policy again after a resolution is a repeat (R14).

Within `repeat_within` after the resolution, and of a shared policy: policies are compared by keyed hash. A complaint of
the same person about another policy, or while the earlier one is still open, is none. Where the earlier incident is
resolved and not closed, the work group is prompted to open it again. Nothing is opened by itself: whether it is the
same matter, people know. Errors: none.
"""

from datetime import datetime, timedelta
from typing import Literal, Self

from plan.incident import Form
from plan.saying import Said, Say, Tell, fact
from plan.sighting import Rules, Sighting
from plan.values import Instant, Kept

MOST = 100
"""Complaints of one person kept in sight."""
LONGEST = timedelta(days=366)
"""A complaint that nobody resolves is kept so long."""


class Earlier(Kept):
    """A complaint of this person."""

    number: int
    filed_at: Instant
    known_at: Instant
    policies: tuple[str, ...] = ()
    resolved_at: Instant | None = None


class PersonWatch(Kept):
    """The state of one person's watch. `repeats` is the how many-th repeat an incident is."""

    kind: Literal["person"] = "person"
    person: str
    drill: bool = False
    rules: Rules | None = None
    latest: Instant | None = None
    complaints: dict[str, Earlier] = {}
    repeats: dict[str, int] = {}
    owed: tuple[Say, ...] = ()

    def seen(self, sighting: Sighting, rules: Rules) -> Self:
        known = self.complaints.get(sighting.incident_id)
        if sighting.form is Form.GROUP_EVENT or (known is not None and known.number >= sighting.number):
            return self
        latest = max(self.latest or sighting.known_at, sighting.known_at)
        complaints = {name: each for name, each in self.complaints.items() if name != sighting.incident_id}
        if sighting.person_key == self.person:
            complaints[sighting.incident_id] = Earlier(
                number=sighting.number,
                filed_at=sighting.filed_at,
                known_at=sighting.known_at,
                policies=sighting.policies,
                resolved_at=sighting.resolved_at,
            )
        watch = self.model_copy(update={"rules": rules, "latest": latest, "complaints": complaints}).pruned(latest)
        return watch._linked(rules)

    def _linked(self, rules: Rules) -> Self:
        """Each repeat once, the earliest first: a policy may become known only later."""
        watch = self
        for name, each in sorted(self.complaints.items(), key=lambda pair: (pair[1].filed_at, pair[0])):
            if name not in watch.repeats and (before := watch._repeated(each, rules.watch.repeat_within)):
                watch = watch._linking(name, each, before)
        return watch

    def _repeated(self, later: Earlier, within: timedelta) -> str | None:
        """The last resolution that this complaint repeats."""
        found = [
            (each.resolved_at, name)
            for name, each in self.complaints.items()
            if each.resolved_at is not None
            and each.resolved_at < later.filed_at <= each.resolved_at + within
            and not set(each.policies).isdisjoint(later.policies)
        ]
        return max(found)[1] if found else None

    def _linking(self, name: str, later: Earlier, before: str) -> Self:
        number = self.repeats.get(before, 0) + 1
        tell = Tell(
            id=f"watch:repeat:{before}",
            incident_id=name,
            fact=fact("repeat_of", incident_id=before, number=number),
            at=later.known_at,
            looks_at=before,
        )
        return self.model_copy(update={"repeats": {**self.repeats, name: number}, "owed": (*self.owed, tell)})

    def answered(self, say: Say, said: Said) -> Self:
        return self.model_copy(update={"owed": tuple(each for each in self.owed if each.key != say.key)})

    def pruned(self, now: datetime) -> Self:
        """Without what can be repeated no more."""
        if self.rules is None:
            return self
        kept = {name: each for name, each in self.complaints.items() if self._until(each, self.rules) > now}
        last = sorted(kept, key=lambda name: kept[name].filed_at)[-MOST:]
        return self.model_copy(
            update={
                "complaints": {name: kept[name] for name in kept if name in last},
                "repeats": {name: number for name, number in self.repeats.items() if name in last},
            }
        )

    @staticmethod
    def _until(each: Earlier, rules: Rules) -> datetime:
        return each.filed_at + LONGEST if each.resolved_at is None else each.resolved_at + rules.watch.repeat_within

    @property
    def is_empty(self) -> bool:
        """Nothing is left that could be repeated."""
        return not self.complaints

    @property
    def expires_at(self) -> datetime | None:
        """When nothing will be left that could be repeated."""
        rules = self.rules
        if rules is None or self.is_empty:
            return None
        return max(self._until(each, rules) for each in self.complaints.values())
