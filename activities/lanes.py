"""How many deliveries may be under way at once, so that what hangs holds up nothing else (R14).

A delivery holds one of the worker's slots while it sends or waits its turn. Each channel has a room of so many, each
address a smaller one within it; who finds the room full is turned away at once and tried again a little later. So a
hanging address leaves room for the others of its channel, and a hanging channel never takes a slot from another.
Beside the rooms there is a hall for all: whoever comes in a storm waits there, as long as the lane moves.
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
from plan.channels import is_spoken

TURNED_AWAY_FOR = timedelta(seconds=5)
"""Long enough that a few hundred who wait for a hanging channel cost the server little."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """`at_once` are sending; `room` counts them and those who wait their turn."""

    at_once: int
    room: int


PER_CHANNEL = Bounds(at_once=32, room=128)
PER_ADDRESS = Bounds(at_once=8, room=48)
ONE_CALL = Bounds(at_once=1, room=4)
"""To one telephone: a second call meanwhile would find the line busy."""
HALL = 1_000
"""As many may be due at the same instant over one channel and wait in the worker."""
STILL = 2.0
"""Seconds without the end of a delivery that took less: then a lane does not move."""


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
        self.inside = 0
        self._room = bounds.room
        self._moved_at = _seconds()

    @property
    def full(self) -> bool:
        return self.inside >= self._room

    @property
    def moves(self) -> bool:
        return _seconds() - self._moved_at < STILL

    def come(self) -> None:
        self._moved_at = self._moved_at if self.inside else _seconds()
        self.inside += 1

    def go(self) -> None:
        self.inside -= 1

    @contextmanager
    def sending(self) -> Generator[None]:
        """What ends soon, however it ends, shows that the lane moves."""
        began = _seconds()
        try:
            yield
        finally:
            now = _seconds()
            self._moved_at = now if now - began < STILL else self._moved_at


class Lanes:
    """`slots(n)` is what a worker with `n` channels needs, so that all of them may be full at the same time.

    Without a `hall` whoever finds a room full is turned away.
    """

    def __init__(self, *, per_channel: Bounds = PER_CHANNEL, per_address: Bounds = PER_ADDRESS, hall: int = 0) -> None:
        self._per_channel, self._per_address = per_channel, per_address
        self._hall, self._free = hall, hall
        self._channels: dict[str, _Lane] = {}
        self._addresses: WeakValueDictionary[tuple[str, str], _Lane] = WeakValueDictionary()

    def slots(self, channels: int) -> int:
        turned_away = 16
        return self._per_channel.room * max(channels, 1) + self._hall + turned_away

    @asynccontextmanager
    async def enter(self, channel: str, to: str, *, urgent: bool = False) -> AsyncGenerator[None]:
        """Wait for a turn. A channel without addresses (`to` is empty) has one lane.

        Errors: ChannelBusy where the room is full, the hall is no place to wait, and it is not urgent."""
        lane = self._channels.get(channel) or self._channels.setdefault(channel, _Lane(self._per_channel))
        address = self._lane_of(channel, to) if to else _Lane(self._per_channel)
        with self._place(lane, address, urgent=urgent):
            async with address.gate.turn(urgent=urgent), lane.gate.turn(urgent=urgent):
                with address.sending(), lane.sending():
                    yield

    @contextmanager
    def _place(self, lane: _Lane, address: _Lane, *, urgent: bool) -> Generator[None]:
        """In the rooms; or, where one of them is full and both lanes move, in the hall."""
        if urgent or not (lane.full or address.full):
            lane.come()
            address.come()
            try:
                yield
            finally:
                lane.go()
                address.go()
            return
        if not (self._free and lane.moves and address.moves):
            waiting = lane.inside if lane.full else address.inside
            raise ChannelBusy(
                f"{waiting} notices already wait here. This one is tried again.", retry_after=TURNED_AWAY_FOR
            )
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1

    def _lane_of(self, channel: str, to: str) -> _Lane:
        bounds = ONE_CALL if is_spoken(channel) else self._per_address
        lane = self._addresses.get((channel, to)) or _Lane(bounds)
        self._addresses[channel, to] = lane
        return lane


def _seconds() -> float:
    return asyncio.get_running_loop().time()
