"""Whether the worker of this container does its work: Temporal itself says that it polls both queues.

A process that exists, or a port that is open, says nothing of that: a worker that has lost Temporal looks the same from
inside. So the server is asked who polls, and this host must be among them, lately. Prints one line.
Exit codes: 0 healthy, 1 not.
"""

import asyncio
import socket
import sys
from datetime import timedelta
from typing import Final

from temporalio.service import RPCError

from plan.errors import TocsinError
from runtime.leaving import leave, run
from runtime.polled import not_polled
from runtime.settings import Settings
from runtime.temporal import connect

PATIENCE: Final = timedelta(seconds=15)
"""Below the container's own limit for a check, so that the reason is printed."""


async def _main() -> int:
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            missing = await not_polled(await connect(Settings()), socket.gethostname())
    except (TocsinError, RPCError, TimeoutError) as failed:
        return _verdict(1, f"Temporal does not say who polls: {failed or 'no answer in time'}")
    if missing:
        return _verdict(1, f"This worker has not asked lately for {', '.join(missing)}.")
    return _verdict(0, "This worker polls both queues.")


def _verdict(code: int, why: str) -> int:
    sys.stdout.write(f"{why}\n")
    return code


if __name__ == "__main__":
    leave(run(_main()))
