"""The folder of one installation, `TOCSIN_HOME`: keys, the embedded server's state, the outbox, the organisation.

Only this room knows what the files are called. Errors: Misconfigured where the folder or a key file is not usable.
"""

import os
import secrets
import stat
from pathlib import Path

from plan.errors import Misconfigured


class Home:
    """Nothing is made before it is needed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def keys(self) -> Path:
        """The door keys, one `id:hex` a line, the signing one first."""
        return self.path / "door.keys"

    @property
    def person_key(self) -> Path:
        return self.path / "person.key"

    @property
    def database(self) -> Path:
        """The embedded server's state."""
        return self.path / "temporal.sqlite"

    @property
    def records(self) -> Path:
        """The records, where no database is named."""
        return self.path / "records.sqlite"

    @property
    def record_keys(self) -> Path:
        """The keys of the records, one `id:hex` a line, the one in use first."""
        return self.path / "records.keys"

    @property
    def owner_lock(self) -> Path:
        """Held by the process that runs the embedded server."""
        return self.path / "owner.lock"

    @property
    def server_lock(self) -> Path:
        """Held by the embedded server itself; its number stands in it."""
        return self.path / "temporal.lock"

    @property
    def server_log(self) -> Path:
        return self.path / "temporal.log"

    @property
    def outbox(self) -> Path:
        return self.path / "outbox.jsonl"

    @property
    def organisation(self) -> Path:
        """The organisation's applied versions."""
        return self.path / "organisation"

    def make(self) -> None:
        """Make the folder, readable by its owner only."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as failed:
            raise Misconfigured(
                f"TOCSIN_HOME: {self.path} cannot be made ({failed.strerror}); name a folder that can be written to"
            ) from failed

    def door_keys(self) -> str:
        """The door keys as `TOCSIN_DOOR_KEYS` would hold them; the first call makes one."""
        made = f"k{secrets.token_hex(3)}:{secrets.token_hex(32)}"
        return ",".join(self._secret(self.keys, made).split())

    def records_keys(self) -> str:
        """The records' keys as `TOCSIN_RECORDS_KEYS` would hold them; the first call makes one."""
        made = f"r{secrets.token_hex(3)}:{secrets.token_hex(32)}"
        return ",".join(self._secret(self.record_keys, made).split())

    def person_secret(self) -> str:
        return self._secret(self.person_key, secrets.token_hex(32)).strip()

    def _secret(self, path: Path, made: str) -> str:
        """Read a secret file; made once where it is absent, by whichever process comes first."""
        try:
            if not path.exists():
                self.make()
                _write_once(path, made + "\n")
            if stat.S_IMODE(path.stat().st_mode) & 0o077:
                raise Misconfigured(f"{path}: others on this machine can read this key; run chmod 600 on it")
            return path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as failed:
            raise Misconfigured(f"{path}: cannot be read or made; check its owner, or set TOCSIN_DOOR_KEYS") from failed


def _write_once(path: Path, text: str) -> None:
    """Whole or not at all, and never over another's: written aside, then linked to its name."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
        os.link(aside, path)
    except FileExistsError:
        pass  # another process was first: its key is the key
    finally:
        aside.unlink()
