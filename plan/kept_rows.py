"""What the store keeps of an incident beside its record: one row for the figures, its clocks, its notices.

None of it personal: no name, number, free text or amount. A step that has not happened is None, never zero.
Derived anew whenever it is written, so that it is never ahead of the record nor behind it. Errors: none.
"""

from collections.abc import Sequence
from datetime import datetime

from plan.clock import Clock, ClockState
from plan.incident import Form, Incident, NoticeState, Stage
from plan.organisation import Level
from plan.playbook import ClockName
from plan.policies import PolicyClass
from plan.values import Instant, Kept

VOID = (ClockState.CARRIED, ClockState.CANCELLED)
"""Owed elsewhere, or by nobody any more: counted nowhere."""
MET = (ClockState.MET, ClockState.MET_LATE)
RESOLVED = (Stage.RESOLVED, Stage.CLOSED)
ARRIVED = (NoticeState.DELIVERED, NoticeState.ACKNOWLEDGED)


class IncidentRow(Kept):
    """One incident as the figures count it. `units` is the chain, the outlet first; durations are whole seconds.

    `known_at` is the first crisis's anchor; `report_owed` and `arrival_owed` say that the clock of it runs or ran here;
    `mis_selling` is None until a policy was examined for it.
    """

    incident_id: str
    form: Form
    drill: bool = False
    imported: bool = False
    outlet: str | None = None
    province: str | None = None
    units: tuple[str, ...] = ()
    insurers: tuple[str, ...] = ()
    channel: str | None = None
    subject: str | None = None
    product_line: str | None = None
    remedy: str | None = None
    stage: Stage
    filed_at: Instant
    known_at: Instant | None = None
    crisis_at: Instant | None = None
    report_owed: bool = False
    arrival_owed: bool = False
    resolved_at: Instant | None = None
    closed_at: Instant | None = None
    to_acknowledge: int | None = None
    to_report: int | None = None
    to_handover: int | None = None
    to_arrival: int | None = None
    to_resolution: int | None = None
    reopened: int = 0
    group_id: str | None = None
    repeat_of: str | None = None
    conduct: int = 0
    policies_normal: int = 0
    policies_flawed: int = 0
    policies_problem: int = 0
    policies_undetermined: int = 0
    mis_selling: bool | None = None
    notices_arrived: int = 0
    notices_failed: int = 0


class ClockRow(Kept):
    """One clock. `void` where it is carried by a group event or was called off in time."""

    clock_id: str
    name: str
    rule: str
    statutory: bool = False
    owed_by: str | None = None
    starts_at: Instant
    due_at: Instant
    met_at: Instant | None = None
    void: bool = False
    breach_at: Instant | None = None
    lifted_at: Instant | None = None


class NoticeRow(Kept):
    """The ledger's line of one notice; who it went to is a person's id in the organisation."""

    notice_id: str
    duty: str
    recipient: str
    unit: str
    channel: str | None = None
    state: NoticeState
    attempts: int = 0
    created_at: Instant
    sent_at: Instant | None = None
    acknowledged_at: Instant | None = None


def incident_row(incident: Incident, running: Sequence[Clock]) -> IncidentRow:
    """The row of an incident as it is now, with its clocks as they stand."""
    first = incident.episodes[0] if incident.episodes else None
    province = incident.roster.unit_at(Level.PROVINCE)
    resolved = incident.resolutions[-1].at if incident.resolutions and incident.stage in RESOLVED else None
    report, arrival = _first(running, ClockName.OUTLET_REPORT), _first(running, ClockName.INSURER_ON_SCENE)
    classes = [file.classification.policy_class for file in incident.policies]
    proven = [file.mis_selling_proven for file in incident.policies if file.mis_selling_proven is not None]
    states = [notice.state for notice in incident.notices.values()]
    return IncidentRow(
        incident_id=incident.incident_id,
        form=incident.form,
        drill=incident.drill,
        imported=incident.imported,
        outlet=incident.place,
        province=province.id if province else None,
        units=chain_of(incident),
        insurers=incident.insurers,
        channel=incident.channel,
        subject=incident.subject,
        product_line=incident.product_line,
        remedy=str(incident.decisions[-1].remedy) if incident.decisions else None,
        stage=incident.stage,
        filed_at=incident.filed_at,
        known_at=first.anchor if first else None,
        crisis_at=first.crisis_at if first else None,
        report_owed=report is not None,
        arrival_owed=arrival is not None,
        resolved_at=resolved,
        closed_at=incident.endings[-1].at if incident.over and incident.endings else None,
        to_acknowledge=_seconds(incident.filed_at, _first_acknowledged(incident)),
        to_report=_met_within(report),
        to_handover=_seconds(incident.filed_at, incident.handovers[0].at if incident.handovers else None),
        to_arrival=_met_within(arrival),
        to_resolution=_seconds(incident.filed_at, resolved),
        reopened=len(incident.reopenings),
        group_id=incident.group_id,
        repeat_of=incident.repeat.incident_id if incident.repeat else None,
        conduct=len(incident.conduct),
        policies_normal=classes.count(PolicyClass.NORMAL),
        policies_flawed=classes.count(PolicyClass.FLAWED),
        policies_problem=classes.count(PolicyClass.PROBLEM),
        policies_undetermined=classes.count(PolicyClass.UNDETERMINED),
        mis_selling=any(proven) if proven else None,
        notices_arrived=sum(1 for state in states if state in ARRIVED),
        notices_failed=states.count(NoticeState.FAILED),
    )


def clock_rows(incident: Incident, running: Sequence[Clock]) -> tuple[ClockRow, ...]:
    """Its clocks, each with its breach where there was one."""
    return tuple(_clock_row(incident, clock) for clock in running)


def notice_rows(incident: Incident) -> tuple[NoticeRow, ...]:
    """Its ledger, oldest first."""
    kept = NoticeRow.model_fields
    return tuple(
        NoticeRow.model_validate({name: getattr(notice, name) for name in kept}) for notice in incident.notices.values()
    )


def chain_of(incident: Incident) -> tuple[str, ...]:
    """The outlet, and the units above it as far as they are known, nearest first."""
    places = (incident.place, *(unit.id for unit in incident.roster.units))
    return tuple(dict.fromkeys(place for place in places if place))


def _clock_row(incident: Incident, clock: Clock) -> ClockRow:
    breach = incident.breaches.get(clock.id)
    return ClockRow(
        clock_id=clock.id,
        name=str(clock.name) if clock.level is None else f"{clock.name}.{clock.level}",
        rule=clock.rule,
        statutory=clock.statutory,
        owed_by=clock.owed_by,
        starts_at=clock.starts_at,
        due_at=clock.due_at,
        met_at=clock.met_at if clock.state in MET else None,
        void=clock.state in VOID,
        breach_at=breach.at if breach else None,
        lifted_at=breach.lifted_at if breach else None,
    )


def _first(running: Sequence[Clock], name: ClockName) -> Clock | None:
    """The first clock of its kind that is owed here."""
    return next((clock for clock in running if clock.name is name and clock.state not in VOID), None)


def _met_within(clock: Clock | None) -> int | None:
    return None if clock is None or clock.state not in MET else _seconds(clock.starts_at, clock.met_at)


def _first_acknowledged(incident: Incident) -> datetime | None:
    said = (notice.acknowledged_at for notice in incident.notices.values())
    return min((at for at in said if at is not None), default=None)


def _seconds(began: datetime | None, ended: datetime | None) -> int | None:
    return None if began is None or ended is None else max(int((ended - began).total_seconds()), 0)
