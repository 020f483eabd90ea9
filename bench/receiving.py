"""The receiver as whoever measures holds it: started, told how to answer, taken down and back, and read.

`arrived` is a request that was read whole; it is `taken` when it was answered yes and the caller was still there.
"""

import asyncio
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from pydantic import BaseModel, RootModel

from bench.processes import ROOT
from runtime.ports import HOST, free_port

LOOKING: Final = 0.05
"""Seconds between two looks at what came."""


class Manner(BaseModel):
    """How a request is answered. `after` is in seconds; `share` is the part of all requests, the rest is taken."""

    status: int = 200
    body: str = ""
    after: float = 0.0
    drop: bool = False
    share: float = 1.0


class Manners(RootModel[dict[str, tuple[Manner, ...]]]):
    """By the beginning of a path; the longest that fits counts."""

    def of(self, path: str) -> tuple[Manner, ...]:
        fitting = [start for start in self.root if path.startswith(start)]
        return self.root[max(fitting, key=len)] if fitting else ()


class Arrival(BaseModel):
    """`at` and `answered_at` are seconds since the epoch, of this machine's clock; `said` is the body's digest."""

    id: str
    at: float
    path: str
    key: str
    said: str
    answered_at: float | None = None
    taken: bool = False


class Receiving:
    """`async with Receiving(folder) as receiver:` - up inside. The port stays over going down."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "receiver.jsonl"
        self._port = free_port()
        self._process: asyncio.subprocess.Process | None = None
        self._manners = Manners({})
        self._read, self._known = 0, dict[str, Arrival]()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._port}"

    async def __aenter__(self) -> Self:
        await self.up()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.down()

    async def up(self) -> None:
        """Up, with the manners it had."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.receiver", str(self._port), str(self._file)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        await self._confirmed()
        await self._told()

    async def down(self) -> None:
        """-9: connections are refused from now on."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def answers(self, *manners: Manner, to: str = "/") -> None:
        """From now on, for paths that begin so; without manners everything is taken again."""
        self._manners = Manners({**self._manners.root, to: manners})
        await self._told()

    async def is_well(self) -> None:
        """Everything is taken again, whatever it was told before."""
        self._manners = Manners({})
        if self._process is None or self._process.returncode is not None:
            await self.up()
        else:
            await self._told()

    async def _told(self) -> None:
        if self._process is None or self._process.stdin is None:
            raise RuntimeError("the receiver is not up")
        self._process.stdin.write(self._manners.model_dump_json().encode() + b"\n")
        await self._confirmed()

    async def _confirmed(self) -> None:
        if self._process is None or self._process.stdout is None or not await self._process.stdout.readline():
            raise RuntimeError("the receiver did not come up")

    def arrivals(self) -> list[Arrival]:
        """Everything that came, in order; repeats included."""
        if self._file.exists():
            with self._file.open("rb") as lines:
                lines.seek(self._read)
                for line in lines:
                    if line.endswith(b"\n"):
                        self._read += len(line)
                        self._take(line)
        return list(self._known.values())

    def _take(self, line: bytes) -> None:
        said = json.loads(line)
        if "yes" in said:
            known = self._known[said["id"]]
            known.answered_at, known.taken = said["answered_at"], said["yes"]
        else:
            self._known[said["id"]] = Arrival.model_validate(said)

    def by_key(self) -> dict[str, list[Arrival]]:
        """Every attempt at each notice."""
        found: dict[str, list[Arrival]] = defaultdict(list)
        for arrival in self.arrivals():
            found[arrival.key].append(arrival)
        return found

    async def until(
        self, seen: Callable[[Sequence[Arrival]], bool], *, within: float, looking: float = LOOKING
    ) -> list[Arrival]:
        """What came, as soon as it looks like this; TimeoutError after so many seconds."""
        async with asyncio.timeout(within):
            while not seen(found := await asyncio.to_thread(self.arrivals)):  # noqa: ASYNC110 - a file
                await asyncio.sleep(looking)
        return found
