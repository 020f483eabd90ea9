"""What happens while nobody answers: repeat, then the next person, then the next level, with a cap (R14, R22, R27).

The ladder is the playbook's. An acknowledgement by one of those chased stops it; so does the thing itself (the clock
it serves is met or called off). `on_the_way` pauses it until the arrival it names. Acknowledged is not reported (A6).
"""

from collections.abc import Iterator
from datetime import datetime

from plan.clock import Clock
from plan.incident import Incident, Notice, NoticeState, Occasion
from plan.playbook import Chase, ClockName, NoticeRule, Playbook, Recipients
from plan.recipients import people
from plan.values import Instant, Kept

SERVES = {
    "tell.crisis": ClockName.OUTLET_REPORT,
    "tell.calming_failed": ClockName.INSURER_ON_SCENE,
    "tell.group_signs": ClockName.WORK_GROUP_ON_SCENE,
}
"""The clock a chased notice serves: once it no longer runs, nobody is chased for it."""


class Repeat(Kept):
    duty: str
    at: Instant
    rule: NoticeRule
    selectors: tuple[Recipients, ...]
    occasion: Occasion


def repeats(incident: Incident, playbook: Playbook, now: datetime, running: list[Clock]) -> Iterator[Repeat]:
    """Of each unanswered notice the latest repeat that is due, unless it has gone out."""
    for occasion, rule, chase, told_at in _chased(incident, playbook, now, running):
        paused = _paused_until(incident, chase, told_at)
        if paused is not None and now < paused:
            continue
        number = min((now - told_at) // chase.every, chase.at_most)
        at = told_at + number * chase.every
        gone = any(repeat_id(occasion, n) in incident.started for n in range(number, chase.at_most + 1))
        if number < 1 or gone or (paused is not None and at < paused):
            continue
        selectors = chase.of if number == 1 or not chase.then else chase.then
        yield Repeat(duty=repeat_id(occasion, number), at=at, rule=rule, selectors=selectors, occasion=occasion)


def next_repeat(incident: Incident, playbook: Playbook, now: datetime, running: list[Clock]) -> list[datetime]:
    """When each ladder has its next rung."""
    instants: list[datetime] = []
    for _, _, chase, told_at in _chased(incident, playbook, now, running):
        paused = _paused_until(incident, chase, told_at)
        rungs = [told_at + n * chase.every for n in range(1, chase.at_most + 1)]
        coming = [at for at in rungs if at > now and (paused is None or at >= paused)]
        instants += coming[:1]
    return instants


def repeat_id(occasion: Occasion, number: int) -> str:
    """`tell.calming_failed` → `repeat.calming_failed.1`."""
    return f"repeat.{occasion.duty.partition('.')[2]}.{number}"


def _chased(
    incident: Incident, playbook: Playbook, now: datetime, running: list[Clock]
) -> Iterator[tuple[Occasion, NoticeRule, Chase, datetime]]:
    rules = {rule.duty: rule for rule in playbook.notices if rule.chase is not None}
    sent, owed = _by_duty(incident), {clock.name for clock in running if clock.open}
    for occasion in incident.occasions:
        stem, _, last = occasion.duty.rpartition(".")
        duty = stem if last.isdigit() else occasion.duty
        rule, told = rules.get(duty), sent.get(occasion.duty, ())
        if rule is None or rule.chase is None or not told:
            continue
        over = repeat_id(occasion, rule.chase.at_most) in incident.started or not _still_needed(duty, owed)
        if not over and not _answered(incident, occasion, rule.chase, now, sent):
            yield occasion, rule, rule.chase, min(notice.created_at for notice in told)


def _by_duty(incident: Incident) -> dict[str, list[Notice]]:
    """Sorted once: a long crisis has hundreds of notices, and a ladder for many of its occasions."""
    sent: dict[str, list[Notice]] = {}
    for notice in incident.notices.values():
        sent.setdefault(notice.duty, []).append(notice)
    return sent


def _answered(
    incident: Incident, occasion: Occasion, chase: Chase, now: datetime, sent: dict[str, list[Notice]]
) -> bool:
    """One of those chased has answered the notice, or anybody a repeat of it."""
    again = [n for rung in range(1, chase.at_most + 1) for n in sent.get(repeat_id(occasion, rung), ())]
    if any(notice.state is NoticeState.ACKNOWLEDGED for notice in again):
        return True
    mine = {n.recipient for n in sent.get(occasion.duty, ()) if n.state is NoticeState.ACKNOWLEDGED}
    return bool(mine) and not mine.isdisjoint(people(incident, chase.of, now, about=occasion, owed_by=None))


def _still_needed(duty: str, owed: set[ClockName]) -> bool:
    return duty not in SERVES or SERVES[duty] in owed


def _paused_until(incident: Incident, chase: Chase, told_at: datetime) -> datetime | None:
    expected = [
        j.expected_at for j in incident.journeys if j.party == chase.pauses_for and j.expected_at and j.at >= told_at
    ]
    return max(expected, default=None)
