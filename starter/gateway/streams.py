"""New entries of a record as Server-Sent Events, for as long as somebody listens.

The record is looked at every second; when no worker answers, less often, and the stream goes on. Something is sent at
least every fifteen seconds, so that nobody between us and the listener takes the stream for dead. A stream ends when
the gateway stops, when the incident can no longer be seen, and after ten minutes, so that a key that was taken back
meanwhile is asked for again. Errors: TooMany for more streams than agreed.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request

from plan.errors import TocsinError, Unreachable
from plan.record import Entry
from starter.gateway.problems import TooMany
from starter.gateway.sight import Sight
from starter.gateway.stopping import stopping_of

EACH: Final = 5
IN_ALL: Final = 200
LOOK: Final = timedelta(seconds=1)
PATIENT_LOOK: Final = timedelta(seconds=5)
"""While no worker answers."""
HEARTBEAT: Final = timedelta(seconds=15)
LASTS: Final = timedelta(minutes=10)
HEADERS: Final = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
_ATTRIBUTE: Final = "streams"


class Streams:
    """The open streams of this process, by caller."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def take(self, caller: str) -> "Place":
        if self._open[caller] >= EACH or self._open.total() >= IN_ALL:
            raise TooMany(
                f"No more than {EACH} streams are open at once for one caller. Close one, or read the timeline.",
                retry_after=int(HEARTBEAT.total_seconds()),
            )
        self._open[caller] += 1
        return Place(self, caller)

    def leave(self, caller: str) -> None:
        self._open[caller] -= 1
        self._open += Counter()  # whoever has none is not remembered


class Place:
    """One open stream's."""

    def __init__(self, streams: Streams, caller: str) -> None:
        self._streams, self._caller = streams, caller

    def leave(self) -> None:
        self._streams.leave(self._caller)


def of(app: FastAPI) -> Streams:
    """The app's own."""
    if not hasattr(app.state, _ATTRIBUTE):
        setattr(app.state, _ATTRIBUTE, Streams())
    found: Streams = getattr(app.state, _ATTRIBUTE)
    return found


async def told(request: Request, sight: Sight, after: int, place: Place) -> AsyncGenerator[str]:
    """The stream's text, from behind a sequence number on."""
    stopping, clock = stopping_of(request), asyncio.get_running_loop().time
    ends, spoke = clock() + LASTS.total_seconds(), clock()
    try:
        yield "retry: 2000\n: the record grows\n\n"
        while not stopping.is_set() and clock() < ends:
            pause = LOOK
            try:
                page = await sight.page(after, 100)
            except Unreachable:
                pause = PATIENT_LOOK
            except TocsinError:
                return
            else:
                for entry in page.entries:
                    yield _event(entry)
                    spoke = clock()
                after = page.sequence if page.next_after is None else page.next_after
            if clock() - spoke >= HEARTBEAT.total_seconds():
                yield ": still here\n\n"
                spoke = clock()
            await _either(stopping, pause)
    finally:
        place.leave()


def _event(entry: Entry) -> str:
    return f"id: {entry.sequence}\nevent: entry\ndata: {entry.model_dump_json()}\n\n"


async def _either(stopping: asyncio.Event, pause: timedelta) -> None:
    """The pause, or less when the gateway stops."""
    try:
        async with asyncio.timeout(pause.total_seconds()):
            await stopping.wait()
    except TimeoutError:
        return
