"""What people are asked for after the event: actions out of the lessons, a whole final report, who answers (R56-R63).

All of it is prompted, and none of it a condition of its own (`closing.py` has those). Each prompt says what is lacking.
- `prompt.lessons`, when causes and lessons are recorded and nothing was opened to be done: open an action, or
  acknowledge that none is needed.
- `prompt.final_report`, when a crisis is resolved, and again when a final report came that lacks something: complete
  it, or acknowledge that there is no more to say.
- `prompt.accountability`, once it is resolved and something calls for a decision, again when something more does: only
  decisions answer it.

Readings: a final report is as whole as all of them together, with what the record says already: causes and lessons that
are recorded, an accountability that is decided or that nothing calls for. A member of a group event writes none of its
own (A19). Errors: none.
"""

from datetime import datetime
from typing import Final

from plan.accountability import matters, undecided
from plan.consequences import raised, reported_by_the_group
from plan.facts import ReportSubmitted, RootCauseRecorded
from plan.incident import Incident, NoticeState, Occasion, Stage
from plan.parts import FinalPart, ReportContent, ReportKind
from plan.playbook import Playbook
from plan.told import Told
from plan.values import blank

LESSONS: Final = "prompt.lessons"
FINAL_REPORT: Final = "prompt.final_report"
ACCOUNTABILITY: Final = "prompt.accountability"


def asked_after(incident: Incident, playbook: Playbook, told: Told) -> Incident:
    """The incident with what an accepted fact gives occasion to ask for. History is asked for nothing."""
    if incident.imported:
        return incident
    match told.fact:
        case RootCauseRecorded() if not incident.actions_now:
            return raised(incident, LESSONS, told.received_at)
        case ReportSubmitted() if incident.reports[-1].kind is ReportKind.FINAL:
            wanted = incident.ever_crisis and bool(playbook.final_report) and not reported_by_the_group(incident)
            lacking = wanted and bool(final_report_lacks(incident, playbook))
            return raised(incident, FINAL_REPORT, told.received_at) if lacking else incident
        case _:
            return incident


def asked_who_answers(incident: Incident, playbook: Playbook, now: datetime) -> Incident:
    """The incident with the leadership group asked to decide, where something calls for it that was not asked about.

    An incident whose playbook has no such notice asks nobody. The occasion keeps how much there was to answer for.
    """
    if incident.stage is not Stage.RESOLVED or incident.imported or playbook.notice(ACCOUNTABILITY) is None:
        return incident
    number = sum(1 for matter in matters(incident) if matter.called_for)
    asked = max((int(each.number or 0) for each in occasions(incident, ACCOUNTABILITY)), default=0)
    if number <= asked or not undecided(incident):
        return incident
    return raised(incident, ACCOUNTABILITY, now, number=str(number))


def lacking(incident: Incident, playbook: Playbook, prompt: str) -> tuple[str, ...]:
    """What a prompt, named without its number, still asks for: parts of the final report, matters to decide on."""
    if prompt == FINAL_REPORT:
        return final_report_lacks(incident, playbook)
    return undecided(incident) if prompt == ACCOUNTABILITY else ()


def final_report_lacks(incident: Incident, playbook: Playbook) -> tuple[str, ...]:
    """The parts that no final report has and the record does not say; where the playbook names none, of all."""
    there = {name for report in incident.reports if report.kind is ReportKind.FINAL for name in report.fields}
    if incident.root_cause is not None:
        there |= {FinalPart.CAUSE, FinalPart.LESSONS}
    if not undecided(incident):
        there.add(FinalPart.ACCOUNTABILITY)
    return tuple(part.value for part in playbook.final_report or FinalPart if part not in there)


def fields_of(content: ReportContent) -> tuple[str, ...]:
    """The parts of a report that say something."""
    said = ((name, getattr(content, name)) for name in ReportContent.model_fields)
    return tuple(name for name, value in said if not (blank(value) if isinstance(value, str) else value is None))


def lessons_answered(incident: Incident, occasion: Occasion) -> bool:
    """An action was opened since, or somebody says that none is needed."""
    opened = any(action.at >= occasion.at for action in incident.actions)
    return opened or _acknowledged(incident, occasion)


def final_report_answered(incident: Incident, playbook: Playbook, occasion: Occasion) -> bool:
    """A final report is there, and lacks nothing, or is to stay as it is; one that lacks something asks anew."""
    if not any(report.kind is ReportKind.FINAL for report in incident.reports):
        return False
    whole = not playbook.final_report or not final_report_lacks(incident, playbook)
    return whole or _asked_anew(incident, occasion) or _acknowledged(incident, occasion)


def accountability_answered(incident: Incident, occasion: Occasion) -> bool:
    return not undecided(incident) or _asked_anew(incident, occasion)


def occasions(incident: Incident, prompt: str) -> list[Occasion]:
    """Every time a prompt was raised."""
    return [each for each in incident.occasions if each.duty == prompt or each.duty.startswith(f"{prompt}.")]


def _asked_anew(incident: Incident, occasion: Occasion) -> bool:
    prompt = ".".join(occasion.duty.split(".")[:2])
    return occasions(incident, prompt)[-1] != occasion


def _acknowledged(incident: Incident, occasion: Occasion) -> bool:
    notices = incident.notices.values()
    return any(n.duty == occasion.duty and n.state is NoticeState.ACKNOWLEDGED for n in notices)
