"""Filing over HTTP beside the bare Temporal client, with the same load generator, in the same run.

`LATENCY` calls by 20 callers, HTTP and bare in turn, and then hundreds at once. Bare is `client.start_workflow` of the
same workflow with the same arguments, memo and attributes, and nothing else. No worker serves while doors are measured:
what handling costs is `burst`'s to say; the last rows have one, for then both share the machine with it.
"""

import asyncio
import json
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from temporalio.client import Client
from temporalio.common import (
    Priority,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)

from bench import town
from bench.processes import System, WorkerProcess
from bench.tables import MILLISECONDS, Options, Table, percentile, spread
from plan.access import Scope
from runtime.names import DIGEST, INCIDENT, USUAL_PRIORITY, WORKFLOWS_QUEUE, workflow_id
from runtime.ports import HOST, free_port
from runtime.records.access_keys import make_key
from runtime.records.engine import open_store
from runtime.search_attributes import DRILL, FORM, INSURER, OUTLET, SEVERITY, STAGE

CALLERS: Final = 20
LATENCY: Final = 600
"""Calls of a round."""
AT_ONCE: Final = (500, 2_000)
BULK: Final = 2_000
LIMIT: Final = 1.3
SYSTEM: Final = "system:crm"
GOALERT: Final = "301–477/s, 309–444/s (16 clients)"
STARTING: Final = 60.0
PROGRAM: Final = ("-c", "from starter.main import main; main()", "gateway", "--port")

Call = Callable[[Mapping[str, Any]], Awaitable[object]]


async def measure(options: Options) -> Table:
    table = Table(
        title="gateway",
        claim=f"p95 of filing over HTTP at most {LIMIT} times the bare client's; hundreds at once, nothing refused.",
        columns=("what", "over HTTP", "the bare client", "ratio", "GoAlert"),
        held=True,
    )
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        async with Doors(Path(folder)) as doors:
            await _latency(doors, options.rounds, table)
            for number in options.up_to(AT_ONCE):
                await _at_once(doors, number, "", table)
            await _in_bulk(doors, table)
            await doors.worker()
            for number in options.up_to(AT_ONCE):
                await _at_once(doors, number, ", a worker serving", table)
    table.notes += [
        f"{CALLERS} callers, {LATENCY} calls of each kind in a round; in turn; median and range.",
        "At once: all of them are begun at the same moment, each a request of its own.",
    ]
    return table


class Lines:
    """Connections that stay open, one for each call under way, with no more to them than it takes: whoever makes the
    load shares the machine with what is measured, and a client made for people takes as long as the gateway."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._head = f"host: {HOST}:{port}\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n"
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def call(self, method: str, path: str, said: object = None) -> int:
        """The status; the answer's body is read and thrown away."""
        body = b"" if said is None else json.dumps(said, ensure_ascii=False).encode()
        reader, writer = self._still_open() or await asyncio.open_connection(HOST, self._port)
        writer.write(f"{method} {path} HTTP/1.1\r\n{self._head}content-length: {len(body)}\r\n\r\n".encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
        self._free.append((reader, writer))
        return int(head.split()[1])

    def _still_open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """The gateway closes a connection that nobody has used for some seconds."""
        while self._free:
            reader, writer = self._free.pop()
            if not reader.at_eof():
                return reader, writer
            writer.close()
        return None

    def close(self) -> None:
        for _, writer in self._free:
            writer.close()


class Doors:
    """A server, a gateway in a process of its own, and clients of both."""

    def __init__(self, folder: Path) -> None:
        self._system, self._folder = System(folder), folder
        self._open = AsyncExitStack()
        self._number = 0
        self._gateway: WorkerProcess | None = None
        self._lines = Lines(0, "")

    async def __aenter__(self) -> "Doors":
        async with AsyncExitStack() as opening:
            await opening.enter_async_context(self._system)
            port = free_port()
            self._gateway = WorkerProcess(self._system.server.address, self._folder, program=(*PROGRAM, f"{port}"))
            await self._gateway.start()
            opening.push_async_callback(self._gateway.end)
            self._lines = Lines(port, await asyncio.to_thread(self._key))
            opening.callback(self._lines.close)
            await self._until_it_takes_the_key()
            self._open = opening.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def worker(self) -> None:
        """Serves from now on."""
        worker = self._system.worker()
        self._open.push_async_callback(worker.end)
        await (await worker.start()).serving()

    def complaints(self, number: int) -> list[dict[str, Any]]:
        """New ones each time, spread over the sample's outlets."""
        self._number += 1
        return [
            {**each, "outlet": "gd-gz-th-0001"} for each in town.incidents(number, f"B{self._number:03}", outlets=1)
        ]

    def computed(self) -> tuple[float, ...]:
        """CPU time so far, in seconds, of the server, of the gateway and of this process, which makes the load."""
        gateway = self._gateway.computed if self._gateway else 0.0
        return self._system.computed, gateway, time.process_time()

    async def over_http(self, complaint: Mapping[str, Any]) -> int:
        return await self._lines.call("POST", "/v1/incidents", complaint)

    async def in_bulk(self, complaints: Sequence[Mapping[str, Any]]) -> int:
        return await self._lines.call("POST", "/v1/incidents/bulk", complaints)

    async def bare(self, complaint: Mapping[str, Any]) -> int:
        """What `runtime.filing` calls, with what it sends."""
        client: Client = self._system.client
        incident_id = complaint["incident_id"]
        start = {
            "incident_id": incident_id,
            "complaint": dict(complaint),
            "received_at": datetime.now(UTC).isoformat(),
            "door": "bench",
            "seal": "0" * 80,
            "imported": None,
        }
        await client.start_workflow(
            INCIDENT,
            start,
            id=workflow_id(incident_id),
            task_queue=WORKFLOWS_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            memo={DIGEST: "0" * 64},
            search_attributes=self._attributes(complaint),
            static_summary=f"{incident_id} · {complaint['outlet']} · {complaint['channel']}",
            priority=Priority(priority_key=USUAL_PRIORITY),
        )
        return 201

    def _attributes(self, complaint: Mapping[str, Any]) -> TypedSearchAttributes:
        return TypedSearchAttributes(
            [
                SearchAttributePair(SEVERITY, "complaint"),
                SearchAttributePair(STAGE, "open"),
                SearchAttributePair(FORM, "single"),
                SearchAttributePair(DRILL, False),
                SearchAttributePair(OUTLET, complaint["outlet"]),
                SearchAttributePair(INSURER, complaint["insurer"]),
            ]
        )

    def _key(self) -> str:
        store = open_store(self._system.settings)
        try:
            _, text = make_key(store, SYSTEM, tuple(Scope), ("hq",), by="operator", now=datetime.now(UTC))
        finally:
            store.close()
        return text

    async def _until_it_takes_the_key(self) -> None:
        until = time.monotonic() + STARTING
        while time.monotonic() < until:
            try:
                if await self._lines.call("GET", "/v1/incidents?limit=1") == 200:
                    return
            except OSError:
                pass
            await asyncio.sleep(0.1)
        raise RuntimeError("the gateway did not come up")


async def _latency(doors: Doors, rounds: int, table: Table) -> None:
    """Of each round the 95th percentile, and the ratio of the two."""
    http, bare = list[float](), list[float]()
    for each in range(rounds + 1):
        ways = (doors.over_http, doors.bare)
        found = {way: await _driven(doors.complaints(LATENCY), way, CALLERS) for way in ways[:: -1 if each % 2 else 1]}
        if each:  # the first one warms up
            http.append(percentile(found[doors.over_http][0], 95))
            bare.append(percentile(found[doors.bare][0], 95))
    ratios = [ours / theirs for ours, theirs in zip(http, bare, strict=True)]
    said = [spread([value * MILLISECONDS for value in values], 1) + " ms" for values in (http, bare)]
    table.rows.append((f"filing, {CALLERS} callers: p95", *said, spread(ratios), ""))
    table.held = bool(table.held) and median(ratios) <= LIMIT


async def _at_once(doors: Doors, number: int, how: str, table: Table) -> None:
    before = doors.computed()
    calls, answers, took = await _driven(doors.complaints(number), doors.over_http, number)
    between = doors.computed()
    bare_calls, _, bare_took = await _driven(doors.complaints(number), doors.bare, number)
    after = doors.computed()
    rate, bare_rate = number / took, number / bare_took
    table.rows += [
        (f"{number} at once{how}", f"{rate:.0f}/s", f"{bare_rate:.0f}/s", f"{rate / bare_rate:.2f}", GOALERT),
        (
            f"{number} at once{how}: p50, p99",
            f"{_ms(calls, 50)}, {_ms(calls, 99)} ms",
            f"{_ms(bare_calls, 50)}, {_ms(bare_calls, 99)} ms",
            "",
            "",
        ),
        (f"{number} at once{how}: answers", ", ".join(f"{n} × {said}" for said, n in answers.items()), "", "", ""),
    ]
    http, bare = (
        [(end - begin) / number * MILLISECONDS for begin, end in zip(*ends, strict=True)]
        for ends in ((before, between), (between, after))
    )
    table.notes.append(
        f"{number} at once{how}, CPU ms a call: server {http[0]:.1f}, gateway {http[1]:.1f}, load {http[2]:.1f}; "
        f"bare: server {bare[0]:.1f}, load {bare[2]:.1f}."
    )
    table.held = bool(table.held) and answers == {201: number}


async def _in_bulk(doors: Doors, table: Table) -> None:
    began = time.perf_counter()
    status = await doors.in_bulk(doors.complaints(BULK))
    took = time.perf_counter() - began
    table.rows.append((f"one bulk call of {BULK}", f"{BULK / took:.0f}/s, {status}", "", "", ""))
    table.held = bool(table.held) and status == 200


async def _driven(
    complaints: Sequence[Mapping[str, Any]], call: Call, callers: int
) -> tuple[list[float], Counter[object], float]:
    """How long each call took, what was answered how often, and how long all of it took; in seconds."""
    waiting, calls, answers = iter(complaints), list[float](), Counter[object]()

    async def caller() -> None:
        for complaint in waiting:
            began = time.perf_counter()
            answers[await call(complaint)] += 1
            calls.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    return calls, answers, time.perf_counter() - began


def _ms(calls: Sequence[float], share: int) -> str:
    return f"{percentile(calls, share) * MILLISECONDS:.0f}"
