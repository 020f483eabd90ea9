"""What a watch sees of an incident: who takes part, where, of which insurer, and whether it is over (A12, A23; R14).

An incident reports it when it is known who answers, and again whenever any of it changes. Persons are keys, never
names; policies stand under keyed hashes that the reporting activity makes. Imported history is not reported.

Readings: whoever complains takes part from the filing, or from a re-opening, on, although the key may come later; a
companion from when people say they knew. `known_at` is when it was known, which is what a clock may start from (A7).
Errors: none.
"""

from datetime import datetime

from plan.complaint import Channel
from plan.incident import Form, Incident, Stage
from plan.marks import Criterion
from plan.organisation import Level
from plan.playbook import Playbook, WatchRule
from plan.values import Instant, Kept


class Seen(Kept):
    """One natural person, by key: since when taking part, and since when that is known."""

    key: str
    at: Instant
    known_at: Instant


class Sighting(Kept):
    """An incident as watches see it. `number` counts up, so that a late report never covers a newer one.

    `persons` is empty while nobody has a key: then it counts as one person, for signs only. `there`: it came in at the
    outlet itself. `left` are the group events it was taken out of. `five`: it is a crowd by itself, by its own account.
    `heightened`: an alert is in force for it. Of a group event only `ended_at` counts.
    """

    incident_id: str
    number: int = 0
    form: Form = Form.SINGLE
    drill: bool = False
    filed_at: Instant
    at: Instant
    person_key: str | None = None
    persons: tuple[Seen, ...] = ()
    outlet: str | None = None
    province: str | None = None
    insurer: str | None = None
    product_line: str | None = None
    there: bool = False
    policies: tuple[str, ...] = ()
    group_id: str | None = None
    left: tuple[str, ...] = ()
    signs_at: Instant | None = None
    five: bool = False
    resolved_at: Instant | None = None
    ended_at: Instant | None = None
    heightened: bool = False

    @property
    def instants(self) -> tuple[datetime, ...]:
        """Since when each takes part; of nobody known, since when it was filed."""
        return tuple(person.at for person in self.persons) or (self.at,)

    @property
    def known_at(self) -> datetime:
        """When all of its persons were known."""
        return max((self.at, *(person.known_at for person in self.persons)))


class Rules(Kept):
    """What a watch goes by: the playbook's numbers, and the plan's own five."""

    watch: WatchRule
    group_of: int = 5


class SightingOrder(Kept):
    """Report a sighting. The activity turns the numbers into hashes and looks for an alert; `were` is what was
    reported before, for the watches that no longer see it.
    """

    sighting: Sighting
    numbers: tuple[str, ...] = ()
    rules: Rules
    were: Sighting | None = None


def sighting_order(
    incident: Incident, playbook: Playbook | None, reported: Sighting | None, number: int
) -> SightingOrder | None:
    """What is to be reported now; None where there is no watch, or nothing it would see has changed."""
    if playbook is None or playbook.watch is None or incident.imported:
        return None
    now = sighting_of(incident, number)
    if reported is not None and now.model_copy(update={"number": reported.number}) == reported:
        return None
    if incident.form is Form.GROUP_EVENT and now.ended_at is None and reported is None:
        return None  # of a group event the watch hears when it is over
    rules = Rules(watch=playbook.watch, group_of=playbook.statutory.group_of)
    return SightingOrder(sighting=now, numbers=_numbers(incident), rules=rules, were=reported)


def sighting_of(incident: Incident, number: int) -> Sighting:
    """The incident as watches see it now. In place of policies their count stands, so that a new one shows."""
    province = incident.roster.unit_at(Level.PROVINCE)
    group = incident.form is Form.GROUP_EVENT
    return Sighting(
        incident_id=incident.incident_id,
        number=number,
        form=incident.form,
        drill=incident.drill,
        filed_at=incident.filed_at,
        at=_since(incident),
        person_key=incident.customer.person_key,
        persons=() if group else _persons(incident),
        outlet=incident.place if group else incident.outlet,
        province=province.id if province else None,
        insurer=incident.insurer,
        product_line=incident.product_line,
        there=incident.channel == Channel.OUTLET,
        policies=tuple(f"#{n}" for n in range(len(_numbers(incident)))),
        group_id=incident.group_id,
        left=incident.left_groups,
        signs_at=incident.signs[-1].at if incident.signs and not group else None,
        five=any(Criterion.GROUP_OF_FIVE in episode.criteria for episode in incident.episodes),
        resolved_at=_resolved_at(incident),
        ended_at=_ended_at(incident),
    )


def _since(incident: Incident) -> datetime:
    return incident.reopenings[-1].at if incident.reopenings else incident.filed_at


def _persons(incident: Incident) -> tuple[Seen, ...]:
    since, customer = _since(incident), incident.customer
    found: dict[str, Seen] = {}
    if customer.person_key:
        known_at = max(customer.keyed_at or since, since)
        found[customer.person_key] = Seen(key=customer.person_key, at=since, known_at=known_at)
    for told in incident.circumstances:
        if told.at >= since:
            for key in told.persons:
                found.setdefault(key, Seen(key=key, at=max(told.placed_at, since), known_at=told.at))
    return tuple(found.values())


def _numbers(incident: Incident) -> tuple[str, ...]:
    """The policies it is about: the customer's, and those examined."""
    return tuple(
        dict.fromkeys((*incident.customer.policy_numbers, *(file.policy_number for file in incident.policies)))
    )


def _resolved_at(incident: Incident) -> datetime | None:
    resolved = incident.stage in (Stage.RESOLVED, Stage.CLOSED) and bool(incident.resolutions)
    return incident.resolutions[-1].at if resolved else None


def _ended_at(incident: Incident) -> datetime | None:
    """When nobody takes part any more: resolved or withdrawn; a group event also once it is stood down (A18)."""
    ends = [incident.resolutions[-1].at] if _resolved_at(incident) else []
    if incident.over and not ends:
        ends = [mark.at for mark in incident.endings[-1:]]
    if incident.form is Form.GROUP_EVENT and incident.episodes and incident.episode is None:
        ends += [episode.ended_at for episode in incident.episodes[-1:] if episode.ended_at]
    return min(ends, default=None)
