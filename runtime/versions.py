"""The versions of the organisation that were ever applied, and which of them is in force.

A version is a file, written once and never again; the pointer is replaced whole. So a reader finds a version or the one
before it, never half of one, whoever applies at the same time. Errors: Misconfigured, with what to do.
"""

import os
import secrets
from pathlib import Path

from plan.errors import Misconfigured
from plan.organisation_faults import VERSION

_POINTER = "current"


class Versions:
    """The versions in a folder; nothing is made before it is needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def current(self) -> Path | None:
        """The file of the version in force; None where none was applied."""
        try:
            name = (self._folder / _POINTER).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as failed:
            raise self._unusable(f"{self._folder / _POINTER} cannot be read") from failed
        if not VERSION.fullmatch(name) or not self.path_of(name).is_file():
            raise self._unusable(f"{self._folder / _POINTER} names no version that is kept here")
        return self.path_of(name)

    def path_of(self, version: str) -> Path:
        """Where a version is kept. Its name is checked: it may not lead out of the folder."""
        if not VERSION.fullmatch(version):
            raise Misconfigured(
                "This organisation's version cannot be kept: it may hold letters, digits, dots, dashes and underscores "
                "only; write it like 2026-11."
            )
        return self._folder / f"{version}.yaml"

    def keep(self, version: str, content: bytes) -> None:
        """Keep a version for good. The same content again is nothing new; other content is refused."""
        path = self.path_of(version)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            aside = self._aside(content)
            try:
                os.link(aside, path)
                path.chmod(0o400)
            except FileExistsError:
                if path.read_bytes() != content:
                    raise Misconfigured(
                        f"Version {version} was applied before with other content, and a version never changes. "
                        "Give this file a new version."
                    ) from None
            finally:
                aside.unlink()
        except OSError as failed:
            raise self._unusable(f"{path} cannot be written ({failed.strerror})") from failed

    def point_to(self, version: str) -> None:
        """Put a kept version in force, all at once."""
        try:
            self._aside(version.encode() + b"\n").replace(self._folder / _POINTER)
        except OSError as failed:
            raise self._unusable(f"{self._folder / _POINTER} cannot be written ({failed.strerror})") from failed

    def _aside(self, content: bytes) -> Path:
        """The content in a file of its own, safely on disk."""
        aside = self._folder / f".{secrets.token_hex(8)}"
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return aside

    def _unusable(self, what: str) -> Misconfigured:
        return Misconfigured(f"{what}. Check the folder's owner, or apply the organisation again.")
