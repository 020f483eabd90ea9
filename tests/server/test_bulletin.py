"""What belongs to no incident, told on a real server: each person over one way after the other (R14, R29, R32)."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from plan.bulletin import Audience, Bulletin, To
from runtime.names import BULLETIN, SETTLE, VIEW, WORKFLOWS_QUEUE, bulletin_id
from runtime.settings import Settings
from tests.plan.changed import person
from tests.server.chats import Chats, chat, chatting, slow
from tests.server.people import COUNTY, LEAD
from tests.server.test_delivery import CHAT, OUTBOX, SMS, TRIPARTITE, Office
from tests.server.test_mailbox_workers import Processes, in_one_chat
from tests.server.world import World
from tests.simulators.faults import Fault

pytestmark = pytest.mark.server


def alert(reference: str, **more: Any) -> Bulletin:
    """To the outlet's lead, unless said otherwise."""
    said: dict[str, Any] = {"to": (To(who=Audience.PERSON, person=LEAD),), **more}
    return Bulletin(reference=reference, duty="tell.alert", rule="R32", insurer="anhe-life", **said)


async def begun(world: World, start: object) -> WorkflowHandle[Any, Any]:
    reference = start.reference if isinstance(start, Bulletin) else "strange"
    return await world.client.start_workflow(
        BULLETIN, start, id=bulletin_id(reference), task_queue=WORKFLOWS_QUEUE, result_type=dict
    )


async def state_of(bulletin: WorkflowHandle[Any, Any], who: str) -> dict[str, Any]:
    return (await bulletin.query(VIEW, result_type=dict))["told"].get(who, {})


async def until(bulletin: WorkflowHandle[Any, Any], who: str, state: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while (said := await state_of(bulletin, who)).get("state") != state:
            pass
    return said


# -- way after way -----------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
async def test_each_is_told_over_the_first_way_that_takes_it(alone: World) -> None:
    office = Office(alone, person(LEAD, channels=[SMS, CHAT, OUTBOX]), person(COUNTY, channels=[SMS, OUTBOX]))
    office.sms.refuses = {LEAD}
    both = (To(who=Audience.PERSON, person=LEAD), To(who=Audience.PERSON, person=COUNTY))
    async with office.serve():
        seen = await (await begun(alone, alert("A-1", to=both))).result()
    assert {who: (said["state"], said["channel"]) for who, said in seen["told"].items()} == {
        LEAD: ("delivered", "chat"),
        COUNTY: ("delivered", "sms"),
    }
    assert [message.recipient for message in office.chat.sent] == [LEAD]
    assert not office.outbox.sent
    assert office.chat.sent[0].key == f"A-1/tell.alert~{LEAD}/chat"


@pytest.mark.rule("R29")
async def test_what_is_confidential_skips_a_chat_that_insurers_read(alone: World) -> None:
    office = Office(alone, person(LEAD, channels=[TRIPARTITE, OUTBOX]))
    async with office.serve():
        open_to_all = await (await begun(alone, alert("A-1"))).result()
        seen = await (await begun(alone, alert("A-2", confidential=True))).result()
    assert (open_to_all["told"][LEAD]["channel"], seen["told"][LEAD]["channel"]) == ("chat", "outbox")


@pytest.mark.rule("R14")
async def test_whom_no_way_reaches_stands_there_with_every_way_and_why(alone: World) -> None:
    office = Office(alone, person(LEAD, channels=[SMS, OUTBOX]))
    office.sms.refuses = office.outbox.refuses = {LEAD}
    async with office.serve():
        seen = await (await begun(alone, alert("A-1"))).result()
    assert seen["told"][LEAD]["state"] == "failed"
    assert [way["channel"] for way in seen["told"][LEAD]["tried"]] == ["sms", "outbox"]
    assert all(way["why"].startswith("ChannelRefused") for way in seen["told"][LEAD]["tried"])


# -- what lies in a mailbox --------------------------------------------------------------------------------------------


FORGED: list[list[Any]] = [[], [None], [{"kind": "settled", "outcomes": []}], [7, 8]]


@pytest.fixture
async def chats(alone: World) -> AsyncGenerator[Chats]:
    async with chatting(alone) as chats:
        yield chats


@pytest.mark.rule("R14", "R29")
async def test_what_waits_for_a_robot_is_held_until_its_mailbox_settles_it(chats: Chats) -> None:
    robot = chats.robot("wecom", "county")
    chats.reach({LEAD: [chat(robot)]})
    async with chats.serve(manners=slow(2)):
        first = await (await begun(chats.world, alert("A-1"))).result()
        second = await begun(chats.world, alert("A-2"))
        held = await until(second, LEAD, "held")
        assert held["held_until"]
        for args in FORGED:
            await second.signal(SETTLE, args=args)
        seen = await second.result()
    for told in (first, seen):
        assert (told["told"][LEAD]["state"], told["told"][LEAD]["code"]) == ("delivered", "0")
    assert [each.key for each in chats.town.taken("wecom/county")] == [
        f"A-{number}/tell.alert~{LEAD}/wecom" for number in (1, 2)
    ]


@pytest.mark.rule("R14")
async def test_what_a_robot_refuses_goes_the_next_way(chats: Chats) -> None:
    robot = chats.robot("wecom", "county")
    chats.reach({LEAD: [chat(robot), {"channel": "outbox"}]})
    chats.town.fault("wecom", Fault.refuse("93000"))
    async with chats.serve():
        seen = await (await begun(chats.world, alert("A-1"))).result()
    assert (seen["told"][LEAD]["state"], seen["told"][LEAD]["channel"]) == ("delivered", "outbox")


# -- what goes wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", [None, "text", {}, {"reference": "x", "duty": "tell.alert", "to": "everybody"}])
async def test_a_malformed_start_is_refused_with_what_to_do_and_repeats_nothing_of_it(
    alone: World, start: object
) -> None:
    async with alone.worker():
        bulletin = await begun(alone, start)
        with pytest.raises(WorkflowFailureError) as failed:
            await bulletin.result()
    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    assert (cause.type, cause.non_retryable) == ("Malformed", True)
    assert "start it with what plan/bulletin.py says" in str(cause)
    assert "everybody" not in str(cause)
    assert not alone.outbox.sent


async def test_nothing_strange_stops_a_bulletin_on_its_way(alone: World) -> None:
    office = Office(alone, person(LEAD, channels=[SMS]))
    go_on = asyncio.Event()

    async def hold(_: object) -> None:
        await go_on.wait()

    office.sms.before = hold
    async with office.serve():
        bulletin = await begun(alone, alert("A-1"))
        await until(bulletin, LEAD, "pending")
        for args in ([], [None], [1, 2]):
            await bulletin.signal("no_such_name", args=args)
        update: Any = bulletin.execute_update  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        assert not (await update("no_such_update", result_type=dict))["accepted"]
        go_on.set()
        assert (await bulletin.result())["told"][LEAD]["state"] == "delivered"
    assert (await bulletin.describe()).status is WorkflowExecutionStatus.COMPLETED


@pytest.mark.slow
@pytest.mark.timeout(90)
@pytest.mark.rule("R14")
async def test_a_worker_killed_while_it_tells_loses_nobody_and_says_nothing_else_again(
    alone: World, env: WorkflowEnvironment, settings: Settings, tmp_path: Path
) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    async with in_one_chat() as (town, robot):
        processes = Processes(alone, env, robot, tmp_path)
        try:
            town.fault("wecom", Fault.silent(times=1))
            worker = await processes.start()
            people = tuple(To(who=Audience.PERSON, person=each) for each in (LEAD, COUNTY))
            bulletin = await begun(alone, alert("A-1", to=people))
            await town.until(lambda: bool(town.arrivals("wecom")))
            await worker.kill()
            await processes.start()
            async with asyncio.timeout(60):
                seen = await bulletin.result()
        finally:
            await processes.end()
        assert {said["state"] for said in seen["told"].values()} == {"delivered"}
        assert town.torn() == {}
        assert len([each for each in town.arrivals("wecom") if each.key == town.arrivals("wecom")[0].key]) == 2
