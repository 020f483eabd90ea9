"""Where a statement of circumstances stands in time (contract, section 6, "Anchor"; R43, A7).

At min(its known_at, its receipt): a known_at in the future is held to the stamp. Only persons move a running clock's
anchor back, not systems; and more than the playbook's `far_back` before the receipt only the work or leadership group
says it. Whatever is not believed stands at its receipt; the statement itself is kept.
"""

from datetime import datetime

from plan.crisis import criteria_of
from plan.facts import AnyFact, CircumstancesReported, CrisisDeclared, ReportSubmitted
from plan.incident import Incident
from plan.marks import Circumstance
from plan.parts import Circumstances
from plan.playbook import Playbook
from plan.roster import Role
from plan.told import Told


def circumstance(
    incident: Incident,
    playbook: Playbook,
    told: Told,
    stated: Circumstances | None,
    *,
    known_at: datetime | None = None,
    declared: bool = False,
) -> Circumstance:
    """One statement, placed."""
    stated = stated or Circumstances()
    said = stated.known_at or known_at
    return Circumstance(
        at=told.received_at,
        by=told.fact.by,
        fact_id=told.fact_id,
        placed_at=placed_at(incident, playbook, told, said),
        persons=stated.persons,
        headcount=stated.headcount or 0,
        criteria=criteria_of(stated, declared=declared),
        media=bool(stated.media),
    )


def known_at_said(fact: AnyFact) -> datetime | None:
    """Since when somebody says the circumstances were known."""
    match fact:
        case CircumstancesReported() | CrisisDeclared():
            return fact.known_at
        case ReportSubmitted():
            return fact.circumstances.known_at if fact.circumstances else None
        case _:
            return None


def placed_at(incident: Incident, playbook: Playbook, told: Told, known_at: datetime | None) -> datetime:
    """The instant at which a statement counts."""
    received_at = told.received_at
    if known_at is None or known_at >= received_at:
        return received_at
    roles = {answerer.role for answerer in incident.roster.roles_of(told.fact.by)}
    running = incident.episode
    if Role.SYSTEM in roles and running is not None and known_at < running.anchor:
        return received_at
    far = received_at - known_at > playbook.far_back
    if far and not roles & {Role.WORK_GROUP, Role.LEADERSHIP_GROUP}:
        return received_at
    return known_at
