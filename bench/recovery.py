"""How long a crash is felt: from the kill -9 of a worker, or of the server, to the next fact's receipt.

The incident is open and in the killed worker's memory, so that its next message first waits for that worker
(`TOCSIN_STICKY_TIMEOUT`, two seconds). With a second worker running that is all; alone, a new process must come up
first.
"""

import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from uuid import uuid4

from bench.books import COMPLAINT, LEAD
from bench.processes import System, WorkerProcess
from bench.tables import Options, Table, spread
from plan.errors import Unreachable
from plan.malformed import parse_complaint
from runtime.telling import file, tell_fact

PATIENCE = timedelta(seconds=30)
USUAL = "a fact told while nothing is wrong"
ANOTHER = "kill -9 of the worker, another one running, to the next receipt"
LOST = "kill -9 of the only worker, started again at once, to the next receipt"
ANSWERS = "kill -9 of the server, started again at once, until it answers"
THEN = "the same, to the next receipt"


async def measure(options: Options) -> Table:
    """Three kinds of crash, several times each, on one server with its state in a file."""
    table = Table(
        title="recovery",
        claim="no limit of the plan; a report is never turned away meanwhile (`pending` after 5 s).",
        columns=("what", "seconds"),
    )
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        async with System(Path(folder)) as system, _one_worker(system) as workers:
            measured = {
                USUAL: [await _told(system) for _ in range(options.rounds)],
                ANOTHER: [await _with_another(system, workers) for _ in range(options.rounds)],
                LOST: [await _alone(system, workers) for _ in range(options.rounds)],
                ANSWERS: [],
                THEN: [],
            }
            for _ in range(options.rounds):
                answers, receipt = await _server(system)
                measured[ANSWERS].append(answers)
                measured[THEN].append(receipt)
    table.rows += [(what, spread(seconds)) for what, seconds in measured.items()]
    usual, lost = median(measured[USUAL]), median(measured[LOST])
    table.notes.append(f"{options.rounds} rounds each; a lost worker costs {lost / usual:.0f} times a usual receipt.")
    return table


@asynccontextmanager
async def _one_worker(system: System) -> AsyncGenerator[list[WorkerProcess]]:
    workers = [await (await system.worker().start()).serving()]
    await _filed(system)
    try:
        yield workers
    finally:
        for worker in workers:
            await worker.end()


async def _filed(system: System) -> None:
    complaint = parse_complaint({**COMPLAINT, "incident_id": "BENCH-1"})
    await file(system.client, complaint, door="bench", keyring=system.keys)
    await _told(system)


async def _told(system: System) -> float:
    """Seconds to the receipt of one fact, told again until there is one."""
    began = time.perf_counter()
    fact = {"kind": "noted", "by": LEAD, "text": "客户情绪稳定", "fact_id": f"f-{uuid4()}"}
    while True:
        try:
            receipt = await tell_fact(
                system.client, "BENCH-1", fact, door="bench", keyring=system.keys, patience=PATIENCE
            )
        except Unreachable:
            continue
        if receipt.accepted:
            return time.perf_counter() - began


async def _with_another(system: System, workers: list[WorkerProcess]) -> float:
    """The incident is in the first worker's memory when the second comes up."""
    await _told(system)
    workers.append(await (await system.worker().start()).serving())
    began = time.perf_counter()
    await workers.pop(0).kill()
    await _told(system)
    return time.perf_counter() - began


async def _alone(system: System, workers: list[WorkerProcess]) -> float:
    await _told(system)
    began = time.perf_counter()
    await workers.pop().kill()
    workers.append(await system.worker().start())
    await _told(system)
    return time.perf_counter() - began


async def _server(system: System) -> tuple[float, float]:
    await _told(system)
    began = time.perf_counter()
    await system.kill_the_server()
    await system.start_the_server()
    answers = time.perf_counter() - began
    await _told(system)
    return answers, time.perf_counter() - began
