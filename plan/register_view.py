"""What a register shows, to whom (R29, R58): JSON values under names of their own.

Texts may hold names, so they are masked but for those who may read them: groups and contacts of the unit and of those
above it, an action's owner its own. An outlet's people see what concerns their outlet; anybody else what it counts.
Without a viewer the operator's view is given, masked. The live details are for operators: numbers only. Errors: none.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from plan.details import local
from plan.register import Action, Register
from plan.register_due import lacking, next_instant, unconfirmed
from plan.register_items import Result
from plan.rhythm import Kind
from plan.rounds import RoundHeld
from plan.view import MASK

Json = dict[str, JsonValue]
SHOWN: Final = 100
"""Of each list the last ones; of open actions all."""


def register_view(register: Register, now: datetime, viewer: str | None, *, waiting: int = 0) -> Json:
    """The register as that person may see it."""
    inside = viewer is None or viewer in register.internal
    read = viewer is not None and inside
    actions = [a for a in register.actions if inside or a.owner == viewer]
    done = [action for action in actions if not action.open][-SHOWN:]
    outlets = None if inside else _own_outlets(register, viewer)
    return {
        "unit": register.unit,
        "unit_name": register.unit_name,
        "as_of": now.isoformat(timespec="seconds"),
        "sequence": register.sequence,
        "counts": _counts(register, now),
        "actions": [_action(a, now, read=read or a.owner == viewer) for a in actions if a.open],
        "done": [_action(action, now, read=read or action.owner == viewer) for action in done],
        "standard": [_action(action, now, read=read) for action in register.standard[-SHOWN:]] if inside else [],
        "rounds": [_round(register, held, outlets) for held in register.rounds] if inside or outlets else [],
        "screenings": [
            {**each.model_dump(mode="json"), "note": _masked(each.note, read=read)}
            for each in register.screenings[-SHOWN:]
            if inside
        ],
        "trainings": [
            each.model_dump(mode="json")
            for each in register.trainings[-SHOWN:]
            if outlets is None or each.place in outlets
        ],
        "trained": _trained(register) if inside else {},
        "findings": list(_findings(register)) if inside else [],
        "readiness": {
            outlet: {item: known.model_dump(mode="json") for item, known in items.items()}
            for outlet, items in register.readiness.items()
            if outlets is None or outlet in outlets
        },
        "refusals": [each.model_dump(mode="json") for each in register.refusals] if inside else [],
        "waiting": waiting,
    }


def register_details(register: Register, now: datetime) -> str:
    """What the Temporal UI shows of it."""
    counts = _counts(register, now)
    next_at = next_instant(register, now)
    lines = [f"**台账** · {register.unit_name or register.unit}", ""]
    lines += [f"- 未完成事项 {counts['open']}，其中逾期 {counts['overdue']}"]
    lines += [f"- 排查要点 {counts['standard']} 条"]
    lines += [
        f"- {_ROUNDS[held.kind]} {local(held.at)}：还差 {len(lacking(register, held))}" for held in _last(register)
    ]
    lines += [f"- 下次提醒 {local(next_at)}"] if next_at else []
    return "\n".join(lines)


_ROUNDS: Final = {
    Kind.MEETING: "三方例会",
    Kind.SCREENING: "风险排查",
    Kind.TRAINING: "培训",
    Kind.READINESS: "应急准备",
    Kind.DRILL: "演练",
}


def _last(register: Register) -> Iterable[RoundHeld]:
    return (held for kind in Kind if (held := register.last_round(kind)) is not None)


def _counts(register: Register, now: datetime) -> Json:
    return {
        "open": len(register.open_actions),
        "overdue": sum(1 for action in register.open_actions if action.due_at <= now),
        "standard": len(register.standard),
    }


def _action(action: Action, now: datetime, *, read: bool) -> Json:
    state = "done" if not action.open else "overdue" if action.due_at <= now else "open"
    return {
        **action.model_dump(mode="json", exclude={"told"}),
        "state": state,
        "text": _masked(action.text, read=read),
        "note": _masked(action.note, read=read),
    }


def _round(register: Register, held: RoundHeld, outlets: set[str] | None) -> Json:
    missing = lacking(register, held)
    said: Json = held.model_dump(mode="json")
    said["lacking"] = list(missing)
    if held.kind is Kind.READINESS:
        said["unconfirmed"] = {outlet: list(unconfirmed(register, held, outlet)) for outlet in missing}
    if outlets is None:
        return said
    shown: Json = {name: said[name] for name in ("id", "kind", "at", "due_at", "items")}
    shown["outlets"] = [outlet for outlet in held.outlets if outlet in outlets]
    shown["lacking"] = [outlet for outlet in missing if outlet in outlets]
    return shown


def _trained(register: Register) -> dict[str, JsonValue]:
    """When each place was trained last."""
    last: dict[str, str] = {}
    for each in register.trainings:
        last[each.place] = max(last.get(each.place, ""), each.held_on.isoformat())
    return dict(last)


def _findings(register: Register) -> Iterable[str]:
    """The outlets whose last screening had findings."""
    last = {each.outlet: each.result for each in register.screenings}
    return (outlet for outlet, result in last.items() if result is Result.FINDINGS)


def _own_outlets(register: Register, viewer: str | None) -> set[str]:
    """The outlets that this viewer answers for."""
    return set(register.at_outlets.get(viewer or "", ()))


def _masked(text: str | None, *, read: bool) -> str | None:
    return text if read or not text else MASK
