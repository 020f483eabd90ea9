"""`python -m tests.server.mail_worker SHORTEN`: a worker in a process of its own, whose minutes are so much shorter."""

import asyncio
import signal
import sys

from runtime.leaving import leave, run
from runtime.settings import Settings
from runtime.temporal import connect
from tests.server.chats import manners
from worker import build_worker


async def _serve(shorten: float) -> int:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    settings = Settings()
    async with build_worker(await connect(settings), settings=settings, manners=manners(shorten)):
        sys.stdout.write("Serving \n")
        sys.stdout.flush()
        await stop.wait()
    return 0


if __name__ == "__main__":
    leave(run(_serve(float(sys.argv[1]))))
