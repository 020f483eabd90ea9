"""What every path of the gateway stands on, composed once by `serving.py` and handed down by the app.

    parts = parts_of(request)
    caller = await parts.callers.caller(request)

Each part is a seam: tests bring a clock of their own, and a Temporal that is away.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from starlette.requests import HTTPConnection
from temporalio.client import Client

from plan.access import Caller
from plan.organisation import Organisation
from runtime.ack_links import AckLinks
from runtime.seals import Keyring
from runtime.settings import Settings

if TYPE_CHECKING:
    from starter.gateway.signing import Signing


class Clock(Protocol):
    """The one clock that stamps `received_at`."""

    def now(self) -> datetime:
        """Aware, in UTC."""
        ...


class Temporal(Protocol):
    """The connection, which may come up after the gateway did."""

    async def client(self) -> Client:
        """A connected client. Errors: Unreachable."""
        ...


class Directory(Protocol):
    """Who there is, as the version in force says it."""

    async def organisation(self) -> Organisation:
        """Cheap: read again only when another version was applied. Errors: Misconfigured."""
        ...


class Callers(Protocol):
    """Who asks: a system by its key, a person by a session."""

    async def caller(self, connection: HTTPConnection) -> Caller:
        """Errors: `starter.gateway.problems.Unauthenticated`, the same for whatever is wrong with what was shown."""
        ...


@dataclass(frozen=True)
class Parts:
    settings: Settings
    keyring: Keyring
    clock: Clock
    temporal: Temporal
    directory: Directory
    callers: Callers
    links: AckLinks
    signing: "Signing | None" = None
    """How people sign in; None where they cannot."""


def parts_of(connection: HTTPConnection) -> Parts:
    """The parts of the app that serves this request."""
    parts = connection.app.state.parts
    if not isinstance(parts, Parts):
        raise TypeError("the app was made without its parts")
    return parts
