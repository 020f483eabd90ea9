"""Who reports to whom (R43, R44; A15, A22): what a report means where it leaves its parties out."""

from typing import NamedTuple

from plan.facts import ReportSubmitted
from plan.incident import Incident
from plan.parts import ReportKind
from plan.roster import Role


class Parties(NamedTuple):
    from_unit: str | None
    to_unit: str | None


def report_parties(incident: Incident, fact: ReportSubmitted) -> Parties:
    """The reporting and the receiving unit.

    Without `from_unit` it is the speaker's own; of a telephoned report it is that of whoever was spoken with. Without
    `to_unit` it is the next unit above the reporting one.
    """
    phoned = fact.spoken_with if fact.via == "phone" else None
    from_unit = fact.from_unit or _unit_of(incident, phoned) or _unit_of(incident, fact.by)
    above = incident.roster.above(from_unit) if from_unit else ()
    return Parties(from_unit, fact.to_unit or (above[0].id if above else None))


def report_kind(incident: Incident, fact: ReportSubmitted) -> ReportKind:
    """As said; else a unit's first report is the initial one, and those after it follow up."""
    if fact.report is not None:
        return fact.report
    from_unit = report_parties(incident, fact).from_unit
    told = any(report.from_unit == from_unit for report in incident.reports)
    return ReportKind.FOLLOW_UP if told else ReportKind.INITIAL


def _unit_of(incident: Incident, person: str | None) -> str | None:
    roles = incident.roster.roles_of(person) if person else ()
    return next((a.unit for a in roles if a.role not in (Role.INSURER, Role.OPERATOR, Role.SYSTEM)), None)
