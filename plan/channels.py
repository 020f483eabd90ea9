"""What the plan knows of a channel: who reads it, how fast it may be spoken to, how much it takes (R29).

The wire formats are the senders' (`activities/channels/`). A robot writes into a chat, so it can never be a personal
channel. The rates stay below what each service allows, for others may use the same robot.
"""

from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field

from plan.values import Flag, Kept


class Rate(Kept):
    """At most so many messages within any stretch of so long."""

    at_most: Annotated[int, Field(ge=1)]
    within: timedelta


class Manner(Kept):
    """How a channel is used. `rates` are for each address; with none, nothing is ever held.

    `spoken`: it is heard, not read, and one call at a time. `longest` is in bytes of UTF-8, of the text alone, `calls`
    of them kept where those on duty are called in the text; `reserved` of the first rate is kept for a crisis.
    """

    group: Flag = False
    spoken: Flag = False
    rates: tuple[Rate, ...] = ()
    reserved: Annotated[int, Field(ge=0)] = 0
    longest: int | None = None
    calls: Annotated[int, Field(ge=0)] = 0

    @property
    def room(self) -> int | None:
        """Bytes for the words themselves."""
        return None if self.longest is None else self.longest - self.calls


MINUTE: Final = timedelta(minutes=1)

MANNERS: Final = MappingProxyType(
    {
        "outbox": Manner(),
        "webhook": Manner(),
        "smtp": Manner(),
        "sms": Manner(),
        "voice": Manner(spoken=True),
        # 20 a minute; text up to 2,048 bytes
        "wecom": Manner(group=True, rates=(Rate(at_most=18, within=MINUTE),), reserved=6, longest=2_048),
        # 20 a minute, above it nothing for ten minutes
        "dingtalk": Manner(
            group=True, rates=(Rate(at_most=18, within=MINUTE),), reserved=6, longest=15_000, calls=3_750
        ),
        # 100 a minute and 5 a second; body up to 20 kB
        "feishu": Manner(
            group=True,
            rates=(Rate(at_most=90, within=MINUTE), Rate(at_most=4, within=timedelta(seconds=1))),
            reserved=20,
            longest=15_000,
            calls=3_750,
        ),
    }
)
"""By the name that stands in the organisation's addresses."""


def is_group(channel: str) -> bool:
    """Whether what goes out over it is read by a chat."""
    return channel in MANNERS and MANNERS[channel].group


def is_spoken(channel: str) -> bool:
    """Whether what goes out over it is read out on a telephone."""
    return channel in MANNERS and MANNERS[channel].spoken
