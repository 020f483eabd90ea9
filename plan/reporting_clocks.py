"""The clocks of reporting: the outlet's hour, the province's 24 hours, the regulator, the relays (R43-R46; A6-A8, A19).

Each crisis has its own: the second after a standing down is `outlet_report.2`. Once started, statutory ones end only by
a submission (A24), or with the drill that the incident belongs to (R11); the others are called off when the incident is
closed. A group event runs the earliest of what its members brought and of what it owes itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from plan.incident import Form, Incident
from plan.marks import Episode, Mark
from plan.members import Member
from plan.organisation import Level
from plan.playbook import ClockName, Playbook
from plan.spans import Span, ended_after, first_from, limit
from plan.told import WITHIN


def reporting_spans(incident: Incident, playbook: Playbook) -> Iterator[Span]:
    """Every reporting clock of every crisis of this incident."""
    province = incident.roster.unit_at(Level.PROVINCE)
    owing = province.id if province else None
    yield from _reported(incident, playbook, ClockName.OUTLET_REPORT, _outlet_reports(incident), incident.place)
    yield from _reported(incident, playbook, ClockName.PROVINCE_OPINION, _opinions(incident), owing)
    yield from _reported(incident, playbook, ClockName.REGULATOR_REPORT, _regulator(incident), owing)
    yield from _relays(incident, playbook)


def carried_by(incident: Incident, name: ClockName) -> bool:
    """Whether the group event has taken this clock over (A19): the outlet's hour only of members at the scene."""
    if incident.group_id is None or incident.joined_at is None:
        return False
    return name is not ClockName.OUTLET_REPORT or incident.scene in (None, incident.outlet)


def _reported(
    incident: Incident, playbook: Playbook, name: ClockName, met: Sequence[Mark], owed_by: str | None
) -> Iterator[Span]:
    within = limit(incident, playbook, name)
    rule = playbook.clock(name)
    if within is None or rule is None:
        return
    statutory = rule.statutory
    spans = [_span(name, episode, episode.anchor, within) for episode in incident.episodes]
    brought = min(_brought(incident, name), key=lambda span: span.due_at, default=None)
    if brought is not None and (not spans or brought.due_at <= spans[0].due_at):
        spans[:1] = [brought]
    for span, episode in zip(spans, [*incident.episodes, *[None] * len(spans)], strict=False):
        mark = first_from(met, span.starts_at)
        run = span
        if episode and episode.five_at and mark and _of_a_member(mark) and mark.at < episode.five_at:
            run = _span(name, episode, episode.five_at, within)  # its own, from the fifth person on (A19)
            mark = first_from(met, run.starts_at)
        carried = _carried(incident, run, mark)
        mark = None if carried else mark  # a report told to a member meets the group's clock (A19)
        yield run._replace(
            met_at=mark.at if mark else None,
            met_by=mark.fact_id if mark else None,
            cancelled_at=(_over_with_the_drill if statutory else ended_after)(incident, run.starts_at),
            owed_by=owed_by,
            carried=carried,
        )


def _over_with_the_drill(incident: Incident, start: datetime) -> datetime | None:
    """When Tocsin itself ended it, which it does with drills only: `withdrawn`, after the exercise."""
    ending = first_from([mark for mark in incident.endings if mark.by == WITHIN], start)
    return ending.at if ending and incident.drill else None


def _of_a_member(mark: Mark) -> bool:
    return mark.fact_id.startswith("join:")


def _span(name: ClockName, episode: Episode, starts_at: datetime, within: timedelta) -> Span:
    return Span(
        name=name,
        number=episode.number,
        anchored_by=episode.anchored_by,
        since=episode.crisis_at,
        starts_at=starts_at,
        due_at=starts_at + within,
    )


def _brought(incident: Incident, name: ClockName) -> Iterator[Span]:
    """What members brought, as absolute instants, never clamped."""
    for member in incident.present_members:
        for clock in member.carried:
            if clock.name == name:
                yield Span(
                    name=name,
                    anchored_by=clock.anchored_by,
                    since=member.joined_at,
                    starts_at=clock.starts_at,
                    due_at=clock.due_at,
                )


def _carried(incident: Incident, span: Span, met: Mark | None) -> bool:
    if not carried_by(incident, span.name) or incident.joined_at is None:
        return False
    return met is None or met.at > incident.joined_at


def _outlet_reports(incident: Incident) -> Sequence[Mark]:
    own = [report for report in incident.reports if report.from_unit in (incident.place, incident.outlet)]
    at_scene = [member for member in incident.members if member.outlet == incident.place]
    return [*own, *_of_members(at_scene, incident, [member.reported_at for member in at_scene])]


def _opinions(incident: Incident) -> Sequence[Mark]:
    return [*incident.opinions, *_of_members(incident.members, incident, [m.opinion_at for m in incident.members])]


def _regulator(incident: Incident) -> Sequence[Mark]:
    return [*incident.regulator, *_of_members(incident.members, incident, [m.regulator_at for m in incident.members])]


def _of_members(members: Sequence[Member], incident: Incident, done: Sequence[datetime | None]) -> Iterable[Mark]:
    if incident.form is not Form.GROUP_EVENT:
        return
    for member, at in zip(members, done, strict=True):
        if at is not None:
            yield Mark(at=at, by="", fact_id=f"join:{member.incident_id}")


def _relays(incident: Incident, playbook: Playbook) -> Iterator[Span]:
    """Each level between the outlet and the province, from the first report it received in this crisis (R44, A15)."""
    for level in (Level.COUNTY, Level.CITY):
        unit = incident.roster.unit_at(level)
        within = limit(incident, playbook, ClockName.RELAY, level)
        if unit is None or unit.id == incident.place or within is None:
            continue
        for episode, until in _with_next(incident.episodes):
            received = [report for report in incident.reports if report.to_unit == unit.id and report.at < until]
            start = first_from(received, episode.anchor)
            if start is None:
                continue
            sent = [report for report in incident.reports if report.from_unit == unit.id]
            met = first_from(sent, start.at)
            yield Span(
                name=ClockName.RELAY,
                level=level,
                number=episode.number,
                anchored_by=start.fact_id,
                since=start.at,
                starts_at=start.at,
                due_at=start.at + within,
                met_at=met.at if met else None,
                met_by=met.fact_id if met else None,
                cancelled_at=ended_after(incident, start.at),
                owed_by=unit.id,
            )


def _with_next(episodes: Sequence[Episode]) -> Iterator[tuple[Episode, datetime]]:
    """Each crisis, and until when a report belongs to it: the receipt of the next one, wherever its anchor stands."""
    for number, episode in enumerate(episodes, start=1):
        last = datetime.max.replace(tzinfo=episode.anchor.tzinfo)
        yield episode, episodes[number].crisis_at if number < len(episodes) else last
