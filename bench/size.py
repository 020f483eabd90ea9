"""An incident with 1,000 facts and more than 600 notices works: it goes on in new runs, and can be looked at.

On the embedded server with its state in a file and a worker in a process of its own, as installed. The facts are the
long crisis of `books.py`, eight told at a time. What an engine limits is measured: a payload may have 2 MiB, a warning
comes at 512 KiB; the state is carried from run to run, view and timeline are answers to queries.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from bench.books import COMPLAINT, LEAD, facts
from bench.processes import System
from bench.tables import Options, Table, spread
from plan.malformed import parse_complaint
from plan.record import export_line
from plan.verification import verify
from runtime.names import VIEW, workflow_id
from runtime.telling import ask, file, tell_fact
from starter.record import pages

INCIDENT_ID = "BENCH-SIZE"
FACTS, NOTICES = 1_000, 600
AT_ONCE = 8
CONTINUING = 30.0
"""Seconds at most until it has gone on from itself, once nothing is on its way."""
PAYLOAD = 2 * 1024 * 1024
WARNING = 512 * 1024


async def measure(options: Options) -> Table:
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        async with System(Path(folder)) as system:
            worker = await (await system.worker().start()).serving()
            try:
                return await _measured(system, options)
            finally:
                await worker.end()


async def _measured(system: System, options: Options) -> Table:
    telling = await _told(system)
    view = await _at_rest(system.client)
    runs = await _continued(system.client)
    state = max((run["state_sent"] for run in runs), default=0)
    table = Table(
        title="size",
        claim=f"{FACTS} facts and {NOTICES} notices work through continue-as-new, view, timeline and audit; "
        f"no payload over {WARNING // 1024} KiB.",
        columns=("what", "figure"),
    )
    entries = [entry async for page in pages(system.client, INCIDENT_ID) for entry in page.entries]
    lines = [export_line(entry) for entry in entries]
    notices = sum(1 for entry in entries if entry.what == "notice")
    sizes = {"view": len(json.dumps(view, ensure_ascii=False).encode()), "export": sum(map(len, lines))}
    table.rows += [
        ("facts told, eight at a time: facts per second", f"{FACTS / telling:.0f}"),
        ("notices", f"{notices}"),
        ("entries in the record", f"{len(entries)}"),
        ("runs", f"{len(runs)}"),
        ("history of a run, events", spread([run["events"] for run in runs], 0)),
        ("history of a run, KiB", spread([run["bytes"] / 1024 for run in runs], 0)),
        ("state carried to the last run: JSON, KiB", f"{runs[-1]['state_json'] / 1024:.0f}"),
        ("state carried to the last run: as sent (compressed), KiB", f"{runs[-1]['state_sent'] / 1024:.0f}"),
        ("continue-as-new, until the next run has begun: ms", spread([run["ms"] for run in runs[1:]], 0)),
        ("view: JSON, KiB", f"{sizes['view'] / 1024:.0f}"),
        ("audit export: KiB", f"{sizes['export'] / 1024:.0f}"),
        ("view: ms", await _timed(options, lambda: ask(system.client, INCIDENT_ID, VIEW))),
        ("whole timeline in pages of 200: ms", await _timed(options, lambda: _all(system.client))),
        ("audit verify: ms", await _timed(options, lambda: asyncio.to_thread(verify, lines))),
        ("one more fact: ms", await _timed(options, lambda: _one(system, _note()))),
    ]
    sound = verify(lines).fault is None
    table.held = notices >= NOTICES and len(runs) > 1 and sound and max(state, sizes["view"]) < WARNING
    table.notes.append(
        f"The record is whole: {sound}. A payload over {PAYLOAD // 1024} KiB would be refused by the server."
    )
    return table


async def _told(system: System) -> float:
    complaint = parse_complaint({**COMPLAINT, "incident_id": INCIDENT_ID})
    await file(system.client, complaint, door="bench", keyring=system.keys)
    waiting = facts(FACTS)

    async def tell() -> None:
        for fact in waiting:
            await _one(system, fact)

    began = time.perf_counter()
    await asyncio.gather(*(tell() for _ in range(AT_ONCE)))
    return time.perf_counter() - began


async def _one(system: System, fact: dict[str, Any]) -> None:
    receipt = await tell_fact(system.client, INCIDENT_ID, fact, door="bench", keyring=system.keys)
    if not receipt.accepted:
        raise RuntimeError(f"{fact['kind']} was not accepted: {receipt.state} {receipt.reason}")


def _note() -> dict[str, Any]:
    return {"kind": "noted", "by": LEAD, "text": "客户情绪稳定", "fact_id": f"n-{uuid4()}"}


async def _at_rest(client: Client) -> dict[str, Any]:
    while True:
        view = await ask(client, INCIDENT_ID, VIEW)
        if not any(notice["state"] == "pending" for notice in view["notices"]):
            return view
        await asyncio.sleep(0.1)


async def _all(client: Client) -> None:
    async for _ in pages(client, INCIDENT_ID):
        pass


async def _timed(options: Options, call: Callable[[], Awaitable[object]]) -> str:
    taken: list[float] = []
    for _ in range(options.rounds):
        began = time.perf_counter()
        await call()
        taken.append((time.perf_counter() - began) * 1_000)
    return spread(taken, 0)


async def _continued(client: Client) -> list[dict[str, float]]:
    """Its runs once there is a second one: before it goes on from itself, it has its record kept."""
    async with asyncio.timeout(CONTINUING):
        while len(runs := await _runs(client)) < 2:  # noqa: ASYNC110 - the server's
            await asyncio.sleep(0.1)
    return runs


async def _runs(client: Client) -> list[dict[str, float]]:
    """Every run, the first one first: its history, the state it began with, and how long its beginning took."""
    found: list[dict[str, float]] = []
    run_id: str | None = (await client.get_workflow_handle(workflow_id(INCIDENT_ID)).describe()).run_id
    while run_id:
        handle = client.get_workflow_handle(workflow_id(INCIDENT_ID), run_id=run_id)
        events = (await handle.fetch_history()).events
        started = events[0].workflow_execution_started_event_attributes
        sent = started.input.payloads[0]
        decoded = (
            (await client.data_converter.payload_codec.decode([sent]))[0]
            if client.data_converter.payload_codec
            else sent
        )
        done = (e for e in events if e.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)
        if (began := next(done, None)) is None:
            return []  # the last one has not begun yet
        info = (await handle.describe()).raw_description.workflow_execution_info
        found.insert(
            0,
            {
                "events": info.history_length,
                "bytes": info.history_size_bytes,
                "state_sent": sent.ByteSize(),
                "state_json": len(decoded.data),
                "ms": (began.event_time.ToNanoseconds() - events[0].event_time.ToNanoseconds()) / 1e6,
            },
        )
        run_id = started.continued_execution_run_id or None
    return found
