"""What a register has to say of its own accord: actions that are due, and rounds that are not complete (R10-R13, R58).

An action is spoken of when it is opened, some days before it is due, when it is overdue, and then again so often as is
configured. What lapsed while nobody was there to say it is not said afterwards: only where it stands now. Of a round
that is over and not complete the work group is told once. Errors: none.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from plan.bulletin import Audience, Bulletin, To
from plan.register import Action, Register
from plan.register_items import Feeds
from plan.rhythm import ActionRules, Kind
from plan.rounds import RoundHeld
from plan.values import Kept

OPENED, WARNED, OVERDUE = 0, 1, 2
"""How far an action was spoken of; repeats go on from `OVERDUE`."""
_RULES: Final = {Feeds.SCREENING_STANDARD: "R58", Feeds.MECHANISM: "R59", Feeds.OTHER: "R60"}
_ROUND_RULES: Final = {Kind.SCREENING: "R10", Kind.TRAINING: "R11", Kind.READINESS: "R30"}


class Owed(Kept):
    """A bulletin that is due; `number` is how far the action is spoken of with it."""

    bulletin: Bulletin
    action_id: str | None = None
    number: int = 0
    round: str | None = None


def owed(register: Register, now: datetime) -> list[Owed]:
    """Everything that is to be said now."""
    found = [_of_action(register, action, now) for action in register.open_actions]
    found += [_of_round(register, held, now) for held in register.rounds]
    return [each for each in found if each is not None]


def said(register: Register, each: Owed) -> Register:
    """The register once it is said."""
    if each.round is not None:
        return register.model_copy(update={"rounds_told": (*register.rounds_told, each.round)})
    actions = tuple(
        action.model_copy(update={"told": each.number}) if action.action_id == each.action_id else action
        for action in register.actions
    )
    return register.model_copy(update={"actions": actions})


def next_instant(register: Register, now: datetime) -> datetime | None:
    """When to look again; strictly after `now`, or None."""
    steps = [at for action in register.open_actions for _, at in _steps(action, register.rules)]
    steps += [held.due_at for held in register.rounds if held.id not in register.rounds_told]
    return min((at for at in steps if at > now), default=None)


def lacking(register: Register, held: RoundHeld) -> tuple[str, ...]:
    """Of whom what this round asked for is still missing."""
    match held.kind:
        case Kind.SCREENING:
            done = {each.outlet for each in register.screenings if each.round == held.id}
        case Kind.TRAINING:
            done = {each.place for each in register.trainings if held.since is None or each.held_on >= held.since}
        case Kind.READINESS:
            done = {outlet for outlet in held.outlets if not unconfirmed(register, held, outlet)}
        case Kind.MEETING | Kind.DRILL:
            return ()
    return tuple(outlet for outlet in held.outlets if outlet not in done)


def unconfirmed(register: Register, held: RoundHeld, outlet: str) -> tuple[str, ...]:
    """The items that an outlet has not confirmed since a round began."""
    known = register.readiness.get(outlet, {})
    return tuple(item for item in held.items if item not in known or known[item].at < held.at)


def _steps(action: Action, rules: ActionRules) -> Iterator[tuple[int, datetime]]:
    yield OPENED, action.opened_at
    warned_at = action.due_at - rules.warn_before
    if action.opened_at < warned_at:
        yield WARNED, warned_at
    for n in range(rules.repeats + 1):
        yield OVERDUE + n, max(action.due_at, action.opened_at) + n * rules.repeat_every


def _of_action(register: Register, action: Action, now: datetime) -> Owed | None:
    number = max((number for number, at in _steps(action, register.rules) if at <= now), default=-1)
    if number <= action.told:
        return None
    late = number >= OVERDUE
    again = f".{number - OVERDUE + 1}" if number > OVERDUE else ""
    duty = f"breach.action{again}" if late else "warn.action" if number == WARNED else "prompt.action"
    bulletin = Bulletin(
        reference=f"action-{register.unit}-{action.action_id}-{number}",
        duty=duty,
        rule=_RULES[action.feeds],
        to=(To(who=Audience.PERSON, person=action.owner), To(who=Audience.WORK_GROUP, unit=register.unit)),
        words={
            **_place(register),
            "action": action.action_id,
            **({"late": _lasting(now - action.due_at)} if late else {"left": _lasting(action.due_at - now)}),
        },
        due_at=action.due_at,
        confidential=True,
    )
    return Owed(bulletin=bulletin, action_id=action.action_id, number=number)


def _of_round(register: Register, held: RoundHeld, now: datetime) -> Owed | None:
    if held.due_at > now or held.id in register.rounds_told or not (missing := lacking(register, held)):
        return None
    bulletin = Bulletin(
        reference=f"{held.id}-late",
        duty="breach.round",
        rule=_ROUND_RULES[held.kind],
        to=(To(who=Audience.WORK_GROUP, unit=register.unit),),
        words={
            **_place(register),
            "state": held.kind,
            "lacking": str(len(missing)),
            "late": _lasting(now - held.due_at),
        },
        due_at=held.due_at,
        confidential=True,
    )
    return Owed(bulletin=bulletin, round=held.id)


def _lasting(span: timedelta) -> str:
    """To the nearest minute, for a timer rings a moment late."""
    return f"PT{round(span / timedelta(minutes=1))}M"


def _place(register: Register) -> dict[str, str]:
    name = register.unit_name or register.unit
    return {"unit": name, "unit_en": register.unit_name_en or name}
