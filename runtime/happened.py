"""What incidents of this process say as they go on, until a task of the worker passes it to whom it may concern.

Said from the threads that workflows run in, at no cost in any history; several words of one incident become one. It may
be lost with the process: what an incident's record says is told again when its record is kept. Errors: none.
"""

import asyncio
from collections.abc import Callable
from threading import Lock
from typing import Final, NamedTuple

MOST: Final = 20_000
"""Incidents at once; beyond that the oldest word is forgotten."""

Hint = Callable[[str, int, tuple[str, ...], tuple[str, ...]], None]
"""An incident's id, how far its record reaches, the units it is in, its insurers."""


class Word(NamedTuple):
    sequence: int
    units: tuple[str, ...] = ()
    insurers: tuple[str, ...] = ()


class Happened:
    """Filled from any thread, emptied by one task."""

    def __init__(self) -> None:
        self._words: dict[str, Word] = {}
        self._lock = Lock()
        self._waiting: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def say(self, incident_id: str, sequence: int, units: tuple[str, ...] = (), insurers: tuple[str, ...] = ()) -> None:
        with self._lock:
            known = self._words.pop(incident_id, None)
            furthest = max(sequence, known.sequence if known else 0)
            self._words[incident_id] = Word(furthest, tuple(units), tuple(insurers))
            if len(self._words) > MOST:
                del self._words[next(iter(self._words))]
            waiting = self._waiting
        if waiting is not None and not waiting[0].is_closed():
            waiting[0].call_soon_threadsafe(waiting[1].set)

    def take(self) -> dict[str, Word]:
        """Everything said since the last time."""
        with self._lock:
            taken, self._words = self._words, {}
        return taken

    async def something(self) -> None:
        """Returns once anything was said."""
        event = asyncio.Event()
        with self._lock:
            self._waiting = (asyncio.get_running_loop(), event)
            if self._words:
                return
        await event.wait()
