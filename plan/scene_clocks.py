"""The clocks of the scene, and the progress reports of an open crisis (R12, R22, R27, R40, R42).

All limits are configured targets. A scene lasts until somebody says that it is over, the crisis is stood down, or the
incident is resolved or ended: whoever is there need not come again, and what nobody came for is called off.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime

from plan.incident import Form, Incident
from plan.marks import Episode, Mark, OnScene
from plan.parts import Outcome, Party, ReportKind
from plan.playbook import ClockName, Playbook
from plan.spans import Span, limit

PARTIES = {
    ClockName.INSURER_ON_SCENE: Party.INSURER,
    ClockName.WORK_GROUP_ON_SCENE: Party.WORK_GROUP,
    ClockName.LEADERSHIP_ON_SCENE: Party.LEADERSHIP_GROUP,
}


def scene_spans(incident: Incident, playbook: Playbook) -> Iterator[Span]:
    """Who owes to come, once for each scene."""
    ends = scene_ends(incident)
    superior = incident.roster.superior
    unit = superior.id if superior else None
    for name, party in PARTIES.items():
        triggers = _triggers(incident, name)
        if triggers:
            owed_by = ",".join(incident.insurers) or None if party is Party.INSURER else unit
            yield from _arrivals(incident, playbook, name, triggers, ends, owed_by)


def scene_ends(incident: Incident) -> list[datetime]:
    """The instants at which a scene is over, in order."""
    stood_down = [episode.ended_at for episode in incident.episodes if episode.ended_at]
    marks: Sequence[Mark] = [*incident.scene_ends, *incident.resolutions, *incident.endings]
    return sorted([*stood_down, *(mark.at for mark in marks)])


def _triggers(incident: Incident, name: ClockName) -> list[Mark]:
    failed: list[Mark] = [mark for mark in incident.calmings if mark.outcome is Outcome.FAILED]
    group = _group_marks(incident)
    match name:
        case ClockName.INSURER_ON_SCENE:
            return [*incident.requests, *failed, *incident.signs, *group]
        case ClockName.WORK_GROUP_ON_SCENE:
            return [*incident.signs, *group]
        case _:
            return [mark for mark in group if mark.fact_id != "opened"]


def _group_marks(incident: Incident) -> list[Mark]:
    """The fifth person, whatever the form (R42); and a group event as such (R22, R40)."""
    fives = [
        Mark(at=episode.five_at, by="", fact_id=episode.five_by or episode.anchored_by)
        for episode in incident.episodes
        if episode.five_at
    ]
    opened = [Mark(at=incident.filed_at, by="", fact_id="opened")] if incident.form is Form.GROUP_EVENT else []
    return [*opened, *fives]


def _arrivals(
    incident: Incident,
    playbook: Playbook,
    name: ClockName,
    triggers: Sequence[Mark],
    ends: Sequence[datetime],
    owed_by: str | None,
) -> Iterator[Span]:
    within = limit(incident, playbook, name)
    if within is None:
        return
    arrivals = [arrival for arrival in incident.arrivals if arrival.party is PARTIES[name]]
    number = 0
    for began, ended in _scenes(ends):
        called = [mark for mark in triggers if _inside(mark.at, began, ended)]
        if not called:
            continue
        number += 1
        start = min(called, key=lambda mark: mark.at)
        came = min((a for a in arrivals if _inside(a.at, began, ended)), key=lambda a: a.at, default=None)
        span = _span(incident, name, number, start, came, ended)
        yield span._replace(due_at=start.at + within, owed_by=owed_by)


def _span(
    incident: Incident, name: ClockName, number: int, start: Mark, came: OnScene | None, ended: datetime | None
) -> Span:
    learned_at = next((told.at for told in incident.circumstances if told.fact_id == start.fact_id), start.at)
    return Span(
        name=name,
        number=number,
        anchored_by=start.fact_id,
        since=max(start.at, learned_at),
        starts_at=start.at,
        due_at=start.at,
        met_at=max(came.at, start.at) if came else None,
        met_by=came.fact_id if came else None,
        cancelled_at=ended,
        carried=incident.joined_at is not None and incident.scene in (None, incident.outlet),
    )


def _scenes(ends: Sequence[datetime]) -> Iterator[tuple[datetime | None, datetime | None]]:
    began: datetime | None = None
    for end in ends:
        yield began, end
        began = end
    yield began, None


def _inside(at: datetime, began: datetime | None, ended: datetime | None) -> bool:
    return (began is None or at > began) and (ended is None or at <= ended)


def progress_spans(incident: Incident, playbook: Playbook, now: datetime) -> Iterator[Span]:
    """Rounds while a crisis is open: each starts when the one before is met or due (R12).

    The first from when the crisis was received, not from its anchor: nobody owes rounds for a time before that.
    """
    within = limit(incident, playbook, ClockName.PROGRESS)
    superior = incident.roster.superior
    if within is None:
        return
    follow_ups = sorted(report.at for report in incident.reports if report.kind is ReportKind.FOLLOW_UP)
    number = 0
    for episode in incident.episodes:
        start, end = episode.crisis_at, _progress_end(incident, episode)
        while True:
            number += 1
            due = start + within
            later = bisect_right(follow_ups, start)
            met = follow_ups[later] if later < len(follow_ups) else None
            if met is not None and end is not None and met > end:
                met = None
            yield Span(
                name=ClockName.PROGRESS,
                number=number,
                anchored_by=episode.anchored_by,
                since=start,
                starts_at=start,
                due_at=due,
                met_at=met,
                cancelled_at=end,
                carried=incident.joined_at is not None,
                owed_by=superior.id if superior else None,
            )
            start = met if met is not None and met <= due else due
            if start > now or (end is not None and start >= end):
                break


def _progress_end(incident: Incident, episode: Episode) -> datetime | None:
    """Stood down, or the first resolution or ending since."""
    stood_down = [episode.ended_at] if episode.ended_at else []
    marks: Sequence[Mark] = [*incident.resolutions, *incident.endings]
    return min([*stood_down, *(mark.at for mark in marks if mark.at > episode.crisis_at)], default=None)
