"""The Temporal server killed with -9 and away for 30 seconds: what was accepted goes on, what fell due goes out.

Twenty crises are told before, nobody answers, and their repeats fall due while the server is away. Twenty more are
filed meanwhile: each call is refused, and filing again under the same id afterwards is safe. GoAlert's figures are
those of its database killed and away for as long.
"""

import asyncio
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from bench.scene import FILING
from bench.steps import TOLD, sooner
from bench.tables import Options, Table, percentile, spread
from bench.webhooks import Webhooks, first
from plan.errors import Unreachable

NUMBER: Final = 20
OUTLETS: Final = 10
AWAY: Final = 30.0
EVERY: Final = timedelta(seconds=20)
"""So long after the notice its repeat is due."""
REPEATS: Final = "repeat.crisis."


async def measure(options: Options) -> Table:
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        async with Webhooks(Path(folder), outlets=OUTLETS, change=sooner(EVERY)) as scene:
            await scene.worker()
            return await away(scene)


async def away(scene: Webhooks, number: int = NUMBER, seconds: float = AWAY, patience: timedelta = FILING) -> Table:
    """On a scene whose notices are repeated after `EVERY`."""
    before = await scene.filed(scene.crises(number, "BEFORE"))
    await scene.receiver.until(lambda seen: first(seen, TOLD).keys() >= set(before), within=30)
    await scene.at_rest(before, within=30)
    await scene.system.kill_the_server()
    down = time.time()
    calls = await asyncio.gather(*(_refused_after(scene, each, patience) for each in scene.crises(number, "MEANWHILE")))
    refused = [call for call in calls if call is not None]
    await asyncio.sleep(max(down + seconds - time.time(), 0))
    await scene.system.start_the_server()
    up = time.time()
    meanwhile = await scene.filed(scene.crises(number, "MEANWHILE"))
    came = await scene.receiver.until(lambda seen: first(seen, REPEATS).keys() >= set(before), within=120)
    late = sorted(at - up for incident_id, at in first(came, REPEATS).items() if incident_id in before)
    verdict = await scene.verdict([*before, *meanwhile], within=60)
    told = {key.partition("/")[0] for key in scene.receiver.by_key()}
    return Table(
        title="outage",
        claim="nothing accepted is lost, and no notice comes with two contents under one key.",
        columns=("the server killed with -9", "here", "GoAlert, its database"),
        rows=[
            ("away", f"{up - down:.0f} s", "32 and 31 s"),
            ("repeats that fell due meanwhile, out", f"{len(late)} of {number}", "20 of 20"),
            (
                "these, after it is up: p50, max",
                f"{percentile(late, 50):.1f}, {late[-1]:.1f} s",
                "0.3 to 10.4 s",
            ),
            (
                "calls meanwhile that were refused, after how long",
                f"{len(refused)} of {number}, {spread(refused, 1) if refused else ''} s",
                "19 of 20, after up to 25 s",
            ),
            (
                "filed again after it, and told",
                f"{len(told & set(meanwhile))} of {number}",
                "no key to file again by",
            ),
            ("notices lost, twice taken, of all", f"{verdict.untaken}, {verdict.twice}, {verdict.notices}", "0, 0"),
        ],
        held=verdict.whole and not verdict.failed and len(told & {*before, *meanwhile}) == 2 * number,
    )


async def _refused_after(scene: Webhooks, complaint: dict[str, Any], patience: timedelta) -> float | None:
    began = time.time()
    try:
        await scene.file(complaint, patience)
    except Unreachable:
        return time.time() - began
    return None
