"""Real servers and workers to measure, and to kill: each in a process of its own, state in a folder.

Only processes that were started here are ended, each by its own number. Errors: RuntimeError with the end of its log
where a worker does not come up.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from temporalio.client import Client

from runtime.embedded import EmbeddedServer
from runtime.home import Home
from runtime.seals import Keyring, keyring
from runtime.settings import Settings

ROOT: Final = Path(__file__).resolve().parent.parent
STARTING: Final = 60.0
"""Seconds that a worker may take to come up."""
_SERVING: Final = b"Serving "


def computed_by(process: asyncio.subprocess.Process | None) -> float:
    """Seconds of CPU time that a process has used so far, as Linux counts them; 0 where nobody does."""
    stat = Path(f"/proc/{process.pid}/stat") if process else None
    if stat is None or not stat.exists():
        return 0.0
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


class WorkerProcess:
    """`python worker.py`, as anybody would run it; or another program that serves and says so."""

    def __init__(
        self,
        address: str,
        home: Path,
        environment: Mapping[str, str] | None = None,
        program: Sequence[str] = (str(ROOT / "worker.py"),),
    ) -> None:
        self._program = program
        self._environment = {
            **os.environ,
            "TEMPORAL_ADDRESS": address,
            "TOCSIN_HOME": str(home),
            **(environment or {}),
        }
        self._log = home / "worker.log"
        self._process: asyncio.subprocess.Process | None = None
        self._said = 0

    async def start(self) -> Self:
        """Started, not yet serving."""
        with self._log.open("ab") as log:
            self._said = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self._program,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                cwd=ROOT,
            )
        return self

    async def serving(self) -> Self:
        """Wait until it says that it serves."""
        for _ in range(int(STARTING / 0.02)):
            said = self._log.read_bytes()[self._said :]
            if _SERVING in said:
                return self
            if self._process is None or self._process.returncode is not None:
                break
            await asyncio.sleep(0.02)
        raise RuntimeError(f"the worker did not come up: {self._log.read_text()[-500:]}")

    @property
    def computed(self) -> float:
        return computed_by(self._process)

    async def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Send it a signal and wait until it is gone."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(number)
            await self._process.wait()

    async def kill(self) -> None:
        """-9."""
        await self.end(signal.SIGKILL)


class System:
    """An embedded server with its state in `home`, and a client. The server keeps its port over kills."""

    def __init__(self, home: Path) -> None:
        self.home = Home(home)
        self.settings = Settings(home=home)
        self.keys: Keyring = keyring(self.settings)
        self.server = EmbeddedServer(self.home)
        self._port = int(self.server.address.rpartition(":")[2])
        self._client: Client | None = None

    @property
    def client(self) -> Client:
        if self._client is None:
            raise RuntimeError("the server has not been started")
        return self._client

    async def __aenter__(self) -> Self:
        await self.server.__aenter__()
        self._client = await self.server.connect(self.settings)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.server.stop()

    @property
    def computed(self) -> float:
        """The server's."""
        return computed_by(self.server._process)  # pyright: ignore[reportPrivateUsage] - to read, not to change

    def worker(self, environment: Mapping[str, str] | None = None, *program: str) -> WorkerProcess:
        return WorkerProcess(self.server.address, self.home.path, environment, *([program] if program else []))

    async def kill_the_server(self) -> None:
        """-9; its state stays in its file."""
        process = self.server._process  # pyright: ignore[reportPrivateUsage] - nobody else kills it
        if process is not None:
            process.kill()
            await process.wait()
        await self.server.stop()

    async def start_the_server(self) -> None:
        """Again, on the same port and the same state; returns when it answers."""
        self.server = EmbeddedServer(self.home, self._port)
        await self.server.__aenter__()
