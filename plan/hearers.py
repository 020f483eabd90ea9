"""Which roles a notice can reach, by the playbook alone: whom its texts have to speak to (R14, R29).

`reach.py` finds the persons, `recipients.py` those of one incident. Errors: none.
"""

from collections.abc import Iterable
from typing import Final, assert_never

from plan.playbook import ClockName, NoticeRule, Playbook, Recipients
from plan.roster import Role

OUTLET: Final = frozenset({Role.OUTLET_LEAD, Role.OUTLET_CONTACT})
INSTEAD: Final = frozenset(set(Role) - {Role.OUTLET_LEAD, Role.SYSTEM})
"""Who may stand in for somebody who could not be reached (`recipients.fallback`)."""
_OUTLETS_OWN: Final = frozenset({ClockName.OUTLET_REPORT, ClockName.HANDOVER, ClockName.DECISION_RELAY})
_INSURERS_OWN: Final = frozenset({ClockName.INSURER_ANSWER, ClockName.INSURER_ON_SCENE})


def hearers(playbook: Playbook, notice: NoticeRule) -> frozenset[Role]:
    """Everybody the notice itself can reach, by its warnings too."""
    what, _, about = notice.duty.partition(".")
    selectors = set(notice.to)
    if what == "warn":
        clocks = [clock for clock in playbook.clocks if clock.id == about]
        selectors |= {recipient for clock in clocks for warning in clock.warnings for recipient in warning.also}
    instead = INSTEAD if notice.duty == "tell.undelivered" else frozenset[Role]()
    return instead | _of(playbook, selectors, about)


def chased(playbook: Playbook, notice: NoticeRule) -> frozenset[Role]:
    """Everybody a repeat of the notice can reach."""
    return _of(playbook, notice.chase.asked if notice.chase else (), "")


def _of(playbook: Playbook, selectors: Iterable[Recipients], about: str) -> frozenset[Role]:
    return frozenset(role for selector in selectors for role in _roles(playbook, selector, about))


def _roles(playbook: Playbook, selector: Recipients, about: str) -> frozenset[Role]:
    match selector:
        case Recipients.OUTLET_LEAD:
            return OUTLET
        case Recipients.OUTLET_CONTACT:
            return frozenset({Role.OUTLET_CONTACT})
        case (
            Recipients.SUPERIOR_WORK_GROUP
            | Recipients.NEXT_WORK_GROUP
            | Recipients.CHAIN_WORK_GROUPS
            | Recipients.PROVINCE_WORK_GROUP
            | Recipients.RECEIVING_WORK_GROUP
        ):
            return frozenset({Role.WORK_GROUP})
        case Recipients.SUPERIOR_LEADERSHIP | Recipients.PROVINCE_LEADERSHIP | Recipients.HQ_LEADERSHIP:
            return frozenset({Role.LEADERSHIP_GROUP})
        case Recipients.INSURER | Recipients.INSURER_NEXT:
            return frozenset({Role.INSURER})
        case Recipients.OWING:
            return _owing(about)
        case Recipients.TOLD_OF_CRISIS:
            return _told(playbook, "tell.crisis")
        case Recipients.HEARD_OF_BREACH:
            return _told(playbook, "breach.")
        case Recipients.OPERATOR:
            return frozenset({Role.OPERATOR})
        case _:
            assert_never(selector)


def _owing(clock: str) -> frozenset[Role]:
    if clock in _OUTLETS_OWN:
        return OUTLET
    return frozenset({Role.INSURER if clock in _INSURERS_OWN else Role.WORK_GROUP})


def _told(playbook: Playbook, begin: str) -> frozenset[Role]:
    """Of the duties that begin so; who heard of something is no selector of theirs."""
    heard = (Recipients.TOLD_OF_CRISIS, Recipients.HEARD_OF_BREACH)
    return frozenset(
        role
        for notice in playbook.notices
        if notice.duty.startswith(begin)
        for role in _of(playbook, (to for to in notice.to if to not in heard), notice.duty.partition(".")[2])
    )
