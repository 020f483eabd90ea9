"""What happens while nobody answers: repeat, then the next person, then the next level, with a cap (R14, R22, R27).

The playbook says whom and how often; `ladder.py` says how far a chase has come. It ends with an answer of one of those
chased, with the thing itself (the clock it serves is met or called off), or at its cap: then it is given up, the
operator is told once, and who did not answer stays in sight. Acknowledged is not reported: the clock runs on (A6).
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from plan.clock import Clock
from plan.incident import Incident, Occasion
from plan.ladder import Ladder, Sent, Unanswered, repeat_id
from plan.playbook import ClockName, NoticeRule, Playbook, Recipients
from plan.recipients import left_out
from plan.values import Instant, Kept

SERVES = {
    "tell.crisis": ClockName.OUTLET_REPORT,
    "tell.calming_failed": ClockName.INSURER_ON_SCENE,
    "tell.group_signs": ClockName.WORK_GROUP_ON_SCENE,
    "tell.group_event": ClockName.LEADERSHIP_ON_SCENE,
}
"""The clock a chased notice serves: once it no longer runs, nobody is chased for it."""
UNANSWERED = "tell.unanswered"
"""The occasion that tells the operator; its `number` is the duty that nobody answered."""


class Repeat(Kept):
    duty: str
    at: Instant
    rule: NoticeRule
    selectors: tuple[Recipients, ...]
    occasion: Occasion


def repeats(incident: Incident, playbook: Playbook, now: datetime, running: list[Clock]) -> Iterator[Repeat]:
    """Of each unanswered notice the latest repeat that is due, unless it has gone out."""
    for ladder in _climbing(incident, playbook, now, running):
        number = ladder.due
        waits = number < 1 or ladder.paused is not None
        if not waits and not ladder.gone(number) and not ladder.dropped(number):
            duty, at = repeat_id(ladder.occasion, number), ladder.at(number)
            yield Repeat(duty=duty, at=at, rule=ladder.rule, selectors=ladder.asks, occasion=ladder.occasion)


def given_up(incident: Incident, playbook: Playbook, now: datetime, running: list[Clock]) -> list[Unanswered]:
    """The chases that have come to their end by now, and were not given up before."""
    if playbook.notice(UNANSWERED) is None:
        return []
    climbing = _climbing(incident, playbook, now, running)
    return [ladder.unanswered() for ladder in climbing if ladder.end is not None and ladder.end <= now]


def unanswered(incident: Incident, playbook: Playbook, now: datetime, running: list[Clock]) -> list[Unanswered]:
    """What was given up, is still owed, and nobody has answered since."""
    done = _given_up(incident)
    return [each.unanswered() for each in _ladders(incident, playbook, now, running, lambda duty: duty in done)]


def next_repeat(incident: Incident, playbook: Playbook, now: datetime, running: list[Clock]) -> list[datetime]:
    """When each ladder has its next rung, goes on after a pause, or ends."""
    instants: list[datetime] = []
    for ladder in _climbing(incident, playbook, now, running):
        instants += [at for at in ladder.instants if at > now][:1]
        instants += [at for at in (ladder.resumes_at, ladder.end) if at is not None and at > now]
    return instants


def _climbing(incident: Incident, playbook: Playbook, now: datetime, running: list[Clock]) -> Iterator[Ladder]:
    """Those that are not at their end: given up, or, where nobody is told of that, at the last repeat."""
    done, tells = _given_up(incident), playbook.notice(UNANSWERED) is not None
    for ladder in _ladders(incident, playbook, now, running, lambda duty: duty not in done):
        if tells or not ladder.gone(ladder.chase.at_most):
            yield ladder


def _ladders(
    incident: Incident, playbook: Playbook, now: datetime, running: list[Clock], wanted: Callable[[str], bool]
) -> Iterator[Ladder]:
    """A ladder for each notice that is chased, still needed, and not answered by all who have to.

    Of the duties that are wanted, for a long crisis has dozens. Nobody is chased in the place of insurers whom a drill
    does not tell.
    """
    rules = {rule.duty: rule for rule in playbook.notices if rule.chase is not None}
    sent, owed = _by_duty(incident), {clock.name for clock in running if clock.open}
    for occasion in incident.occasions:
        stem, _, last = occasion.duty.rpartition(".")
        duty = stem if last.isdigit() else occasion.duty
        rule = rules.get(duty)
        if rule is None or rule.chase is None or occasion.duty not in sent or not _still_needed(duty, owed):
            continue
        if not wanted(occasion.duty) or left_out(incident, rule.chase.of):
            continue
        ladder = Ladder(incident, rule, rule.chase, occasion, now, sent)
        if not ladder.answered or ladder.silent:
            yield ladder


def _given_up(incident: Incident) -> set[str]:
    """The duties nobody answered, of which the operator was told."""
    return {o.number for o in incident.occasions if o.number and o.duty.startswith(UNANSWERED)}


def _by_duty(incident: Incident) -> Sent:
    """Sorted once: a long crisis has hundreds of notices, and a ladder for many of its occasions."""
    sent: Sent = {}
    for notice in incident.notices.values():
        sent.setdefault(notice.duty, []).append(notice)
    return sent


def _still_needed(duty: str, owed: set[ClockName]) -> bool:
    return duty not in SERVES or SERVES[duty] in owed
