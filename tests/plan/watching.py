"""An outlet's watch told of complaints at times of day, and what it has to say after each.

day = Outlet()
day.comes("09:00", "A", "p-1")
assert day.said() == ["signs D"]            # since it was last asked; whatever is said is taken at once
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from plan.outlet_watch import OutletWatch
from plan.playbook import WatchRule
from plan.saying import Said, Tell
from plan.sighting import Rules, Seen, Sighting
from tests.plan.times import at, said

T1 = "gd-gz-th-0001"
RULES = Rules(watch=WatchRule(), group_of=5)


def sighting(when: str | datetime, name: str, *persons: str, number: int = 1, **more: Any) -> Sighting:
    """A complaint of Anhe's that came in at T1's counter, unless said otherwise."""
    since = at(when)
    known = tuple(Seen(key=person, at=since, known_at=since) for person in persons)
    usual: dict[str, Any] = {
        "outlet": T1,
        "province": "gd",
        "insurer": "anhe-life",
        "there": True,
        "person_key": persons[0] if persons else None,
    }
    body: dict[str, Any] = {**usual, "filed_at": since, "at": since, "persons": known, **more}
    return Sighting(incident_id=name, number=number, **body)


class Outlet:
    """T1's watch. What it says is taken at once, but by whoever stands in `refuses`."""

    def __init__(self, *, rules: Rules = RULES, refuses: Iterable[str] = (), drill: bool = False) -> None:
        self.watch = OutletWatch(outlet=T1, drill=drill)
        self.rules, self.refuses = rules, set(refuses)
        self.seen: dict[str, Sighting] = {}
        self.facts: list[Tell] = []
        self._asked = 0

    def comes(self, when: str | datetime, name: str, *persons: str, **more: Any) -> None:
        """A complaint is reported for the first time."""
        self.report(sighting(when, name, *persons, **more))

    def changes(self, name: str, /, **changes: Any) -> None:
        """It is reported again, with something else about it."""
        known = self.seen[name]
        self.report(known.model_copy(update={"number": known.number + 10, **changes}))

    def keyed(self, when: str, name: str, person: str) -> None:
        """Who complains becomes known."""
        known = Seen(key=person, at=self.seen[name].at, known_at=at(when))
        self.changes(name, person_key=person, persons=(known,))

    def over(self, when: str, group: str) -> None:
        """A group event is over, and its own report says so."""
        ended = {"form": "group_event", "ended_at": at(when)}
        self.report(sighting(when, group, number=100, **ended))

    def report(self, reported: Sighting) -> None:
        self.seen[reported.incident_id] = reported
        self.watch = self.watch.seen(reported, self.rules)
        self._take_what_is_said()

    def _take_what_is_said(self) -> None:
        while self.watch.owed:
            say = self.watch.owed[0]
            assert isinstance(say, Tell)
            taken = say.incident_id not in self.refuses
            self.facts += [say] if taken else []
            number = self.seen[say.incident_id].number + 1
            self.watch = self.watch.answered(say, Said(accepted=taken, sequence=number, rule=None if taken else "R58"))

    def said(self) -> list[str]:
        """What was said since it was last asked: `signs D`, `asks D` (signs, and what it is), `joins A`."""
        new, self._asked = self.facts[self._asked :], len(self.facts)
        return [f"{_word(tell)} {tell.incident_id}" for tell in new]

    def stamps(self, kind: str) -> list[str | None]:
        """As of when each fact of a kind was said."""
        return [said(tell.at) for tell in self.facts if tell.fact["kind"] == kind]

    @property
    def groups(self) -> dict[str, list[str]]:
        """The group events, with who is in each."""
        return {group.group_id: sorted(group.members) for group in self.watch.groups}


def _word(tell: Tell) -> str:
    if tell.fact["kind"] == "converted_to_group_event":
        return "joins"
    return "asks" if tell.fact.get("declare") else "signs"
