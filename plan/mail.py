"""What waits for one address that may not be spoken to faster, and what becomes of it (R14, R29).

Pure, as the book is: it is handed the time and says what to do. `workflows/mailbox.py` keeps one; read `look` first,
`line.py` says whose turn it is.

- One message at a time. One that was tried keeps its letters, its words and its key until it is taken or nobody waits
  for it any more: a repeat says the same.
- Whose turn would come too late is given up at once, so that another way is tried. If the message is taken after all,
  that is told too.
- Whoever waits is told until when, and again when that has moved.
- After a failed attempt the address rests, doubling from a second; what is more urgent than all who wait goes at once.
  What the service asks for is kept.

Errors: none.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from plan.digest import message
from plan.line import Tried, Turn, Waiting, line
from plan.mail_state import MailState, Owed, Parcel
from plan.orders import Delivered, Letter, Outcome, Trouble
from plan.turns import still_counting, stretch

WORTH_TELLING: Final = timedelta(seconds=2)
"""Who waits no longer is not told so."""
MOVED: Final = timedelta(minutes=1)
"""By how much an expected turn must have moved to be told again."""
FIRST_REST: Final = timedelta(seconds=1)
LONGEST_REST: Final = timedelta(seconds=30)
REMEMBERED: Final = 500
"""Outcomes kept for whoever posts the same letter again."""
TOLD_AT_ONCE: Final = 500
HELD_TOO_LONG: Final = "HeldTooLong"
"""Why a letter was given up whose turn would have come too late."""


class Mail:
    """One mailbox. `letters` are in the order they came; `sending` is on its way now, and nothing else meanwhile."""

    def __init__(self, state: MailState) -> None:
        self.manner = state.manner
        self.letters = {each.number: each for each in state.letters}
        self.parcels = {parcel.key: parcel for parcel in state.parcels}
        self.sending: Parcel | None = None
        self.attempts = state.attempts
        self.busy_until, self.rest_until = state.busy_until, state.rest_until
        self._failures, self._last, self._posted = state.failures, state.last, state.posted
        self._owed, self._remembered = list(state.owed), dict(state.remembered)
        self._here = {each.key for each in state.letters if not each.over}
        self._turn_at: datetime | None = None

    @property
    def state(self) -> MailState:
        """Everything, to go on from; nothing may be on its way."""
        return MailState(
            manner=self.manner,
            letters=tuple(self.letters.values()),
            parcels=tuple(self.parcels.values()),
            attempts=self.attempts,
            busy_until=self.busy_until,
            rest_until=self.rest_until,
            failures=self._failures,
            last=self._last,
            posted=self._posted,
            owed=tuple(self._owed),
            remembered=self._remembered,
        )

    def post(self, letter: Letter, now: datetime) -> None:
        """One more letter. What is here already waits once; what is settled is told again."""
        key = letter.order.key
        if key in self._here:
            return
        if known := self._remembered.get(key):
            self._owed.append(Owed(workflow_id=letter.workflow_id, outcome=known))
            return
        if self.rest_until and all(letter.priority < each.letter.priority for each in self.waiting):
            self.rest_until = None
        self._posted += 1
        self._here.add(key)
        self.letters[self._posted] = Waiting(letter=letter, number=self._posted, give_up_at=now + letter.give_up_after)

    # What to do now

    def look(self, now: datetime) -> Parcel | None:
        """Give up what is in vain, tell who waits, and say what to send now: it is on its way from here on."""
        self.attempts = still_counting(self.attempts, self.manner, now)
        turns = self._turns(now)
        for turn in turns:
            self._give_up(turn)
            self._tell(turn, now)
        going = next((turn for turn in turns if turn.letters), None)
        if going is not None and not self.sending and going.at <= now:
            self.sending = parcel = self._parcel(going)
        else:
            parcel = None
        self._turn_at = going.at if going is not None and not self.sending else None
        return parcel

    def next_instant(self, now: datetime) -> datetime | None:
        """When to look again if nothing happens: the next turn, the next letter to give up, or the end."""
        instants = [each.give_up_at for each in self.waiting]
        instants += [self._turn_at] if self._turn_at else []
        at = min(instants, default=None if self.sending else self._over_at())
        return at if at is not None and at > now else None

    def over(self, now: datetime) -> bool:
        """Nothing waits, nobody is to be told anything, and nothing that was sent counts any more."""
        if self.sending or self.letters or self._owed:
            return False
        at = self._over_at()
        return at is None or at <= now

    def to_tell(self) -> dict[str, tuple[Outcome, ...]]:
        """What incidents are to be told, by their workflow ids; handed out once, so many at a time."""
        now, self._owed = self._owed[:TOLD_AT_ONCE], self._owed[TOLD_AT_ONCE:]
        found: dict[str, list[Outcome]] = {}
        for each in now:
            found.setdefault(each.workflow_id, []).append(each.outcome)
        return {workflow: tuple(outcomes) for workflow, outcomes in found.items()}

    @property
    def waiting(self) -> list[Waiting]:
        """Whoever waits, but for those on their way now."""
        on_the_way = frozenset(self.sending.numbers if self.sending else ())
        return [each for each in self.letters.values() if not each.over and each.number not in on_the_way]

    def of(self, parcel: Parcel) -> list[Waiting]:
        """Who waits for a message still."""
        letters = (self.letters[number] for number in parcel.numbers)
        return [each for each in letters if not each.over]

    # What became of what was sent

    def delivered(self, answer: Delivered, now: datetime) -> None:
        """Taken: for all of its letters, for those too that were given up meanwhile."""
        parcel = self._back(now, tried=True)
        self._failures, self._last, self.rest_until, self.busy_until = 0, "", None, None
        answer = answer.model_copy(update={"attempts": parcel.attempts})
        for number in parcel.numbers:
            each = self.letters.pop(number)
            self._settle(each, Outcome(key=each.key, delivered=answer))

    def refused(self, why: str, trouble: Trouble, now: datetime) -> None:
        """Never again: the next way is tried for all of them."""
        parcel = self._back(now, tried=trouble.tried)
        self._failures, self.rest_until = 0, None
        for each in self.of(parcel):
            self._settle(each, Outcome(key=each.key, failure=why, code=trouble.code, attempts=parcel.attempts))
        self._forget(parcel)

    def failed(self, why: str, trouble: Trouble, now: datetime) -> None:
        """Later: it goes out again as it was. Only what never left may still be folded otherwise."""
        parcel = self._back(now, tried=trouble.tried)
        self._last = why
        if trouble.retry_after is not None:
            self.busy_until = now + trouble.retry_after
        else:
            self.rest_until = now + min(FIRST_REST * 2 ** min(self._failures, 10), LONGEST_REST)
            self._failures += 1
        if parcel.attempts:
            now_last = {"why": why, "code": trouble.code, "place": self._posted}
            self.parcels[parcel.key] = parcel.model_copy(update=now_last)

    def unfit(self, outcomes: Iterable[Outcome], now: datetime) -> None:
        """Nothing was sent, for some must not go there; the others are folded anew."""
        parcel, found = self._back(now, tried=False), {outcome.key: outcome for outcome in outcomes}
        for each in self.of(parcel):
            if outcome := found.get(each.key):
                self._settle(self.letters.pop(each.number), outcome)
        for number in parcel.numbers:
            if number in self.letters and self.letters[number].over:
                del self.letters[number]

    # The steps

    def _turns(self, now: datetime) -> list[Turn]:
        tried = [
            Tried(key=parcel.key, place=parcel.place, letters=tuple(self.of(parcel)))
            for parcel in self.parcels.values()
        ]
        elsewhere = {each.number for parcel in tried for each in parcel.letters}
        begins = max(at for at in (now, self.busy_until, self.rest_until) if at)
        attempts = (*self.attempts, *([now] if self.sending else []))
        fresh = [each for each in self.waiting if each.number not in elsewhere]
        return line(fresh, tried, attempts, self.manner, begins)

    def _parcel(self, turn: Turn) -> Parcel:
        if turn.again is not None:
            return self.parcels.pop(turn.again)
        text = message([each.letter.written for each in turn.letters], self.manner.room)
        return Parcel(
            key=_key([each.key for each in turn.letters], text),
            text=text,
            numbers=tuple(each.number for each in turn.letters),
        )

    def _back(self, now: datetime, *, tried: bool) -> Parcel:
        """The message that was on its way, its attempt counted."""
        parcel, self.sending = self.sending, None
        if parcel is None:
            raise LookupError("nothing is on its way")
        if tried:
            self.attempts = (*self.attempts, now)
        return parcel.model_copy(update={"attempts": parcel.attempts + tried})

    def _give_up(self, turn: Turn) -> None:
        parcel = self.parcels.get(turn.again) if turn.again else None
        for each in turn.too_late:
            outcome = Outcome(
                key=each.key,
                failure=_too_late(parcel.why if parcel else self._last),
                code=parcel.code if parcel else "",
                attempts=parcel.attempts if parcel else 0,
            )
            self._settle(each, outcome)
            if parcel is None:
                del self.letters[each.number]
            else:
                self.letters[each.number] = each.model_copy(update={"over": True})
        if parcel is not None and not self.of(parcel):
            self._forget(self.parcels.pop(parcel.key))

    def _forget(self, parcel: Parcel) -> None:
        for number in parcel.numbers:
            self.letters.pop(number, None)

    def _tell(self, turn: Turn, now: datetime) -> None:
        if turn.at - now <= WORTH_TELLING:
            return
        for each in turn.letters:
            if each.told_until is None or abs(turn.at - each.told_until) > MOVED:
                self.letters[each.number] = each.model_copy(update={"told_until": turn.at})
                self._owe(each, Outcome(key=each.key, held_until=turn.at))

    def _settle(self, each: Waiting, outcome: Outcome) -> None:
        self._owe(each, outcome)
        self._here.discard(each.key)
        if outcome.again:
            return
        self._remembered.pop(each.key, None)
        self._remembered[each.key] = outcome
        while len(self._remembered) > REMEMBERED:
            del self._remembered[next(iter(self._remembered))]

    def _owe(self, each: Waiting, outcome: Outcome) -> None:
        self._owed.append(Owed(workflow_id=each.letter.workflow_id, outcome=outcome))

    def _over_at(self) -> datetime | None:
        counted = [self.attempts[-1] + stretch(self.manner)] if self.attempts else []
        return max([*counted, *([self.busy_until] if self.busy_until else [])], default=None)


def _key(keys: list[str], text: str) -> str:
    """A notice's own key where it is alone; else one that no other text ever has."""
    if len(keys) == 1:
        return keys[0]
    return "digest/" + hashlib.sha256("\n".join([*keys, text]).encode()).hexdigest()[:32]


def _too_late(last: str) -> str:
    why = f" Last came {last}" if last else ""
    return f"{HELD_TOO_LONG}: its turn in the chat would come too late, and another way is tried.{why}"[:300]
