"""What is left to be done after an incident: opened with an owner and a date, done, handed over (R58, R59, R60-R63).

An action is named `<incident>.<name>`, in the incident and in its unit's register, where it outlives the incident. What
is told to the incident goes on to the register, once for each step and in order, where the playbook says so
(`hand_over_actions`); what is told to the register stays there. An accountability decision that says who does what
until when opens one too.

Readings: the register is that of the unit the outlet answers to, whose work group speaks for the incident. A day is
over when the work of that day is. A drill leaves nothing to a register. Errors: none.
"""

from collections.abc import Mapping
from datetime import datetime

from plan.facts import AccountabilityDecided, ActionDone, ActionOpened
from plan.incident import Incident
from plan.marks import Action
from plan.parts import LONGEST, Feeds
from plan.playbook import Playbook
from plan.receipts import Refusal
from plan.refusals import refusal
from plan.register_items import EARLIEST, END_OF_WORK, LATEST
from plan.roster import Role
from plan.told import Told
from plan.values import Instant, Kept
from plan.wording import CHINA

RULES = {Feeds.SCREENING_STANDARD: "R58", Feeds.MECHANISM: "R59", Feeds.OTHER: "R60"}
"""The rule that an action is for."""
OTHERS = (Role.INSURER, Role.SYSTEM)
"""Who owns no action of Post and bank."""


class HandOver(Kept):
    """One step on its way to a unit's register. `key` says which it is, so that it goes once."""

    key: str
    unit: str
    action: Action
    done: bool = False
    at: Instant


def may_open(incident: Incident, told: Told, fact: ActionOpened) -> Refusal | None:
    """Its owner is of the chain and of Post or bank; its time is to come; its name is new."""
    roles = [role for role in incident.roster.roles_of(fact.owner) if not role.left and role.role not in OTHERS]
    if not roles:
        return refusal("R58", "action_owner", kind=fact.kind, person=fact.owner)
    if fact.due_at <= told.received_at:
        return refusal("R58", "action_past", kind=fact.kind)
    if fact.action_id is not None and (known := action_named(incident, fact.action_id)) is not None:
        return refusal("R58", "action_known", kind=fact.kind, action=known.action_id)
    return None


def may_be_done(incident: Incident, fact: ActionDone) -> Refusal | None:
    action = action_named(incident, fact.action_id)
    if action is None:
        return refusal("R58", "no_action", kind=fact.kind, action=fact.action_id)
    return None if action.open else refusal("R58", "action_over", kind=fact.kind, action=action.action_id)


def action_named(incident: Incident, name: str) -> Action | None:
    """By its name within the incident, or by its whole one."""
    whole = _whole(incident, name)
    return next((action for action in incident.actions if action.action_id == whole), None)


def opened(incident: Incident, told: Told, fact: ActionOpened) -> tuple[Action, ...]:
    """The actions with one more."""
    action = Action(
        at=told.received_at,
        by=fact.by,
        fact_id=told.fact_id,
        action_id=_whole(incident, fact.action_id) if fact.action_id else _numbered(incident),
        text=fact.text,
        owner=fact.owner,
        due_at=fact.due_at,
        feeds=fact.feeds,
    )
    return (*incident.actions, action)


def decided(incident: Incident, told: Told, fact: AccountabilityDecided) -> tuple[Action, ...]:
    """The actions with the one that a decision names, if it says who does it and until when."""
    day = fact.action_due_on
    if fact.action_owner is None or day is None or not EARLIEST <= day.year < LATEST:
        return incident.actions
    action = Action(
        at=told.received_at,
        by=fact.by,
        fact_id=told.fact_id,
        action_id=_numbered(incident),
        text=(fact.decision or "").strip()[:LONGEST] or f"责任追究（第 {fact.category} 类）",
        owner=fact.action_owner,
        due_at=datetime.combine(day, END_OF_WORK, CHINA),
        feeds=Feeds.OTHER,
    )
    return (*incident.actions, action)


def done(incident: Incident, told: Told, fact: ActionDone) -> tuple[Action, ...]:
    """The actions with one of them done."""
    known = action_named(incident, fact.action_id)
    said = {"done_at": told.received_at, "done_by": fact.by, "note": fact.note}
    return tuple(action.model_copy(update=said) if action is known else action for action in incident.actions)


def to_hand_over(incident: Incident, playbook: Playbook | None, handed: Mapping[str, str]) -> HandOver | None:
    """The next step that no register has been told of; None where there is none. `handed` says which went where."""
    unit = incident.roster.superior
    if playbook is None or not playbook.hand_over_actions or incident.drill or unit is None:
        return None
    for action in incident.actions:
        first, then = f"opened:{action.action_id}", f"done:{action.action_id}"
        if first not in handed:
            return HandOver(key=first, unit=unit.id, action=action, at=action.at)
        if action.done_at is not None and then not in handed:
            return HandOver(key=then, unit=handed[first], action=action, done=True, at=action.done_at)
    return None


def _whole(incident: Incident, name: str) -> str:
    prefix = f"{incident.incident_id}."
    return name if name.startswith(prefix) else f"{prefix}{name}"


def _numbered(incident: Incident) -> str:
    known = {action.action_id for action in incident.actions}
    numbers = (_whole(incident, str(number)) for number in range(len(known) + 1, 2 * len(known) + 2))
    return next(name for name in numbers if name not in known)
