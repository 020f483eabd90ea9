"""What is owed next, by whom, until when: the first thing an operator looks for (contract, section 6).

Clocks still owed, and prompts whose purpose is not reached yet.
"""

from collections.abc import Callable
from datetime import datetime

from plan.clock import Clock, ClockState, owing
from plan.incident import Incident, NoticeState, Occasion
from plan.parts import ReportKind
from plan.playbook import Playbook
from plan.recipients import people
from plan.values import Instant, Kept


class Owed(Kept):
    """`what` is a clock's id or a prompt's; `by` the place or persons; `due_at` None where nothing is due."""

    what: str
    rule: str
    by: tuple[str, ...]
    due_at: Instant | None = None
    state: str = "running"


def outstanding(incident: Incident, playbook: Playbook, now: datetime, running: list[Clock]) -> list[Owed]:
    """Missed clocks first, then by due time, then prompts."""
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
    return owed + prompts(incident, playbook, now)


def prompts(incident: Incident, playbook: Playbook, now: datetime) -> list[Owed]:
    """Prompts raised and not answered by what they ask for."""
    if incident.over:
        return []
    found: list[Owed] = []
    for occasion in incident.occasions:
        stem = ".".join(occasion.duty.split(".")[:2])
        rule = playbook.notice(stem)
        if not stem.startswith("prompt.") or rule is None or _answered(incident, stem, occasion):
            continue
        asked = people(incident, rule.to, now, about=occasion, owed_by=None)
        found.append(Owed(what=occasion.duty, rule=rule.rule, by=asked, state="prompt"))
    return found


def _answered(incident: Incident, prompt: str, occasion: Occasion) -> bool:
    since = occasion.at
    done: dict[str, Callable[[], bool]] = {
        "prompt.police": lambda: any(mark.at >= since for mark in incident.police),
        "prompt.customer_record": lambda: not incident.customer.missing(),
        "prompt.assignment": lambda: _assigned(incident),
        "prompt.follow_up": lambda: any(report.at > since for report in incident.reports),
        "prompt.final_report": lambda: any(report.kind is ReportKind.FINAL for report in incident.reports),
        "prompt.decision_relay": lambda: any(mark.at >= since for mark in incident.relays),
        "prompt.regulator": lambda: any(mark.at >= since for mark in incident.regulator),
        "prompt.intervention": lambda: bool(incident.episodes) or _acknowledged(incident, occasion.duty),
    }
    return done[prompt]() if prompt in done else _acknowledged(incident, occasion.duty)


def _assigned(incident: Incident) -> bool:
    """Outlet and insurer are said, and the organisation knows both."""
    return incident.outlet is not None and incident.insurer is not None and not incident.roster.unknown


def _acknowledged(incident: Incident, duty: str) -> bool:
    return any(n.duty == duty and n.state is NoticeState.ACKNOWLEDGED for n in incident.notices.values())
