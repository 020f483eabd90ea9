"""A storm does not bury a crisis: while 1,507 live complaints are imported, people hear of a crisis within 5 seconds.

The import is `tocsin import --live` itself; a crisis is filed when a quarter, a half and three quarters of the rows
have been filed, and once more when all have been and most still wait to be handled; one before it all, to compare
with. What counts is the time from the call that files it to the first attempt at a notice, as the outbox has it.
"""

import asyncio
import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Final

from bench import complaints
from bench.books import COMPLAINT
from bench.importing import imported
from bench.processes import System
from bench.tables import Options, Table, spread
from plan.malformed import parse_complaint
from runtime.telling import file

LIMIT: Final = 5.0
AT: Final = (0.25, 0.5, 0.75, 1.0)
"""Of the rows filed."""
PATIENCE: Final = 60.0
NOTICES: Final = 15
"""What a crisis owes when it is filed: four of the filing, ten of the crisis, one prompt."""


async def measure(options: Options) -> Table:
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        async with System(Path(folder)) as system:
            worker = await (await system.worker().start()).serving()
            try:
                return await _measured(system)
            finally:
                await worker.end()


async def _measured(system: System) -> Table:
    rows, map_file = complaints.write(system.home.path)
    idle, _ = await _crisis(system, len(AT), 0)
    began = time.perf_counter()
    storm = asyncio.create_task(_imported(system, rows, map_file, began))
    waits = [await _crisis(system, number, share) for number, share in enumerate(AT)]
    filed = await storm
    waiting = complaints.ROWS - len(await asyncio.to_thread(_incidents, system.home.outbox))
    first = [first for first, _ in waits]
    return Table(
        title="storm",
        claim=f"a crisis filed while {complaints.ROWS} live complaints are imported: first notice attempted within "
        f"{LIMIT:.0f} s.",
        columns=("what", "seconds"),
        rows=[
            ("a crisis filed before the storm, to its first notice", f"{idle:.2f}"),
            *(
                (f"a crisis filed after {share:.0%} of the rows, to its first notice", f"{first:.2f}")
                for share, (first, _) in zip(AT, waits, strict=True)
            ),
            ("all four, to the first notice", spread(first)),
            ("all four, to the last of their notices", spread([last for _, last in waits])),
            (
                f"filing {complaints.ROWS} rows, while crises are filed",
                f"{filed:.1f} ({complaints.ROWS / filed:.0f}/s)",
            ),
        ],
        notes=[
            f"In the storm the first notice takes {median(first) / idle:.0f} times as long as before it.",
            f"When the last crisis had been told, nobody had been told of {waiting} imported complaints.",
        ],
        held=max(first) < LIMIT,
    )


async def _imported(system: System, rows: Path, map_file: Path, began: float) -> float:
    await imported(system, rows, map_file, live=True)
    return time.perf_counter() - began


async def _crisis(system: System, number: int, share: float) -> tuple[float, float]:
    """Seconds from filing it to the first and to the last of its notices."""
    incident_id = f"CRISIS-{number}"
    while (await system.client.count_workflows()).count < share * complaints.ROWS:  # noqa: ASYNC110 - the server's
        await asyncio.sleep(0.05)
    complaint = parse_complaint({**COMPLAINT, "incident_id": incident_id, "circumstances": {"disrupts_outlet": True}})
    began = datetime.now(UTC)
    await file(system.client, complaint, door="bench", keyring=system.keys)
    written = await _written(system.home.outbox, incident_id, NOTICES)
    return (min(written) - began).total_seconds(), (max(written) - began).total_seconds()


async def _written(outbox: Path, incident_id: str, owed: int) -> list[datetime]:
    """When each of its notices was written, once all are out."""
    async with asyncio.timeout(PATIENCE):
        while len(found := await asyncio.to_thread(_lines_of, outbox, incident_id)) < owed:  # noqa: ASYNC110 - a file
            await asyncio.sleep(0.1)
    return found


def _lines_of(outbox: Path, incident_id: str) -> list[datetime]:
    if not outbox.exists():
        return []
    with outbox.open("rb") as lines:
        ours = [json.loads(line) for line in lines if incident_id.encode() in line]
    return [datetime.fromisoformat(each["written_at"]) for each in ours]


def _incidents(outbox: Path) -> set[str]:
    with outbox.open("rb") as lines:
        return {json.loads(line)["incident_id"] for line in lines}
