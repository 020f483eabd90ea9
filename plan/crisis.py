"""When a complaint is a crisis, and since when (R2, R2.1-R2.5; readings A4, A7, A12, A18-A20).

Every accepted circumstance stands at min(its known_at, its receipt). The anchor is the earliest instant at which what
stands there meets a criterion, so it can only move back. After a standing down only what is received later counts.
"""

from collections.abc import Iterable
from datetime import datetime

from plan.incident import Form, Incident
from plan.marks import Circumstance, Criterion, Episode
from plan.parts import Circumstances
from plan.values import Kept


class Finding(Kept):
    """The anchor, the fact that set it, the criteria met, and when and by which fact the fifth person was known."""

    anchor: datetime
    anchored_by: str
    criteria: tuple[Criterion, ...]
    five_at: datetime | None = None
    five_by: str | None = None


def criteria_of(told: Circumstances, *, declared: bool = False) -> tuple[Criterion, ...]:
    """The criteria a single statement meets by itself; people are counted over all statements (R2.1)."""
    met = {
        Criterion.AUTHORITY_OR_MEDIA: told.government or told.regulator or told.media,
        Criterion.DISRUPTS_OUTLET: told.disrupts_outlet,
        Criterion.MAJOR_LOSS: told.property_loss or told.reputation_loss,
        Criterion.SOCIAL_IMPACT: told.social_impact,
        Criterion.DECLARED: declared,
    }
    return tuple(criterion for criterion, said in met.items() if said)


def finding(incident: Incident, group_of: int) -> Finding | None:
    """What the circumstances of the present round amount to; None while no criterion is met."""
    counted = sorted(_counted(incident), key=lambda c: (c.placed_at, c.at))
    first: dict[Criterion, Circumstance] = {}
    keys: set[str] = set()
    most = 0
    for circumstance in counted:
        keys.update(circumstance.persons)
        most = max(most, circumstance.headcount, len(keys))
        met = circumstance.criteria + ((Criterion.GROUP_OF_FIVE,) if most >= group_of else ())
        for criterion in met:
            first.setdefault(criterion, circumstance)
    if not first:
        return None
    deciding = min(first.values(), key=lambda c: (c.placed_at, c.at))
    five = first.get(Criterion.GROUP_OF_FIVE)
    return Finding(
        anchor=deciding.placed_at,
        anchored_by=deciding.fact_id,
        criteria=tuple(criterion for criterion in Criterion if criterion in first),
        five_at=five.placed_at if five else None,
        five_by=five.fact_id if five else None,
    )


def with_crisis(incident: Incident, group_of: int, fact_id: str, received_at: datetime) -> Incident:
    """The incident with its present episode brought up to date after a fact."""
    found = finding(incident, group_of)
    if found is None:
        return incident
    running = incident.episode
    found = _never_less(found, running) if running else found
    episode = Episode(
        number=running.number if running else len(incident.episodes) + 1,
        crisis_at=running.crisis_at if running else received_at,
        anchor=found.anchor,
        anchored_by=found.anchored_by,
        criteria=found.criteria,
        five_at=found.five_at,
        five_by=found.five_by,
    )
    if episode == running:
        return incident
    before = incident.episodes[:-1] if running else incident.episodes
    return incident.model_copy(update={"episodes": (*before, episode)})


def _never_less(found: Finding, running: Episode) -> Finding:
    """An anchor only moves back, and what was met stays met, whoever leaves and whatever is put right (A12, A18)."""
    changes: dict[str, object] = {}
    if running.anchor <= found.anchor:
        changes |= {"anchor": running.anchor, "anchored_by": running.anchored_by}
    if running.five_at is not None and (found.five_at is None or running.five_at <= found.five_at):
        changes |= {"five_at": running.five_at, "five_by": running.five_by}
    met = {*found.criteria, *running.criteria}
    changes["criteria"] = tuple(criterion for criterion in Criterion if criterion in met)
    return found.model_copy(update=changes)


def _counted(incident: Incident) -> Iterable[Circumstance]:
    ended = incident.episodes[-1].ended_at if incident.episodes and not incident.episode else _last_end(incident)
    for circumstance in incident.circumstances:
        if ended is None or circumstance.at > ended:
            yield circumstance
    if incident.customer.person_key and incident.customer.keyed_at:
        keyed = incident.customer.keyed_at
        if ended is None or keyed > ended:
            key = incident.customer.person_key
            yield Circumstance(at=keyed, placed_at=keyed, by="", fact_id="customer", persons=(key,))
    if incident.form is Form.GROUP_EVENT:
        yield from _joined(incident, ended)


def _last_end(incident: Incident) -> datetime | None:
    return incident.episodes[-2].ended_at if len(incident.episodes) > 1 else None


def _joined(incident: Incident, ended: datetime | None) -> Iterable[Circumstance]:
    """A member brings its persons, or counts as one, when it joins.

    What made a member at the scene a crisis stands where that member knew it; elsewhere it stands at the joining, for
    the scene's outlet did not know (A19).
    """
    for member in incident.present_members:
        at, fact_id = member.joined_at, f"join:{member.incident_id}"
        if ended is not None and at <= ended:
            continue
        persons = member.persons or (f"member:{member.incident_id}",)
        yield Circumstance(at=at, placed_at=at, by="", fact_id=fact_id, persons=persons, headcount=member.headcount)
        at_scene = member.outlet == incident.place
        own = tuple(criterion for criterion in member.criteria if criterion is not Criterion.GROUP_OF_FIVE)
        for criteria, known_at in ((own, member.anchor), ((Criterion.GROUP_OF_FIVE,), member.five_at)):
            if criteria and known_at is not None:
                placed = known_at if at_scene else at
                yield Circumstance(at=at, placed_at=placed, by="", fact_id=fact_id, criteria=criteria)
