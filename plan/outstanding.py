"""What is owed next, by whom, until when: the first thing an operator looks for (contract, section 6).

Clocks still owed, actions still to be done, notices that nobody answered however often they were repeated, and prompts
whose purpose is not reached yet.
"""

from collections.abc import Callable
from datetime import datetime

from plan.actions import RULES
from plan.after import accountability_answered, final_report_answered, lacking, lessons_answered
from plan.chasing import unanswered
from plan.clock import Clock, ClockState, owing
from plan.incident import Incident, NoticeState, Occasion
from plan.playbook import Playbook
from plan.recipients import people
from plan.values import Instant, Kept

UNANSWERED = "unanswered"
ACTION = "action"


class Owed(Kept):
    """`what` is a clock's id, an action's behind `action.`, a prompt's or a notice's; `by` the place or persons, of a
    notice who did not answer.

    `due_at` is None where nothing is due; `state` a clock's, `action`, `unanswered` or `prompt`; `lacks` what a prompt
    still asks for: parts of the final report, matters to decide on.
    """

    what: str
    rule: str
    by: tuple[str, ...]
    due_at: Instant | None = None
    state: str = "running"
    lacks: tuple[str, ...] = ()


def outstanding(incident: Incident, playbook: Playbook, now: datetime, running: list[Clock]) -> list[Owed]:
    """Missed clocks first, then by due time, then actions, then what nobody answered, then prompts."""
    statutory = {clock.id for clock in running if clock.statutory}
    owed = [
        Owed(
            what=clock.id,
            rule=clock.rule,
            by=owing(clock.owed_by),
            due_at=clock.due_at,
            state=str(clock.state),
        )
        for clock in running
        if clock.open
    ]
    owed.sort(key=lambda o: (o.state != ClockState.MISSED, o.due_at, o.what not in statutory))
    silent = [
        Owed(what=each.duty, rule=each.rule, by=each.people, state=UNANSWERED)
        for each in unanswered(incident, playbook, now, running)
    ]
    return owed + _actions(incident) + silent + prompts(incident, playbook, now)


def _actions(incident: Incident) -> list[Owed]:
    """After the end the unit's register keeps them."""
    still = [action for action in incident.actions if action.open and not incident.over]
    return [
        Owed(
            what=f"{ACTION}.{action.action_id}",
            rule=RULES[action.feeds],
            by=(action.owner,),
            due_at=action.due_at,
            state=ACTION,
        )
        for action in sorted(still, key=lambda action: action.due_at)
    ]


def prompts(incident: Incident, playbook: Playbook, now: datetime) -> list[Owed]:
    """Prompts raised and not answered by what they ask for."""
    if incident.over:
        return []
    found: list[Owed] = []
    for occasion in incident.occasions:
        stem = ".".join(occasion.duty.split(".")[:2])
        rule = playbook.notice(stem)
        if not stem.startswith("prompt.") or rule is None or _answered(incident, playbook, stem, occasion):
            continue
        asked = people(incident, rule.to, now, about=occasion, owed_by=None)
        lacks = lacking(incident, playbook, stem)
        found.append(Owed(what=occasion.duty, rule=rule.rule, by=asked, state="prompt", lacks=lacks))
    return found


def _answered(incident: Incident, playbook: Playbook, prompt: str, occasion: Occasion) -> bool:
    since = occasion.at
    done: dict[str, Callable[[], bool]] = {
        "prompt.police": lambda: any(mark.at >= since for mark in incident.police),
        "prompt.customer_record": lambda: not incident.customer.missing(),
        "prompt.assignment": lambda: _assigned(incident),
        "prompt.follow_up": lambda: any(report.at > since for report in incident.reports),
        "prompt.final_report": lambda: final_report_answered(incident, playbook, occasion),
        "prompt.lessons": lambda: lessons_answered(incident, occasion),
        "prompt.accountability": lambda: accountability_answered(incident, occasion),
        "prompt.decision_relay": lambda: any(mark.at >= since for mark in incident.relays),
        "prompt.regulator": lambda: any(mark.at >= since for mark in incident.regulator),
        "prompt.intervention": lambda: bool(incident.episodes) or _acknowledged(incident, occasion.duty),
        "prompt.declare": lambda: _declared(incident) or _acknowledged(incident, occasion.duty),
    }
    return done[prompt]() if prompt in done else _acknowledged(incident, occasion.duty)


def _declared(incident: Incident) -> bool:
    """It is a crisis, or belongs to a group event: somebody has said what it is (A23)."""
    return bool(incident.episodes) or incident.group_id is not None


def _assigned(incident: Incident) -> bool:
    """Outlet and insurer are said, and the organisation knows both."""
    return incident.outlet is not None and incident.insurer is not None and not incident.roster.unknown


def _acknowledged(incident: Incident, duty: str) -> bool:
    return any(n.duty == duty and n.state is NoticeState.ACKNOWLEDGED for n in incident.notices.values())
