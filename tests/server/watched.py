"""Complaints told one by one in a world that watches: filed, reported to the watches, and what these said (A23)."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from temporalio.client import WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from runtime.names import VIEW, watch_id
from tests.server.people import AT_T1, T1
from tests.server.story import A_MOMENT, Day, Story
from tests.server.world import World

LONGEST: Final = timedelta(seconds=120)
LOOKING: Final = timedelta(seconds=0.2)


class Watched:
    """A day at T1, unless said otherwise; complaints are named by letters. `members` are those, and not their group."""

    def __init__(self, world: World, first: str = "09:00") -> None:
        self.day, self.tag = Day(world, first), f"W-{uuid4().hex[:6]}"
        self.members: dict[str, Story] = {}
        self.outlet = T1

    def __getitem__(self, name: str) -> Story:
        return self.members[name]

    async def comes(self, when: str, name: str, person: str | None = None, **complaint: Any) -> Story:
        """Filed, and everything that follows from it said."""
        story = await self.file(when, name, person, **complaint)
        await self.settled()
        return story

    async def file(self, when: str, name: str, person: str | None = None, **complaint: Any) -> Story:
        customer = {"person_key": f"{self.tag}-p-{person}"} if person else {}
        said = {**AT_T1, "outlet": self.outlet, "customer": customer, **complaint}
        story = await self.day.filed(when, incident_id=f"{self.tag}-{name}", **said)
        self.members[name] = story
        return story

    async def settled(self) -> None:
        """Until every report has been received, everything said, and every link made."""
        for _ in range(2):
            for story in self.day.stories:
                await story.quiet()
            await self.heard()
        for story in self.day.stories:
            await story.quiet()

    async def heard(self) -> None:
        """Until the watch has said what it owes: a pending activity lets no time pass."""
        handle = self.watch
        await self.day.world.skip(handle, await self.day.world.now(handle) + A_MOMENT)

    async def all_said(self, complaints: int) -> None:
        """Until the watch has seen so many complaints, and everything it had to say is answered."""
        await until(
            self.watch,
            lambda seen: seen.get("complaints") == complaints and not seen["owed"] and not seen["waiting"],
        )

    async def joined(self, group: Story, members: int) -> None:
        """Until the group event has received so many members, and all of them know it."""
        async with asyncio.timeout(LONGEST.total_seconds()):
            while len((await group.view())["members"]) < members:  # noqa: ASYNC110 - the server's doing
                await asyncio.sleep(LOOKING.total_seconds())

    @property
    def watch(self) -> WorkflowHandle[Any, Any]:
        return self.day.world.client.get_workflow_handle(watch_id("outlet", self.outlet))

    async def seen(self) -> dict[str, Any]:
        """What the outlet's watch shows."""
        return await self.watch.query(VIEW, {}, result_type=dict)

    async def group(self) -> Story:
        """The last group event the watch has opened."""
        group_id = (await self.seen())["groups"][-1]["group_id"]
        known = next((story for story in self.day.stories if story.incident_id == group_id), None)
        story = known or self.day.story(group_id)
        await story.quiet()
        return story

    def letters(self, incidents: list[dict[str, Any]]) -> list[str]:
        """Members of a group event by their letters."""
        return sorted(each["incident_id"].removeprefix(f"{self.tag}-") for each in incidents if not each["left_at"])


async def until(watch: WorkflowHandle[Any, Any], so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """What a watch shows once it is so; before it has heard of anybody it shows nothing."""
    async with asyncio.timeout(LONGEST.total_seconds()):
        while not so(seen := await _shown(watch)):  # noqa: ASYNC110 - the server's doing
            await asyncio.sleep(LOOKING.total_seconds())
    return seen


async def _shown(watch: WorkflowHandle[Any, Any]) -> dict[str, Any]:
    try:
        return await watch.query(VIEW, {}, result_type=dict)
    except RPCError as failed:
        if failed.status not in (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION):
            raise
        return {}
