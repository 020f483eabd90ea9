"""A drill on the tests' server: it begins at 09:00 of its day, and time passes in it and in its incidents together."""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from temporalio.client import WorkflowHandle

from plan.drill import DrillAsked
from plan.drill_scenario import Scenario
from plan.errors import Malformed
from plan.receipts import Receipt
from runtime.drilling import begin_drill, drill_seen, judged, stop_drill
from runtime.names import drill_id
from runtime.scenarios import SCENARIOS, Scenarios, load_scenario
from tests.server.people import COUNTY, T1
from tests.server.story import A_MOMENT, Day, Story
from tests.server.world import World

LONGEST: Final = timedelta(seconds=60)


def scenario(name: str = "crowd", **changes: Any) -> Scenario:
    """One that comes along, changed as said."""
    return Scenario.model_validate({**load_scenario(SCENARIOS / f"{name}.yaml").model_dump(), **changes})


def only(played: Scenario) -> Scenarios:
    """A worker's scenarios: this one, and no other."""

    def named(name: str) -> Scenario:
        if name != played.id:
            raise Malformed(f"There is no scenario {name!r}; there are {played.id}. Name one of them.")
        return played

    return named


class Exercise:
    """One drill, and the stories of its incidents; the first is `story`."""

    def __init__(self, world: World, drill: str, played: Scenario, view: dict[str, Any], speed: float) -> None:
        self.world, self.drill, self.played, self._speed = world, drill, played, speed
        self.day = Day(world, "09:00")
        self.began = datetime.fromisoformat(view["started_at"])
        self.day._began = self.began  # pyright: ignore[reportPrivateUsage] - the day is the drill's
        self._steps = [self.began + step.at / speed for step in played.steps]
        self._now = self.began
        self.follow(view["incidents"])

    @classmethod
    async def begun(
        cls, world: World, played: Scenario | None = None, *, drill: str | None = None, **asked: Any
    ) -> "Exercise":
        """Begun by the county, and what happens first has happened."""
        played = played or scenario()
        name = drill or f"X-{uuid4().hex[:8]}"
        wanted = DrillAsked.model_validate({"scenario": played.id, "outlet": T1, "by": COUNTY, **asked})
        world.ahead = timedelta(0)
        await begin_drill(world.client, name, wanted)
        view = await judged(world.client, name, LONGEST)
        assert view is not None
        assert view["refusal"] is None, view["refusal"]
        async with asyncio.timeout(LONGEST.total_seconds()):
            while not (view := await drill_seen(world.client, name))["incidents"]:
                pass
        exercise = cls(world, name, played, view, wanted.speed)
        await exercise.quiet()
        return exercise

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        return self.world.client.get_workflow_handle(drill_id(self.drill), result_type=dict)

    @property
    def story(self) -> Story:
        return self.day.stories[0]

    def follow(self, incidents: Iterable[str]) -> None:
        """The incidents there are now."""
        known = {story.incident_id for story in self.day.stories}
        for incident in incidents:
            if incident not in known:
                self.day.story(incident)

    async def view(self) -> dict[str, Any]:
        return await drill_seen(self.world.client, self.drill)

    async def until(self, when: str | datetime) -> None:
        """Time passes, step by step: what happens in the scenario finds its incidents at that time."""
        end = self.day.at(when) if isinstance(when, str) else when
        for instant in (*(at for at in self._steps if self._now < at < end), end):
            for story in self.day.stories:
                await self.world.skip(story.handle, instant)
            self.world.stand(instant)
            await self.world.skip(self.handle, instant)
            self._now = instant
            await self.quiet()

    async def quiet(self) -> None:
        """Until whatever is under way has been done, in the drill and in its incidents."""
        await self.world.skip(self.handle, await self.world.now(self.handle) + A_MOMENT)
        self.follow((await self.view())["incidents"])
        for story in self.day.stories:
            await story.quiet()

    async def does(self, when: str, by: str, kind: str, /, **fields: Any) -> Receipt:
        """Somebody of the plan states a fact of the first incident."""
        await self.until(when)
        return await self.story.tell(when, by, kind, **fields)

    async def answers(self, when: str, *people: str, duty: str) -> None:
        for person in people:
            receipt = await self.does(when, person, "notice_acknowledged", notice_id=f"{duty}~{person}")
            assert receipt.accepted, receipt.reason

    async def stopped(self, by: str = COUNTY, reason: str = "真有事") -> Receipt:
        fact = {"kind": "drill_stopped", "by": by, "reason": reason}
        return await stop_drill(self.world.client, self.world.keys, self.drill, fact, door="test")

    async def ended(self) -> dict[str, Any]:
        """Up to the end; what it ended with."""
        ends_at = datetime.fromisoformat((await self.view())["ends_at"])
        await self.until(ends_at - A_MOMENT)
        for story in self.day.stories:
            await self.world.skip(story.handle, ends_at)
        self.world.stand(ends_at)
        await self.world.skip(self.handle, ends_at)
        return await self.result()

    async def result(self) -> dict[str, Any]:
        async with asyncio.timeout(LONGEST.total_seconds()):
            return await self.handle.result()
