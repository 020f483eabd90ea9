"""One round of the rhythm: what was found, what is asked of whom, and in which words (R10, R11, R13, R30, R31, R58).

Pure: an activity has looked, and this says what follows. A round is known by its kind, its unit and the time it was
planned for, so that one that is repeated tells nobody twice.

Readings: the digest counts incidents and says nothing of any of them; an incident counts for the time since the last
meeting if it was open in it. An insurer hears of its own incidents, and nothing of breaches, deliveries or actions
(R29). Drills count nowhere. A unit's outlets are those that report to it; where none does, all below it. Errors: none.
"""

from datetime import datetime
from enum import StrEnum
from typing import assert_never

from plan.bulletin import Audience, Bulletin, To
from plan.organisation import Insurer, Organisation, Unit
from plan.rhythm import Kind, Round
from plan.values import Day, Instant, Kept
from plan.wording import CHINA


class Why(StrEnum):
    """Why an outlet is on the watch-list (R10)."""

    SIGNS = "signs"
    CRISIS = "crisis"
    REPEAT = "repeat"
    ACTION = "action"
    """An open action concerns it."""
    FINDINGS = "findings"
    """Its last screening had findings."""


class Counts(Kept):
    """How many incidents, for a digest. `waiting` for the insurer's answer; the rest is not an insurer's to know."""

    new: int = 0
    open: int = 0
    crises: int = 0
    waiting: int = 0
    overdue: int = 0
    breaches: int = 0
    undelivered: int = 0


class RoundOrder(Kept):
    """Look what there is to say in a round that was planned for `at`."""

    round: Round
    at: Instant


class Seen(Kept):
    """What was found. `trained` and `drilled` are by outlet or unit; `points` name actions as `unit/action`.

    `counted_at` is when it was counted, a little after the round was planned for.
    """

    since: Instant
    counted_at: Instant | None = None
    counts: Counts = Counts()
    insurers: dict[str, Counts] = {}
    actions: int = 0
    watched: dict[str, tuple[Why, ...]] = {}
    points: tuple[str, ...] = ()
    trained: dict[str, Day] = {}
    drilled: dict[str, Instant] = {}


class RoundHeld(Kept):
    """What the register keeps of a round. `watched` says why, `lacking` who had no training record since `since`.

    What a meeting has counted by `counted_at` is not counted again by the next one.
    """

    id: str
    kind: Kind
    unit: str
    at: Instant
    due_at: Instant
    outlets: tuple[str, ...] = ()
    watched: dict[str, tuple[Why, ...]] = {}
    lacking: tuple[str, ...] = ()
    since: Day | None = None
    items: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    counts: Counts | None = None
    counted_at: Instant | None = None
    actions: int = 0
    drill: str | None = None


class DrillStart(Kept):
    """The argument of the workflow `Drill`."""

    scenario: str
    outlet: str
    recipients: str = "drill"
    insurers: bool = False


class Prepared(Kept):
    """What follows: what the register keeps, who is told what, and which drill begins under which id."""

    held: RoundHeld
    bulletins: tuple[Bulletin, ...] = ()
    drill: DrillStart | None = None


def reference(planned: Round, at: datetime) -> str:
    """A round's id: `meeting-gd-20261008T010000Z`."""
    return f"{planned.id}-{at:%Y%m%dT%H%M%SZ}"


def drill_id(planned: Round, at: datetime) -> str:
    """A drill's own id, the time first: `20261015T020000Z-gd-gz-th`."""
    return f"{at:%Y%m%dT%H%M%SZ}-{planned.unit}"


def prepared(order: RoundOrder, organisation: Organisation, seen: Seen) -> Prepared | None:
    """What a round comes to; None where its unit stands in the organisation no longer."""
    unit = next((unit for unit in organisation.units if unit.id == order.round.unit), None)
    if unit is None:
        return None
    held = RoundHeld(
        id=reference(order.round, order.at),
        kind=order.round.kind,
        unit=unit.id,
        at=order.at,
        due_at=order.at + order.round.within,
    )
    outlets = outlets_of(organisation, unit.id)
    match order.round.kind:
        case Kind.MEETING:
            return _meeting(held, organisation, unit, seen)
        case Kind.SCREENING:
            return _screening(held, unit, outlets, seen)
        case Kind.TRAINING:
            return _training(held, order, unit, outlets, seen)
        case Kind.READINESS:
            return _readiness(held, order, unit, outlets)
        case Kind.DRILL:
            return _drill(held, order, outlets, seen)
        case _:
            assert_never(order.round.kind)


def outlets_of(organisation: Organisation, unit: str) -> tuple[str, ...]:
    """The outlets a round of this unit is about."""
    own = tuple(outlet.id for outlet in organisation.outlets if outlet.superior == unit)
    below = units_below(organisation, unit)
    return own or tuple(outlet.id for outlet in organisation.outlets if outlet.superior in below)


def units_below(organisation: Organisation, unit: str) -> tuple[str, ...]:
    """The unit and every unit below it."""
    return tuple(each.id for each in organisation.units if unit in units_above(organisation, each.id))


def units_above(organisation: Organisation, unit: str) -> tuple[str, ...]:
    """The unit and every unit above it, nearest first."""
    superiors = {each.id: each.superior for each in organisation.units}
    chain: list[str] = []
    while unit in superiors and unit not in chain:
        chain.append(unit)
        unit = superiors[unit] or ""
    return tuple(chain)


def insurers_of(organisation: Organisation, unit: str) -> list[Insurer]:
    """Those that have a contact for the unit, or for one above it."""
    chain = units_above(organisation, unit)
    return [insurer for insurer in organisation.insurers if any(each.unit in chain for each in insurer.contacts)]


def _meeting(held: RoundHeld, organisation: Organisation, unit: Unit, seen: Seen) -> Prepared:
    counts = seen.counts
    both = Bulletin(
        reference=held.id,
        duty="tell.meeting",
        rule="R13",
        to=(To(who=Audience.WORK_GROUP, unit=unit.id), To(who=Audience.LEADERSHIP_GROUP, unit=unit.id)),
        words={**_place(unit), "since": seen.since.isoformat(), **_numbers(counts), "actions": str(seen.actions)},
        due_at=held.due_at,
        confidential=True,
    )
    theirs = [
        Bulletin(
            reference=f"{held.id}-{insurer.id}",
            duty="tell.meeting",
            rule="R13",
            to=(To(who=Audience.INSURER, unit=unit.id, insurer=insurer.id),),
            words={**_place(unit), "since": seen.since.isoformat(), **_theirs(seen.insurers.get(insurer.id))},
            due_at=held.due_at,
        )
        for insurer in insurers_of(organisation, unit.id)
    ]
    kept = held.model_copy(update={"counts": counts, "counted_at": seen.counted_at, "actions": seen.actions})
    return Prepared(held=kept, bulletins=(both, *theirs))


def _screening(held: RoundHeld, unit: Unit, outlets: tuple[str, ...], seen: Seen) -> Prepared:
    watched = {outlet: seen.watched[outlet] for outlet in outlets if outlet in seen.watched}
    told = Bulletin(
        reference=held.id,
        duty="prompt.screening",
        rule="R10",
        to=(To(who=Audience.WORK_GROUP, unit=unit.id),),
        words={
            **_place(unit),
            "outlets": str(len(outlets)),
            "watched": str(len(watched)),
            "points": str(len(seen.points)),
        },
        due_at=held.due_at,
    )
    kept = held.model_copy(update={"outlets": outlets, "watched": watched, "points": seen.points})
    return Prepared(held=kept, bulletins=(told,))


def _training(held: RoundHeld, order: RoundOrder, unit: Unit, outlets: tuple[str, ...], seen: Seen) -> Prepared:
    since = (order.at - order.round.looks_back).astimezone(CHINA).date()
    places = (unit.id, *outlets)
    lacking = tuple(place for place in places if place not in seen.trained or seen.trained[place] < since)
    told = Bulletin(
        reference=held.id,
        duty="prompt.training",
        rule="R11",
        to=(To(who=Audience.WORK_GROUP, unit=unit.id),),
        words={**_place(unit), "outlets": str(len(places)), "lacking": str(len(lacking))},
        due_at=held.due_at,
    )
    return Prepared(
        held=held.model_copy(update={"outlets": places, "lacking": lacking, "since": since}), bulletins=(told,)
    )


def _readiness(held: RoundHeld, order: RoundOrder, unit: Unit, outlets: tuple[str, ...]) -> Prepared:
    told = Bulletin(
        reference=held.id,
        duty="prompt.readiness",
        rule="R30",
        to=(
            To(who=Audience.WORK_GROUP, unit=unit.id),
            *(To(who=Audience.OUTLETS, unit=outlet) for outlet in outlets),
        ),
        words={**_place(unit), "outlets": str(len(outlets)), "number": str(len(order.round.items))},
        due_at=held.due_at,
    )
    kept = held.model_copy(update={"outlets": outlets, "items": order.round.items})
    return Prepared(held=kept, bulletins=(told,))


def _drill(held: RoundHeld, order: RoundOrder, outlets: tuple[str, ...], seen: Seen) -> Prepared:
    planned = order.round
    outlet = planned.outlet or _least_drilled(outlets, seen)
    if outlet is None or planned.scenario is None:
        return Prepared(held=held)
    start = DrillStart(
        scenario=planned.scenario, outlet=outlet, recipients=planned.recipients, insurers=planned.insurers
    )
    kept = held.model_copy(update={"outlets": (outlet,), "drill": drill_id(planned, order.at)})
    return Prepared(held=kept, drill=start)


def _least_drilled(outlets: tuple[str, ...], seen: Seen) -> str | None:
    """Never drilled comes first, then whose last drill is longest ago; in the organisation's order."""
    never = [outlet for outlet in outlets if outlet not in seen.drilled]
    return never[0] if never else min(outlets, key=lambda outlet: seen.drilled[outlet], default=None)


def _place(unit: Unit) -> dict[str, str]:
    return {"unit": unit.name, "unit_en": unit.name_en or unit.name}


def _numbers(counts: Counts) -> dict[str, str]:
    names = ("new", "open", "overdue", "crises", "breaches", "undelivered")
    return {name: str(getattr(counts, name)) for name in names}


def _theirs(counts: Counts | None) -> dict[str, str]:
    """What an insurer may know of its own incidents (contract, section 6)."""
    known = counts or Counts()
    return {name: str(getattr(known, name)) for name in ("new", "open", "waiting", "crises")}
