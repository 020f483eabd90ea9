"""Opening an incident: from a complaint, or as a group event (R1, R24, R35; A20; contract, section 3).

Intake is never refused for what is missing; it becomes a prompt. What the complaint says of its circumstances is folded
when the people who answer are known (`ready`), so that the first judgement already has the playbook's numbers.
"""

from datetime import datetime

from plan.complaint import Channel, Complaint
from plan.consequences import crisis_consequences, group_called, raised
from plan.crisis import with_crisis
from plan.facts import CircumstancesReported
from plan.incident import Form, Incident
from plan.marks import Care, Customer
from plan.parts import Circumstances
from plan.placing import circumstance
from plan.playbook import Playbook
from plan.roster import Roster
from plan.told import Told

FILED = "filed"
"""The fact id under which the complaint itself stands."""


def opened(complaint: Complaint, incident_id: str, received_at: datetime, *, imported: bool = False) -> Incident:
    """A new incident, before anybody is known who answers for it."""
    customer = complaint.customer
    return Incident(
        incident_id=incident_id,
        drill=complaint.drill,
        imported=imported,
        filed_at=received_at,
        filed_by=complaint.reported_by,
        channel=complaint.channel,
        subject=complaint.subject,
        outlet=complaint.outlet,
        unit=complaint.unit,
        insurer=complaint.insurer,
        product_line=complaint.product_line,
        customer=Customer(
            name=customer.name,
            phone=customer.phone,
            policy_numbers=customer.policy_numbers,
            reason=complaint.reason,
            person_key=customer.person_key,
            keyed_at=received_at if customer.person_key else None,
        ),
        care=Care(referred=complaint.channel in (Channel.REGULATOR, Channel.MEDIA)),
    )


def group_opened(incident_id: str, scene: str | None, received_at: datetime, *, drill: bool) -> Incident:
    """A new group event at a scene (A19)."""
    return Incident(
        incident_id=incident_id,
        form=Form.GROUP_EVENT,
        drill=drill,
        filed_at=received_at,
        outlet=scene,
        scene=scene,
    )


def ready(
    incident: Incident, playbook: Playbook, roster: Roster, complaint: Complaint | None, now: datetime
) -> Incident:
    """The incident with who answers, its circumstances folded and what must be told of the filing."""
    at = incident.filed_at
    before = incident.model_copy(update={"roster": roster})
    if complaint is None:
        return group_called(before, at)
    if incident.imported:
        return before
    after = _with_circumstances(before, playbook, complaint, now)
    after = raised(after, "tell.filed", at)
    after = with_crisis(after, playbook.statutory.group_of, FILED, at)
    after = crisis_consequences(before, after, at)
    if after.outlet is None or after.insurer is None or roster.unknown:
        after = raised(after, "prompt.assignment", at)
    if complaint.channel is Channel.REGULATOR and not playbook.referral_is_intervention:
        after = raised(after, "prompt.intervention", at)
    return _with_unknown(after, now)


def rerouted(incident: Incident, roster: Roster, now: datetime) -> Incident:
    """Who answers is resolved anew; of another version of the organisation the people who answer now are told (R28)."""
    after = incident.model_copy(update={"roster": roster})
    if roster.version != incident.roster.version and not incident.imported:
        after = raised(after, "tell.rerouted", now)
    return _with_unknown(after, now, told=incident.roster.unknown)


def _with_unknown(incident: Incident, now: datetime, told: tuple[str, ...] = ()) -> Incident:
    """An outlet or insurer the organisation does not know is flagged and told to the operator (contract, section 3)."""
    new = [place for place in incident.roster.unknown if place not in told]
    return raised(incident, "tell.unknown_place", now) if new else incident


def _with_circumstances(incident: Incident, playbook: Playbook, complaint: Complaint, now: datetime) -> Incident:
    stated = complaint.circumstances or Circumstances()
    intervened = complaint.channel is Channel.REGULATOR and playbook.referral_is_intervention
    stated = stated.model_copy(
        update={
            "known_at": stated.known_at or complaint.known_at,
            "media": stated.media or (complaint.channel is Channel.MEDIA) or None,
            "regulator": stated.regulator or intervened or None,
        }
    )
    by = complaint.reported_by or "unknown"
    said = CircumstancesReported.model_validate({"kind": "circumstances_reported", "by": by, **stated.model_dump()})
    told = Told(fact=said, fact_id=FILED, received_at=incident.filed_at, recorded_at=now)
    placed = circumstance(incident, playbook, told, stated)
    return incident.model_copy(update={"circumstances": (placed,)})
