"""The clocks of ordinary handling: hand-over, the insurer's answer, relaying the decision (R17, R23, R36, R55).

All limits are configured targets. Each runs in rounds: a new hand-over after a decision starts `insurer_answer.2`.
Closing or withdrawing calls off what is still owed; re-opening starts anew.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from plan.incident import Incident
from plan.marks import HandOver, Mark
from plan.parts import Outcome
from plan.playbook import ClockName, Playbook
from plan.spans import Span, limit, rounds

UNSETTLED = (Outcome.NOT_PERSUADED, Outcome.FAILED)


def handling_spans(incident: Incident, playbook: Playbook) -> Iterator[Span]:
    """Every round of every handling clock."""
    if incident.calmings:
        yield from _handover(incident, playbook)
    if incident.handovers:
        yield from _insurer_answer(incident, playbook)
    if incident.decisions:
        yield from _decision_relay(incident, playbook)


def _handover(incident: Incident, playbook: Playbook) -> Iterator[Span]:
    """From the first attempt that did not calm, until handed over; called off once calmed or decided."""
    within = limit(incident, playbook, ClockName.HANDOVER)
    if within is None:
        return
    asked = [mark for mark in incident.calmings if mark.outcome in UNSETTLED and not _handed_already(incident, mark)]
    calmed: list[Mark] = [mark for mark in incident.calmings if mark.outcome is Outcome.CALMED]
    ends = [*incident.handovers, *calmed, *incident.decisions, *incident.endings]
    for number, (start, end) in enumerate(rounds(asked, ends), start=1):
        handed = isinstance(end, HandOver)
        yield Span(
            name=ClockName.HANDOVER,
            number=number,
            anchored_by=start.fact_id,
            since=start.at,
            starts_at=start.at,
            due_at=start.at + within,
            met_at=end.at if end and handed else None,
            met_by=end.fact_id if end and handed else None,
            cancelled_at=end.at if end and not handed else None,
            owed_by=incident.place,
        )


def _handed_already(incident: Incident, asked: Mark) -> bool:
    """Handed over before, with no re-opening in between."""
    reopened = max((mark.at for mark in incident.reopenings if mark.at <= asked.at), default=None)
    return any(h.at <= asked.at and (reopened is None or h.at > reopened) for h in incident.handovers)


def _insurer_answer(incident: Incident, playbook: Playbook) -> Iterator[Span]:
    """From the hand-over until the insurer has decided; the planned date, else the target (R36)."""
    within = limit(incident, playbook, ClockName.INSURER_ANSWER)
    if within is None:
        return
    ends: list[Mark] = [*incident.decisions, *incident.endings]
    for number, (start, end) in enumerate(rounds(incident.handovers, ends), start=1):
        decided = end in incident.decisions
        yield Span(
            name=ClockName.INSURER_ANSWER,
            number=number,
            anchored_by=start.fact_id,
            since=start.at,
            starts_at=start.at,
            due_at=answer_due_at(incident, start, end, within),
            met_at=end.at if end and decided else None,
            met_by=end.fact_id if end and decided else None,
            cancelled_at=end.at if end and not decided else None,
            owed_by=incident.insurer,
        )


def answer_due_at(incident: Incident, start: HandOver, end: Mark | None, within: timedelta) -> datetime:
    """A later hand-over may only bring the date forward; the work group's extension sets it anew."""
    due = start.due_at or start.at + within
    told = [*((mark, False) for mark in incident.handovers), *((mark, True) for mark in incident.extensions)]
    for mark, extends in sorted(told, key=lambda pair: pair[0].at):
        inside = mark.at >= start.at and mark is not start and (end is None or mark.at <= end.at)
        if inside and mark.due_at is not None:
            due = mark.due_at if extends else min(due, mark.due_at)
    return due


def _decision_relay(incident: Incident, playbook: Playbook) -> Iterator[Span]:
    """From the insurer's decision until the customer has been told of it (R55)."""
    within = limit(incident, playbook, ClockName.DECISION_RELAY)
    if within is None:
        return
    ends = [*incident.relays, *incident.endings]
    for number, (start, end) in enumerate(rounds(incident.decisions, ends), start=1):
        relayed = end in incident.relays
        yield Span(
            name=ClockName.DECISION_RELAY,
            number=number,
            anchored_by=start.fact_id,
            since=start.at,
            starts_at=start.at,
            due_at=start.at + within,
            met_at=end.at if end and relayed else None,
            met_by=end.fact_id if end and relayed else None,
            cancelled_at=end.at if end and not relayed else None,
            owed_by=incident.place,
        )
