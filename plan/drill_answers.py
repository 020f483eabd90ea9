"""Who answered in a drill, and who never did (R11, R14).

Readings: a notice that is repeated until somebody answers is answered by "received", or by the thing itself (the
report, the arrival). It counts once it was answered or a repeat has gone out. Errors: none.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from plan.chasing import SERVES
from plan.drill_account import Account, Tally
from plan.drill_sheet import Answered, Kind, Missed
from plan.duties import base
from plan.facts import MODELS
from plan.incident import Notice, NoticeState, Occasion
from plan.ladder import repeat_id
from plan.notices import NOT_ARRIVED
from plan.playbook import NoticeRule
from plan.recipients import left_out, people


def chases(accounts: Sequence[Account], end: datetime) -> tuple[Tally, list[Missed]]:
    tally, missed = Tally(), list[Missed]()
    for each in accounts:
        for occasion in each.incident.occasions:
            rule = each.playbook.notice(base(occasion.duty))
            if rule is None or rule.chase is None or left_out(each.incident, rule.chase.of):
                continue
            first, repeated = _told(each, occasion, rule, end)
            answered = any(n.state is NoticeState.ACKNOWLEDGED for n in (*first, *repeated)) or _done(each, occasion)
            if not answered and not repeated:
                continue
            tally += Tally(int(answered), 1)
            if not answered:
                missed.append(
                    Missed(
                        kind=Kind.UNANSWERED,
                        what=occasion.duty,
                        incident_id=each.incident.incident_id,
                        rule=rule.rule,
                        by=tuple(dict.fromkeys(notice.recipient for notice in (*first, *repeated))),
                    )
                )
    return tally, missed


def _told(account: Account, occasion: Occasion, rule: NoticeRule, end: datetime) -> tuple[list[Notice], list[Notice]]:
    """The notices to those who are chased, and the repeats."""
    incident, chase = account.incident, rule.chase
    if chase is None:
        return [], []
    asked = people(incident, (*chase.of, *chase.beside), end, about=occasion, owed_by=None)
    again = {repeat_id(occasion, number) for number in range(1, chase.at_most + 1)}
    notices = incident.notices.values()
    first = [notice for notice in notices if notice.duty == occasion.duty and notice.recipient in asked]
    return first, [notice for notice in notices if notice.duty in again]


def _done(account: Account, occasion: Occasion) -> bool:
    """The thing itself was done."""
    name = SERVES.get(base(occasion.duty))
    return any(clock.name is name and clock.met_at is not None for clock in account.clocks)


def answers(accounts: Sequence[Account]) -> tuple[Answered, ...]:
    """Everybody who was told anything, in the order told."""
    told: dict[str, list[Notice]] = {}
    for each in accounts:
        for notice in each.incident.notices.values():
            if notice.state not in NOT_ARRIVED:
                told.setdefault(notice.recipient, []).append(notice)
    asked = {person for each in accounts for person in _asked(each)}
    found = [_answer(person, notices, accounts, person in asked) for person, notices in told.items()]
    return tuple(sorted(found, key=lambda each: (each.told_at, each.person)))


def _asked(account: Account) -> set[str]:
    """Who got a notice that is repeated until somebody answers, and was one of those chased."""
    found: set[str] = set()
    for occasion in account.incident.occasions:
        rule = account.playbook.notice(base(occasion.duty))
        if rule is not None and rule.chase is not None:
            first, repeated = _told(account, occasion, rule, occasion.at)
            found |= {notice.recipient for notice in (*first, *repeated)}
    return found


def _answer(person: str, notices: Sequence[Notice], accounts: Sequence[Account], asked: bool) -> Answered:
    told_at = min(notice.sent_at or notice.created_at for notice in notices)
    answered_at = min((n.acknowledged_at for n in notices if n.acknowledged_at), default=None)
    acts = (
        entry.received_at
        for each in accounts
        for entry in each.entries
        if entry.by == person and entry.what in MODELS and entry.what != "notice_acknowledged"
    )
    acted_at = min(acts, default=None)
    first = min((at for at in (answered_at, acted_at) if at), default=None)
    return Answered(
        person=person,
        unit=notices[0].unit,
        notices=len(notices),
        asked=asked,
        told_at=told_at,
        answered_at=answered_at,
        acted_at=acted_at,
        waited=max(first - told_at, timedelta(0)) if first else None,
    )
