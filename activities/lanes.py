"""How many deliveries may be under way at once, so that what hangs holds up nothing else (R14).

A delivery holds one of the worker's slots while it sends or waits its turn. Each channel has a room of so many, each
address a smaller one within it; who finds the room full is turned away at once and tried again a little later. So a
hanging address leaves room for the others of its channel, and a hanging channel never takes a slot from another.
What is urgent is never turned away and goes before whoever waits: a storm of imports does not bury a crisis.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from weakref import WeakValueDictionary

from activities.channels.contract import ChannelBusy

TURNED_AWAY_FOR = timedelta(seconds=5)
"""Long enough that a few hundred who wait for a hanging channel cost the server little."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """`at_once` are sending; `room` counts them and those who wait their turn."""

    at_once: int
    room: int


PER_CHANNEL = Bounds(at_once=32, room=128)
PER_ADDRESS = Bounds(at_once=8, room=48)


class _Gate:
    """So many at once; a place that becomes free is handed on, to the urgent first."""

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def turn(self, *, urgent: bool) -> AsyncGenerator[None]:
        if self._free:
            self._free -= 1
        else:
            await self._waited_in(self._urgent if urgent else self._others)
        try:
            yield
        finally:
            self._hand_on()

    async def _waited_in(self, line: deque[asyncio.Future[None]]) -> None:
        turn = asyncio.get_running_loop().create_future()
        line.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                line.remove(turn)
            else:  # it was handed on to us at the same moment
                self._hand_on()
            raise

    def _hand_on(self) -> None:
        for line in (self._urgent, self._others):
            if line:
                line.popleft().set_result(None)
                return
        self._free += 1


class _Lane:
    def __init__(self, bounds: Bounds) -> None:
        self.gate = _Gate(bounds.at_once)
        self._room, self._inside = bounds.room, 0

    @contextmanager
    def place(self, *, urgent: bool) -> Generator[None]:
        if self._inside >= self._room and not urgent:
            raise ChannelBusy(
                f"{self._room} notices already wait here. This one is tried again.", retry_after=TURNED_AWAY_FOR
            )
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1


class Lanes:
    """`slots(n)` is what a worker with `n` channels needs, so that all of them may be full at the same time."""

    def __init__(self, *, per_channel: Bounds = PER_CHANNEL, per_address: Bounds = PER_ADDRESS) -> None:
        self._per_channel, self._per_address = per_channel, per_address
        self._channels: dict[str, _Lane] = {}
        self._addresses: WeakValueDictionary[tuple[str, str], _Lane] = WeakValueDictionary()

    def slots(self, channels: int) -> int:
        turned_away = 16
        return self._per_channel.room * max(channels, 1) + turned_away

    @asynccontextmanager
    async def enter(self, channel: str, to: str, *, urgent: bool = False) -> AsyncGenerator[None]:
        """Wait for a turn. A channel without addresses (`to` is empty) has one lane.

        Errors: ChannelBusy where the room is full and it is not urgent."""
        lane = self._channels.setdefault(channel, _Lane(self._per_channel))
        address = self._lane_of(channel, to) if to else _Lane(self._per_channel)
        with lane.place(urgent=urgent), address.place(urgent=urgent):
            async with address.gate.turn(urgent=urgent), lane.gate.turn(urgent=urgent):
                yield

    def _lane_of(self, channel: str, to: str) -> _Lane:
        lane = self._addresses.get((channel, to)) or _Lane(self._per_address)
        self._addresses[channel, to] = lane
        return lane
