"""`async with Simulators() as town:` - the town with its servers, up inside and gone after it (see `__init__.py`).

They run on a thread with a loop of their own, so that a test may block or stop its loop. Errors: OSError where the port
that was asked for is taken.
"""

import asyncio
import socket
import tempfile
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette

from tests.simulators.breaking import Protocol
from tests.simulators.control import Control
from tests.simulators.inbox import CHATS, Kind
from tests.simulators.mail import HOST, Mail
from tests.simulators.pages import Pages
from tests.simulators.town import Town
from tests.simulators.web import Desk


class Simulators(Town):
    """`port` is that of all that speaks HTTP; a free one where it is 0."""

    def __init__(
        self,
        *,
        port: int = 0,
        clock: Callable[[], datetime] | None = None,
        shorten: float = 1,
        limits: bool = True,
        sms_limits: bool = False,
    ) -> None:
        super().__init__(clock=clock, shorten=shorten, limits=limits, sms_limits=sms_limits)
        self._port = port
        self._desk = Desk(self)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._up = threading.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="simulators", daemon=True)

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)

    def start(self) -> None:
        """Returns when all of them listen."""
        self._thread.start()
        self._up.wait()
        if self._failed is not None:
            self._thread.join()
            raise self._failed

    def stop(self) -> None:
        self.close()
        if self._loop is not None and self._stop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def release(self) -> None:
        """Every hung call ends now, with a reset."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._desk.gate.open)

    def addresses(self) -> dict[str, object]:
        """Where everything is, with keys and secrets, as JSON values."""
        given = [each for each in self.inboxes() if each.kind in (*CHATS, Kind.WEBHOOK)]
        return {
            "page": f"{self.url}/",
            "control": f"{self.url}/control",
            "inboxes": {each.address: each.model_dump(mode="json") for each in given},
            "sms": self.sms.as_json(),
            "voice": vars(self.voice).copy(),
            "smtp": vars(self.smtp).copy(),
        }

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as failed:
            self._failed = failed
            raise
        finally:
            self._up.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        with _listening(self._port) as listener, tempfile.TemporaryDirectory(prefix="tocsin-simulators-") as folder:
            self.reached_at(f"http://{HOST}:{listener.getsockname()[1]}")
            mail = Mail(self, self._desk.gate, Path(folder))
            await mail.start()
            server = _Server(self._config(), self._up)
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            await self._stop.wait()
            self._desk.gate.open()
            server.should_exit = True
            await serving
            mail.stop()

    def _config(self) -> uvicorn.Config:
        pages, control = Pages(self), Control(self, self.addresses, self.release)
        return uvicorn.Config(
            Starlette(routes=[*self._desk.routes(), *control.routes(), *pages.routes()]),
            http=Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
        )


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config, up: threading.Event) -> None:
        super().__init__(config)
        self._up = up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._up.set()


def _listening(port: int) -> socket.socket:
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    return listener
