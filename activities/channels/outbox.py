"""The outbox: each notice is one line of JSON in a file, and shown on the terminal where there is one (R14).

For one machine, rehearsals and tests. A line is written by one append and flushed to disk before it counts as
delivered; two workers may share the file. A repeated notice is another line with the same `key`, by which a reader
tells the repeat. A line broken by a full disk or a crash stays alone: the next one starts afresh.
Errors: `ChannelMisconfigured` where the file cannot be opened for good; any other failure of the disk is tried again.
"""

import asyncio
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from activities.channels.contract import ChannelMisconfigured, ChannelUnavailable, Message
from plan.orders import Delivered
from plan.organisation import Address

_FOR_GOOD = (PermissionError, IsADirectoryError, NotADirectoryError, FileExistsError)


def _now() -> datetime:
    return datetime.now(UTC)


class Outbox:
    """Lines go out one after another from a thread of their own, so that a stuck disk holds up nothing else."""

    def __init__(self, path: Path, *, terminal: TextIO | None = None, clock: Callable[[], datetime] = _now) -> None:
        self._path, self._terminal, self._clock = path, terminal, clock
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tocsin-outbox")

    async def send(self, message: Message, address: Address) -> Delivered:
        try:
            await asyncio.get_running_loop().run_in_executor(self._writer, self._write, message, address)
        except _FOR_GOOD as wrong:
            raise ChannelMisconfigured(
                f"The notice for {message.recipient} was not put into the outbox: its file cannot be opened "
                f"({type(wrong).__name__}). Give the worker a file it may write: TOCSIN_OUTBOX or TOCSIN_HOME."
            ) from wrong
        return Delivered(channel=address.channel, code="written", message_id=message.key)

    def _write(self, message: Message, address: Address) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            line = _after_a_broken_line(file) + self._line(message, address)
            if os.write(file, line) != len(line):
                raise ChannelUnavailable("The outbox took only part of a line: is the disk full? It is tried again.")
            os.fsync(file)
        finally:
            os.close(file)
        if self._terminal is not None:
            print(_for_the_terminal(message), file=self._terminal, flush=True)

    def _line(self, message: Message, address: Address) -> bytes:
        fields = {
            "key": message.key,
            "incident_id": message.incident_id,
            "duty": message.duty,
            "recipient": message.recipient,
            "channel": address.channel,
            "to": address.to,
            "text": message.text,
            "due_at": message.due_at.isoformat() if message.due_at else None,
            "drill": message.drill,
            "ordered_at": message.ordered_at.isoformat(),
            "written_at": self._clock().isoformat(),
        }
        return (json.dumps(fields, ensure_ascii=False) + "\n").encode()


def _after_a_broken_line(file: int) -> bytes:
    end = os.fstat(file).st_size
    return b"\n" if end and os.pread(file, 1, end - 1) != b"\n" else b""


def _for_the_terminal(message: Message) -> str:
    """One line, without anything a terminal would act on."""
    line = f"{message.recipient} ← {message.text}"
    return "".join(sign if sign.isprintable() else " " for sign in line)
