"""One incident of a drill as it stood at the end, and how much was kept of how much (R11). `score.py` begins here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from plan.book import State
from plan.clock import Clock, ClockState
from plan.clocks import clocks
from plan.incident import Incident
from plan.occasions import INSURERS_OWN
from plan.playbook import Playbook
from plan.record import Entry


@dataclass(frozen=True)
class Tally:
    """So many of so many were kept; `late` of the others were done, but not in time."""

    kept: int = 0
    of: int = 0
    late: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.kept + other.kept, self.of + other.of, self.late + other.late)


class Account(NamedTuple):
    """What is known of one incident; `clocks` are those that people of this drill owed here."""

    incident: Incident
    playbook: Playbook
    entries: tuple[Entry, ...]
    clocks: tuple[Clock, ...]


def account_of(state: State, end: datetime) -> Account | None:
    """None where nobody was ever known to answer for it."""
    incident, playbook = state.incident, state.playbook
    if playbook is None:
        return None
    owed = tuple(
        clock
        for clock in clocks(incident, playbook, end)
        if clock.state is not ClockState.CARRIED and (incident.tells_insurers or clock.name not in INSURERS_OWN)
    )
    return Account(incident, playbook, state.entries, owed)


def stated(accounts: Sequence[Account], kind: str) -> list[datetime]:
    """When people stated a fact of this kind, in any of the incidents."""
    return [entry.received_at for each in accounts for entry in each.entries if entry.what == kind and by_people(entry)]


def by_people(entry: Entry) -> bool:
    """What the drill, or another system, said is nobody's merit."""
    return entry.by is not None and not entry.by.startswith("system:")
