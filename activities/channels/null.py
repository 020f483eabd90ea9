"""A channel that takes everything and keeps it in memory: stands in for all channels in tests and benches."""

from activities.channels.contract import Message
from plan.orders import Delivered
from plan.organisation import Address


class NullChannel:
    """`sent` holds every message with its address, repeats included, in the order they came."""

    def __init__(self, name: str = "null") -> None:
        self._name = name
        self.sent: list[tuple[Message, Address]] = []

    async def send(self, message: Message, address: Address) -> Delivered:
        self.sent.append((message, address))
        return Delivered(channel=self._name, code="taken", message_id=message.key)
