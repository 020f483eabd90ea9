"""How far the chase of one notice has come: what is due, to whom, until when it rests, who answered (R14, R22, R27).

A repeat at every interval, each to its step of the playbook, and beside it to those above who have to be awake as well.
Readings: a step where nobody is gives way to the next one at the same instant. Who was only told beside the steps stops
the chase of the others once it comes to them. `on_the_way` stops the ladder's time until the arrival it names, for one
interval where it names none; an arrival that does not come lets it run on.
Errors: none. A playbook without steps, frozen before there were any, drops the repeats of a pause instead.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cached_property

from plan.incident import Incident, Notice, NoticeState, Occasion
from plan.playbook import Chase, NoticeRule, Recipients
from plan.recipients import people
from plan.values import Instant, Kept

NOTHING = timedelta(0)
Sent = dict[str, list[Notice]]
"""Notices by duty."""


class Unanswered(Kept):
    """A chase at its cap: what nobody answered, since when, and who did not."""

    duty: str
    at: Instant
    rule: str
    people: tuple[str, ...]


def repeat_id(occasion: Occasion, number: int) -> str:
    """`tell.calming_failed` → `repeat.calming_failed.1`."""
    return f"repeat.{occasion.duty.partition('.')[2]}.{number}"


class Ladder:
    """The chase of one notice, as far as it has come by `now`."""

    def __init__(
        self, incident: Incident, rule: NoticeRule, chase: Chase, occasion: Occasion, now: datetime, sent: Sent
    ) -> None:
        self.occasion, self.rule, self.chase = occasion, rule, chase
        self._incident, self._now = incident, now
        self._told = sent.get(occasion.duty, [])
        self._last = sent.get(repeat_id(occasion, chase.at_most), [])
        self._repeated = [n for number in self._numbers for n in sent.get(repeat_id(occasion, number), ())]
        self._told_at = min(notice.created_at for notice in self._told)
        self._pauses = _pauses(incident, chase, self._told_at)

    # When

    @property
    def instants(self) -> list[datetime]:
        """Of every repeat that is not dropped."""
        return [self.at(number) for number in self._numbers if not self.dropped(number)]

    def at(self, number: int) -> datetime:
        """When a repeat is due; a pause before it moves it on."""
        at = self._told_at + number * self.chase.every
        for begins, ends in self._pauses if self.chase.steps else ():
            at += ends - begins if begins < at else NOTHING
        return at

    @cached_property
    def due(self) -> int:
        """The number of the latest repeat that is due; 0 before the first."""
        return sum(1 for number in self._numbers if self.at(number) <= self._now)

    def gone(self, number: int) -> bool:
        """It went out, or a later one did."""
        later = range(number, self.chase.at_most + 1)
        return any(repeat_id(self.occasion, n) in self._incident.started for n in later)

    @property
    def paused(self) -> datetime | None:
        """Until when nobody is chased, for somebody is on the way."""
        return max((ends for begins, ends in self._pauses if begins <= self._now < ends), default=None)

    def dropped(self, number: int) -> bool:
        return not self.chase.steps and any(self.at(number) < ends for _, ends in self._pauses)

    @property
    def resumes_at(self) -> datetime | None:
        """The end of a pause in which a repeat waits that was due before it."""
        waits = bool(self.chase.steps) and self.due > 0 and not self.gone(self.due)
        return self.paused if waits else None

    @property
    def end(self) -> datetime | None:
        """An interval after the last repeat; None before that has gone out."""
        if not self.gone(self.chase.at_most):
            return None
        last = min((notice.created_at for notice in self._last), default=self._told_at)
        return max(self.at(self.chase.at_most + 1), last + self.chase.every)

    # Whom

    @property
    def asks(self) -> tuple[Recipients, ...]:
        """The recipients of the repeat that is due: its step, unless that was answered, and who is silent beside it."""
        own = () if self.answered else self._step(self.due)
        return (*own, *self.silent)

    @cached_property
    def answered(self) -> bool:
        """One of those chased has answered the notice, or a repeat of it after the ladder had come to them."""
        first, again = self._heard(self._told), self._heard(self._repeated)
        if first and not first.isdisjoint(self._people(self.chase.of)):
            return True
        if not again:
            return False
        beside = self._people(self.chase.beside)
        reached = self._people([each for number in range(1, self.due + 1) for each in self._step(number)])
        return any(person not in beside or person in reached for person in again)

    @cached_property
    def silent(self) -> tuple[Recipients, ...]:
        """The recipients beside of whom nobody has answered."""
        heard = self._heard([*self._told, *self._repeated])
        groups = ((each, self._people([each])) for each in self.chase.beside)
        return tuple(each for each, group in groups if group and heard.isdisjoint(group))

    def unanswered(self) -> Unanswered:
        asked: list[str] = []
        if not self.answered:
            chased = self._people(self.chase.of)
            asked += [notice.recipient for notice in self._told if notice.recipient in chased]
            asked += [notice.recipient for notice in self._repeated]
        asked += self._people(self.silent)
        heard = self._heard([*self._told, *self._repeated])
        who = tuple(person for person in dict.fromkeys(asked) if person not in heard)
        return Unanswered(duty=self.occasion.duty, at=self.end or self._now, rule=self.rule.rule, people=who)

    def _step(self, number: int) -> tuple[Recipients, ...]:
        """A step where nobody is gives way to the next one; an empty last one to the one below."""
        chase = self.chase
        if not chase.steps:
            return chase.of if number == 1 or not chase.then else chase.then
        place = min(number, len(chase.steps)) - 1
        order = [*chase.steps[place:], *reversed(chase.steps[:place])]
        return next((step for step in order if self._people(step)), chase.steps[place])

    @property
    def _numbers(self) -> range:
        return range(1, self.chase.at_most + 1)

    def _heard(self, notices: list[Notice]) -> set[str]:
        """Who has answered, and for whom: a notice that was re-routed is answered for its first recipient too."""
        answers = [notice for notice in notices if notice.state is NoticeState.ACKNOWLEDGED]
        first = (self._incident.notices.get(notice.instead_of or "") for notice in answers)
        return {notice.recipient for notice in answers} | {notice.recipient for notice in first if notice}

    def _people(self, selectors: Sequence[Recipients]) -> tuple[str, ...]:
        return people(self._incident, selectors, self._now, about=self.occasion, owed_by=None)


def _pauses(incident: Incident, chase: Chase, told_at: datetime) -> list[tuple[datetime, datetime]]:
    """From each departure to the arrival it names; with steps earliest first, and where they overlap once."""
    journeys = [j for j in incident.journeys if j.party == chase.pauses_for and j.at >= told_at]
    if not chase.steps:
        return [(told_at, j.expected_at) for j in journeys if j.expected_at]
    pauses: list[tuple[datetime, datetime]] = []
    for journey in sorted(journeys, key=lambda journey: journey.at):
        begins = max(journey.at, pauses[-1][1]) if pauses else journey.at
        ends = journey.expected_at or journey.at + chase.every
        if begins < ends:
            pauses.append((begins, ends))
    return pauses
