"""Workers and the server killed with -9 while notices are on their way: none is lost, repeats carry the same key.

A notice is lost when an incident calls it delivered although the receiver never answered it yes while the caller was
still there, or when it is neither delivered nor a failure in the record, told to somebody else: after two minutes in a
crisis. GoAlert's result stands beside each.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from bench import town
from bench.channels import Channels
from bench.receiving import Manner
from bench.scene import CRISIS_NOTICES
from bench.tables import Options, Table, spread
from bench.webhooks import Verdict, Webhooks
from tests.simulators.faults import Fault
from tests.simulators.inbox import Kind
from tests.simulators.simulators import Simulators

SEED: Final = 20_261_124
OUTLETS: Final = 10
KILLS: Final = 20
BATCHES: Final = 11
"""Crises of the runs with twenty kills: a good 150 notices."""
AIMED: Final = 0.004
"""Seconds after the first request of a batch, at most."""
SETTLING: Final = 180.0
COMPLAINTS: Final = 200
DIGESTS: Final = 2
SLOW: Final = 2.0
"""Seconds that the chat takes for a message."""


async def measure(options: Options) -> Table:
    table = Table(
        title="kills",
        claim="no notice is lost, and none comes with two contents under one key.",
        columns=("what is killed with -9", "here", "GoAlert"),
    )
    verdicts: list[Verdict] = []
    for what, kill, runs, theirs in (
        (
            "the worker, 200 notices in flight, receiver takes 2 s",
            in_flight,
            options.rounds,
            "5 in flight at most (its "
            "limit), 22 of 22 lost in 5 runs; with bundling the message for 200 alerts, 6 of 6 runs",
        ),
        (
            "one of two workers, the one with 100 notices in flight",
            one_of_two,
            options.rounds,
            "the survivor never sent it again, 6 of 6; nobody told of 100 alerts in 5 of them",
        ),
        (f"the worker {KILLS} times at random moments, receiver takes 1 s", at_random, 1, "10 of 150 lost"),
        (f"the worker {KILLS} times, 0–4 ms after a first request", aimed, 1, "57 of 150 never arrived"),
    ):
        results = [await alone(kill) for _ in range(runs)]
        verdicts += [verdict for verdict, _ in results]
        table.rows.append((f"{what}; runs: {runs}", _said(results), theirs))
    digests = [await folded() for _ in range(min(options.rounds, DIGESTS))]
    what = f"the worker while a digest of {COMPLAINTS} complaints is on its way to one chat; runs: {len(digests)}"
    table.rows.append((what, f"{'; '.join(map(str, digests))}", "nobody told of any of 200 alerts, 6 of 6 runs"))
    table.held = all(verdict.whole for verdict in verdicts) and all(each.whole for each in digests)
    return table


@dataclass(frozen=True)
class Digest:
    """What a chat has read of complaints whose notices were folded, when the worker was killed in the middle."""

    unnamed: int
    """Complaints that stand in no message that was taken."""
    messages: int
    torn: int
    """Keys that came with more than one content."""
    seconds: float

    @property
    def whole(self) -> bool:
        return not self.unnamed and not self.torn

    def __str__(self) -> str:
        named = f"{COMPLAINTS - self.unnamed} of {COMPLAINTS} named in {self.messages} messages"
        return f"{named}, {self.torn} keys with another content; all out {self.seconds:.0f} s after the kill"


async def folded() -> Digest:
    """Complaints of one county, whose chat takes twenty messages a minute: from the second message on it is digests."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        async with Channels(Path(folder), outlets=2) as scene:
            await scene.worker()
            there, at = scene.simulators, town.outlet(1)
            there.fault(Kind.WECOM, Fault.slow(SLOW))
            ids = await scene.filed({**each, "outlet": at} for each in scene.complaints(COMPLAINTS, "FOLDED"))
            await there.until(lambda: len(there.arrivals(Kind.WECOM)) > 1, within=timedelta(minutes=1))
            killed = time.time()
            await scene.workers[-1].kill()
            await scene.worker()
            with suppress(TimeoutError):
                await there.until(lambda: not _unnamed(there, ids), within=timedelta(seconds=SETTLING))
            messages = len(there.taken(Kind.WECOM))
            return Digest(len(_unnamed(there, ids)), messages, len(there.torn()), time.time() - killed)


def _unnamed(there: Simulators, ids: Sequence[str]) -> list[str]:
    said = "\n".join(each.text for each in there.taken(Kind.WECOM))
    return [each for each in ids if each not in said]


Kill = Callable[[Webhooks], Awaitable[tuple[Verdict, float]]]
"""What became of the notices, and the seconds from the last kill until none was on its way any more."""


async def alone(kill: Kill) -> tuple[Verdict, float]:
    """On a system of its own, with one worker."""
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        async with Webhooks(Path(folder), outlets=OUTLETS) as scene:
            await scene.worker()
            return await kill(scene)


async def in_flight(scene: Webhooks, notices: int = 200) -> tuple[Verdict, float]:
    """The only worker dies as soon as its sending has begun; another one is started at once."""
    await scene.receiver.answers(Manner(after=2.0))
    ids = await scene.filed(scene.crises(_owing(notices), "FLIGHT"))
    await scene.receiver.until(lambda seen: len(seen) >= CRISIS_NOTICES, within=30)
    killed = time.time()
    await scene.workers[-1].kill()
    await scene.worker()
    return await scene.verdict(ids, within=SETTLING), time.time() - killed


async def one_of_two(scene: Webhooks, notices: int = 100) -> tuple[Verdict, float]:
    """The second one comes up when the first has taken all of them; nobody is started after the kill."""
    await scene.receiver.answers(Manner(after=2.0))
    ids = await scene.filed(scene.crises(_owing(notices), "TWO"))
    await scene.receiver.until(lambda seen: len(seen) >= CRISIS_NOTICES, within=30)
    await scene.worker()
    killed = time.time()
    await scene.workers[0].kill()
    return await scene.verdict(ids, within=SETTLING), time.time() - killed


async def at_random(scene: Webhooks) -> tuple[Verdict, float]:
    """Complaints come all the time; the moments are drawn from a fixed seed."""
    chance = random.Random(SEED)  # noqa: S311 - moments, the same ones every time
    await scene.receiver.answers(Manner(after=1.0))
    filing = asyncio.create_task(_one_after_the_other(scene, scene.crises(BATCHES, "RANDOM")))
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0.2, 2.0))
        await scene.workers[-1].kill()
        await scene.worker()
    killed = time.time()
    return await scene.verdict(await filing, within=SETTLING), time.time() - killed


async def _one_after_the_other(scene: Webhooks, complaints: Sequence[dict[str, Any]]) -> list[str]:
    for complaint in complaints:
        await scene.file(complaint)
        await asyncio.sleep(KILLS * 2.0 / len(complaints))
    return [str(complaint["incident_id"]) for complaint in complaints]


async def aimed(scene: Webhooks) -> tuple[Verdict, float]:
    """Each time a batch begins to be sent, the worker dies within four milliseconds of the first request."""
    chance, ids = random.Random(SEED), list[str]()  # noqa: S311 - moments, the same ones every time
    for complaint in scene.crises(KILLS, "AIMED"):
        known = str(complaint["incident_id"])
        ids.append((await scene.file(complaint)).incident_id)
        await scene.receiver.until(
            lambda seen, known=known: any(a.key.startswith(known) for a in seen), within=60, looking=0.001
        )
        await asyncio.sleep(chance.uniform(0.0, AIMED))
        await scene.workers[-1].kill()
        await scene.worker()
    killed = time.time()
    return await scene.verdict(ids, within=SETTLING), time.time() - killed


def _owing(notices: int) -> int:
    """Crises that owe at least so many."""
    return -(-notices // CRISIS_NOTICES)


def _said(results: Sequence[tuple[Verdict, float]]) -> str:
    def total(of: Callable[[Verdict], int]) -> int:
        return sum(of(verdict) for verdict, _ in results)

    lost, failed = total(lambda v: v.lost), total(lambda v: v.failed)
    again, twice, differing = total(lambda v: v.again), total(lambda v: v.twice), total(lambda v: v.differing)
    seconds = spread([after for _, after in results], 1)
    return (
        f"{lost} of {total(lambda v: v.notices)} lost, {failed} visible failures; {again} came again, {twice} of them "
        f"taken twice, {differing} with another content; all out {seconds} s after the kill"
    )
