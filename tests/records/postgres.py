"""A real PostgreSQL for the tests: its own cluster in a temporary folder, on a free port, stopped at the end.

It refuses to run as root, so that under root it runs as `postgres`, the user that Debian's package makes.
"""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from runtime.ports import free_port

PLACES = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin")
MISSING = (
    "PostgreSQL's server programs were not found. Install them (Debian: apt-get install postgresql), "
    "or put initdb and pg_ctl on the PATH."
)


class Postgres:
    """One cluster. Databases are made in it, one for each test that wants one."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder / "data", free_port()
        self._bin = _programs()
        self._as_root = os.geteuid() == 0
        if self._as_root:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        self._run("initdb", "--auth=trust", "--username=owner", "--encoding=UTF8", "--no-locale", "--no-sync")
        self.start()

    def start(self) -> None:
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        self._run("pg_ctl", "-w", "-o", options, "-l", str(self._folder.with_name("log")), "start")

    def stop(self) -> None:
        """At once, as a crash would."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def kill(self) -> None:
        """SIGKILL: no signal to its processes, nothing written any more; they end as they notice."""
        pid = int((self._folder / "postmaster.pid").read_text().split()[0])
        children = subprocess.run(  # noqa: S603
            [shutil.which("pgrep") or "pgrep", "-P", str(pid)], capture_output=True, text=True, check=False
        ).stdout.split()
        for each in (pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        (self._folder / "postmaster.pid").unlink(missing_ok=True)

    @property
    def running(self) -> bool:
        return (self._folder / "postmaster.pid").exists()

    def database(self) -> URL:
        """A new and empty one."""
        name = f"d{uuid4().hex[:12]}"
        with psycopg.connect(host="127.0.0.1", port=self._port, user="owner", dbname="postgres", autocommit=True) as db:
            db.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return URL.create("postgresql+psycopg", username="owner", host="127.0.0.1", port=self._port, database=name)

    def _run(self, program: str, *arguments: str) -> None:
        words = [str(self._bin / program), "-D", str(self._folder), *arguments]
        if self._as_root:
            words = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *words]
        log = self._folder.with_name(f"{program}.log")
        with log.open("ab") as out:
            done = subprocess.run(words, stdout=out, stderr=out, stdin=subprocess.DEVNULL, cwd="/", check=False)  # noqa: S603
        assert done.returncode == 0, f"{program}: {log.read_text(errors='replace')[-2000:]}"


@contextmanager
def postgres() -> Generator[Postgres]:
    """Not in pytest's own folder, where only the user who runs the tests may pass."""
    with TemporaryDirectory(prefix="tocsin-postgres-") as folder:
        cluster = Postgres(Path(folder))
        try:
            yield cluster
        finally:
            if cluster.running:
                cluster.stop()


def _programs() -> Path:
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    found = sorted(place for pattern in PLACES for place in Path("/").glob(pattern[1:]) if (place / "initdb").exists())
    assert found, MISSING
    return found[-1]
