"""How fast a file of complaints is imported, as history and as live complaints, by `tocsin import` itself.

On the embedded server with its state in a file; the command and the worker each in a process of its own. Filed is not
handled: live rows owe notices, so that the time until the last of them is out stands beside it.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bench import complaints
from bench.processes import ROOT, System
from bench.tables import Options, Table

FRACTION: Final = 300
"""Rows that are imported unless all are asked for."""
SETTLED_AFTER: Final = 2.0
"""Seconds without another line in the outbox: everything has been delivered."""


async def measure(options: Options) -> Table:
    table = Table(
        title="import",
        claim="every row is filed once; no rate is promised.",
        columns=("what", "rows", "seconds", "rows a second"),
    )
    for live in (False, True):
        with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
            async with System(Path(folder)) as system:
                worker = await (await system.worker(_named(options)).start()).serving()
                try:
                    await _one(system, options, table, live=live)
                finally:
                    await worker.end()
    table.notes.append("The command's own start, half a second, is in its time.")
    return table


async def _one(system: System, options: Options, table: Table, *, live: bool) -> None:
    file, map_file = _file(system.home.path, options)
    began = time.perf_counter()
    created = await imported(system, file, map_file, live=live, environment=_named(options))
    seconds = time.perf_counter() - began
    name = "live" if live else "history"
    table.rows.append((f"filed as {name}", f"{created}", f"{seconds:.1f}", f"{created / seconds:.0f}"))
    if live:
        lines = await _settled(system.home.outbox)
        seconds = time.perf_counter() - began - SETTLED_AFTER
        table.rows.append(
            (f"until their {lines} notices were out", f"{created}", f"{seconds:.1f}", f"{created / seconds:.0f}")
        )
    again = time.perf_counter()
    if await imported(system, file, map_file, live=live, environment=_named(options)):
        raise RuntimeError("a second run filed something twice")
    seconds = time.perf_counter() - again
    table.rows.append(("a second run, nothing filed twice", f"{created}", f"{seconds:.1f}", f"{created / seconds:.0f}"))


def _file(folder: Path, options: Options) -> tuple[Path, Path]:
    """The file that was named, or a made-up one."""
    if options.data and options.map:
        return Path(options.data).resolve(), Path(options.map).resolve()
    return complaints.write(folder, complaints.ROWS if options.all else FRACTION)


def _named(options: Options) -> dict[str, str]:
    return {"TOCSIN_ORGANISATION": str(Path(options.organisation).resolve())} if options.organisation else {}


async def imported(
    system: System, file: Path, map_file: Path, *, live: bool, environment: Mapping[str, str] | None = None
) -> int:
    """Run `tocsin import`; how many incidents it created."""
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("tocsin")),
        *("import", str(file), "--map", str(map_file), "--json", *(["--live"] if live else [])),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={
            **os.environ,
            "TEMPORAL_ADDRESS": system.server.address,
            "TOCSIN_HOME": str(system.home.path),
            **(environment or {}),
        },
        cwd=ROOT,
    )
    said, why = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"the import ended with {process.returncode}: {why.decode()[-500:]}")
    counts: dict[str, int] = json.loads(said)
    return counts["created"]


async def _settled(outbox: Path) -> int:
    """Wait until nothing more is delivered; how many notices were."""
    while await asyncio.to_thread(_written_lately, outbox):  # noqa: ASYNC110 - a file
        await asyncio.sleep(0.1)
    with outbox.open("rb") as lines:
        return sum(1 for _ in lines)


def _written_lately(outbox: Path) -> bool:
    return time.time() - outbox.stat().st_mtime < SETTLED_AFTER
