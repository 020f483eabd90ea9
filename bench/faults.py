"""Receivers that fail, as other products were tried: what of ours arrives, how often, and who is told instead.

Each row is one fault, `NUMBER` complaints of one notice each unless it says otherwise, GoAlert's result beside ours.
Nothing is shortened. `claim`: whatever was owed arrives once the receiver is back, once for each key, or leaves a
failure in the record and goes to somebody else.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench import town
from bench.receiving import Manner
from bench.tables import Options, Table, percentile
from bench.webhooks import Verdict, Webhooks
from plan.playbook import Recipients

NUMBER: Final = 10
HUNG: Final = 5
BESIDE: Final = 15
"""Complaints while one receiver hangs, and as many while none does."""
RECOVERS_AFTER: Final = 20.0
LEAD: Final = (Recipients.OUTLET_LEAD,)
TO_THE_LEAD: Final = {"tell.filed": LEAD, "tell.crisis": LEAD}
"""One notice of each kind, as an on-call product's first step."""
Row = tuple[str, str, str]


async def measure(options: Options) -> Table:
    table = Table(
        title="faults",
        claim="all arrives once the receiver is back, once for each key, or is a visible failure told to others.",
        columns=("fault", "here", "GoAlert"),
        held=True,
    )
    for fault in (refuses, is_slow, is_down_45, is_down_90, hangs):
        with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
            async with Webhooks(Path(folder), outlets=10, change=town.only(TO_THE_LEAD)) as scene:
                await scene.worker()
                for row, held in await fault(scene):
                    table.rows.append(row)
                    table.held = bool(table.held) and held
    return table


async def refuses(scene: Webhooks) -> list[tuple[Row, bool]]:
    """500 to everything, for 20 seconds."""
    await scene.receiver.answers(Manner(status=500))
    ids = await scene.filed(scene.complaints(NUMBER, "REFUSED"))
    await asyncio.sleep(RECOVERS_AFTER)
    await scene.receiver.answers()
    back = time.time()
    verdict = await scene.verdict(ids, within=60)
    after, attempts = _last(scene, ids) - back, _attempts(scene, "REFUSED")
    here = f"{_delivered(verdict)}, the last {after:.1f} s after it recovers; {attempts} attempts at each"
    row = (f"answers 500 to everything for {RECOVERS_AFTER:.0f} s", here, "0 of 10: one attempt each, shown as sent")
    return [(row, _all_there(verdict))]


async def is_slow(scene: Webhooks) -> list[tuple[Row, bool]]:
    """200 after four seconds."""
    await scene.receiver.answers(Manner(after=4.0))
    ids = await scene.filed(scene.complaints(HUNG, "SLOW"))
    verdict = await scene.verdict(ids, within=60)
    attempts = [len(each) for key, each in scene.receiver.by_key().items() if key.startswith("SLOW")]
    here = (
        f"{_delivered(verdict)}; {max(attempts)} request for each at most, {verdict.differing} keys with two contents"
    )
    row = ("answers 200 after 4 s", here, "each delivered 4 times without a key, stored as failed")
    return [(row, _all_there(verdict) and not verdict.twice)]


async def is_down_45(scene: Webhooks) -> list[tuple[Row, bool]]:
    return await _down(scene, 45, "10 of 10, 6–16 s after it is back")


async def is_down_90(scene: Webhooks) -> list[tuple[Row, bool]]:
    return await _down(scene, 90, "0 of 10 ever arrive")


async def _down(scene: Webhooks, seconds: int, theirs: str) -> list[tuple[Row, bool]]:
    """Complaints, which are tried for ten minutes, and crises, which are tried for two."""
    await scene.receiver.down()
    complaints = await scene.filed(scene.complaints(NUMBER, "DOWN"))
    crises = await scene.filed(scene.crises(NUMBER, "CRISIS"))
    await asyncio.sleep(seconds)
    await scene.receiver.up()
    back, rows = time.time(), list[tuple[Row, bool]]()
    for what, ids in (("complaints", complaints), ("crises", crises)):
        verdict = await scene.verdict(ids, within=90)
        after = _last(scene, ids) - back
        here = f"{_delivered(verdict)}, {verdict.failed} failed and told to others; the last {after:.1f} s after"
        rows.append(((f"down {seconds} s, {NUMBER} {what}", here, theirs), verdict.whole))
    return rows


async def hangs(scene: Webhooks) -> list[tuple[Row, bool]]:
    """One outlet's receiver takes ten seconds and more for everything; everybody else's is well."""
    alone = await _beside(scene, "ALONE")
    await scene.receiver.answers(Manner(after=10.0), to=f"/{town.outlet(0)}.lead")
    hung = await scene.filed({**each, "outlet": town.outlet(0)} for each in scene.crises(HUNG, "HUNG"))
    beside = await _beside(scene, "BESIDE")
    verdict = await scene.verdict(hung, within=180)
    notices = [notice for each in hung for notice in (await scene.view(each))["notices"]]
    instead = sum(notice["duty"].startswith("tell.undelivered") for notice in notices)
    ratio = percentile(beside, 50) / percentile(alone, 50)
    return [
        (
            (
                f"hangs 10 s for good, {HUNG} crises",
                f"{verdict.failed} failures in the record after two minutes, {instead} notices to others instead",
                "4 attempts in 60 s, then failed for good; nobody else is told before the next step",
            ),
            verdict.open == 0 and instead > 0,
        ),
        (
            (
                f"a healthy receiver beside it, n={BESIDE}",
                f"p50 {_seconds(beside, 50)}, max {max(beside):.2f} s; without the hang {_seconds(alone, 50)}, "
                f"{max(alone):.2f} s ({ratio:.1f} times)",
                "p50 3.6, max 9.3 s; without the hang 2.3, 4.8 s",
            ),
            max(beside) < max(alone) + 1,
        ),
    ]


async def _beside(scene: Webhooks, prefix: str) -> list[float]:
    """From the call to the first webhook of other outlets' complaints, one after the other."""
    waits: list[float] = []
    for complaint in scene.complaints(BESIDE + 2, prefix):
        if complaint["outlet"] == town.outlet(0):
            continue
        began, known = time.time(), str(complaint["incident_id"])
        await scene.file(complaint)
        came = await scene.receiver.until(
            lambda seen, known=known: any(a.key.startswith(known) for a in seen), within=60
        )
        waits.append(min(a.at for a in came if a.key.startswith(known)) - began)
    return waits


def _last(scene: Webhooks, ids: Sequence[str]) -> float:
    """When the last of their notices was taken."""
    known = set(ids)
    return max(a.answered_at or 0 for a in scene.receiver.arrivals() if a.taken and a.key.partition("/")[0] in known)


def _all_there(verdict: Verdict) -> bool:
    return verdict.whole and verdict.delivered == verdict.notices


def _delivered(verdict: Verdict) -> str:
    return f"{verdict.delivered} of {verdict.notices} arrive"


def _attempts(scene: Webhooks, prefix: str) -> str:
    counts = [len(attempts) for key, attempts in scene.receiver.by_key().items() if key.startswith(prefix)]
    return f"{min(counts)} to {max(counts)}"


def _seconds(values: Sequence[float], share: int) -> str:
    return f"{percentile(values, share):.2f}"
