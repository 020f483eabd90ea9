"""How people sign in: by an identity provider where there is one, by a one-time link of the operator's else (ADR 26).

An `IdentityProvider` is a seam: OpenID Connect is one (`oidc.py`); a house with CAS, LDAP or a chat service's login
puts its own behind it. It proves who somebody is; what they may do the organisation says alone.
"""

from dataclasses import dataclass
from typing import Protocol

from plan.errors import TocsinError
from runtime.seals import Keyring
from runtime.settings import Settings
from starter.gateway.attempts import Attempt, Attempts
from starter.gateway.callers import StoredCallers
from starter.gateway.known_keys import KnownKeys
from starter.gateway.oidc import provider_of
from starter.gateway.opened import OpenedStore
from starter.gateway.sessions import Sessions


class IdentityProvider(Protocol):
    async def address(self, attempt: Attempt) -> str:
        """Where to send the browser. Errors: Unreachable, Misconfigured."""
        ...

    async def person(self, code: str, attempt: Attempt) -> str:
        """Whose code it is, as the organisation calls that person. Errors: NotProved, Unreachable, Misconfigured."""
        ...


@dataclass(frozen=True)
class Signing:
    store: OpenedStore
    keys: KnownKeys
    sessions: Sessions
    attempts: Attempts
    identity: IdentityProvider | None = None


class NotSignedIn(TocsinError):
    """For whatever reason; the page says how to try again."""

    http_status = 403


def signing(settings: Settings, keyring: Keyring, callers: StoredCallers) -> Signing:
    """As the environment says, over the same store as the callers."""
    return Signing(callers.store, callers.keys, callers.sessions, Attempts(keyring), provider_of(settings))
