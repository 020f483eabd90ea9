"""`python -m tests.simulators`: the simulators as a process of their own (see `__init__.py`)."""

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.simulators.control import Opening, open_all
from tests.simulators.simulators import Simulators


def main(arguments: Sequence[str] | None = None) -> int:
    return asyncio.run(_until_stopped(_options().parse_args(arguments)))


async def _until_stopped(asked: argparse.Namespace) -> int:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    town = Simulators(port=asked.port, shorten=asked.shorten, limits=not asked.no_limits, sms_limits=asked.sms_limits)
    async with town:
        open_all(town, asked.open)
        sys.stdout.write(json.dumps(town.addresses(), ensure_ascii=False) + "\n")
        sys.stdout.flush()
        if asked.with_parent:
            loop.add_reader(sys.stdin.fileno(), _at_the_end, stop)
        await stop.wait()
    return 0


def _opening(path: str) -> Opening:
    """From a file, or the first line of stdin."""
    return Opening.model_validate_json(sys.stdin.buffer.readline() if path == "-" else Path(path).read_bytes())


def _at_the_end(stop: asyncio.Event) -> None:
    """Nothing is said on stdin: it is readable when whoever started us is gone."""
    if not os.read(sys.stdin.fileno(), 1024):
        stop.set()


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m tests.simulators", description="Simulated channels, on loopback.")
    options.add_argument("--port", type=int, default=0, help="of all that speaks HTTP; else a free one")
    options.add_argument("--open", metavar="FILE", type=_opening, default=Opening(), help="JSON; - is stdin")
    options.add_argument("--shorten", type=float, default=1, help="how many times shorter the limits' minutes are")
    options.add_argument("--no-limits", action="store_true", help="robots may be spoken to as fast as one likes")
    options.add_argument("--sms-limits", action="store_true", help="a phone takes 1 a minute, 5 an hour, 10 a day")
    options.add_argument("--with-parent", action="store_true", help="stop when stdin closes")
    return options


if __name__ == "__main__":
    sys.exit(main())
