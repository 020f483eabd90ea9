"""Which of the complaints told one by one about an outlet belong together, and how many persons that makes (A12, A23).

Two belong together when they are about the same insurer, or about the same product line, or when both came in at the
outlet itself: that is what "same place" means. A crowd is all that belong together, one through another, within one
window of time. Persons are counted, by key: complaints, policies and names in two spellings are not. A complaint of
nobody known counts as one person more, apart from those who are known. Errors: none.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from plan.sighting import Seen, Sighting
from plan.values import Instant, Kept


class Crowd(Kept):
    """`incidents` in the order in which they came, `persons` in the order in which they were known."""

    incidents: tuple[str, ...]
    links: tuple[str, ...]
    persons: tuple[Seen, ...]
    nameless: int
    first_at: Instant
    last_at: Instant
    heightened: bool = False

    @property
    def people(self) -> int:
        """The known, and one for each complaint of nobody known."""
        return len(self.persons) + self.nameless

    def known_at(self, number: int) -> datetime:
        """When the so-many-th known person was known."""
        return self.persons[number - 1].known_at


def links(sighting: Sighting, *, place: bool) -> frozenset[str]:
    """What it can be joined to others by; `place`: also by where it came in."""
    by = (
        f"insurer:{sighting.insurer}" if sighting.insurer else "",
        f"line:{sighting.product_line}" if sighting.product_line else "",
        "there" if place and sighting.there else "",
    )
    return frozenset(link for link in by if link)


class _One(NamedTuple):
    """A complaint with what is asked of it over and over."""

    sighting: Sighting
    instants: tuple[datetime, ...]
    links: frozenset[str]


def crowd(around: Sighting, among: Iterable[Sighting], span: timedelta, *, place: bool) -> Crowd:
    """The largest crowd that one complaint is part of, within any window of this length that it falls into.

    A window ends with its last instant and does not reach back to the first: two complaints exactly so long apart are
    not in one.
    """
    this = _one(around, place=place)
    first, last = min(this.instants) - span, max(this.instants) + span
    others = (_one(other, place=place) for other in among if other.incident_id != around.incident_id)
    near = [other for other in others if any(first < at < last for at in other.instants)]
    found = [_within(this, near, end, span) for end in _ends(this, near, span)]
    return max(found, key=lambda each: (len(each.persons), each.people))


def crowds(among: Iterable[Sighting], end: datetime, span: timedelta, *, place: bool) -> list[Crowd]:
    """Every crowd within the window that ends here, the largest first."""
    rest = [one for one in (_one(each, place=place) for each in among) if _in(one, end, span)]
    found = [_within(one, [], end, span) for one in rest if not one.links]
    rest = [one for one in rest if one.links]
    while rest:
        found.append(_within(rest[0], rest[1:], end, span))
        chosen = set(found[-1].incidents)
        rest = [one for one in rest if one.sighting.incident_id not in chosen]
    return sorted(found, key=lambda each: -each.people)


def _one(sighting: Sighting, *, place: bool) -> _One:
    return _One(sighting, sighting.instants, links(sighting, place=place))


def _in(one: _One, end: datetime, span: timedelta) -> bool:
    return any(end - span < at <= end for at in one.instants)


def _ends(this: _One, near: Sequence[_One], span: timedelta) -> list[datetime]:
    """Where a window may end so that it holds the one, earliest first; one is enough where all fit into one."""
    instants = sorted({at for one in (this, *near) for at in one.instants})
    if instants[-1] - instants[0] < span:
        return instants[-1:]
    return [end for end in instants if any(at <= end < at + span for at in this.instants)]


def _within(this: _One, near: Sequence[_One], end: datetime, span: timedelta) -> Crowd:
    chosen, linked = _joined(this, [one for one in near if _in(one, end, span)])
    persons: dict[str, Seen] = {}
    instants: list[datetime] = []
    for one in chosen:
        within = [at for at in one.instants if end - span < at <= end]
        instants += within
        for person in one.sighting.persons:
            if person.at in within and _earlier(person, persons.get(person.key)):
                persons[person.key] = person
    those = sorted((one.sighting for one in chosen), key=lambda each: (each.at, each.incident_id))
    return Crowd(
        incidents=tuple(each.incident_id for each in those),
        links=tuple(sorted(linked)),
        persons=tuple(sorted(persons.values(), key=lambda person: (person.known_at, person.key))),
        nameless=sum(1 for each in those if not each.persons),
        first_at=min(instants),
        last_at=max(instants),
        heightened=any(each.heightened for each in those),
    )


def _earlier(person: Seen, known: Seen | None) -> bool:
    return known is None or person.known_at < known.known_at


def _joined(this: _One, inside: Sequence[_One]) -> tuple[list[_One], set[str]]:
    """Everybody who belongs to the one, through others too, and all that joins them."""
    chosen, linked, rest = [this], set(this.links), list(inside)
    while more := [one for one in rest if not one.links.isdisjoint(linked)]:
        rest = [one for one in rest if one.links.isdisjoint(linked)]
        chosen += more
        linked.update(*(one.links for one in more))
    return chosen, linked
