"""What operators see of a mailbox: what waits, of which incidents, and until when; no texts, no addresses (R29)."""

from datetime import datetime

from pydantic import JsonValue

from plan.details import local
from plan.line import Waiting
from plan.mail import Mail

SHOWN = 20


def mailbox_details(mail: Mail, channel: str, now: datetime) -> str:
    """Chinese, as bullets: the Temporal UI shows no tables."""
    waiting = mail.waiting
    lines = [f"**{channel} 信箱** · 等候 {len(waiting)} 条"]
    if mail.sending is not None:
        lines.append(f"- 正在发送：{len(mail.sending.numbers)} 条")
    if mail.busy_until is not None and mail.busy_until > now:
        lines.append(f"- 对方要求 {local(mail.busy_until)} 之后再发")
    lines += [_line(each) for each in waiting[:SHOWN]]
    if len(waiting) > SHOWN:
        lines.append(f"- 另有 {len(waiting) - SHOWN} 条")
    return "\n".join(lines)


def mailbox_view(mail: Mail, channel: str, unreadable: int) -> dict[str, JsonValue]:
    """What a query answers."""
    waiting: list[JsonValue] = [
        {
            "key": each.key,
            "priority": each.letter.priority,
            "give_up_at": each.give_up_at.isoformat(),
            "held_until": each.told_until.isoformat() if each.told_until else None,
        }
        for each in mail.waiting
    ]
    return {
        "channel": channel,
        "waiting": waiting,
        "sending": len(mail.sending.numbers) if mail.sending else 0,
        "attempts": [at.isoformat() for at in mail.attempts],
        "busy_until": mail.busy_until.isoformat() if mail.busy_until else None,
        "unreadable": unreadable,
    }


def _line(each: Waiting) -> str:
    order, until = each.letter.order, each.told_until
    mark = "【演练】" if order.drill else ""
    return f"- {mark}{order.incident_id} · {order.duty}" + (f"，{local(until)} 前后发出" if until else "")
