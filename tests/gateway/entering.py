"""A gateway with real keys and sessions, over a store and an organisation of the test's own."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from plan.access import Scope
from runtime.records.access_keys import AccessKey, make_key
from runtime.records.sessions import begin_session
from runtime.settings import Settings
from starter.gateway.callers import StoredCallers
from starter.gateway.parts import Parts
from starter.gateway.serving import Gateway
from starter.gateway.signing import signing
from tests.gateway.conftest import serving

COOKIE = "tocsin"
EVERY = tuple(Scope)


class SetClock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> datetime:
        return self.at

    def passes(self, wait: timedelta) -> None:
        self.at += wait


class Entrance:
    """The gateway, and the ways in that the test makes."""

    def __init__(self, gateway: Gateway, callers: StoredCallers, clock: SetClock) -> None:
        self.gateway, self.callers, self.clock = gateway, callers, clock

    async def key(
        self,
        *units: str,
        system: str = "system:crm",
        scopes: tuple[Scope, ...] = EVERY,
        insurer: str | None = None,
        valid_for: timedelta | None = None,
    ) -> tuple[AccessKey, str]:
        ends = self.clock.now() + valid_for if valid_for is not None else None
        made = await self.callers.store.do(
            lambda store: make_key(
                store,
                system,
                scopes,
                units or ("hq",),
                by="operator",
                now=self.clock.now(),
                insurer=insurer,
                expires_at=ends,
            )
        )
        self.forget()
        return made

    async def session(self, person: str) -> dict[str, str]:
        """What a browser that is signed in as this person sends."""
        now = self.clock.now()
        new = await self.callers.store.do(lambda store: begin_session(store, person, way="link", now=now))
        return {"cookie": f"{COOKIE}={new}"}

    @property
    def own_page(self) -> dict[str, str]:
        """What a browser adds when a page of ours sends a form."""
        return {"origin": self.gateway.url, "sec-fetch-site": "same-origin"}

    def forget(self) -> None:
        """The keys are read again with the next call."""
        self.callers.keys._read_at = None  # pyright: ignore[reportPrivateUsage]


@asynccontextmanager
async def entrance(parts: Parts, home: Path, **environment: Any) -> AsyncGenerator[Entrance]:
    """With a store in this home; `environment` are settings of the test's own."""
    settings = Settings(home=home, **environment)
    callers, clock = StoredCallers(settings), SetClock()
    changed = replace(
        parts, settings=settings, clock=clock, callers=callers, signing=signing(settings, parts.keyring, callers)
    )
    async with serving(changed) as gateway:
        yield Entrance(gateway, callers, clock)
    callers.store.close()


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}
