"""The server with skipped time for measurements: one worker in this process, keys and outbox in a folder of its own."""

import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

from runtime.seals import keyring
from runtime.settings import Settings
from starter.skipping import skipped_time
from tests.replay.scenarios import Stage
from worker import build_worker


@asynccontextmanager
async def stage(name: str) -> AsyncGenerator[Stage]:
    """Where a scenario of tests/replay can be played, with a worker that runs all the time."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        settings = Settings(home=Path(folder))
        async with (
            skipped_time(Path(folder) / "temporal.log") as environment,
            build_worker(environment.client, settings=settings),
        ):
            yield Stage(environment, keyring(settings), nullcontext, name)
