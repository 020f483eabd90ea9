"""What is wrong with a rhythm's file, every fault at once: by itself, and with the organisation it is for (R10, R13).

A line that never comes round, that is late before the next round begins, or that would be caught up twice after an
outage is a fault: nobody would notice until it is needed. Errors: none.
"""

from collections.abc import Collection, Iterator
from datetime import timedelta

from plan.cadence import shortest_gap
from plan.fault import Fault
from plan.organisation import Organisation
from plan.rhythm import Cadence, Kind, Rhythm, meant

Path = tuple[str | int, ...]


def rhythm_faults(
    rhythm: Rhythm, organisation: Organisation | None = None, scenarios: Collection[str] | None = None
) -> list[Fault]:
    """Every fault; those with the organisation, and with the scenarios of drills, only where they are known."""
    faults = [fault for n, cadence in enumerate(rhythm.rounds) for fault in _of(("rounds", n), cadence)]
    faults += _readiness(rhythm)
    faults += _twice(rhythm)
    if organisation is not None:
        faults += _with(rhythm, organisation)
    if scenarios is not None:
        faults += _unknown_scenarios(rhythm, scenarios)
    return faults


def _of(path: Path, cadence: Cadence) -> Iterator[Fault]:
    if (cadence.level is None) is (cadence.unit is None):
        yield Fault(path, "must name either a level or a unit; write one of them")
    yield from _when(path, cadence)
    for name, values in (("months", cadence.months), ("days", cadence.days), ("weekdays", cadence.weekdays)):
        if len(set(values)) != len(values):
            yield Fault((*path, name), "names something twice; keep one")
    yield from _drill(path, cadence)


def _when(path: Path, cadence: Cadence) -> Iterator[Fault]:
    if not cadence.days and not cadence.weekdays:
        yield Fault(path, "says no day; write days (1 to 28), weekdays (mon to sun), or both")
        return
    gap = shortest_gap(cadence)
    if gap is None:
        yield Fault(path, "never comes round, or once only; check months, days and weekdays")
        return
    if cadence.kind is not Kind.DRILL and cadence.within > gap:
        yield Fault((*path, "within"), f"ends after the next round begins ({_days(gap)} later); shorten it")
    if cadence.catch_up >= gap:
        what = f"would catch up two rounds at once after an outage (they are {_days(gap)} apart)"
        yield Fault((*path, "catch_up"), f"{what}; shorten it")


def _days(gap: timedelta) -> str:
    return f"{gap.days} days"


def _drill(path: Path, cadence: Cadence) -> Iterator[Fault]:
    if cadence.kind is Kind.DRILL:
        if cadence.scenario is None:
            yield Fault(path, "is a drill without a scenario; name one", "R11")
        return
    said: dict[str, bool] = {
        "scenario": cadence.scenario is not None,
        "outlet": cadence.outlet is not None,
        "recipients": cadence.recipients != "drill",
        "insurers": cadence.insurers,
    }
    for name, there in said.items():
        if there:
            yield Fault((*path, name), "is for drills only; take it out")


def _unknown_scenarios(rhythm: Rhythm, scenarios: Collection[str]) -> Iterator[Fault]:
    for n, cadence in enumerate(rhythm.rounds):
        if cadence.scenario is not None and cadence.scenario not in scenarios:
            known = ", ".join(sorted(scenarios)) or "none"
            yield Fault(("rounds", n, "scenario"), f"{cadence.scenario} is no scenario; there are {known}", "R11")


def _readiness(rhythm: Rhythm) -> Iterator[Fault]:
    asked = any(cadence.kind is Kind.READINESS for cadence in rhythm.rounds)
    if asked and not rhythm.readiness:
        yield Fault(("readiness",), "has no item, and outlets are asked to confirm them; write at least one", "R30")
    if len(set(rhythm.readiness)) != len(rhythm.readiness):
        yield Fault(("readiness",), "names an item twice; keep one", "R30")


def _twice(rhythm: Rhythm) -> Iterator[Fault]:
    seen: dict[tuple[object, ...], int] = {}
    for n, cadence in enumerate(rhythm.rounds):
        first = seen.setdefault((cadence.kind, cadence.level, cadence.unit), n)
        if first != n:
            what = f"plans {cadence.kind} for {cadence.unit or cadence.level} a second time"
            yield Fault(("rounds", n), f"{what}; put its days into one line")


def _with(rhythm: Rhythm, organisation: Organisation) -> Iterator[Fault]:
    planned: dict[tuple[Kind, str], int] = {}
    superiors = {outlet.id: outlet.superior for outlet in organisation.outlets}
    for n, cadence in enumerate(rhythm.rounds):
        units = [unit.id for unit in meant(cadence, organisation)]
        if cadence.unit is not None and not units:
            yield Fault(("rounds", n, "unit"), f"{cadence.unit} is no unit of the organisation; correct one of them")
        if cadence.outlet is not None and cadence.outlet not in superiors:
            yield Fault(("rounds", n, "outlet"), f"{cadence.outlet} is no outlet of the organisation; correct it")
        for unit in units if cadence.unit is None else ():
            first = planned.setdefault((cadence.kind, unit), n)
            if first != n and rhythm.rounds[first].level is not cadence.level:
                what = f"plans {cadence.kind} for {unit}, as another level's line does"
                yield Fault(("rounds", n, "level"), f"{what}; name one of the levels, or the unit itself")
                break
