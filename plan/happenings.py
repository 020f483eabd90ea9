"""What the record says happened between two states: clocks started, moved, met, breached; a crisis begun (R43, R62).

Found by comparing, so that nothing can change a clock without an entry. Free of personal data.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import JsonValue

from plan.clock import Breach, Clock, ClockState
from plan.incident import Incident
from plan.values import Kept


class Happening(Kept):
    """One line for the record. `about` is the clock's id."""

    what: str
    about: str | None = None
    rule: str | None = None
    data: dict[str, JsonValue] = {}


def happenings(
    before: Incident,
    after: Incident,
    clocks_before: Sequence[Clock],
    clocks_after: Sequence[Clock],
    by_fact: str | None,
) -> list[Happening]:
    """In the order in which they belong: the crisis, breaches, then each clock."""
    return [
        *_crisis(before, after),
        *_breaches(before, after),
        *_clocks(clocks_before, clocks_after, by_fact),
    ]


def _crisis(before: Incident, after: Incident) -> Iterator[Happening]:
    was, now = before.episodes[-1] if before.episodes else None, after.episodes[-1] if after.episodes else None
    if now is None or now == was:
        return
    if was is None or now.number != was.number or now.criteria != was.criteria or now.anchor != was.anchor:
        criteria: list[JsonValue] = [str(criterion) for criterion in now.criteria]
        data: dict[str, JsonValue] = {"criteria": criteria, "anchor": _iso(now.anchor), "number": now.number}
        yield Happening(what="crisis", rule="R2", about=now.anchored_by, data=data)


def _breaches(before: Incident, after: Incident) -> Iterator[Happening]:
    for clock_id, breach in after.breaches.items():
        known = before.breaches.get(clock_id)
        if breach == known:
            continue
        if breach.lifted_at is not None:
            yield Happening(what="breach_lifted", about=clock_id, rule="R43", data={"at": _iso(breach.at)})
        else:
            yield Happening(what="breach", about=clock_id, rule="R62", data=_breach(breach))


def _breach(breach: Breach) -> dict[str, JsonValue]:
    """With what the outlet had heard by then: the evidence of who was told in time (R62)."""
    return {
        "at": _iso(breach.at),
        "outlet_first_told_at": _iso(breach.outlet_first_told_at) if breach.outlet_first_told_at else None,
        "outlet_first_acknowledged_at": _iso(breach.outlet_first_acknowledged_at)
        if breach.outlet_first_acknowledged_at
        else None,
        "acknowledged_by": breach.acknowledged_by,
    }


def _clocks(before: Sequence[Clock], after: Sequence[Clock], by_fact: str | None) -> Iterator[Happening]:
    known = {clock.id: clock for clock in before}
    for clock in after:
        was = known.get(clock.id)
        if was is None:
            data: dict[str, JsonValue] = {"due_at": _iso(clock.due_at), "owed_by": clock.owed_by}
            yield Happening(what="clock_started", about=clock.id, rule=clock.rule, data=data)
        elif was.due_at != clock.due_at:
            moved: dict[str, JsonValue] = {
                "from": _iso(was.due_at),
                "to": _iso(clock.due_at),
                "by_fact": by_fact,
            }
            yield Happening(what="clock_moved", about=clock.id, rule=clock.rule, data=moved)
        if clock.state in _SAID and (was is None or was.state is not clock.state):
            yield Happening(what=_SAID[clock.state], about=clock.id, rule=clock.rule, data=_met(clock))


_SAID = {
    ClockState.MET: "clock_met",
    ClockState.MET_LATE: "clock_met_late",
    ClockState.CANCELLED: "clock_cancelled",
    ClockState.CARRIED: "clock_carried",
}


def _met(clock: Clock) -> dict[str, JsonValue]:
    return {"at": _iso(clock.met_at), "due_at": _iso(clock.due_at)} if clock.met_at else {"due_at": _iso(clock.due_at)}


def _iso(instant: datetime) -> str:
    return instant.isoformat()
