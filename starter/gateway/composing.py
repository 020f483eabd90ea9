"""The parts as they are in earnest: this machine's clock, the store's keys and sessions, the organisation in force."""

from collections.abc import Generator
from contextlib import contextmanager

from runtime.ack_links import ack_links
from runtime.seals import keyring
from runtime.settings import Settings
from starter.gateway.callers import StoredCallers
from starter.gateway.clock import SystemClock
from starter.gateway.directory import CurrentOrganisation
from starter.gateway.parts import Parts, Temporal
from starter.gateway.signing import signing


@contextmanager
def composed(settings: Settings, temporal: Temporal) -> Generator[Parts]:
    """As the environment says; what they opened is closed at the end. Errors: Misconfigured where keys are bad."""
    keys, callers = keyring(settings), StoredCallers(settings)
    parts = Parts(
        settings=settings,
        keyring=keys,
        clock=SystemClock(),
        temporal=temporal,
        directory=CurrentOrganisation(settings),
        callers=callers,
        links=ack_links(settings, keys),
        signing=signing(settings, keys, callers),
    )
    try:
        yield parts
    finally:
        callers.store.close()
