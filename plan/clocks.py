"""Every deadline as an absolute instant with its state, and what has come due (contract, section 6).

Start here for time: `clocks` derives them from what is known, `advance` writes down the breaches that have come due
before anything later is folded. Statutory limits are the plan's (R43, R45); all others are configured targets.
Errors: none. An imported incident has no clocks; its deadlines are history.
"""

from datetime import datetime

from plan.clock import Breach, Clock, ClockState, state_at
from plan.consequences import raised
from plan.handling_clocks import handling_spans
from plan.hearing import outlet_heard
from plan.incident import Incident
from plan.playbook import ClockRule, Playbook
from plan.reporting_clocks import reporting_spans
from plan.scene_clocks import progress_spans, scene_spans
from plan.spans import Span


def clocks(incident: Incident, playbook: Playbook, now: datetime) -> list[Clock]:
    """All clocks that have started by `now`, in the playbook's order of families."""
    if incident.imported:
        return []
    spans: list[Span] = []
    if incident.episodes or incident.members:
        spans += reporting_spans(incident, playbook)
    spans += handling_spans(incident, playbook)
    spans += scene_spans(incident, playbook)
    if incident.episodes:
        spans += progress_spans(incident, playbook, now)
    rules = {rule.id: rule for rule in playbook.clocks}
    return [_clock(span, rules[span.name], now) for span in spans if span.starts_at <= now]


def advance(incident: Incident, playbook: Playbook, now: datetime, of: list[Clock] | None = None) -> Incident:
    """The incident with every breach that has come due by `now`, each at its own instant, none twice.

    A clock that was met late without its breach having been seen (its anchor moved back, R43) is a breach as well.
    One that was recorded and then proves met in time is lifted: whoever heard of it is told, the record keeps both.
    `of` spares a second look at the clocks.
    """
    breaches = dict(incident.breaches)
    heard: list[str] = []
    for clock in clocks(incident, playbook, now) if of is None else of:
        known = breaches.get(clock.id)
        if clock.state in (ClockState.MISSED, ClockState.MET_LATE):
            if known is None or known.lifted_at is not None:
                breaches[clock.id] = _breach(incident, clock, now)
        elif known is not None and known.lifted_at is None and clock.state is ClockState.MET:
            breaches[clock.id] = known.model_copy(update={"lifted_at": now})
            told = (notice.duty for notice in incident.notices.values())
            heard += [clock.id] if f"breach.{clock.id}" in told else []
    if breaches == incident.breaches:
        return incident
    incident = incident.model_copy(update={"breaches": breaches})
    for clock_id in heard:
        incident = raised(incident, "tell.breach_lifted", now, number=clock_id)
    return incident


def _breach(incident: Incident, clock: Clock, now: datetime) -> Breach:
    heard = outlet_heard(incident, clock.since)
    return Breach(
        at=clock.due_at,
        recorded_at=now,
        outlet_first_told_at=heard.told_at,
        outlet_first_acknowledged_at=heard.acknowledged_at,
        acknowledged_by=heard.acknowledged_by,
    )


def overdue(of: list[Clock]) -> list[Clock]:
    """Missed and not yet met."""
    return [clock for clock in of if clock.state is ClockState.MISSED and clock.open]


def _clock(span: Span, rule: ClockRule, now: datetime) -> Clock:
    return Clock(
        id=span.clock_id,
        name=span.name,
        rule=rule.rule,
        statutory=rule.statutory,
        level=span.level,
        anchored_by=span.anchored_by,
        since=span.since,
        starts_at=span.starts_at,
        due_at=span.due_at,
        met_at=span.met_at,
        met_by=span.met_by,
        cancelled_at=span.cancelled_at,
        state=state_at(now, span.due_at, met_at=span.met_at, cancelled_at=span.cancelled_at, carried=span.carried),
        owed_by=span.owed_by,
    )
