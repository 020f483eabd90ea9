"""Which entries of the record prove what there is to answer for (R56, R60-R63).

The evidence is sequence numbers, for the record proves itself: by which fact a clock ran, whether it moved, when
whoever owed it was first told and first answered, whom of them no notice reached, when the time passed, and when it was
done; of conduct what was reported and found. What somebody tried under the seven prohibitions and was refused (R57) is
shown beside it and calls for nothing.

Units: `late` is a duration in ISO 8601. Errors: none; what the record does not hold is left out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from plan.accountability import MIS_SELLING, Matter, matters
from plan.clock import Clock, ClockState
from plan.incident import Incident
from plan.record import Entry
from plan.values import Instant

OF_A_CLOCK = frozenset(
    {
        "clock_started",
        "clock_moved",
        "clock_met",
        "clock_met_late",
        "clock_cancelled",
        "clock_carried",
        "breach",
        "breach_lifted",
    }
)


class AccountabilityItem(Matter):
    """A matter with its evidence, and the facts that settle it (`decided_by`).

    Of a clock: who owed it, until when, when it was met, how late that was or is, and when whoever owed it was first
    told of it and first answered.
    """

    unit: str | None = None
    due_at: Instant | None = None
    met_at: Instant | None = None
    state: str | None = None
    late: str | None = None
    first_told_at: Instant | None = None
    first_acknowledged_at: Instant | None = None
    acknowledged_by: str | None = None
    decided_by: tuple[str, ...] = ()
    evidence: tuple[int, ...] = ()


def accountability_items(
    incident: Incident, running: Sequence[Clock], entries: Sequence[Entry], now: datetime
) -> list[AccountabilityItem]:
    """By category, then in the order in which they came up."""
    clocks = {clock.id: clock for clock in running}
    found = [_item(incident, matter, clocks, entries, now) for matter in matters(incident)]
    return sorted((*found, *_refused(entries)), key=lambda item: item.category)


def _item(
    incident: Incident, matter: Matter, clocks: Mapping[str, Clock], entries: Sequence[Entry], now: datetime
) -> AccountabilityItem:
    decided_by = tuple(mark.fact_id for mark in incident.accountability if mark.category == matter.category)
    item = AccountabilityItem(**matter.model_dump(), decided_by=decided_by)
    if matter.about == MIS_SELLING:
        return _with(item, _of_mis_selling(entries))
    if matter.about.startswith("conduct."):
        said = incident.conduct[int(matter.about.partition(".")[2]) - 1]
        return _with(item, _of_conduct(said.fact_id, said.person, entries))
    clock = clocks.get(matter.about)
    if clock is None:
        return _with(item, _of_clock(matter.about, entries), due_at=incident.breaches[matter.about].at)
    return _of_a_breach(incident, item, clock, entries, now)


def _of_a_breach(
    incident: Incident, item: AccountabilityItem, clock: Clock, entries: Sequence[Entry], now: datetime
) -> AccountabilityItem:
    told, answered, missed = _heard(incident, clock, entries)
    return _with(
        item,
        (*_of_clock(clock.id, entries), *_facts(clock, entries), *told, *answered, *missed),
        unit=clock.owed_by,
        due_at=clock.due_at,
        met_at=clock.met_at,
        state=str(clock.state),
        late=_late(clock, now),
        first_told_at=told[0].recorded_at if told else None,
        first_acknowledged_at=answered[0].received_at if answered else None,
        acknowledged_by=answered[0].by if answered else None,
    )


def _late(clock: Clock, now: datetime) -> str | None:
    until = clock.met_at or (now if clock.open else clock.cancelled_at)
    if until is None or clock.state is ClockState.CARRIED:
        return None
    return f"PT{max(until - clock.due_at, timedelta(0)) // timedelta(seconds=1)}S"


def _of_clock(clock_id: str, entries: Sequence[Entry]) -> Iterator[Entry]:
    return (entry for entry in entries if entry.what in OF_A_CLOCK and entry.about == clock_id)


def _facts(clock: Clock, entries: Sequence[Entry]) -> Iterator[Entry]:
    """The fact it runs by, or where that was no fact the intake or the joining; and the fact that met it."""
    told = [entry for entry in entries if entry.what not in OF_A_CLOCK and entry.what not in ("refused", "crisis")]
    began = [entry for entry in told if entry.about == clock.anchored_by]
    joined = [e for e in told if e.what == "member_joined" and clock.anchored_by == f"join:{e.data.get('incident_id')}"]
    yield from began or joined or told[:1]
    yield from (entry for entry in told if clock.met_by and entry.about == clock.met_by)


def _heard(incident: Incident, clock: Clock, entries: Sequence[Entry]) -> tuple[list[Entry], list[Entry], list[Entry]]:
    """Of those who owed it: the first notice that arrived, the first answer, and whom none reached while it ran."""
    theirs = {
        notice.notice_id
        for notice in incident.notices.values()
        if notice.unit == clock.owed_by and notice.created_at >= clock.since
    }
    told = [entry for entry in entries if entry.what == "delivered" and entry.about in theirs]
    answered = [e for e in entries if e.what == "notice_acknowledged" and e.data.get("notice_id") in theirs]
    missed = [
        entry
        for entry in entries
        if entry.what == "undelivered" and entry.about in theirs and entry.recorded_at <= (clock.met_at or clock.due_at)
    ]
    return told[:1], answered[:1], missed


def _of_conduct(fact_id: str, person: str | None, entries: Sequence[Entry]) -> Iterator[Entry]:
    """What was reported, and what was found of that person, or of nobody by name."""
    for entry in entries:
        found = entry.what == "conduct_found" and entry.data.get("person") in (None, person)
        if found or (entry.what == "conduct_reported" and entry.about == fact_id):
            yield entry


def _of_mis_selling(entries: Sequence[Entry]) -> Iterator[Entry]:
    for entry in entries:
        examined = entry.what == "policy_examined" and entry.data.get("mis_selling_proven") is not None
        if examined or entry.what == "conduct_found":
            yield entry


def _refused(entries: Sequence[Entry]) -> Iterator[AccountabilityItem]:
    """What was tried under the seven prohibitions, by prohibition and person."""
    tried: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        if entry.what == "refused" and entry.by and (entry.rule or "").startswith("R57"):
            tried.setdefault((entry.rule or "", entry.by), []).append(entry)
    for (rule, person), found in tried.items():
        item = AccountabilityItem(about=f"refused.{rule}", category=3, rule=rule, called_for=False, person=person)
        yield _with(item, found)


def _with(item: AccountabilityItem, entries: Iterable[Entry], **said: object) -> AccountabilityItem:
    evidence = tuple(sorted({entry.sequence for entry in entries}))
    return item.model_copy(update={**said, "evidence": evidence})
