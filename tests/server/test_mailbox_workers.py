"""A mailbox over several workers in processes of their own, some of which are killed: limits and words hold (R14)."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from temporalio.testing import WorkflowEnvironment

from bench.processes import WorkerProcess
from runtime.settings import Settings
from tests.plan.changed import both, organisation, person
from tests.server.people import ANHE, AT_T1, LEAD, TOLD_OF_CRISIS
from tests.server.story import Day
from tests.server.test_mailbox import all_delivered, states, until
from tests.server.world import World
from tests.simulators.faults import Fault
from tests.simulators.inbox import Inbox
from tests.simulators.simulators import Simulators

pytestmark = [pytest.mark.server, pytest.mark.timeout(90)]

SHORTEN: Final = 20
"""A minute is three seconds."""
A_MINUTE: Final = 20
"""Messages that a robot takes."""
ENOUGH: Final = 150
CRISIS: Final[dict[str, Any]] = {**AT_T1, "circumstances": {"disrupts_outlet": True}}
PROGRAM: Final = ("-m", "tests.server.mail_worker", str(SHORTEN))
ROBOT: Final = "TOCSIN_TEST_ROBOT"


@asynccontextmanager
async def in_one_chat() -> AsyncGenerator[tuple[Simulators, Inbox]]:
    async with Simulators(shorten=SHORTEN) as town:
        try:
            yield town, town.open("wecom", "county")
        finally:
            town.release()


class Processes:
    """Workers of this world, one after the other; everybody but the insurer is reached in the robot's chat."""

    def __init__(self, world: World, environment: WorkflowEnvironment, robot: Inbox, folder: Path) -> None:
        address = {"channel": "wecom", "to_env": ROBOT, "audience": "internal"}
        ways = [address, {"channel": "outbox"}]
        changes = [person(each, channels=ways) for each in TOLD_OF_CRISIS - {ANHE}]
        people = folder / "organisation.yaml"
        people.write_text(organisation(both(*changes)).model_dump_json(exclude_defaults=True), encoding="utf-8")
        self._variables = {
            "TEMPORAL_NAMESPACE": world.client.namespace,
            "TOCSIN_ORGANISATION": str(people),
            "TOCSIN_OUTBOX": str(folder / "outbox.jsonl"),
            ROBOT: robot.url,
        }
        self._address = environment.client.service_client.config.target_host
        self._home = world.settings.home
        self._running: list[WorkerProcess] = []

    async def start(self) -> WorkerProcess:
        worker = WorkerProcess(self._address, self._home, self._variables, PROGRAM)
        self._running.append(worker)
        return await (await worker.start()).serving()

    async def end(self) -> None:
        for worker in self._running:
            await worker.end()


@pytest.fixture
async def chat(
    alone: World, env: WorkflowEnvironment, settings: Settings, tmp_path: Path
) -> AsyncGenerator[tuple[World, Simulators, Processes]]:
    settings.home.mkdir(parents=True, exist_ok=True)
    async with in_one_chat() as (town, robot):
        processes = Processes(alone, env, robot, tmp_path)
        try:
            yield alone, town, processes
        finally:
            await processes.end()


@pytest.mark.rule("R14")
async def test_two_workers_in_processes_of_their_own_keep_the_limit_together(
    chat: tuple[World, Simulators, Processes],
) -> None:
    world, town, processes = chat
    await processes.start()
    await processes.start()
    day = Day(world, "10:00")
    stories = await asyncio.gather(*(day.filed("10:00", **CRISIS) for _ in range(10)))
    while len(town.taken("wecom")) <= A_MINUTE:  # one by one, so that most are messages of their own
        assert len(stories) < ENOUGH, "so many notices never make more messages than a robot takes in a minute"
        stories.append(await day.filed("10:00", **AT_T1))
        await until(stories[-1], lambda view: states(view, "tell.filed").get(LEAD) in ("delivered", "held"))
    for story in stories:
        await until(story, all_delivered)
    assert town.throttled() == ()
    assert town.torn() == {}


@pytest.mark.slow
@pytest.mark.rule("R14")
async def test_a_worker_killed_in_the_middle_of_sending_loses_nothing_and_a_repeat_says_the_same(
    chat: tuple[World, Simulators, Processes],
) -> None:
    world, town, processes = chat
    town.fault("wecom", Fault.silent(times=1))
    first_worker = await processes.start()
    story = await Day(world, "10:00").filed("10:00", **CRISIS)
    await town.until(lambda: len(town.arrivals("wecom")) == 1)
    await first_worker.kill()
    await processes.start()
    await until(story, all_delivered, within=60)
    arrivals = town.arrivals("wecom")
    first, second = (each for each in arrivals if each.key == arrivals[0].key)
    assert town.torn() == {}
    assert second.at - first.at > timedelta(seconds=10), "only when the server has given the first attempt up"
    settled = [entry["about"] for entry in await story.said("delivered")]
    owed = [entry["about"] for entry in await story.said("notice")]
    assert sorted(settled) == sorted(owed)
