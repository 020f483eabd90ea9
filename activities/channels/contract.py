"""What every channel keeps (R14, R29): one message, one address, one answer, safe to repeat.

- `send` returns only when the channel itself said that it took the message: its own code, not the mere end of a call.
- It may be called again with the same message, after a success too; the key goes along wherever the channel allows it.
- Cancelled, it stops waiting and leaves nothing held.
- It raises `ChannelRefused` or `ChannelMisconfigured` where trying again cannot help, `ChannelBusy` where the channel
  says when to come back; `ChannelUnavailable`, or whatever else it raises, means try again. A channel that must not
  say anything twice raises `ChannelUnknown` where the message may have been taken, and can be asked (`Asks`).
- Neither an error nor a log line holds the text, the address or a secret: they reach histories and operators.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from plan.orders import Delivered
from plan.organisation import Address


@dataclass(frozen=True, slots=True)
class Message:
    """One notice ready to go. `key` names incident, duty, recipient and channel; a repeat has the same key and text.

    `ordered_at` is the incident's own time when the notice fell due; a test with skipped time sees the skipped time.
    `words` are the values of its text, written out in `lang`, and the recipient's `role`, for channels that send
    registered templates; `link` is where the recipient says "received", or of a chat where one signs in; `mentions`
    name the people on duty the way the channel does. Of these only `words` without `link` may reach a chat.
    """

    key: str
    incident_id: str
    duty: str
    recipient: str
    text: str = field(repr=False)
    due_at: datetime | None
    drill: bool
    ordered_at: datetime
    lang: str = "zh"
    words: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    link: str | None = field(default=None, repr=False)
    mentions: tuple[str, ...] = field(default=(), repr=False)


class Channel(Protocol):
    async def send(self, message: Message, address: Address) -> Delivered:
        """Send and wait for the channel's own answer; `digest` and `attempts` are filled in by the delivery."""
        ...


@runtime_checkable
class Asks(Protocol):
    """A channel that can be asked what became of a message, so that it need not be sent twice."""

    async def ask(self, message: Message, address: Address) -> Delivered | None:
        """The channel's answer to an earlier `send`; None while it does not know the message. Errors as of `send`."""
        ...


class ChannelError(Exception):
    """The root of a channel's own errors. The message says what, why and what to do; `code` is the channel's own."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class ChannelRefused(ChannelError):
    """This notice will not be taken: never again over this channel, the next one is tried."""


class ChannelMisconfigured(ChannelError):
    """The address or the set-up is wrong: never again, and the operator must hear of it."""


class ChannelUnavailable(ChannelError):
    """No usable answer this time: try again."""


class ChannelUnknown(ChannelError):
    """No answer, and the message may have been taken: ask (`Asks`) instead of sending again."""


class ChannelBusy(ChannelError):
    """Come back after `retry_after`; without it, as any other failure."""

    def __init__(self, message: str, *, code: str = "", retry_after: timedelta | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after
