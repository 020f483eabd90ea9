"""Plays a story on a real server with skipped time, and judges whether the plan was kept.

The incident's clock is moved to each step; what happened on the way, warnings and missed clocks too, is handed on entry
by entry. Nothing is assumed: what must come of the story is compared with receipts, clocks, notices and the record.
Errors: `Unreachable` where the incident does not come to rest.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from plan.errors import Unreachable
from plan.malformed import parse_complaint, parse_fact
from plan.receipts import Receipt
from plan.record import Entry, export_line
from plan.verification import verify
from runtime import telling
from runtime.names import VIEW, workflow_id
from runtime.seals import Keyring
from starter.pages.seen import Seen
from starter.record import pages
from starter.scenario import Step, Story

_DOOR = "demo"
_SETTLING = timedelta(seconds=20)
_LOOK_AGAIN = timedelta(seconds=0.03)


@dataclass(frozen=True)
class Happened:
    """One entry of the record; with the words of the notice where it is a delivery."""

    entry: Entry
    text: str | None = None


class Player:
    """One story on one server. `faults` says where the plan was not kept; `seen` is how the incident ended."""

    def __init__(self, environment: WorkflowEnvironment, keys: Keyring, outbox: Path, story: Story) -> None:
        self.story = story
        self._environment, self._keys, self._outbox = environment, keys, outbox
        self._client: Client = environment.client
        self._handle = self._client.get_workflow_handle(workflow_id(story.incident_id))
        self.began_at = datetime.now(UTC).replace(second=0, microsecond=0)
        self.entries: list[Entry] = []
        self.faults: list[str] = []
        self.seen = Seen(incident_id=story.incident_id)

    async def play(self) -> AsyncIterator[list[Happened]]:
        """File, tell, wait, to the end; what happened between two steps is handed on in the record's order."""
        complaint = parse_complaint({**self.story.complaint, "incident_id": self.story.incident_id})
        await telling.file(
            self._client, complaint, door=_DOOR, keyring=self._keys, received_at=self.began_at, priority=2
        )
        await self._at_rest()
        yield await self._new()
        for step in self.story.steps:
            await self._forward_to(self.began_at + timedelta(minutes=step.minute))
            yield await self._new()
            self._judge(step, await self._tell(step))
            await self._at_rest()
            yield await self._new()
        await self._handle.result()
        yield await self._new()
        await self._compare()

    async def _tell(self, step: Step) -> Receipt:
        said = {**step.said, "kind": step.kind, "by": step.by}
        if step.known_minute is not None:
            said["known_at"] = (self.began_at + timedelta(minutes=step.known_minute)).isoformat()
        fact = parse_fact(said).model_dump(mode="json", exclude_unset=True)
        return await telling.tell_fact(
            self._client,
            self.story.incident_id,
            {**fact, "fact_id": f"{step.minute}-{step.kind}"},
            door=_DOOR,
            keyring=self._keys,
            received_at=self.began_at + timedelta(minutes=step.minute),
        )

    async def _forward_to(self, instant: datetime) -> None:
        now = await self._environment.get_current_time(self._handle)
        if instant > now and not await self._environment.fast_forward(self._handle, instant - now):
            raise Unreachable(f"{self.story.incident_id} ended before the story did. Run the demo again.")

    async def _at_rest(self) -> None:
        """Until no notice is on its way."""
        try:
            async with asyncio.timeout(_SETTLING.total_seconds()):
                while any(notice.state == "pending" for notice in (await self._look()).notices):  # noqa: ASYNC110 (the server's)
                    await asyncio.sleep(_LOOK_AGAIN.total_seconds())
        except TimeoutError:
            raise Unreachable(f"The notices of {self.story.incident_id} do not come to an end. Try again.") from None

    async def _look(self) -> Seen:
        self.seen = Seen.model_validate(await telling.ask(self._client, self.story.incident_id, VIEW))
        return self.seen

    async def _new(self) -> list[Happened]:
        """The entries that were not handed on yet."""
        after = self.entries[-1].sequence if self.entries else 0
        found = [e async for page in pages(self._client, self.story.incident_id, after=after) for e in page.entries]
        self.entries += found
        texts = self._texts() if any(entry.what == "delivered" for entry in found) else {}
        words = (texts.get(f"{self.story.incident_id}/{e.about}") if e.what == "delivered" else None for e in found)
        return [Happened(entry, text) for entry, text in zip(found, words, strict=True)]

    def _texts(self) -> dict[str, str]:
        """The words of each notice, from the outbox: by incident and notice, whatever the channel."""
        with self._outbox.open(encoding="utf-8") as lines:
            notices = [json.loads(line) for line in lines]
        return {notice["key"].rpartition("/")[0]: notice["text"] for notice in notices}

    def _judge(self, step: Step, receipt: Receipt) -> None:
        if step.refused is None and not receipt.accepted:
            self.faults.append(f"{step.kind} by {step.by} was {receipt.state} ({receipt.rule}): {receipt.reason}")
        if step.refused is not None and (receipt.accepted or receipt.rule != step.refused):
            self.faults.append(
                f"{step.kind} by {step.by} was {receipt.state} ({receipt.rule}), not refused {step.refused}"
            )

    async def _compare(self) -> None:
        """Clocks, notices, the record, against what the story must come to."""
        clocks = {clock.id: clock.state for clock in (await self._look()).clocks}
        for name, state in self.story.clocks.items():
            if clocks.get(name) != state:
                self.faults.append(f"clock {name} is {clocks.get(name, 'absent')}, not {state}")
        self.faults += [f"clock {name} was not expected" for name in clocks if name not in self.story.clocks]
        delivered = Counter(entry.about for entry in self.entries if entry.what == "delivered")
        for duty, people in self.story.told.items():
            self.faults += [f"{person} was not told {duty}" for person in people if not delivered[f"{duty}~{person}"]]
        self.faults += [f"{notice} was delivered {n} times" for notice, n in delivered.items() if n > 1]
        missed = {str(e.about).rpartition("~")[2] for e in self.entries if e.what == "undelivered"}
        self.faults += [f"{person} could not be told" for person in sorted(missed - set(self.story.not_reached))]
        self.faults += [
            f"{person} should not be reachable" for person in self.story.not_reached if person not in missed
        ]
        found = verify(export_line(entry) for entry in self.entries)
        self.faults += [found.words] if found.fault else []
