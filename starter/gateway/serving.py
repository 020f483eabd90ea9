"""The gateway as it runs: an HTTP server on one address, inside whatever loop and process it is started in.

    async with Gateway(parts, "127.0.0.1", 8520) as gateway:
        print(gateway.url)

It takes over no signal and writes no log of its own. Leaving stops it: no new connection, streams are told to end, what
is being answered may finish within `TOCSIN_GRACEFUL_SHUTDOWN`, then it is cut off. Errors: Misconfigured where the
address cannot be listened on.
"""

import asyncio
import logging
import math
import resource
import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Final, Self

import uvicorn
from fastapi import FastAPI

from plan.errors import Misconfigured
from starter.gateway.app import make_app
from starter.gateway.parts import Parts
from starter.gateway.protocol import Protocol

PORT: Final = 8520
CONNECTIONS: Final = 5_000
"""At once; beyond that the answer is 503."""
BACKLOG: Final = 2048
FILES: Final = 65_536


class Gateway:
    """Port 0 is a free one. `app` is made of the parts where none is given."""

    def __init__(self, parts: Parts, host: str, port: int, *, app: FastAPI | None = None) -> None:
        self.app = app or make_app(parts)
        self._host, self._port = host, port
        self._server = _Server(_config(self.app, parts))
        self._running: asyncio.Task[None] | None = None
        self._checking: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    async def __aenter__(self) -> Self:
        listener = listening("127.0.0.1" if self._host == "localhost" else self._host, self._port)
        self._port = listener.getsockname()[1]
        self._running = asyncio.create_task(self._server.serve(sockets=[listener]))
        await self._server.up.wait()
        self._checking = asyncio.create_task(self.app.state.clock_check.watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.app.state.stopping.set()
        self._server.should_exit = True
        if self._checking is not None:
            self._checking.cancel()
        if self._running is not None:
            await self._running

    async def ended(self) -> None:
        """Returns when it serves no more, for whatever reason."""
        if self._running is not None:
            await asyncio.wait([self._running])


class _Server(uvicorn.Server):
    """Says when it listens, and leaves signals to who started it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


def allow_many_connections() -> None:
    """Let this process have more open files than the few hundred that shells allow by default."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as failed:
        raise Misconfigured(
            f"The gateway cannot listen on {host}, port {port} ({failed.strerror}). Name another with --host and "
            "--port, or stop what listens there."
        ) from failed


def _config(app: FastAPI, parts: Parts) -> uvicorn.Config:
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # it logs errors with their texts; `Guard` logs ours
    return uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        backlog=BACKLOG,
        timeout_graceful_shutdown=math.ceil(parts.settings.graceful_shutdown.total_seconds()),
    )
