"""Hundreds of complaints filed at once, one message for each notice: none refused, every first notice out, how soon.

100 and 500 over three outlets, 500 at one, 2,000 over ten, filed by 16 callers through the Python client, with the
plan's own playbook: each complaint owes four notices. GoAlert's figures beside ours: by default it bundles (nobody is
told of any single alert), with bundling off it sends one message for each.
"""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bench.receiving import Arrival
from bench.scene import CALLERS
from bench.tables import MILLISECONDS, Options, Table, percentile
from bench.webhooks import Webhooks, started
from plan.errors import Conflict

BURSTS: Final = ((100, 3), (500, 3), (500, 1), (2_000, 10))
"""Complaints and outlets."""
NOTICES: Final = 4
SAME: Final = 50
BODY: Final = "报" * 300
"""About as long as a complaint."""
GOALERT: Final = {
    (500, 3): ("500", "91/s", "228 of 500 in 641 s, 272 not told at all"),
    (500, 1): ("200; 300 refused", "", "one message for 200, none of them named"),
    (2_000, 10): ("2000", "239/s", "1,086 of 2,000 in 2,059 s"),
}
"""Accepted, filed, told."""


async def measure(options: Options) -> Table:
    table = Table(
        title="burst",
        claim="nothing refused, every complaint's first notice out.",
        columns=("what", "here", "GoAlert, one message for each"),
        held=True,
    )
    for number, outlets in BURSTS:
        if options.up_to([number]):
            with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
                async with Webhooks(Path(folder), outlets=outlets) as scene:
                    await scene.worker()
                    await _one(scene, number, outlets, table)
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        async with Webhooks(Path(folder), outlets=1) as scene:
            await scene.worker()
            await _same_id(scene, table)
    table.notes.append(f"{CALLERS} callers; each complaint owes {NOTICES} notices, a message for each.")
    return table


async def _one(scene: Webhooks, number: int, outlets: int, table: Table) -> None:
    calls, called = list[float](), dict[str, float]()
    callers = asyncio.Semaphore(CALLERS)

    async def filed(complaint: Mapping[str, Any]) -> bool:
        async with callers:
            began = called[str(complaint["incident_id"])] = time.time()
            answer = await scene.file(complaint)
            calls.append(time.time() - began)
            return answer.created

    alone = await _engine_alone(scene, number)
    began, server, worker = time.time(), scene.system.computed, scene.workers[0].computed
    created = sum(await asyncio.gather(*(filed(each) for each in scene.complaints(number, "BURST"))))
    ingested = time.time() - began
    came = await scene.receiver.until(lambda seen: len(_filed(seen)) >= number * NOTICES, within=number * 0.5 + 60)
    server, worker = scene.system.computed - server, scene.workers[0].computed - worker
    firsts, all_told = started(came), max(_filed(came).values()) - began
    accepted, rate, told = GOALERT.get((number, outlets), ("", "", ""))
    of = f"{number} over {outlets} outlets" if outlets > 1 else f"{number} at one outlet"
    waited = [at - called[each] for each, at in firsts.items() if each in called]
    table.rows += [
        (f"{of}: accepted", f"{created}", accepted),
        (f"{of}: filed", f"{created / ingested:.0f}/s", rate),
        (f"{of}: the engine alone starts, before that", f"{alone:.0f}/s", ""),
        (f"{of}: a call, p50 and p99", f"{_ms(calls, 50)} and {_ms(calls, 99)} ms", ""),
        (f"{of}: whose first notice is out", f"{len(firsts)} in {max(firsts.values()) - began:.1f} s", told),
        (f"{of}: from each call to its first notice", f"{_said(waited)} s", ""),
        (f"{of}: their {number * NOTICES} notices out", f"{all_told:.1f} s", ""),
        (
            f"{of}: CPU time of each, until then",
            f"server {_each(server, number)}, worker {_each(worker, number)} ms",
            "",
        ),
    ]
    table.held = bool(table.held) and created == number == len(firsts)


async def _engine_alone(scene: Webhooks, number: int) -> float:
    """Workflows that nobody serves, started by as many callers: so many a second."""
    callers = asyncio.Semaphore(CALLERS)

    async def started_one(each: int) -> None:
        async with callers:
            await scene.system.client.start_workflow("Bare", BODY, id=f"bare-{each}", task_queue="nobody")

    began = time.time()
    await asyncio.gather(*map(started_one, range(number)))
    return number / (time.time() - began)


def _each(seconds: float, number: int) -> str:
    return f"{seconds / number * MILLISECONDS:.0f}"


def _said(waits: list[float]) -> str:
    return f"p50 {percentile(waits, 50):.1f}, p99 {percentile(waits, 99):.1f}, max {max(waits):.1f}"


def _ms(calls: list[float], share: int) -> str:
    return f"{percentile(calls, share) * MILLISECONDS:.0f}"


def _filed(arrivals: Sequence[Arrival]) -> dict[str, float]:
    """When each of the notices of the filing came; many complaints at one outlet are told of by others beside."""
    found: dict[str, float] = {}
    for arrival in arrivals:
        if "/tell.filed~" in arrival.key:
            found.setdefault(arrival.key, arrival.at)
    return found


async def _same_id(scene: Webhooks, table: Table) -> None:
    """Fifty calls under one id at the same time; then fifty with texts of their own."""
    one = scene.complaints(1, "SAME")[0]
    alike = await _called(scene, [one] * SAME)
    others = [{**one, "incident_id": "OTHER-0000", "reason": f"说法 {n}"} for n in range(SAME)]
    unlike = await _called(scene, others)
    verdict = await scene.verdict(["SAME-0000", "OTHER-0000"], within=30)
    table.rows += [
        (
            f"{SAME} concurrent calls under one id",
            f"{alike['created']} created, {alike['existing']} told that it exists",
            "1 alert, 1 notification",
        ),
        (
            f"{SAME} with {SAME} texts",
            f"{unlike['created']} created, {unlike['conflict']} told of the conflict",
            "1 alert; nobody is told that theirs was dropped",
        ),
        (
            "notices of both, and how many twice",
            f"{verdict.notices} and {verdict.twice}",
            "1 each, none twice",
        ),
    ]
    right = (alike["created"], unlike["created"], unlike["conflict"]) == (1, 1, SAME - 1)
    table.held = bool(table.held) and right and verdict.notices == 2 * NOTICES and not verdict.twice


async def _called(scene: Webhooks, complaints: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """How often each answer was given."""

    async def one(complaint: Mapping[str, Any]) -> str:
        try:
            return "created" if (await scene.file(complaint)).created else "existing"
        except Conflict:
            return "conflict"

    return Counter(await asyncio.gather(*(one(complaint) for complaint in complaints)))
