"""A channel that writes down what it is asked to send, and answers as a test tells it to."""

import asyncio
from collections.abc import Awaitable, Callable

from activities.channels.contract import ChannelRefused, Message
from plan.orders import Delivered
from plan.organisation import Address

Before = Callable[[Message], Awaitable[None]]


class Recorder:
    """`asked` is every attempt, `sent` what was taken. Whoever stands in `refuses` is not reached.

    `before` may be awaited before an answer, to hold one up.
    """

    def __init__(self, name: str = "outbox") -> None:
        self._name = name
        self.asked: list[Message] = []
        self.sent: list[Message] = []
        self.refuses: set[str] = set()
        self.before: Before | None = None

    async def send(self, message: Message, address: Address) -> Delivered:
        self.asked.append(message)
        if self.before is not None:
            await self.before(message)
        if message.recipient in self.refuses:
            raise ChannelRefused(f"{message.recipient} is not reached over {self._name}")
        self.sent.append(message)
        return Delivered(channel=self._name, code="taken", message_id=message.key)

    def to(self, incident_id: str, duty: str | None = None) -> list[Message]:
        """What was sent of an incident, or of one of its duties."""
        return [m for m in self.sent if m.incident_id == incident_id and duty in (None, m.duty)]


class Hanging:
    """Holds up every notice to some people until it is let go; `reached` says that one waits here."""

    def __init__(self, *people: str) -> None:
        self._people = people
        self._go_on = asyncio.Event()
        self.reached = asyncio.Event()

    async def __call__(self, message: Message) -> None:
        if message.recipient in self._people:
            self.reached.set()
            await self._go_on.wait()

    def let_go(self) -> None:
        self._go_on.set()
