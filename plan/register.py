"""A unit's register: what it has promised to do, whom it trained, which outlets it screened (R10, R11, R30, R58-R63).

Folded from items, each with who and when; nothing is edited. It is bounded: all open actions, and of what is done the
last of each. Start with `entered`; `register_judging.py` says who may enter what, `register_due.py` what is due.

Readings: an action that feeds the screening standard is a point of it from the moment it is done (R58). A screening
belongs to the round it names, else to the present one. Errors: none.
"""

from typing import assert_never

from plan.receipts import Verdict
from plan.register_items import (
    ActionDone,
    ActionOpened,
    Feeds,
    ItemTold,
    OutletScreened,
    ReadinessConfirmed,
    Result,
    RoundAsked,
    TrainingHeld,
)
from plan.rhythm import ActionRules, Kind
from plan.rounds import RoundHeld
from plan.values import Day, Instant, Kept

MOST_OPEN = 300
"""Open actions of one unit; whoever has more closes some first."""
LAST_DONE = 200
LAST_TRAININGS = 300
LAST_SCREENINGS = 500
LAST_ROUNDS = 3
"""Rounds of each kind."""
LAST_VERDICTS = 500
LAST_REFUSALS = 20


class Action(Kept):
    """`told` is how far it was spoken of (`register_due.py`)."""

    action_id: str
    text: str
    owner: str
    due_at: Instant
    feeds: Feeds = Feeds.OTHER
    from_incident: str | None = None
    outlet: str | None = None
    opened_at: Instant
    opened_by: str
    done_at: Instant | None = None
    done_by: str | None = None
    note: str | None = None
    told: int = -1

    @property
    def open(self) -> bool:
        return self.done_at is None


class Training(Kept):
    """`place` is the outlet or unit it counts for."""

    who: str
    place: str
    topic: str
    held_on: Day
    attendees: int
    at: Instant
    by: str


class Screening(Kept):
    outlet: str
    round: str | None = None
    result: Result
    note: str | None = None
    at: Instant
    by: str


class Confirmed(Kept):
    """One item of one outlet's readiness."""

    at: Instant
    by: str


class Refused(Kept):
    at: Instant
    kind: str
    by: str | None = None
    rule: str
    reason: str


class Register(Kept):
    """The state of one unit's register.

    `internal` are the people who may see all of it, `at_outlets` the outlets that others answer for, as last looked up.
    `rounds_told` names rounds of which was told that they are not complete.
    """

    unit: str
    unit_name: str = ""
    unit_name_en: str = ""
    rules: ActionRules = ActionRules()
    internal: tuple[str, ...] = ()
    at_outlets: dict[str, tuple[str, ...]] = {}
    sequence: int = 0
    actions: tuple[Action, ...] = ()
    trainings: tuple[Training, ...] = ()
    screenings: tuple[Screening, ...] = ()
    readiness: dict[str, dict[str, Confirmed]] = {}
    rounds: tuple[RoundHeld, ...] = ()
    rounds_told: tuple[str, ...] = ()
    verdicts: dict[str, Verdict] = {}
    refusals: tuple[Refused, ...] = ()

    @property
    def open_actions(self) -> tuple[Action, ...]:
        return tuple(action for action in self.actions if action.open)

    @property
    def standard(self) -> tuple[Action, ...]:
        """The points that lessons have added to the screening standard (R58)."""
        return tuple(a for a in self.actions if not a.open and a.feeds is Feeds.SCREENING_STANDARD)

    @property
    def is_empty(self) -> bool:
        return not (self.actions or self.trainings or self.screenings or self.readiness or self.rounds)

    def action(self, action_id: str) -> Action | None:
        return next((action for action in self.actions if action.action_id == action_id), None)

    def last_round(self, kind: Kind) -> RoundHeld | None:
        return max((each for each in self.rounds if each.kind is kind), key=lambda each: each.at, default=None)

    def remembered(self, fact_id: str, verdict: Verdict) -> "Register":
        """The verdict under its id, so that the same item told again is answered the same."""
        verdicts = {**self.verdicts, fact_id: verdict}
        while len(verdicts) > LAST_VERDICTS:
            del verdicts[next(iter(verdicts))]
        return self.model_copy(update={"verdicts": verdicts})

    def refused(self, refused: Refused) -> "Register":
        return self.model_copy(update={"refusals": (*self.refusals, refused)[-LAST_REFUSALS:]})


def entered(register: Register, told: ItemTold, place: str) -> Register:
    """The register after an item that may be entered; `place` is what a training counts for."""
    numbered = register.model_copy(update={"sequence": register.sequence + 1})
    item, at = told.item, told.received_at
    match item:
        case ActionOpened():
            return _opened(numbered, item, told)
        case ActionDone():
            return _done(numbered, item, told)
        case TrainingHeld():
            held = Training(
                who=item.who,
                place=place,
                topic=item.topic,
                held_on=item.held_on,
                attendees=item.attendees,
                at=at,
                by=item.by,
            )
            return numbered.model_copy(update={"trainings": (*numbered.trainings, held)[-LAST_TRAININGS:]})
        case OutletScreened():
            return _screened(numbered, item, told)
        case ReadinessConfirmed():
            known = numbered.readiness.get(item.outlet, {})
            confirmed = {**known, **{each: Confirmed(at=at, by=item.by) for each in item.items}}
            return numbered.model_copy(update={"readiness": {**numbered.readiness, item.outlet: confirmed}})
        case RoundAsked():
            return _asked(numbered, item.held)
        case _:
            assert_never(item)


def _opened(register: Register, item: ActionOpened, told: ItemTold) -> Register:
    action = Action(
        action_id=item.action_id,
        text=item.text,
        owner=item.owner,
        due_at=item.due,
        feeds=item.feeds,
        from_incident=item.from_incident,
        outlet=item.outlet,
        opened_at=told.received_at,
        opened_by=item.by,
    )
    return register.model_copy(update={"actions": (*register.actions, action)})


def _done(register: Register, item: ActionDone, told: ItemTold) -> Register:
    done = {"done_at": told.received_at, "done_by": item.by, "note": item.note}
    actions = [
        action.model_copy(update=done) if action.action_id == item.action_id else action for action in register.actions
    ]
    over = [action for action in actions if not action.open]
    gone = {action.action_id for action in over[: max(len(over) - LAST_DONE, 0)]}
    return register.model_copy(update={"actions": tuple(a for a in actions if a.action_id not in gone)})


def _screened(register: Register, item: OutletScreened, told: ItemTold) -> Register:
    present = register.last_round(Kind.SCREENING)
    screening = Screening(
        outlet=item.outlet,
        round=item.round or (present.id if present else None),
        result=item.result,
        note=item.note,
        at=told.received_at,
        by=item.by,
    )
    return register.model_copy(update={"screenings": (*register.screenings, screening)[-LAST_SCREENINGS:]})


def _asked(register: Register, held: RoundHeld) -> Register:
    """The last rounds of each kind, in order of time."""
    of_kind = sorted((each for each in (*register.rounds, held) if each.kind is held.kind), key=lambda each: each.at)[
        -LAST_ROUNDS:
    ]
    rounds = (*(each for each in register.rounds if each.kind is not held.kind), *of_kind)
    known = {each.id for each in rounds}
    told = tuple(each for each in register.rounds_told if each in known)
    return register.model_copy(update={"rounds": rounds, "rounds_told": told})
