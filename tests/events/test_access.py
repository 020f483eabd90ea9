"""A system whose keys were all taken back is told nothing more, whatever it subscribed to (R29)."""

import asyncio
from datetime import UTC, datetime

import pytest

from plan.access import Scope
from runtime.names import VIEW, feed_id
from runtime.records.access_keys import make_key, revoke_key
from runtime.records.engine import Store
from tests.events.subscribed import Subscribed, until
from tests.server.people import AT_T1, LEAD
from tests.server.story import Story
from tests.server.world import World

pytestmark = [pytest.mark.server, pytest.mark.timeout(60)]


@pytest.mark.rule("R29")
async def test_a_system_without_a_key_is_told_nothing(world: World, store: Store, subscribed: Subscribed) -> None:
    now, scopes = datetime.now(UTC), [Scope.EVENTS]
    key, _ = make_key(store, "system:crm", scopes, ("hq",), by="operator", now=now)
    async with world.worker(records=lambda: store):
        story = await Story.filed(world, "09:12", **AT_T1)
        await subscribed.until("incident.filed")
        await asyncio.to_thread(revoke_key, store, key.key_id, by="operator", now=now)
        await asyncio.sleep(1.1)  # what is known of keys is up to a second old
        known = len(subscribed.receiver.requests)
        await story.tell("09:12", LEAD, "group_signs_seen")
        feed = world.client.get_workflow_handle(feed_id(subscribed.subscription.id))
        async with asyncio.timeout(20):
            while (await feed.query(VIEW))["trouble"] != "no key":  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert len(subscribed.receiver.requests) == known
        make_key(store, "system:crm", scopes, ("hq",), by="operator", now=now)
        await until(lambda: "incident.group_signs_seen" in subscribed.types())
