"""One attempt to sign in at an identity provider, bound to the browser that began it (ADR 26).

The browser keeps a random cookie for ten minutes; `state`, `nonce` and PKCE's verifier are made of it with a key of
ours, so that nothing is stored, any gateway can answer, and what another browser began is not taken. Where one wanted
to go stands in the state, signed. Errors: none; what is not ours is None.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from runtime.seals import Keyring
from starter.gateway.own import somewhere_here

PURPOSE: Final = "tocsin/sign-in/1"
VALID: Final = timedelta(minutes=10)
_BROWSER: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_STATE: Final = re.compile(r"([0-9]{1,11})\.([A-Za-z0-9_-]{0,300})\.([0-9a-f]{64})")


@dataclass(frozen=True)
class Attempt:
    browser: str = field(repr=False)
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    then: str
    """The page to go to afterwards, always one of ours."""

    @property
    def challenge(self) -> str:
        """PKCE, S256."""
        return _base64(hashlib.sha256(self.verifier.encode()).digest())


class Attempts:
    def __init__(self, keyring: Keyring) -> None:
        self._keys = tuple(keyring.derived(PURPOSE).values())

    def begin(self, then: str | None, now: datetime) -> Attempt:
        ends, where = int((now + VALID).timestamp()), _base64(somewhere_here(then).encode())
        return self._made(self._keys[0], secrets.token_urlsafe(32), f"{ends}.{where}")

    def again(self, browser: str | None, state: str | None, now: datetime) -> Attempt | None:
        """The attempt that this browser began and this state belongs to, within its time."""
        spelt = _STATE.fullmatch(state or "")
        if not spelt or not state or not _BROWSER.fullmatch(browser or "") or now.timestamp() > int(spelt[1]):
            return None
        made = (self._made(key, browser or "", f"{spelt[1]}.{spelt[2]}") for key in self._keys)
        return next((each for each in made if hmac.compare_digest(each.state, state)), None)

    def _made(self, key: bytes, browser: str, said: str) -> Attempt:
        def of(what: str) -> str:
            return hmac.new(key, f"{what}\n{browser}\n{said}".encode(), hashlib.sha256).hexdigest()

        where = said.partition(".")[2]
        then = base64.urlsafe_b64decode(where + "=" * (-len(where) % 4)).decode("ascii", "replace")
        return Attempt(browser, f"{said}.{of('state')}", of("nonce"), of("verifier"), somewhere_here(then))


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
