"""A real Temporal server whose clocks move only when told to, for the demo: a day passes in seconds.

It is the official development server with its time skipping switched on. What it and the SDK's core would print goes to
a log file, for stdout is where the demo speaks. Errors: `Unreachable` where it does not come up.
"""

import os
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path

from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.testing import WorkflowEnvironment

from plan.errors import Unreachable
from runtime.embedded import find_cli
from runtime.ports import free_port
from runtime.search_attributes import ALL
from runtime.temporal import data_converter

_DYNAMIC_CONFIG = {
    "frontend.WorkflowTimeSkippingEnabled": "true",
    "history.timerProcessorMaxTimeShift": '"1ms"',  # a skip takes 50 ms instead of a second
    "history.timerProcessorMaxPollRPS": "1000",  # and a third of that
    "history.transferProcessorMaxPollRPS": "1000",
    "history.workflowIdReuseMinimalInterval": '"0s"',  # no wait between a run and the next one
}
_STARTING = timedelta(seconds=60)


@asynccontextmanager
async def skipped_time(log: Path) -> AsyncGenerator[WorkflowEnvironment]:
    """The server, with its clocks standing still between one `fast_forward` and the next."""
    quiet = TelemetryFilter(core_level="ERROR", other_level="ERROR")
    try:
        with _output_to(log):
            environment = await WorkflowEnvironment.start_time_skipping_v2(
                data_converter=data_converter,
                runtime=Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter=quiet))),
                port=free_port(),
                dev_server_existing_path=str(find_cli()),
                dev_server_log_level="error",
                dev_server_startup_timeout=_STARTING,
                dev_server_extra_args=[
                    word for pair in _DYNAMIC_CONFIG.items() for word in ("--dynamic-config-value", "=".join(pair))
                ],
                search_attributes=ALL,
            )
    except RuntimeError as error:
        raise Unreachable(
            "The demo's Temporal server did not start. Free some memory or ports, and try again."
        ) from error
    async with environment:
        with environment.with_time_skipping_disabled():
            yield environment


@contextmanager
def _output_to(log: Path) -> Generator[None]:
    """The server inherits stdout and stderr when it is started; it gets the log instead."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [(stream, os.dup(stream)) for stream in (1, 2)]
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        for stream, _ in kept:
            os.dup2(target, stream)
        yield
    finally:
        os.close(target)
        for stream, copy in kept:
            os.dup2(copy, stream)
            os.close(copy)
