"""The line before one address: everybody's turn, if nothing else comes and nothing fails (R14).

A crisis goes before everything else; among equals whoever came first. What was tried in vain goes out again as it was,
from the end of the line, so that what a robot will not take holds up nothing else. The others are folded, as many as
fit into one message: crises, drills and languages never together. Errors: none.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime

from plan.channels import Manner
from plan.digest import fitting
from plan.orders import Letter
from plan.turns import free_at
from plan.values import Instant, Kept


class Waiting(Kept):
    """A letter in its place. `told_until` is what its incident was told last; `over`: it waits no more."""

    letter: Letter
    number: int
    give_up_at: Instant
    told_until: Instant | None = None
    over: bool = False

    @property
    def key(self) -> str:
        return self.letter.order.key

    @property
    def rank(self) -> tuple[int, int]:
        """Smaller is sooner."""
        return (self.letter.priority, self.number)


class Tried(Kept):
    """A message that was tried: who still waits for it, and where it stands in the line now."""

    key: str
    place: int
    letters: tuple[Waiting, ...]

    @property
    def rank(self) -> tuple[int, int]:
        return (min(each.letter.priority for each in self.letters), self.place)


class Turn(Kept):
    """What goes at `at`: letters for the first time, or those of a message again. `too_late`: for whom it is no use."""

    at: Instant
    letters: tuple[Waiting, ...] = ()
    again: str | None = None
    too_late: tuple[Waiting, ...] = ()


def line(
    waiting: Iterable[Waiting],
    tried: Iterable[Tried],
    attempts: Sequence[datetime],
    manner: Manner,
    now: datetime,
) -> list[Turn]:
    """Every turn in its order, the first one not before `now`."""
    again, queues = deque(sorted(tried, key=lambda each: each.rank)), _by_kin(waiting)
    at, ahead, turns = now, list(attempts), list[Turn]()
    while again or queues:
        queue = min(queues, key=lambda each: each[0].rank, default=None)
        if queue is None or (again and again[0].rank < queue[0].rank):
            at = free_at(ahead, manner, at, urgent=_urgent(again[0].letters))
            turn = _once_more(again.popleft(), at)
        else:
            at = free_at(ahead, manner, at, urgent=_urgent(queue))
            turn = _next_of(queue, at, manner.room)
            queues = [each for each in queues if each]
        turns.append(turn)
        ahead += [at] if turn.letters else []
    return turns


def _by_kin(waiting: Iterable[Waiting]) -> list[deque[Waiting]]:
    """Those who may share a message, in their order."""
    found: dict[tuple[str, bool, bool], deque[Waiting]] = {}
    for each in sorted(waiting, key=lambda each: each.rank):
        letter = each.letter
        found.setdefault((letter.written.lang, letter.order.drill, letter.urgent), deque()).append(each)
    return list(found.values())


def _urgent(letters: Iterable[Waiting]) -> bool:
    return any(each.letter.urgent for each in letters)


def _once_more(tried: Tried, at: datetime) -> Turn:
    late = tuple(each for each in tried.letters if each.give_up_at <= at)
    going = tuple(each for each in tried.letters if each.give_up_at > at)
    return Turn(at=at, letters=going, again=tried.key, too_late=late)


def _next_of(queue: deque[Waiting], at: datetime, longest: int | None) -> Turn:
    """As many as fit, taken out of the queue, with those before them who cannot wait so long."""
    number = fitting((each.letter.written for each in queue if each.give_up_at > at), longest)
    going: list[Waiting] = []
    late: list[Waiting] = []
    while queue and (queue[0].give_up_at <= at or len(going) < number):
        each = queue.popleft()
        (late if each.give_up_at <= at else going).append(each)
    return Turn(at=at, letters=tuple(going), too_late=tuple(late))
