"""Telling a story to the real server: facts at times of day, skipped time, and what became of it.

A story's day is laid over the server's own clock: its first instant is now. Whatever is told is stamped and sealed with
the story's time, as a door would.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Self, cast
from uuid import uuid4

from temporalio.client import WorkflowHandle
from temporalio.common import SearchAttributePair

from activities.channels.contract import Message
from plan.receipts import Receipt
from runtime.names import TIMELINE, VIEW, workflow_id
from runtime.telling import ask, tell_fact
from starter import file_complaint, view
from starter.client import PYTHON_DOOR
from tests.server.world import World

SHANGHAI = timezone(timedelta(hours=8))
LONG = timedelta(seconds=30)
"""More than anything takes on a loaded machine; only silence is waited out."""
A_MOMENT = timedelta(seconds=5)
"""So little that no story notices, and more than whatever is under way takes."""


class Day:
    """The clock of a story. Times are `09:12`, `09:12:30` or `D+1 09:12`, in the day that begins with the first one.

    It is the first one now; or, where `present` is given, that time of the day, and what was before is past.
    """

    def __init__(self, world: World, first: str, *, present: str | None = None) -> None:
        now = datetime.now(SHANGHAI)
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # what the server's timers keep
        self._first = _of_day(first)
        self._began = now - (_of_day(present or first) - self._first)
        self.world = world
        self.stories: list[Story] = []
        world.ahead = timedelta(0)

    def at(self, when: str) -> datetime:
        """The instant on the server's clock of a time in the story."""
        return self._began + (_of_day(when) - self._first)

    async def until(self, when: str) -> None:
        """Let time pass in every incident up to a time in the story, and whatever comes due be done."""
        for story in self.stories:
            await self.world.skip(story.handle, self.at(when))
        self.world.stand(self.at(when))

    async def filed(self, when: str, /, **complaint: Any) -> "Story":
        """File a complaint at a time of day; an outlet's complaint about returns unless said otherwise."""
        await self.until(when)
        incident_id = complaint.pop("incident_id", f"S-{uuid4().hex[:10]}")
        body = {"channel": "outlet", "subject": "returns", "reason": "收益与介绍不符", **complaint}
        body = {name: self.instants(value) for name, value in body.items()}
        said = {"incident_id": incident_id, **body}
        filed = await file_complaint(self.world.client, said, received_at=self.at(when))
        assert filed.created
        return self.story(incident_id)

    def story(self, incident_id: str) -> "Story":
        """An incident of this day, by whomever it was opened."""
        story = Story(self, incident_id)
        self.stories.append(story)
        return story

    def when(self, instant: datetime) -> str:
        """An instant as a time of the story: `11:10`, `D+1 09:45`, with seconds and fractions where there are any."""
        since = self._first + (instant - self._began)
        clock = str(since - timedelta(days=since.days))
        clock = clock.rjust(8, "0").removesuffix(":00")
        return f"D+{since.days} {clock}" if since.days else clock

    def instants(self, value: Any) -> Any:
        """`at:09:45` anywhere in a fact becomes that instant."""
        if isinstance(value, str) and value.startswith("at:"):
            return self.at(value[3:]).isoformat()
        if isinstance(value, Mapping):
            return {name: self.instants(item) for name, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
        return value


class Story:
    """One incident of a day."""

    def __init__(self, day: Day, incident_id: str) -> None:
        self.day, self.world, self.incident_id = day, day.world, incident_id

    @classmethod
    async def filed(cls, world: World, when: str, /, **complaint: Any) -> Self:
        """A day with this incident alone, as a rule."""
        story = await Day(world, when).filed(when, **complaint)
        assert isinstance(story, cls)
        return story

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        return self.world.client.get_workflow_handle(workflow_id(self.incident_id))

    def at(self, when: str) -> datetime:
        return self.day.at(when)

    async def until(self, when: str) -> None:
        await self.day.until(when)

    async def told(self, when: str, by: str, kind: str, /, **fields: Any) -> Receipt:
        """Let time pass, then state a fact, received at exactly that time of the story."""
        await self.until(when)
        return await self.tell(when, by, kind, **fields)

    async def tell(self, when: str, by: str, kind: str, /, *, patience: timedelta = LONG, **fields: Any) -> Receipt:
        """State a fact stamped with a time of the story, without letting time pass."""
        fact = {"kind": kind, "by": by, **{name: self.day.instants(value) for name, value in fields.items()}}
        return await tell_fact(
            self.world.client,
            self.incident_id,
            fact,
            door=PYTHON_DOOR,
            keyring=self.world.keys,
            received_at=self.at(when),
            patience=patience,
        )

    async def quiet(self) -> None:
        """Until whatever is under way, deliveries and links, has been done: only then is time skipped."""
        await self.world.skip(self.handle, await self.world.now(self.handle) + A_MOMENT)

    async def ended(self) -> dict[str, Any]:
        """The result of a closed or withdrawn incident."""
        return await self.handle.result()

    async def accepted(self, when: str, by: str, kind: str, /, **fields: Any) -> Receipt:
        """Told, and accepted by the plan."""
        receipt = await self.told(when, by, kind, **fields)
        assert receipt.accepted, receipt.reason
        return receipt

    async def refused(self, when: str, by: str, kind: str, /, **fields: Any) -> str | None:
        """Told, and refused by the plan: under which rule."""
        receipt = await self.told(when, by, kind, **fields)
        assert receipt.state == "refused", receipt
        return receipt.rule

    async def view(self, viewer: str | None = None) -> dict[str, Any]:
        if viewer is None:
            return await ask(self.world.client, self.incident_id, VIEW, patience=LONG)
        return await view(self.world.client, self.incident_id, viewer=viewer)

    async def clock(self, clock_id: str) -> dict[str, Any]:
        """One clock of the view; empty where it never started."""
        found: list[dict[str, Any]] = [clock for clock in (await self.view())["clocks"] if clock["id"] == clock_id]
        return found[0] if found else {}

    async def clocks(self) -> dict[str, str]:
        """The state of every clock."""
        return {clock["id"]: clock["state"] for clock in (await self.view())["clocks"]}

    async def due(self, clock_id: str) -> str:
        """When a clock is due, on the story's day."""
        return self.when((await self.clock(clock_id))["due_at"])

    async def met(self, clock_id: str) -> str:
        """When a clock was met, on the story's day."""
        return self.when((await self.clock(clock_id))["met_at"])

    def when(self, instant: str) -> str:
        """An instant of the incident as a time of the story."""
        return self.day.when(datetime.fromisoformat(instant))

    async def entries(self) -> list[dict[str, Any]]:
        """The whole record."""
        found: list[dict[str, Any]] = []
        after: int | None = 0
        while after is not None:
            asked = {"after": after, "limit": 500}
            page = await ask(self.world.client, self.incident_id, TIMELINE, asked, patience=LONG)
            found += page["entries"]
            after = page["next_after"]
        return found

    async def said(self, what: str) -> list[dict[str, Any]]:
        """The entries of one kind."""
        return [entry for entry in await self.entries() if entry["what"] == what]

    async def about(self, what: str) -> list[str]:
        """What the entries of one kind are about, in order."""
        return [entry["about"] for entry in await self.said(what)]

    async def reached(self, duty: str) -> set[str]:
        """Whom notices of a duty have reached, each once."""
        await self.quiet()
        people = [message.recipient for message in self.messages(duty)]
        assert len(people) == len(set(people)), f"somebody was told twice of {duty}"
        return set(people)

    async def attributes(self) -> dict[str, Any]:
        """What operators filter by."""
        found = (await self.handle.describe()).typed_search_attributes
        return {pair.key.name: pair.value for pair in cast("Iterable[SearchAttributePair[Any]]", found)}

    def messages(self, duty: str | None = None) -> list[Message]:
        """What was sent."""
        return self.world.outbox.to(self.incident_id, duty)

    async def duties(self) -> list[str]:
        """Every duty begun so far, each once, in order."""
        return list(dict.fromkeys(entry["data"]["duty"] for entry in await self.said("notice")))

    async def owed(self) -> list[str]:
        """What is outstanding."""
        return [owed["what"] for owed in (await self.view())["outstanding"]]


def _of_day(when: str) -> timedelta:
    day, _, clock = when.rpartition(" ")
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    days = int(day.removeprefix("D+")) if day.startswith("D+") else 0
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)
