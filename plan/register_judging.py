"""Who may enter what into a unit's register, and why not (R10, R11, R28, R30, R58-R63).

People are looked up anew for every item (`register_standing.py`): groups and contacts of the unit and of those
above it enter anything; an outlet's lead and contacts confirm and train for their own outlet; an action's owner says
when it is done. Rounds, and what incidents leave to be done, come from within. A "no" is a receipt and leaves a line.
Errors: none.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Final, assert_never

from plan.receipts import Answer, Receipt, Refusal, Verdict
from plan.register import MOST_OPEN, Refused, Register, entered
from plan.register_items import (
    ActionDone,
    ActionOpened,
    AnyItem,
    ItemTold,
    OutletScreened,
    ReadinessConfirmed,
    RoundAsked,
    TrainingHeld,
)
from plan.register_standing import Standing
from plan.told import WITHIN
from plan.wording import CHINA

RULES: Final[Mapping[str, str]] = {
    "action": "R58",
    "action_done": "R58",
    "training": "R11",
    "screening": "R10",
    "readiness": "R30",
    "round": "R10",
}
"""The rule that a refusal cites, by kind."""
TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "unit": (
        "there is no such unit in the organisation. Check its id, or apply an organisation that has it.",
        "机构文件里没有这个单位。请核对编号，或换上有它的机构版本。",
    ),
    "speaker": (
        "only groups and contacts of this unit and of those above it may enter this; an outlet's people for their own "
        "outlet, an owner for the own action. Ask one of them, or check who `by` is.",
        "只有本单位及上级的工作组、领导小组、专责联系人可以登记；网点人员只登记本网点的，责任人只登记自己的事项。请由其登记，或核对登记人。",
    ),
    "conflict": (
        "this fact id was used with other content. Enter it under a new fact id.",
        "该编号已用于其他内容。请换一个新的编号登记。",
    ),
    "place": (
        "what it names is neither this unit nor below it. Enter it in the register of the unit it belongs to.",
        "所写的网点、单位或人员不属于本单位。请登记到其所属单位的台账。",
    ),
    "action_known": (
        "there is an action of this id with other content. Give it another action_id.",
        "该事项编号已用于其他事项。请换一个 action_id。",
    ),
    "no_action": ("there is no action of this id. Look at the register.", "没有这个编号的事项。请查看台账。"),
    "action_over": ("this action is done already.", "该事项此前已完成。"),
    "owner": (
        "its owner does not stand in the organisation, has left, or is an insurer's. Name one of Post or bank.",
        "责任人不在机构名单里、已离任，或是保险公司的人。请指定邮银双方能办的人。",
    ),
    "due_past": ("its due time is over already. Give one to come.", "完成时间已过。请填写以后的时间。"),
    "too_many": (
        "there are too many open actions. Say which of them are done first.",
        "未完成的事项太多。请先登记已完成的。",
    ),
    "not_held": ("it has not been held yet. Enter it once it has.", "培训还没举行。请举行后再登记。"),
}


def judge(register: Register, told: ItemTold, seen: Standing) -> tuple[Register, Receipt]:
    """Judge and fold one item; the receipt is remembered under its id."""
    digest = _digest(told.item)
    if verdict := register.verdicts.get(told.fact_id):
        if verdict.digest == digest:
            return register, verdict.receipt.model_copy(update={"state": Answer.DUPLICATE, "duplicate": True})
        return _refused(register, told, _no(told.item, "conflict"))
    known = register.model_copy(update=_known(register, seen)) if seen.known else register
    reason = _why_not(known, told, seen)
    if reason is not None:
        after, receipt = _refused(known, told, _no(told.item, reason))
    elif _is_there(known, told.item):
        after, receipt = known, _accepted(known, told, Answer.DUPLICATE)
    else:
        after = entered(known, told, _place(told.item, seen))
        receipt = _accepted(after, told, Answer.ACCEPTED)
    return after.remembered(told.fact_id, Verdict(digest=digest, receipt=receipt)), receipt


def _why_not(register: Register, told: ItemTold, seen: Standing) -> str | None:
    item, at = told.item, told.received_at
    if not seen.known:
        return "unit"
    if not _may_say(register, told, seen):
        return "speaker"
    match item:
        case ActionOpened():
            return _why_no_action(register, item, at, seen, from_within=told.from_within)
        case ActionDone():
            action = register.action(item.action_id)
            return "no_action" if action is None else None if action.open else "action_over"
        case TrainingHeld():
            if item.who not in seen.places:
                return "place"
            return "not_held" if item.held_on > at.astimezone(CHINA).date() else None
        case OutletScreened() | ReadinessConfirmed():
            return None if item.outlet in seen.places else "place"
        case RoundAsked():
            return None
        case _:
            assert_never(item)


def _may_say(register: Register, told: ItemTold, seen: Standing) -> bool:
    item = told.item
    if item.by == WITHIN:
        return told.from_within
    if isinstance(item, RoundAsked):
        return False
    if item.by in seen.internal:
        return True
    own = seen.at_outlets.get(item.by, ())
    match item:
        case ActionDone():
            action = register.action(item.action_id)
            return action is not None and action.owner == item.by and item.by in seen.persons
        case TrainingHeld():
            return seen.places.get(item.who) in own
        case ReadinessConfirmed():
            return item.outlet in own
        case ActionOpened() | OutletScreened():
            return False
        case _:
            assert_never(item)


def _why_no_action(
    register: Register, item: ActionOpened, at: datetime, seen: Standing, *, from_within: bool
) -> str | None:
    """What an incident leaves to be done is taken with whatever owner and date were decided there."""
    known = register.action(item.action_id)
    if known is not None:
        return None if _is_there(register, item) else "action_known"
    if len(register.open_actions) >= MOST_OPEN:
        return "too_many"
    if from_within:
        return None
    if item.owner not in seen.persons:
        return "owner"
    if item.outlet is not None and item.outlet not in seen.places:
        return "place"
    return "due_past" if item.due <= at else None


def _is_there(register: Register, item: AnyItem) -> bool:
    """The same action, or the same round, entered before under another fact id."""
    if isinstance(item, RoundAsked):
        return any(each.id == item.held.id for each in register.rounds)
    if not isinstance(item, ActionOpened):
        return False
    known = register.action(item.action_id)
    return known is not None and (known.text, known.owner, known.due_at, known.feeds, known.from_incident) == (
        item.text,
        item.owner,
        item.due,
        item.feeds,
        item.from_incident,
    )


def _place(item: AnyItem, seen: Standing) -> str:
    return seen.places.get(item.who, item.who) if isinstance(item, TrainingHeld) else ""


def _known(register: Register, seen: Standing) -> dict[str, object]:
    return {
        "unit_name": seen.unit_name,
        "unit_name_en": seen.unit_name_en,
        "rules": seen.rules,
        "internal": seen.internal,
        "at_outlets": {**register.at_outlets, **seen.at_outlets},
    }


def _accepted(register: Register, told: ItemTold, state: Answer) -> Receipt:
    return Receipt(
        fact_id=told.fact_id,
        state=state,
        accepted=True,
        duplicate=state is Answer.DUPLICATE,
        sequence=register.sequence,
    )


def _refused(register: Register, told: ItemTold, no: Refusal) -> tuple[Register, Receipt]:
    line = Refused(at=told.received_at, kind=told.item.kind, by=told.item.by, rule=no.rule, reason=no.reason)
    receipt = Receipt(
        fact_id=told.fact_id, state=Answer.REFUSED, reason=no.reason, reason_zh=no.reason_zh, rule=no.rule
    )
    return register.refused(line), receipt


def _no(item: AnyItem, reason: str) -> Refusal:
    english, chinese = TEXTS[reason]
    return Refusal(rule=RULES[item.kind], reason=f"{item.kind} was not entered: {english}", reason_zh=chinese)


def _digest(item: AnyItem) -> str:
    said = item.model_dump_json(exclude={"fact_id"}, exclude_defaults=True)
    return hashlib.sha256(said.encode()).hexdigest()
