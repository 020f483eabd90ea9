"""When an outlet's watch raises signs, and when it asks what it is: once, and to whom (R39; A13, A23).

Signs go to the latest incident of the crowd; what is added later, to the one that was told of signs, so that nobody is
called twice. Nothing is raised of a crowd that is known already: five by the incident's own account, or in a group
event. It is raised anew once the window since the last time is over. Errors: none.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal, NamedTuple

from plan.crowd import Crowd
from plan.saying import Tell, fact
from plan.sighting import Rules, Sighting
from plan.values import Instant, Kept

Why = Literal["signs", "declare", "pattern"]
"""Signs of a group; five, perhaps, with somebody unknown among them; several in a month."""


class Raised(Kept):
    """Something was raised about these incidents, and told to one of them by `id`."""

    id: str
    why: Why
    at: Instant
    told: str
    incidents: tuple[str, ...]

    def of(self, found: Crowd, span: timedelta) -> bool:
        """Whether it was this crowd, within the window."""
        return self.at > found.last_at - span and not set(self.incidents).isdisjoint(found.incidents)


class Raising(NamedTuple):
    raised: tuple[Raised, ...]
    tell: Tell


class Known(NamedTuple):
    """What the watch knows: every complaint in sight, and what was raised before."""

    outlet: str
    sightings: Mapping[str, Sighting]
    raised: Sequence[Raised]


def raising(known: Known, latest: Sighting, now: Crowd, month: Crowd, rules: Rules) -> Raising | None:
    """What the latest complaint raises of its crowd now, and of its month; None where nothing."""
    why = _reasons(known, now, month, rules)
    if not why:
        return None
    at, name = latest.known_at, latest.incident_id
    said = f"watch:{'-'.join(why)}:{known.outlet}:{int(at.timestamp() * 1000)}"
    whom = name if "signs" in why else _told_of_signs(known, now, rules.watch.short) or name
    people = max(now.people, month.people) if "pattern" in why else now.people
    asks = {"declare": True} if why != ["signs"] else {}
    tell = Tell(
        id=said,
        incident_id=whom,
        fact=fact("group_signs_seen", people=people, **asks),
        at=max(at, known.sightings[whom].at),
        instead=tuple(other for other in reversed(now.incidents) if other != whom and may_hear(known, other)),
    )
    raised = tuple(
        Raised(id=said, why=each, at=at, told=whom, incidents=(month if each == "pattern" else now).incidents)
        for each in why
    )
    return Raising(raised, tell)


def may_hear(known: Known, name: str) -> bool:
    """Whether this incident is open, as far as is known."""
    return name in known.sightings and known.sightings[name].ended_at is None


def _reasons(known: Known, now: Crowd, month: Crowd, rules: Rules) -> list[Why]:
    numbers = rules.watch
    signs_at = numbers.heightened_signs_at if now.heightened else numbers.signs_at
    long_at = numbers.heightened_long_at if month.heightened else numbers.long_at
    reached: tuple[tuple[Why, Crowd, int, timedelta], ...] = (
        ("signs", now, signs_at, numbers.short),
        ("declare", now, rules.group_of, numbers.short),
        ("pattern", month, long_at, numbers.long),
    )
    return [why for why, found, many, span in reached if found.people >= many and _is_new(known, why, found, span)]


def _is_new(known: Known, why: Why, found: Crowd, span: timedelta) -> bool:
    those = [known.sightings[name] for name in found.incidents]
    if any(each.five or each.group_id is not None for each in those):
        return False
    if why == "signs" and any(each.signs_at and each.signs_at > found.last_at - span for each in those):
        return False  # people have told of them
    return not any(each.why == why and each.of(found, span) for each in known.raised)


def _told_of_signs(known: Known, now: Crowd, span: timedelta) -> str | None:
    told = [each.told for each in known.raised if each.why == "signs" and each.of(now, span)]
    by_people = [name for name in now.incidents if known.sightings[name].signs_at is not None]
    return next((name for name in (*reversed(told), *reversed(by_people)) if may_hear(known, name)), None)
