"""What a drill came to: how long reports took, who answered, who came, what was missed, whether it passed (R11, R31).

From the states in which its incidents ended, as of the drill's end: what was not due by then is not held against
anybody. Of several incidents each is looked at; what a group event has taken over is looked at there.

Readings: on time is the clock's own judgement, the last instant included. What insurers owe counts only where insurers
were told. What the drill itself did is nobody's merit, and what was done late counts half. `drill_done.py` and
`drill_answers.py` have their own. Errors: none.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from plan.book import State
from plan.clock import Clock, ClockState, owing
from plan.drill import Drill
from plan.drill_account import Account, Tally, account_of, by_people
from plan.drill_answers import answers, chases
from plan.drill_done import expectations, prompted
from plan.drill_scenario import Standard
from plan.drill_sheet import Attempt, Judged, Kind, Missed, NotTold, Sheet, Timing
from plan.notices import NOT_ARRIVED
from plan.playbook import ClockName

REPORTS: Final = (ClockName.OUTLET_REPORT, ClockName.RELAY, ClockName.PROVINCE_OPINION, ClockName.REGULATOR_REPORT)
ARRIVALS: Final = (ClockName.INSURER_ON_SCENE, ClockName.WORK_GROUP_ON_SCENE, ClockName.LEADERSHIP_ON_SCENE)
DUE: Final = (ClockState.MET, ClockState.MET_LATE, ClockState.MISSED)
FORBIDDEN: Final = "R57"


def score(drill: Drill, states: Mapping[str, State]) -> Sheet:
    """The sheet. `states` by incident id; one that is not there ended by force."""
    end = drill.ended_at or drill.began_at
    found = (account_of(states[name], end) for name in drill.everything if name in states)
    accounts = [account for account in found if account is not None]
    timings = [(clock.name, _timing(each, clock)) for each in accounts for clock in each.clocks]
    reports = tuple(timing for name, timing in timings if name in REPORTS)
    arrivals = tuple(timing for name, timing in timings if name in ARRIVALS)
    others = tuple(timing for name, timing in timings if name not in (*REPORTS, *ARRIVALS))
    expected, unexpected = expectations(drill, accounts, end) if accounts else (Tally(), [])
    asked, unasked = prompted(accounts, end)
    chased, silent = chases(accounts, end)
    tallies = {
        Standard.ON_TIME: _of_clocks(reports),
        Standard.ON_SCENE: _of_clocks(arrivals),
        Standard.ANSWERED: chased,
        Standard.DONE: expected + asked + _of_clocks(others),
    }
    attempts = tuple(attempt for each in accounts for attempt in _attempts(each))
    not_told = tuple(missed for each in accounts for missed in _not_told(each))
    judged = _judged(drill.scenario.standards, tallies, attempts, not_told, accounts)
    return Sheet(
        drill_id=drill.drill_id,
        scenario=drill.scenario.id,
        title=drill.scenario.title,
        started_at=drill.began_at,
        ended_at=end,
        why=str(drill.why or ""),
        incidents=tuple(each.incident.incident_id for each in accounts),
        reports=reports,
        arrivals=arrivals,
        others=others,
        answers=answers(accounts),
        missed=(*_missed_clocks([*reports, *arrivals, *others]), *unexpected, *unasked, *silent),
        attempts=attempts,
        not_told=not_told,
        standards=judged,
        passed=bool(accounts) and all(each.passed for each in judged if each.counts),
        points=_points(tallies.values()),
        unseen=tuple(name for name in drill.everything if name not in states),
    )


def _timing(account: Account, clock: Clock) -> Timing:
    return Timing(
        clock=clock.id,
        incident_id=account.incident.incident_id,
        rule=clock.rule,
        owed_by=clock.owed_by,
        starts_at=clock.starts_at,
        due_at=clock.due_at,
        met_at=clock.met_at,
        took=clock.met_at - clock.starts_at if clock.met_at else None,
        state=str(clock.state),
    )


def _of_clocks(timings: Sequence[Timing]) -> Tally:
    due = [timing.state for timing in timings if timing.state in DUE]
    return Tally(due.count(ClockState.MET), len(due), due.count(ClockState.MET_LATE))


def _missed_clocks(timings: Iterable[Timing]) -> list[Missed]:
    return [
        Missed(
            kind=Kind.CLOCK,
            what=timing.clock,
            incident_id=timing.incident_id,
            rule=timing.rule,
            by=owing(timing.owed_by),
            due_at=timing.due_at,
        )
        for timing in timings
        if timing.state == ClockState.MISSED
    ]


def _attempts(account: Account) -> list[Attempt]:
    return [
        Attempt(
            kind=str(entry.data.get("kind", "")),
            by=entry.by,
            rule=entry.rule,
            incident_id=account.incident.incident_id,
            at=entry.received_at,
        )
        for entry in account.entries
        if entry.what == "refused" and by_people(entry)
    ]


def _not_told(account: Account) -> list[NotTold]:
    return [
        NotTold(notice_id=notice.notice_id, recipient=notice.recipient, incident_id=account.incident.incident_id)
        for notice in account.incident.notices.values()
        if notice.state in NOT_ARRIVED
    ]


def _judged(
    counting: Sequence[Standard],
    tallies: Mapping[Standard, Tally],
    attempts: Sequence[Attempt],
    not_told: Sequence[NotTold],
    accounts: Sequence[Account],
) -> tuple[Judged, ...]:
    forbidden = sum(1 for attempt in attempts if (attempt.rule or "").startswith(FORBIDDEN))
    notices = sum(len(each.incident.notices) for each in accounts)
    every = {
        **tallies,
        Standard.BY_THE_RULES: Tally(0, forbidden),
        Standard.DELIVERED: Tally(notices - len(not_told), notices),
    }
    return tuple(
        Judged(
            standard=standard,
            passed=every[standard].kept == every[standard].of,
            kept=every[standard].kept,
            of=every[standard].of,
            counts=standard in counting,
        )
        for standard in Standard
    )


def _points(tallies: Iterable[Tally]) -> int | None:
    total = sum(tallies, Tally())
    return round(100 * (total.kept + total.late / 2) / total.of) if total.of else None
