"""A gate before each incident: a crowd reporting at once goes through a few at a time.

A server takes ten updates of one workflow at once by default; a burst beyond that makes server and SDK retry each other
until almost none succeeds. Behind a gate of eight, two hundred succeed in two seconds (research: bursts). The gate also
remembers silence: who waited in it while somebody else heard nothing for the whole patience need not wait in turn.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final
from weakref import WeakKeyDictionary

from temporalio.client import Client

from runtime.silence import Silence, now

WIDTH: Final = 8
"""Callers per incident and process; below the server's ten, for another process may be telling too."""


class Gate:
    """The callers that are telling one incident something, through one client."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(WIDTH)
        self.silence = Silence()
        self.callers = 0

    @asynccontextmanager
    async def place(self) -> AsyncGenerator["Place"]:
        """Wait for a place, and hold it."""
        arrived_at = now()
        async with self._places:
            yield Place(self, no_use=self.silence.since(arrived_at))


class Place:
    """`no_use`: since this caller came to the gate, another one waited its whole patience and heard nothing."""

    def __init__(self, gate: Gate, *, no_use: bool) -> None:
        self._gate, self._since = gate, now()
        self.no_use = no_use

    def heard(self, anything: bool) -> None:
        """Whether there was a verdict in time."""
        self._gate.silence.heard(anything, self._since)


_open: WeakKeyDictionary[Client, dict[str, Gate]] = WeakKeyDictionary()


@asynccontextmanager
async def gate(client: Client, incident_id: str) -> AsyncGenerator[Place]:
    """Through the incident's gate; a gate that nobody uses is taken away."""
    gates = _open.setdefault(client, {})
    this = gates.setdefault(incident_id, Gate())
    this.callers += 1
    try:
        async with this.place() as place:
            yield place
    finally:
        this.callers -= 1
        if not this.callers:
            del gates[incident_id]
