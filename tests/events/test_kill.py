"""A worker that is killed in the middle of telling loses no event, and a repeat says the very same (R14)."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from temporalio.testing import WorkflowEnvironment

from bench.processes import WorkerProcess
from plan.events import EVENTS
from runtime.records.engine import Store, engine_of
from runtime.records.migrating import upgrade
from tests.activities.receiver import Manner, Receiver, Reply
from tests.events.subscribed import Subscribed, until
from tests.records.conftest import KEYS
from tests.server.people import AT_T1, LEAD
from tests.server.story import Story
from tests.server.world import World

pytestmark = [pytest.mark.server, pytest.mark.timeout(120)]


@pytest.mark.rule("R14")
async def test_a_worker_killed_in_the_middle_loses_no_event(
    world: World, env: WorkflowEnvironment, receiver: Receiver, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/records.sqlite"
    engine = engine_of(make_url(url))
    upgrade(engine)
    subscribed = Subscribed.to(Store(engine, KEYS), receiver)
    engine.dispose()
    world.settings.home.mkdir(parents=True, exist_ok=True)
    variables = {
        "TEMPORAL_NAMESPACE": world.client.namespace,
        "TOCSIN_RECORDS": url,
        "TOCSIN_RECORDS_KEYS": f"r1:{bytes(range(32)).hex()}",
        "TOCSIN_OUTBOX": str(tmp_path / "outbox.jsonl"),
    }
    address = env.client.service_client.config.target_host
    first, second = (WorkerProcess(address, world.settings.home, variables) for _ in range(2))
    receiver.replies(Reply(), Reply(manner=Manner.HANG))
    try:
        await (await first.start()).serving()
        story = await Story.filed(world, "09:12", **AT_T1)
        await story.tell("09:12", LEAD, "circumstances_reported", headcount=6)
        await until(lambda: len(receiver.requests) >= 2)
        await first.kill()
        receiver.replies(Reply())
        receiver.release.set()
        await (await second.start()).serving()
        wanted = [each["sequence"] for each in await story.entries() if each["what"] in EVENTS]
        await until(lambda: subscribed.sequences(story.incident_id)[: len(wanted)] == wanted, timedelta(seconds=60))
    finally:
        await first.end()
        await second.end()
    hung = receiver.requests[1]
    again = [each for each in receiver.requests if each.headers["webhook-id"] == hung.headers["webhook-id"]]
    assert len(again) >= 2
    assert {each.body for each in again} == {hung.body}
