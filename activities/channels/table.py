"""The one table of channels. A channel is added as one file beside this one and one line here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from activities.channels.contract import Channel
from activities.channels.outbox import Outbox
from activities.channels.webhook import Webhook
from activities.http import HTTP


@dataclass(frozen=True, slots=True)
class Equipment:
    """What channels are made of. `terminal` is where the outbox shows its notices too."""

    http: HTTP
    outbox: Path
    terminal: TextIO | None = None


CHANNELS: Final[Mapping[str, Callable[[Equipment], Channel]]] = {
    "outbox": lambda equipment: Outbox(equipment.outbox, terminal=equipment.terminal),
    "webhook": lambda equipment: Webhook(equipment.http),
}
"""By the name that stands in the organisation's addresses."""


def channels_of(equipment: Equipment) -> dict[str, Channel]:
    """One of each."""
    return {name: make(equipment) for name, make in CHANNELS.items()}
