"""A real system to be measured, and to be broken: a server and workers, each a process of its own, and its people.

Who is reached how is the scene's: `webhooks.py` for one fast receiver, `channels.py` for every kind of channel.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Final, Self

from bench import town
from bench.processes import System, WorkerProcess
from plan.errors import Unreachable
from plan.malformed import parse_complaint
from plan.playbook import Playbook
from plan.record import Entry
from runtime.names import VIEW
from runtime.telling import Filed, ask, file
from starter.record import pages

CALLERS: Final = 16
"""So many file at the same time."""
FILING: Final = timedelta(seconds=10)
"""What the Python client waits for Temporal."""
PATIENCE: Final = timedelta(seconds=30)
LOOKING: Final = 0.2
"""Seconds between two looks at an incident."""
CRISIS: Final[dict[str, Any]] = {"circumstances": {"disrupts_outlet": True}}
CRISIS_NOTICES: Final = 14
"""What it owes when it is filed, or one more where a time of day or a province asks for it."""
SETTLED: Final = frozenset({"delivered", "failed", "acknowledged"})
"""States of a notice that is not on its way."""
Change = Callable[[Playbook], Playbook]
View = dict[str, Any]


def as_it_is(plan: Playbook) -> Playbook:
    return plan


class Scene(ABC):
    """Up inside; the workers that were started are killed after it. `change` makes another playbook of the plan's."""

    def __init__(self, folder: Path, *, outlets: int = 3, change: Change = as_it_is) -> None:
        self.folder, self.outlets, self.change = folder, outlets, change
        self.system = System(folder)
        self.workers: list[WorkerProcess] = []
        self.environment: dict[str, str] = {}
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            await opening.enter_async_context(self.system)
            opening.push_async_callback(self._workers_ended)
            ways = await self.ways(opening)
            self.environment |= {
                "TOCSIN_ORGANISATION": str(town.write(self.folder, ways, outlets=self.outlets)),
                "TOCSIN_PLAYBOOK": str(town.playbook(self.folder, self.change)),
            }
            self._open = opening.pop_all()
        return self

    @abstractmethod
    async def ways(self, opening: AsyncExitStack) -> town.Ways:
        """How everybody is reached; whatever that needs is opened here, and named in the workers' environment."""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def worker(self) -> WorkerProcess:
        """One more worker, serving."""
        worker = self.system.worker(self.environment)
        self.workers.append(worker)
        return await (await worker.start()).serving()

    async def _workers_ended(self) -> None:
        for worker in self.workers:
            await worker.kill()

    async def filed(self, complaints: Iterable[Mapping[str, Any]]) -> list[str]:
        """File them all, several at the same time; their ids."""
        callers = asyncio.Semaphore(CALLERS)

        async def one(complaint: Mapping[str, Any]) -> str:
            async with callers:
                return (await self.file(complaint)).incident_id

        return list(await asyncio.gather(*(one(each) for each in complaints)))

    async def file(self, complaint: Mapping[str, Any], patience: timedelta = FILING) -> Filed:
        parsed = parse_complaint(complaint)
        return await file(self.system.client, parsed, door="bench", keyring=self.system.keys, patience=patience)

    def complaints(self, number: int, prefix: str) -> list[dict[str, Any]]:
        """So many, the outlets in turn."""
        return town.incidents(number, prefix, self.outlets)

    def crises(self, number: int, prefix: str) -> list[dict[str, Any]]:
        return [{**each, **CRISIS} for each in self.complaints(number, prefix)]

    async def view(self, incident_id: str) -> View:
        return await ask(self.system.client, incident_id, VIEW, patience=PATIENCE)

    async def at_rest(self, incident_ids: Sequence[str], *, within: float) -> dict[str, View]:
        """Wait until none of their notices is on its way any more, or so many seconds; how they look then."""
        last = monotonic() + within
        waiting, views = list(incident_ids), dict[str, View]()
        while waiting:
            for each in waiting:
                views |= await self._seen(each)
            waiting = [each for each in waiting if each not in views or not _at_rest(views[each])]
            if monotonic() > last:
                break
            await asyncio.sleep(LOOKING if waiting else 0)
        if silent := [each for each in incident_ids if each not in views]:
            raise RuntimeError(f"nobody answered for {', '.join(silent)} in {within:.0f} s")
        return views

    async def _seen(self, incident_id: str) -> dict[str, View]:
        """Nothing yet where its workflow task died with workers more than once: the server waits longer each time."""
        try:
            return {incident_id: await self.view(incident_id)}
        except Unreachable:
            return {}

    async def entries(self, incident_id: str) -> list[Entry]:
        """Its record."""
        return [entry async for page in pages(self.system.client, incident_id) for entry in page.entries]


def _at_rest(view: View) -> bool:
    return bool(view["notices"]) and all(notice["state"] in SETTLED for notice in view["notices"])
