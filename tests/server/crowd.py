"""Complaints of one day that become a group event (A19): filed, converted, and joined."""

import asyncio
from typing import Any, Final
from uuid import uuid4

from plan.receipts import Receipt
from tests.server.people import AT_T1, T1
from tests.server.story import Day, Story
from tests.server.world import World

MONITOR: Final = "system:monitor"


class Crowd:
    """Complaints of one day, named by letters, and the group event that some of them become."""

    def __init__(self, world: World, first: str = "10:00") -> None:
        self.day, self.tag = Day(world, first), f"L-{uuid4().hex[:8]}"
        self.members: dict[str, Story] = {}

    def __getitem__(self, name: str) -> Story:
        return self.members[name]

    async def file(self, when: str, *names: str, **complaint: Any) -> None:
        """At T1, of Anhe, unless said otherwise."""
        for name in names:
            said = {**AT_T1, **complaint}
            self.members[name] = await self.day.filed(when, incident_id=f"{self.tag}-{name}", **said)

    async def convert(self, when: str, *names: str, group: str = "G", **fields: Any) -> list[Receipt]:
        """Told to all of them at the same moment."""
        await self.day.until(when)
        said: dict[str, Any] = {"group_id": self.id(group), "scene": T1, **fields}
        stories = [self[name] for name in names]
        return await asyncio.gather(*(s.tell(when, MONITOR, "converted_to_group_event", **said) for s in stories))

    async def joined(self, when: str, *names: str, group: str = "G", **fields: Any) -> Story:
        """Told to all of them, and until the group event has received them."""
        receipts = await self.convert(when, *names, group=group, **fields)
        assert all(receipt.accepted for receipt in receipts), receipts
        await self.settled(*names)
        known = next((s for s in self.day.stories if s.incident_id == self.id(group)), None)
        story = known or self.day.story(self.id(group))
        await story.quiet()
        return story

    async def settled(self, *names: str) -> None:
        for name in names:
            await self[name].quiet()

    def id(self, name: str) -> str:
        return f"{self.tag}-{name}"
