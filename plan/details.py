"""What operators read in the Temporal UI: the live details of an incident, and the summaries of its timers (R29).

Chinese, as bullets (the UI shows no tables), and free of personal data: the UI puts these words into addresses.
"""

from datetime import datetime

from plan.clock import Clock, ClockState
from plan.incident import Incident, NoticeState, Severity
from plan.notices import unreached
from plan.outstanding import ACTION, UNANSWERED, Owed
from plan.people import people_count
from plan.terms import CLOCK_STATES, CLOCKS, SEVERITIES, STAGES
from plan.wording import CHINA

SHOWN = 8


def live_details(incident: Incident, running: list[Clock], owed: list[Owed], *, record_late: bool = False) -> str:
    """First what it is, then what is owed next, by whom, until when; then the clocks and what did not arrive."""
    lines = [_heading(incident)]
    lines += ["", "**待办**", ""] if owed else ["", "**待办**：无"]
    lines += [_owed(incident, each) for each in owed[:SHOWN]]
    if len(owed) > SHOWN:
        lines.append(f"- 另有 {len(owed) - SHOWN} 项")
    done = [clock for clock in running if not clock.open]
    lines += ["", "**时限**", "", *(_clock(clock) for clock in done[-SHOWN:])] if done else []
    lines += _notices(incident)
    lines += ["", "✗ **记录未存妥**：记录库不可用或拒收，存妥前不结束；其他照常"] if record_late else []
    return "\n".join(lines)


def timer_summary(running: list[Clock], at: datetime) -> str:
    """What the one timer waits for."""
    due = sorted((clock for clock in running if clock.state is ClockState.RUNNING), key=lambda clock: clock.due_at)
    if not due:
        return f"下次查看 {local(at)}"
    return f"{clock_name(due[0].id)} {local(due[0].due_at)} 到时；{local(at)} 查看"


def clock_name(clock_id: str) -> str:
    """A clock's name in Chinese, with its level or number."""
    name, _, rest = clock_id.partition(".")
    zh = CLOCKS.get(name, (name, name))[0]
    return f"{zh}（{rest}）" if rest else zh


def local(instant: datetime) -> str:
    """`11-24 10:45` in China's time."""
    return instant.astimezone(CHINA).strftime("%m-%d %H:%M")


def _heading(incident: Incident) -> str:
    mark = "【演练】" if incident.drill else ""
    severity = SEVERITIES[incident.severity][0]
    place = incident.roster.outlet_name or incident.place or "网点未定"
    count = people_count(incident) if incident.severity is Severity.CRISIS else 0
    people = f"，现场 {count} 人" if count else ""
    return f"{mark}**{severity}** · {STAGES[incident.stage][0]} · {place}{people}"


def _owed(incident: Incident, owed: Owed) -> str:
    by = "、".join(_name(incident, each) for each in owed.by) or "—"
    due = f"，{local(owed.due_at)} 到时" if owed.due_at else ""
    late = "✗ 逾期 " if owed.state == ClockState.MISSED else ""
    if owed.state == UNANSWERED:
        return f"- ✗ 催了没人回应 {owed.what}：{by}"
    if owed.state == ACTION:
        return f"- 事项 {owed.what.removeprefix(f'{ACTION}.')}：{by}{due}"
    return f"- {late}{clock_name(owed.what) if owed.due_at else owed.what}：{by}{due}"


def _name(incident: Incident, place: str) -> str:
    """A place's own name; the id where it has none here, as of persons, whose names stay in the organisation."""
    roster = incident.roster
    names = {unit.id: unit.name for unit in roster.units} | roster.insurer_names
    return names.get(place) or (roster.outlet_name if place == roster.outlet else place)


def _clock(clock: Clock) -> str:
    return f"- {clock_name(clock.id)}：{CLOCK_STATES[clock.state][0]}"


def _notices(incident: Incident) -> list[str]:
    pending = sum(1 for notice in incident.notices.values() if notice.state is NoticeState.PENDING)
    held = [n.held_until for n in incident.notices.values() if n.state is NoticeState.HELD and n.held_until]
    failed = len(unreached(incident))
    said = [f"- 发送中 {pending} 条"] if pending else []
    said += [f"- 群内排队 {len(held)} 条，最迟 {local(max(held))} 发出"] if held else []
    said += [f"- ✗ {failed} 人未能通知到，已改通知他人"] if failed else []
    return ["", "**通知**", "", *said] if said else []
