"""What incidents ask of each other, on a real server with the least of an incident in their place."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities import names
from activities.links import LinkActivities
from plan.orders import LinkAnswer, LinkOrder, ResumeOrder
from runtime.names import INCIDENT, WORKFLOWS_QUEUE, workflow_id
from runtime.seals import Keyring
from tests.activities.notices import NOW

pytestmark = pytest.mark.server

KEYS = Keyring({"k1": bytes(32)}, bytes(32))


@pytest.fixture
def incident() -> str:
    return f"T-{uuid4().hex[:12]}"


@pytest.fixture
def links(stub_client: Client) -> LinkActivities:
    return LinkActivities(stub_client, KEYS)


def joined(incident: str, opens: dict[str, Any] | None = None, kind: str = "member_joined") -> LinkOrder:
    fact = {"kind": kind, "fact_id": f"join/{incident}", "by": "system:tocsin", "incident_id": "T-1"}
    return LinkOrder(incident_id=incident, fact=fact, received_at=NOW, opens=opens)


async def tell(links: LinkActivities, order: LinkOrder) -> LinkAnswer:
    return await ActivityEnvironment().run(links.tell_incident, order)


async def load(links: LinkActivities, incident: str, run_id: str) -> dict[str, Any]:
    return await ActivityEnvironment().run(links.load_ended, ResumeOrder(incident_id=incident, run_id=run_id))


async def ended(client: Client, incident: str, sequence: int) -> str:
    """The run id of an incident that has ended with this sequence."""
    handle = await client.start_workflow(
        INCIDENT,
        {"incident_id": incident, "ended_with": sequence},
        id=workflow_id(incident),
        task_queue=WORKFLOWS_QUEUE,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
    )
    await handle.result()
    assert handle.first_execution_run_id
    return handle.first_execution_run_id


# -- telling -----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R2.1")
async def test_a_member_opens_its_group_event_and_joins_it(
    links: LinkActivities, stub_client: Client, incident: str
) -> None:
    answer = await tell(links, joined(incident, {"group": {"scene": "gd-gz-th-0001", "drill": False}}))

    group = stub_client.get_workflow_handle(workflow_id(incident))
    start = await group.query("started_with")
    assert answer.receipt
    assert answer.receipt["accepted"]
    assert start["incident_id"] == incident
    assert start["group"] == {"scene": "gd-gz-th-0001", "drill": False}


@pytest.mark.rule("R2.1")
async def test_the_next_member_joins_the_same_group_event(
    links: LinkActivities, stub_client: Client, incident: str
) -> None:
    for _ in range(2):
        await tell(links, joined(incident, {"group": {"scene": None, "drill": False}}))

    assert len(await stub_client.get_workflow_handle(workflow_id(incident)).query("told")) == 2


@pytest.mark.rule("R43")
async def test_a_fact_passed_on_keeps_its_id_and_its_stamp_under_a_valid_seal(
    links: LinkActivities, stub_client: Client, incident: str
) -> None:
    await tell(links, joined(incident, {}))

    [envelope] = await stub_client.get_workflow_handle(workflow_id(incident)).query("told")
    assert envelope["fact"] == joined(incident).fact
    assert envelope["received_at"] == "2026-11-24T01:12:00.000000Z"
    assert envelope["door"] == "tocsin"
    assert KEYS.valid(incident, envelope)


async def test_what_is_not_judged_yet_is_asked_again(apart: Client, incident: str) -> None:
    await apart.start_workflow(INCIDENT, {}, id=workflow_id(incident), task_queue=WORKFLOWS_QUEUE)  # nobody serves it
    links = LinkActivities(apart, KEYS, patience=timedelta(seconds=1))

    with pytest.raises(ApplicationError, match="not judged it yet") as failed:
        await tell(links, joined(incident))

    assert (failed.value.type, failed.value.non_retryable) == (names.NOT_JUDGED_YET, False)


async def test_what_no_incident_could_read_is_not_told_again(links: LinkActivities, incident: str) -> None:
    unreadable = joined(incident).model_copy(update={"fact": {"kind": "noted", "number": 2**60}})

    with pytest.raises(ApplicationError) as failed:
        await tell(links, unreadable)

    assert (failed.value.type, failed.value.non_retryable) == (names.MALFORMED, True)


async def test_an_incident_that_is_gone_is_an_answer_and_no_error(links: LinkActivities, incident: str) -> None:
    assert await tell(links, joined(incident)) == LinkAnswer(gone=True)


async def test_a_closed_group_event_is_gone_on_with_and_not_begun_anew(
    links: LinkActivities, stub_client: Client, incident: str
) -> None:
    opens = {"group": {"scene": None, "drill": False}}
    await tell(links, joined(incident, opens, kind="closed"))
    handle = stub_client.get_workflow_handle(workflow_id(incident))
    closed = (await handle.describe()).run_id
    await handle.result()

    await tell(links, joined(incident, opens))

    start = await stub_client.get_workflow_handle(workflow_id(incident)).query("started_with")
    assert start["resumes"] == closed


# -- going on ----------------------------------------------------------------------------------------------------------


async def test_the_state_a_closed_run_ended_with_is_loaded(
    links: LinkActivities, stub_client: Client, incident: str
) -> None:
    run_id = await ended(stub_client, incident, sequence=7)

    assert (await load(links, incident, run_id))["sequence"] == 7


async def test_a_later_run_that_went_further_wins(links: LinkActivities, stub_client: Client, incident: str) -> None:
    first = await ended(stub_client, incident, sequence=7)
    await ended(stub_client, incident, sequence=9)
    await seen(stub_client, incident, runs=2)

    assert (await load(links, incident, first))["sequence"] == 9


async def test_a_run_with_a_lower_sequence_does_not_win(
    links: LinkActivities, stub_client: Client, incident: str
) -> None:
    first = await ended(stub_client, incident, sequence=7)
    await ended(stub_client, incident, sequence=3)
    await seen(stub_client, incident, runs=2)

    assert (await load(links, incident, first))["sequence"] == 7


@pytest.mark.parametrize("run_id", ["", str(uuid4())], ids=["none", "unknown"])
async def test_nothing_left_to_go_on_from_is_said_and_not_tried_again(
    links: LinkActivities, incident: str, run_id: str
) -> None:
    with pytest.raises(ApplicationError, match="retention") as failed:
        await load(links, incident, run_id)

    assert (failed.value.type, failed.value.non_retryable) == (names.NOTHING_TO_RESUME, True)


async def seen(client: Client, incident: str, *, runs: int) -> None:
    """Until visibility, which is told a little later, knows so many closed runs."""
    query = f"WorkflowId = '{workflow_id(incident)}' AND ExecutionStatus = 'Completed'"
    async with asyncio.timeout(20):
        while len([run async for run in client.list_workflows(query)]) < runs:
            pass  # asking is waiting
