"""A webhook receiver in a process of its own: says when each notice came, and answers as it is told to.

    python -m bench.receiver PORT FILE

Each request is a line in FILE when it has been read whole, another when it has been answered; they outlive a kill.
How to answer is a line of JSON on standard input, from a path's beginning to manners; it is confirmed by a line on
standard output. It ends with its standard input. `receiving.py` starts it, tells it, and reads what came.
"""

import asyncio
import json
import os
import random
import sys
import time
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Final

from bench.receiving import Arrival, Manner, Manners
from runtime.ports import HOST

SEED: Final = 20_261_124
OK: Final = Manner()


class Receiver:
    def __init__(self, file: Path) -> None:
        self._lines = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._manners = Manners({})
        self._chance = random.Random(SEED)  # noqa: S311 - faults, the same ones every time
        self._numbers = count(1)

    async def serve(self, port: int) -> None:
        server = await asyncio.start_server(self._connection, HOST, port, backlog=1_024, limit=1 << 20)
        async with server:
            _say("ready")
            while line := await asyncio.to_thread(sys.stdin.buffer.readline):
                self._manners = Manners.model_validate_json(line)
                _say("set")

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._exchange(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass  # whoever hung up will come again
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        path, number = first.split(" ")[1], f"{os.getpid()}.{next(self._numbers)}"
        key = headers.get("idempotency-key", "")
        arrival = Arrival(id=number, at=time.time(), path=path, key=key, said=sha256(body).hexdigest())
        self._write(arrival.model_dump_json())
        manner = self._drawn(path)
        if manner.after:
            await asyncio.sleep(manner.after)
        if manner.drop:
            writer.transport.abort()
            return False
        answer = manner.body.encode()
        writer.write(b"HTTP/1.1 %d -\r\ncontent-length: %d\r\n\r\n" % (manner.status, len(answer)) + answer)
        await writer.drain()
        if not writer.is_closing() and not reader.at_eof():
            yes = 200 <= manner.status < 300 and not manner.body
            self._write(json.dumps({"id": number, "answered_at": time.time(), "yes": yes}))
        return True

    def _drawn(self, path: str) -> Manner:
        left = self._chance.random()
        for manner in self._manners.of(path):
            left -= manner.share
            if left < 0:
                return manner
        return OK

    def _write(self, line: str) -> None:
        os.write(self._lines, line.encode() + b"\n")


def _say(what: str) -> None:
    sys.stdout.write(what + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(Receiver(Path(sys.argv[2])).serve(int(sys.argv[1])))
