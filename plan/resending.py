"""Sending a past notice again: to the same person, or to somebody else instead (R28, R29).

A work group of the chain or the operator has it done, for instance after an address was corrected. What the notice says
is rebuilt when it goes out (`again.py`). After the end nothing is owed, so that nothing is sent again.
Readings: an insurer hears only of what the playbook tells insurers, an outlet of something confidential only where the
playbook tells outlets; whoever sits inside may hear of everything. What is on its way to one may go to another as well.
Errors: none; a "no" is a value.
"""

from typing import Any, assert_never

from plan.again import rule_of
from plan.facts import NoticeResent
from plan.incident import Incident, Notice, NoticeState
from plan.notices import ON_ITS_WAY, notice_id, unit_of
from plan.occasions import INSURERS, must_be_confidential
from plan.playbook import Playbook, Recipients
from plan.receipts import Refusal
from plan.recipients import hears
from plan.refusals import refusal
from plan.roster import Role
from plan.told import Told
from plan.visibility import Seat, seat_of

_OF_THE_OUTLET = frozenset({Recipients.OUTLET_LEAD, Recipients.OUTLET_CONTACT, Recipients.HEARD_OF_BREACH})
_OF_THE_INSURER = INSURERS | {Recipients.TOLD_OF_CRISIS}


def may_resend(incident: Incident, playbook: Playbook, fact: NoticeResent) -> Refusal | None:
    """None when the notice may go out again, to the person named or to the one who had it."""
    first = incident.notices.get(fact.notice_id)
    if first is None:
        return _no("R28", "no_notice", fact)
    to = fact.to or first.recipient
    roles = [role for role in incident.roster.roles_of(to) if not role.left and role.role is not Role.SYSTEM]
    if not roles:
        return _no("R28", "not_in_chain", fact, person=to)
    if not hears(incident, to) or (to != first.recipient and not _is_meant_for(playbook, first, seat_of(roles)[0])):
        return _no("R29", "not_for_them", fact, person=to)
    known = incident.notices.get(notice_id(first.duty, to))
    if known is not None and known.state in ON_ITS_WAY:
        return _no("R28", "on_its_way", fact, person=to)
    if known is not None and known.state is NoticeState.ACKNOWLEDGED:
        return _no("R28", "answered_already", fact, person=to)
    return None


def resent(incident: Incident, told: Told, fact: NoticeResent) -> dict[str, Any]:
    """The notice as it stands before it goes out again; what was tried before stays in it."""
    first = incident.notices[fact.notice_id]
    to = fact.to or first.recipient
    instead_of = first.notice_id if to != first.recipient else None
    known = incident.notices.get(notice_id(first.duty, to))
    again = _new(incident, told, first, to) if known is None else _pending(known, instead_of)
    return {
        "notices": {**incident.notices, again.notice_id: again},
        "to_resend": (*incident.to_resend, again.notice_id),
    }


def _new(incident: Incident, told: Told, first: Notice, to: str) -> Notice:
    return Notice(
        notice_id=notice_id(first.duty, to),
        duty=first.duty,
        rule=first.rule,
        recipient=to,
        unit=unit_of(incident, to),
        created_at=told.received_at,
        instead_of=first.notice_id,
    )


def _pending(known: Notice, instead_of: str | None) -> Notice:
    return known.model_copy(
        update={
            "state": NoticeState.PENDING,
            "held_until": None,
            "resent": known.resent + 1,
            "instead_of": instead_of or known.instead_of,
        }
    )


def _is_meant_for(playbook: Playbook, notice: Notice, seat: Seat) -> bool:
    """Whether the playbook tells such people of it at all."""
    rule = rule_of(playbook, notice.duty)
    told = rule.everybody if rule else frozenset[Recipients]()
    confidential = rule.confidential if rule else must_be_confidential(notice.duty)
    match seat:
        case Seat.INTERNAL:
            return True
        case Seat.OUTLET:
            return not confidential or bool(told & _OF_THE_OUTLET)
        case Seat.INSURER:
            return bool(told & _OF_THE_INSURER)
        case Seat.SYSTEM | Seat.STRANGER:
            return False
        case _:
            assert_never(seat)


def _no(rule: str, why: str, fact: NoticeResent, **values: object) -> Refusal:
    return refusal(rule, why, kind=fact.kind, **values)
