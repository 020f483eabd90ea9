"""A gateway for the tests: a real server on this machine, a real Temporal behind it, a real worker.

    said = await http.post("/v1/incidents", json={...})         # as a system that may do everything
    said = await as_caller(caller).get("/v1/incidents")         # as somebody else, several at once

Who is who is said by the test, with `Shown`; real keys and sessions have tests of their own.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from fastapi import APIRouter
from starlette.requests import HTTPConnection
from temporalio.testing import WorkflowEnvironment

from plan.access import Caller, Scope
from runtime.ack_links import ack_links
from runtime.seals import keyring
from runtime.settings import Settings
from starter.gateway.admission import Rates
from starter.gateway.app import ROUTERS, make_app
from starter.gateway.clock import SystemClock
from starter.gateway.connection import Connected
from starter.gateway.directory import CurrentOrganisation
from starter.gateway.parts import Parts
from starter.gateway.problems import Unauthenticated
from starter.gateway.serving import Gateway
from tests.environment import namespace_apart
from tests.server.world import World

ALL: Final = Caller(id="system:crm", scopes=frozenset(Scope), units=("hq",))
"""A system that may do everything."""
LONG: Final = httpx.Timeout(30)

AsCaller = Callable[[Caller], httpx.AsyncClient]


class Shown:
    """`Callers`, as a test says: each caller has a token of its own."""

    def __init__(self) -> None:
        self._known: dict[str, Caller] = {}

    def header(self, caller: Caller) -> dict[str, str]:
        """What that caller shows."""
        token = next((token for token, known in self._known.items() if known == caller), uuid4().hex)
        self._known[token] = caller
        return {"authorization": f"Bearer {token}"}

    async def caller(self, connection: HTTPConnection) -> Caller:
        token = connection.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self._known:
            raise Unauthenticated("Show a key that is valid.")
        return self._known[token]


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings()


@pytest.fixture(scope="session")
async def world(env: WorkflowEnvironment, settings: Settings) -> AsyncGenerator[World]:
    """A namespace with one worker, which serves as long as the tests run; `world.client`, `world.outbox`."""
    world = World(await namespace_apart(env), settings)
    async with world.worker():
        yield world


@pytest.fixture(scope="session")
def callers() -> Shown:
    return Shown()


@pytest.fixture(scope="session")
def parts(world: World, settings: Settings, callers: Shown) -> Parts:
    """Replace one for a gateway of the test's own: `serving(replace(parts, clock=...))`."""
    keys = keyring(settings)
    return Parts(
        settings=settings,
        keyring=keys,
        clock=SystemClock(),
        temporal=Connected(world.client),
        directory=CurrentOrganisation(settings),
        callers=callers,
        links=ack_links(settings, keys),
    )


@pytest.fixture(scope="session")
async def gateway(parts: Parts) -> AsyncGenerator[Gateway]:
    """The one most tests talk to."""
    async with Gateway(parts, "127.0.0.1", 0) as gateway:
        yield gateway


@asynccontextmanager
async def serving(
    parts: Parts, *routers: APIRouter, rates: Rates | None = None, **changed: Any
) -> AsyncGenerator[Gateway]:
    """A gateway of a test's own: other parts, paths of the test before the usual ones."""
    parts = replace(parts, **changed)
    app = make_app(parts, routers=[*routers, *ROUTERS], rates=rates)
    async with Gateway(parts, "127.0.0.1", 0, app=app) as gateway:
        yield gateway


def client_of(gateway: Gateway, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    """Whoever shows these headers; nobody in particular without any. Close it: `async with`."""
    limits = httpx.Limits(max_connections=600)
    return httpx.AsyncClient(base_url=gateway.url, headers=headers, timeout=LONG, limits=limits, trust_env=False)


@pytest.fixture
async def as_caller(gateway: Gateway, callers: Shown) -> AsyncGenerator[AsCaller]:
    """`as_caller(Caller(id="gd-gz.work", ...))` -> a client that acts as that caller."""
    clients: list[httpx.AsyncClient] = []

    def made(caller: Caller) -> httpx.AsyncClient:
        clients.append(client_of(gateway, callers.header(caller)))
        return clients[-1]

    yield made
    for client in clients:
        await client.aclose()


@pytest.fixture
def http(as_caller: AsCaller) -> httpx.AsyncClient:
    """A system that may do everything."""
    return as_caller(ALL)


@pytest.fixture
async def nobody(gateway: Gateway) -> AsyncGenerator[httpx.AsyncClient]:
    """Somebody who shows nothing."""
    async with client_of(gateway) as client:
        yield client
