"""What one insurer's line has had of complaints everywhere: when they cluster, an alert is raised (R7, R32).

Distinct persons of the last `long` days are compared with what was usual: the average of the same span over the year
before, as far as the watch goes back. `line_at` of them, and `line_times` what was usual, raise a heightened alert for
the province they come from; for every province where no single one stands out. It is raised again, until a later day,
for as long as that holds. Before the watch knows one whole span to compare with, it raises nothing.

Whoever has left the window stays as a number by day and province only. A drill raises nothing. Errors: none.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Literal, Self

from plan.incident import Form
from plan.saying import RaiseAlert, Said, Say
from plan.sighting import Rules, Sighting
from plan.values import Day, Instant, Kept
from plan.wording import CHINA

YEAR = timedelta(days=365)
MOST = 3_000
"""Complaints kept one by one; beyond, the oldest are only counted."""
EVERYWHERE = "all"
A_DAY = timedelta(days=1)


class Heard(Kept):
    """One complaint: since when, where, and of whom; of nobody known, it counts as one person."""

    at: Instant
    province: str | None = None
    persons: tuple[str, ...] = ()
    number: int = 0


class DayCount(Kept):
    day: Day
    province: str | None = None
    people: int


class Cluster(Kept):
    """How it stands in a province, or everywhere: so many people now, and so many as a rule (None: not known yet)."""

    province: str | None
    people: int
    usual: float | None

    def reaches(self, rules: Rules) -> bool:
        numbers = rules.watch
        return self.usual is not None and self.people >= max(numbers.line_at, numbers.line_times * self.usual)


class LineWatch(Kept):
    """The state of one line's watch. `raised` says until when an alert was raised, by province."""

    kind: Literal["line"] = "line"
    insurer: str
    product_line: str | None = None
    drill: bool = False
    rules: Rules | None = None
    latest: Instant | None = None
    first_at: Instant | None = None
    heard: dict[str, Heard] = {}
    days: tuple[DayCount, ...] = ()
    raised: dict[str, Instant] = {}
    owed: tuple[Say, ...] = ()

    def seen(self, sighting: Sighting, rules: Rules) -> Self:
        known = self.heard.get(sighting.incident_id)
        if sighting.form is Form.GROUP_EVENT or (known is not None and known.number >= sighting.number):
            return self
        at = min(sighting.instants)
        latest = max(self.latest or at, at)
        heard = {name: each for name, each in self.heard.items() if name != sighting.incident_id}
        if sighting.insurer == self.insurer and self.product_line in (None, sighting.product_line):
            persons = tuple(person.key for person in sighting.persons)
            heard[sighting.incident_id] = Heard(
                at=at, province=sighting.province, persons=persons, number=sighting.number
            )
        first_at = min(self.first_at or at, at)
        watch = self.model_copy(update={"rules": rules, "latest": latest, "first_at": first_at, "heard": heard})
        watch = watch.pruned(latest)
        return watch._judged(sighting, rules, at) if not self.drill and known is None else watch

    def clusters(self, rules: Rules, now: datetime) -> list[Cluster]:
        """How it stands in each province that has complaints now; more than one, and everywhere too."""
        provinces = list(dict.fromkeys(each.province for each in self.heard.values() if self._now(each.at, rules, now)))
        scopes: list[str | None] = [*provinces, EVERYWHERE] if len(provinces) > 1 else list(provinces)
        return [self._cluster(scope, rules, now) for scope in scopes]

    def _judged(self, sighting: Sighting, rules: Rules, at: datetime) -> Self:
        """The province of this complaint, and everywhere only where that does not stand out."""
        several = any(each.province != sighting.province for each in self.heard.values())
        for scope in (sighting.province, *([EVERYWHERE] if several else [])):
            found = self._cluster(scope, rules, at)
            if found.reaches(rules):
                return self._raising(found, rules, at)
        return self

    def _raising(self, found: Cluster, rules: Rules, at: datetime) -> Self:
        scope, until = found.province or EVERYWHERE, at + rules.watch.alert_for
        before = self.raised.get(scope)
        if before is not None and until < before + A_DAY:
            return self
        province = None if scope == EVERYWHERE else scope
        alert = RaiseAlert(
            id=f"watch:alert:{scope}:{self.insurer}:{int(until.timestamp())}",
            province=province,
            insurer=self.insurer,
            product_line=self.product_line,
            people=found.people,
            usual=found.usual or 0,
            at=at,
            until=until,
        )
        return self.model_copy(update={"raised": {**self.raised, scope: until}, "owed": (*self.owed, alert)})

    def _cluster(self, scope: str | None, rules: Rules, now: datetime) -> Cluster:
        span = rules.watch.long
        inside = [e for e in self.heard.values() if self._now(e.at, rules, now) and scope in (EVERYWHERE, e.province)]
        counted = [each for each in self.days if scope in (EVERYWHERE, each.province)]
        early = sum(each.people for each in counted if each.day > _day(now - span))
        return Cluster(province=scope, people=_people(inside) + early, usual=self._usual(counted, now - span, span))

    def _usual(self, counted: list[DayCount], until: datetime, span: timedelta) -> float | None:
        since = max(until - YEAR, self.first_at or until)
        if until - since < span:
            return None
        people = sum(each.people for each in counted if _day(since) <= each.day <= _day(until))
        return people / ((until - since) / span)

    @staticmethod
    def _now(at: datetime, rules: Rules, now: datetime) -> bool:
        return now - rules.watch.long < at <= now

    def answered(self, say: Say, said: Said) -> Self:
        return self.model_copy(update={"owed": tuple(each for each in self.owed if each.key != say.key)})

    def pruned(self, now: datetime) -> Self:
        """What has left the window becomes a number; what is older than a year before it goes."""
        if self.rules is None:
            return self
        since = now - self.rules.watch.long
        if len(self.heard) <= MOST and all(each.at > since for each in self.heard.values()):
            return self
        old = {name for name, each in self.heard.items() if each.at <= since}
        kept = sorted((n for n in self.heard if n not in old), key=lambda name: self.heard[name].at)
        old |= set(kept[: max(len(kept) - MOST, 0)])
        earlier = [self.heard[name] for name in self.heard if name in old]
        days = [each for each in self.days if each.day > _day(since - YEAR)]
        return self.model_copy(
            update={
                "heard": {name: each for name, each in self.heard.items() if name not in old},
                "days": tuple(_summed(days, earlier)),
                "raised": {scope: until for scope, until in self.raised.items() if until > since},
            }
        )

    @property
    def is_empty(self) -> bool:
        """Not once it has heard of anything: a quiet year is what a cluster is measured by."""
        return self.first_at is None

    @property
    def expires_at(self) -> datetime | None:
        return None


def _people(heard: list[Heard]) -> int:
    keys = {key for each in heard for key in each.persons}
    return len(keys) + sum(1 for each in heard if not each.persons)


def _summed(days: list[DayCount], earlier: list[Heard]) -> Iterator[DayCount]:
    """The numbers by day and province, with those who have left the window added to them."""
    groups: dict[tuple[date, str | None], list[Heard]] = {}
    for each in earlier:
        groups.setdefault((_day(each.at), each.province), []).append(each)
    known = {(each.day, each.province): each.people for each in days}
    for place in sorted({*known, *groups}, key=lambda place: (place[0], place[1] or "")):
        people = known.get(place, 0) + _people(groups.get(place, []))
        yield DayCount(day=place[0], province=place[1], people=people)


def _day(at: datetime) -> date:
    return at.astimezone(CHINA).date()
