"""Who may begin a drill and stop it, and the message that stops one (R11, R31).

The work groups and leadership groups of the outlet's chain, and the operator; and Tocsin itself, by a schedule.
Errors: none; what cannot be read is a `Bad`, a "no" a value.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, cast

from pydantic import ValidationError

from plan.drill import DrillAsked, Stopped
from plan.messages import INSTANT, Bad, OpenSeal
from plan.receipts import Refusal
from plan.roster import Role, Roster
from plan.values import FactId, FreeText, Inbound, Ref, blank

MAY = (Role.WORK_GROUP, Role.LEADERSHIP_GROUP, Role.OPERATOR)


class DrillStopped(Inbound):
    """`reason` is kept in the drill and goes into no notice."""

    kind: Literal["drill_stopped"]
    by: Ref
    reason: FreeText
    fact_id: FactId | None = None


def may_start(asked: DrillAsked, roster: Roster, *, within: bool) -> Refusal | None:
    """None when the drill may begin. `within`: a schedule begins it, in nobody's name."""
    if asked.outlet in roster.unknown or roster.outlet is None:
        return _no(
            "R28",
            f"the organisation has no outlet {asked.outlet}. Name one that it has.",
            f"机构名录中没有网点 {asked.outlet}。请填写名录中的网点。",
        )
    if asked.by is None:
        return (
            None if within else _no("R11", "nobody is named who begins it. Say who: --by.", "未写明由谁发起。请写明。")
        )
    return None if _may(asked.by, roster) else _whoever()


def may_stop(stop: DrillStopped, roster: Roster) -> Refusal | None:
    if not _may(stop.by, roster):
        return _whoever()
    if blank(stop.reason):
        return _no("R11", "it needs a reason. Say why in one sentence.", "须写明原因。请用一句话说明。")
    return None


def read_stop(said: object, *, drill: str, now: datetime, open_seal: OpenSeal) -> tuple[DrillStopped, datetime] | Bad:
    """The fact, or a door's sealed envelope around one, with the instant it counts from; `drill` is the workflow's."""
    envelope = dict(cast("Mapping[str, Any]", said)) if isinstance(said, Mapping) else {}
    try:
        stop = DrillStopped.model_validate(envelope.get("fact", said))
    except ValidationError as wrong:
        return Bad(
            why=f"a drill takes drill_stopped with by and reason ({wrong.error_count()} faults); tell facts to its "
            "incidents",
            why_zh="这条消息读不懂，未作登记。停止演练请用 tocsin drill stop；其他事项请登记到演练的事件上。",
        )
    at = now
    if envelope.get("seal") is not None and open_seal(drill, envelope):
        try:
            at = min(INSTANT.validate_python(envelope.get("received_at")), now)
        except ValidationError:
            at = now
    return stop, at


def stopped(stop: DrillStopped, at: datetime) -> Stopped:
    return Stopped(at=at, by=stop.by, reason=stop.reason)


def _may(person: str, roster: Roster) -> bool:
    return any(role.role in MAY and not role.left for role in roster.roles_of(person))


def _whoever() -> Refusal:
    return _no(
        "R11",
        "a drill is begun and stopped by a work group or leadership group above the outlet, or by the operator.",
        "演练由网点上级的工作组、领导小组或系统管理员发起和停止。",
    )


def _no(rule: str, why: str, zh: str) -> Refusal:
    return Refusal(rule=rule, reason=f"the drill was refused ({rule}): {why}", reason_zh=f"未被接受（{rule}）：{zh}")
