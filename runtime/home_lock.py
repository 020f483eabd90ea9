"""One home, one embedded server: two on the same file would lose incidents.

Two locks, which the system gives back whenever their holder ends, however it ends. The owner holds one. The server
inherits the other and holds it for as long as it lives; where it outlived its owner (killed, or the terminal closed) it
is stopped, and its state is taken over. Errors: Misconfigured where the home is rightly in use.
"""

import asyncio
import fcntl
import os
import signal
import subprocess
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import IO, Final, Self

from plan.errors import Misconfigured
from runtime.home import Home

GIVING_UP: Final = timedelta(seconds=10)
"""How long a server that nobody owns may take to stop."""
LOOKING: Final = timedelta(seconds=0.05)


class HomeLock:
    """`await HomeLock.take(home)`, start the server with `for_the_server`, then `hand_over`; `release` at the end."""

    def __init__(self, home: Home) -> None:
        home.make()
        self._home = home
        self._owner = home.owner_lock.open("a+", encoding="ascii")
        self._server = home.server_lock.open("a+", encoding="ascii")

    @classmethod
    async def take(cls, home: Home) -> Self:
        lock = cls(home)
        try:
            if not _locked(lock._owner) or not (_locked(lock._server) or await lock._took_over()):
                raise Misconfigured(
                    f"{home.path} is in use by another Tocsin on this machine. Stop that one, set TOCSIN_HOME to "
                    "another folder, or use the server that already runs with --temporal HOST:PORT."
                )
        except BaseException:
            lock.release()
            raise
        return lock

    @property
    def for_the_server(self) -> int:
        """The open file that the server inherits."""
        return self._server.fileno()

    def hand_over(self, server: int) -> None:
        """From here on the server alone holds its lock; who comes after can read which process it is."""
        self._server.seek(0)
        self._server.truncate()
        self._server.write(str(server))
        self._server.close()

    def release(self) -> None:
        self._owner.close()
        self._server.close()

    async def _took_over(self) -> bool:
        """Stop the server that nobody owns any more; False where it is not ours or does not stop."""
        self._server.seek(0)
        written = self._server.read()
        if not written.isdecimal() or not _is_server_of(self._home.database, int(written)):
            return False
        for insisting in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.kill(int(written), insisting)
            for _ in range(int(GIVING_UP / LOOKING)):
                if _locked(self._server):
                    return True
                await asyncio.sleep(LOOKING.total_seconds())
        return False


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_server_of(database: Path, process: int) -> bool:
    """A process id may have been given to another program meanwhile: look at what it runs."""
    try:
        said = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:  # not on Linux
        asked = ["/bin/ps", "-p", str(process), "-o", "command="]
        said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout  # noqa: S603 - a number of ours
    return "start-dev" in said and str(database.resolve()) in said
