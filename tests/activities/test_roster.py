"""Who answers now: the current version at each call, and a fault that says nothing of what the file holds."""

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities import names
from activities.roster import RosterActivities
from plan.errors import Misconfigured
from plan.orders import RosterAnswer, RosterOrder
from plan.organisation import Organisation
from plan.playbook import ClockName, ClockRule, Playbook
from plan.roster import Role
from tests.activities.notices import LEAD, organisation, person

PLAYBOOK = Playbook.model_validate(
    {"version": "p-1", "clocks": [ClockRule.model_validate({"id": ClockName.RELAY, "rule": "R44", "within": "PT1H"})]}
)
ORDER = RosterOrder(incident_id="T-1", outlet="gd-gz-th-0001")


async def resolve(activities: RosterActivities, order: RosterOrder = ORDER) -> RosterAnswer:
    return await ActivityEnvironment().run(activities.resolve_roster, order)


@pytest.mark.rule("R4", "R28")
async def test_the_chain_is_resolved_with_its_people_and_the_playbook() -> None:
    answer = await resolve(RosterActivities(organisation, lambda: PLAYBOOK))

    assert [unit.id for unit in answer.roster.units] == ["gd", "hq"]
    assert [who.role for who in answer.roster.roles_of(LEAD)] == [Role.OUTLET_LEAD]
    assert answer.playbook == PLAYBOOK


async def test_a_frozen_playbook_is_not_read_again() -> None:
    def gone() -> Playbook:
        raise AssertionError

    answer = await resolve(RosterActivities(organisation, gone), ORDER.model_copy(update={"with_playbook": False}))

    assert answer.playbook is None


@pytest.mark.rule("R28")
async def test_each_call_reads_the_current_version() -> None:
    versions = iter(("1", "2"))
    activities = RosterActivities(lambda: organisation(person(), version=next(versions)), lambda: PLAYBOOK)

    assert [(await resolve(activities)).roster.version for _ in range(2)] == ["1", "2"]


@pytest.mark.rule("R28")
async def test_an_unknown_outlet_is_named_and_not_refused() -> None:
    order = RosterOrder(incident_id="T-1", outlet="gd-9")

    assert (await resolve(RosterActivities(organisation, lambda: PLAYBOOK), order)).roster.unknown == ("gd-9",)


@pytest.mark.rule("R28", "R29")
@pytest.mark.parametrize(
    "fault", [Misconfigured("no", faults=["x.yaml:3: 林小舟"]), FileNotFoundError("x"), ValueError("林小舟")]
)
async def test_an_unreadable_file_is_tried_again_and_quoted_nowhere(fault: Exception) -> None:
    def unreadable() -> Organisation:
        raise fault

    with pytest.raises(ApplicationError, match="tocsin check") as failed:
        await resolve(RosterActivities(unreadable, lambda: PLAYBOOK))

    assert (failed.value.type, failed.value.non_retryable) == (names.MISCONFIGURED, False)
    assert "林小舟" not in str(failed.value)
    assert failed.value.__cause__ is None
