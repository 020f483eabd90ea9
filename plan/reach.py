"""Who a notice could ever reach, over the whole organisation: for checks, not for one incident (R29).

`recipients.py` resolves the same selectors for one incident, with its roster and the hour. Errors: none; what is not
there reaches nobody, and is a fault of its own (`organisation_faults.py`).
"""

from collections.abc import Iterable
from typing import assert_never

from plan.organisation import Level, Organisation, Unit
from plan.playbook import NoticeRule, Playbook, Recipients


def persons(organisation: Organisation, playbook: Playbook, notice: NoticeRule) -> set[str]:
    """Everybody whom this notice, its warnings or its chase might go to, at any outlet."""
    what, _, occasion = notice.duty.partition(".")
    selectors = set(notice.everybody)
    if what == "warn":
        clocks = [clock for clock in playbook.clocks if clock.id == occasion]
        selectors |= {recipient for clock in clocks for warning in clock.warnings for recipient in warning.also}
    return {person for selector in selectors for person in _of(organisation, playbook, selector)}


def _of(organisation: Organisation, playbook: Playbook, selector: Recipients) -> set[str]:
    outlets, superiors = organisation.outlets, _superiors(organisation)
    match selector:
        case Recipients.OUTLET_LEAD:
            return {outlet.lead for outlet in outlets}
        case Recipients.OUTLET_CONTACT:
            return {person for outlet in outlets for person in outlet.contacts}
        case Recipients.SUPERIOR_WORK_GROUP:
            return _work_groups(superiors)
        case Recipients.SUPERIOR_LEADERSHIP:
            return _leaders(superiors)
        case Recipients.NEXT_WORK_GROUP:
            above = {unit.superior for unit in superiors}
            return _work_groups(unit for unit in organisation.units if unit.id in above)
        case Recipients.CHAIN_WORK_GROUPS | Recipients.RECEIVING_WORK_GROUP:
            return _work_groups(unit for unit in organisation.units if unit.level is not Level.HQ)
        case Recipients.PROVINCE_WORK_GROUP:
            return _work_groups(_at(organisation, Level.PROVINCE))
        case Recipients.PROVINCE_LEADERSHIP:
            return _leaders(_at(organisation, Level.PROVINCE))
        case Recipients.HQ_LEADERSHIP:
            return _leaders(_at(organisation, Level.HQ))
        case Recipients.INSURER | Recipients.INSURER_NEXT:
            return {contact.person for insurer in organisation.insurers for contact in insurer.contacts}
        case Recipients.OWING:
            return _of(organisation, playbook, Recipients.OUTLET_LEAD) | _work_groups(organisation.units)
        case Recipients.TOLD_OF_CRISIS:
            return _told(organisation, playbook, ("tell.crisis",))
        case Recipients.HEARD_OF_BREACH:
            breaches = [notice.duty for notice in playbook.notices if notice.duty.startswith("breach.")]
            return _told(organisation, playbook, breaches)
        case Recipients.OPERATOR:
            return set(organisation.operators)
        case _:
            assert_never(selector)


def _told(organisation: Organisation, playbook: Playbook, duties: Iterable[str]) -> set[str]:
    notices = [notice for duty in duties if (notice := playbook.notice(duty))]
    return {
        person
        for notice in notices
        for selector in notice.to
        if selector not in (Recipients.TOLD_OF_CRISIS, Recipients.HEARD_OF_BREACH)
        for person in _of(organisation, playbook, selector)
    }


def _superiors(organisation: Organisation) -> list[Unit]:
    """The units that an outlet reports to."""
    direct = {outlet.superior for outlet in organisation.outlets}
    return [unit for unit in organisation.units if unit.id in direct]


def _at(organisation: Organisation, level: Level) -> list[Unit]:
    return [unit for unit in organisation.units if unit.level is level]


def _work_groups(units: Iterable[Unit]) -> set[str]:
    return {person for unit in units for person in unit.work_group}


def _leaders(units: Iterable[Unit]) -> set[str]:
    return {person for unit in units for person in unit.leadership_group}
