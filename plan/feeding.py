"""Whose turn it is in the feed of one subscription: incidents in which something happened, one event after another.

A hint says that an incident's record may have gone on; what it says, whoever sends reads from the record itself. So a
hint may come twice, late or in vain. Of each incident a cursor is kept, as long as it is open and a while longer, so
that nobody is told all of it again; one that was dropped only leads to events that repeat themselves word for word.
A receiver that does not answer holds up its own feed alone: it is tried again ever more seldom, one event at a time.
An event that it refuses holds up that incident alone. Units: waits double from a second to five minutes, an hour where
refused. Errors: none.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from plan.events import Cursor
from plan.values import Instant, Kept

AT_ONCE: Final = 20
"""Incidents in one order."""
LIMIT: Final = timedelta(days=3)
"""So long a receiver may fail: then the subscription is paused, and nothing forgotten."""
LONGEST_WAIT: Final = timedelta(minutes=5)
LONGEST_REFUSED: Final = timedelta(hours=1)
MOST_OVER: Final = 2_000
MOST_OPEN: Final = 20_000
LAST: Final = 20


class Hint(Kept):
    """An incident's record reaches at least so far."""

    incident_id: str
    sequence: int


class Waiting(Kept):
    """`since` and `failures`: how long, and how often, the receiver has refused what comes next of it."""

    sequence: int
    failures: int = 0
    since: Instant | None = None
    not_before: Instant | None = None


class FeedState(Kept):
    """What a run hands to the next. `over`: incidents that are over, oldest first."""

    cursors: dict[str, Cursor] = {}
    over: tuple[str, ...] = ()
    waiting: dict[str, Waiting] = {}
    failures: int = 0
    failing_since: Instant | None = None
    not_before: Instant | None = None
    paused: bool = False
    delivered: int = 0
    last_delivered_at: Instant | None = None
    trouble: str | None = None
    given_up: tuple[str, ...] = ()


class FeedOrder(Kept):
    """Go on from these cursors. `failing_since`: the receiver has not answered since."""

    subscription: str
    cursors: tuple[Cursor, ...]
    failing_since: Instant | None = None


class Sent(Kept):
    """How far one incident has come: `whole` where there was no more then; `foreign` where it is none of theirs.

    `trouble`: what the receiver answered; `down` where it would answer so to anything.
    """

    cursor: Cursor
    events: int = 0
    whole: bool = False
    over: bool = False
    foreign: bool = False
    trouble: str | None = None
    down: bool = False
    retry_after: float | None = None


class FeedAnswer(Kept):
    """`paused`: nothing is to be sent now; `ended`: never again."""

    sent: tuple[Sent, ...] = ()
    paused: bool = False
    ended: bool = False


class Feed:
    """One feed. Asked by the workflow, which knows the time."""

    def __init__(self, state: FeedState) -> None:
        self.state = state
        self._cursors = dict(state.cursors)
        self._over = list(state.over)
        self._waiting = dict(state.waiting)
        self._ordered: dict[str, int] = {}

    def happened(self, hints: Iterable[Hint]) -> None:
        """What is known already is passed over."""
        for hint in hints:
            known = self._cursors.get(hint.incident_id)
            if known is not None and known.sequence >= hint.sequence:
                continue
            there = self._waiting.get(hint.incident_id, Waiting(sequence=0))
            furthest = max(there.sequence, hint.sequence)
            self._waiting[hint.incident_id] = there.model_copy(update={"sequence": furthest})

    def due(self, now: datetime) -> list[Cursor]:
        """Whose turn it is; while the receiver does not answer, one incident tries for all."""
        if self.state.paused or (self.state.not_before or now) > now:
            return []
        turn = [each for each, waits in self._waiting.items() if (waits.not_before or now) <= now]
        turn = turn[: 1 if self.state.failures else AT_ONCE]
        self._ordered = {each: self._waiting[each].sequence for each in turn}
        return [self._cursors.get(each, Cursor(incident_id=each)) for each in turn]

    def next_instant(self, now: datetime) -> datetime | None:
        """When to look again; None where nothing waits."""
        if self.state.paused or not self._waiting:
            return None
        first = min(waits.not_before or now for waits in self._waiting.values())
        return max(first, self.state.not_before or now)

    def answered(self, answer: FeedAnswer, now: datetime) -> None:
        """What became of an order."""
        for sent in answer.sent:
            self._come(sent, now)
        down = next((sent for sent in answer.sent if sent.down), None)
        number = sum(sent.events for sent in answer.sent)
        changes: dict[str, object] = {"paused": answer.paused, "delivered": self.state.delivered + number}
        if number:
            changes |= {"failures": 0, "failing_since": None, "not_before": None, "trouble": None}
            changes["last_delivered_at"] = now
        self.state = self.state.model_copy(update=changes)
        if down is not None:
            self._down(down.trouble, down.retry_after, now)
        self._ordered = {}

    def broke(self, why: str, now: datetime) -> None:
        """The order itself came to nothing: the store is away, or the events cannot be read."""
        self._down(why, None, now)
        self._ordered = {}

    def wake(self) -> None:
        """Somebody asks for it to be tried now."""
        self.state = self.state.model_copy(update={"paused": False, "not_before": None})
        self._waiting = {each: waits.model_copy(update={"not_before": None}) for each, waits in self._waiting.items()}

    def carried(self) -> FeedState:
        return self.state.model_copy(
            update={"cursors": self._cursors, "over": tuple(self._over), "waiting": self._waiting}
        )

    @property
    def waits(self) -> int:
        return len(self._waiting)

    @property
    def knows(self) -> int:
        return len(self._cursors)

    def _come(self, sent: Sent, now: datetime) -> None:
        name = sent.cursor.incident_id
        if not sent.foreign:
            self._keep(sent)
        waits = self._waiting.get(name)
        if waits is None:
            return
        news = waits.sequence > self._ordered.get(name, waits.sequence) and waits.sequence > sent.cursor.sequence
        if sent.foreign or sent.whole:
            if news:
                self._waiting[name] = Waiting(sequence=waits.sequence)
            else:
                del self._waiting[name]
        elif sent.trouble is not None and not sent.down:
            self._refused(sent, waits, now)
        elif sent.events:
            self._waiting[name] = Waiting(sequence=waits.sequence)

    def _keep(self, sent: Sent) -> None:
        """Its cursor, the newest last; the oldest go where there are too many."""
        name = sent.cursor.incident_id
        self._cursors.pop(name, None)
        self._cursors[name] = sent.cursor
        if name in self._over:
            self._over.remove(name)
        if sent.over and sent.whole:
            self._over.append(name)
        if len(self._over) > MOST_OVER:
            self._cursors.pop(self._over.pop(0), None)
        if len(self._cursors) > MOST_OPEN + MOST_OVER:
            oldest = next(each for each in self._cursors if each not in self._over)
            del self._cursors[oldest]

    def _refused(self, sent: Sent, waits: Waiting, now: datetime) -> None:
        """This incident waits; after the limit it is given up until something happens in it again."""
        name = sent.cursor.incident_id
        failures, since = (1, now) if sent.events else (waits.failures + 1, waits.since or now)
        if now - since > LIMIT:
            del self._waiting[name]
            given_up = (*self.state.given_up, f"{name}/{sent.cursor.sequence + 1}")[-LAST:]
            self.state = self.state.model_copy(update={"given_up": given_up})
            return
        again = now + _wait(failures, sent.retry_after, LONGEST_REFUSED)
        self._waiting[name] = Waiting(sequence=waits.sequence, failures=failures, since=since, not_before=again)
        self.state = self.state.model_copy(update={"trouble": sent.trouble})

    def _down(self, why: str | None, retry_after: float | None, now: datetime) -> None:
        failures = self.state.failures + 1
        self.state = self.state.model_copy(
            update={
                "failures": failures,
                "failing_since": self.state.failing_since or now,
                "not_before": now + _wait(failures, retry_after, LONGEST_WAIT),
                "trouble": why,
            }
        )


def _wait(failures: int, retry_after: float | None, longest: timedelta) -> timedelta:
    """Doubling from a second; as long as the receiver asked for, within the same bound."""
    doubled = timedelta(seconds=2 ** min(failures - 1, 12))
    return min(max(doubled, timedelta(seconds=retry_after or 0)), longest)
