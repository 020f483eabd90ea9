"""Services that fail at random and a worker killed again and again, while hundreds of notices are on their way.

Three calls in ten fail: errors of HTTP, time-outs, resets, error codes in a 200, questions to gateways too; one person
is reached by nothing. What is looked for is in `Toll`: each notice was there to be read, or is a failure in the record
that somebody else was told of; a key stands for one content, and a content goes out under one key.
"""

import asyncio
import random
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from bench.channels import REFUSING, Channels
from bench.scene import CRISIS_NOTICES, View
from bench.tables import Options, Table
from plan.record import Entry, export_line
from plan.verification import verify
from tests.simulators.faults import Fault
from tests.simulators.inbox import CHATS, Arrival, Kind

SEED: Final = 20_261_124
FAILING: Final = 0.3
NOTICES: Final = 500
KILLS: Final = 20
OUTLETS: Final = 6
AFTER: Final = (0.0, 0.5)
"""Seconds from a call's coming in to the worker's death."""
COMING_UP: Final = timedelta(seconds=60)
SETTLING: Final = 300.0


@dataclass(frozen=True)
class Toll:
    notices: int
    delivered: int
    failed: int
    open: int
    unheard: int
    """Called delivered, and nobody could read it there."""
    unescalated: int
    """Failed, without an entry, or in an incident in which nobody else was told."""
    settled_twice: int
    torn: int
    """Keys that came with more than one content."""
    renamed: int
    """Contents that came to one person under more than one key."""
    throttled: int
    """Calls that a robot answered by saying that it is spoken to too fast."""
    broken: int
    """Records that do not verify."""
    calls: int
    spoiled: int
    """Calls that were made to fail."""
    kinds: Mapping[str, int]
    """Of the channels that took them, how many notices."""

    @property
    def whole(self) -> bool:
        wrong = (self.open, self.unheard, self.unescalated, self.settled_twice, self.torn, self.renamed, self.broken)
        return not any(wrong) and not self.throttled and self.notices == self.delivered + self.failed


async def measure(options: Options) -> Table:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        async with Channels(Path(folder), outlets=OUTLETS) as scene:
            await scene.worker()
            toll = await play(scene, notices=options.at_most or NOTICES, kills=KILLS)
    return Table(
        title="chaos",
        claim="every notice is delivered or visibly failed and told to somebody else; a key stands for one content.",
        columns=("what", "figure"),
        rows=[
            ("notices; workers killed with -9", f"{toll.notices}; {KILLS}"),
            ("calls; of these made to fail", f"{toll.calls}; {toll.spoiled}"),
            ("delivered, by channel", ", ".join(f"{kind} {number}" for kind, number in sorted(toll.kinds.items()))),
            ("failed in the record, others told instead", f"{toll.failed}"),
            ("called delivered, and nobody could read it", f"{toll.unheard}"),
            ("failed, and nobody else was told", f"{toll.unescalated}"),
            ("still on their way, or settled twice", f"{toll.open}, {toll.settled_twice}"),
            ("keys with two contents, contents under two keys", f"{toll.torn}, {toll.renamed}"),
            ("answers that a robot is spoken to too fast", f"{toll.throttled}"),
        ],
        notes=[f"{FAILING:.0%} of the calls fail; {time.monotonic() - began:.0f} s in all. GoAlert lost 57 of 150."],
        held=toll.whole,
    )


async def play(scene: Channels, *, notices: int, kills: int, mix: tuple[Fault, ...] = ()) -> Toll:
    """So many notices at least, and so many kills while they are on their way, of the scene's workers in turn.

    `mix` are the ways in which calls fail; without them all that the simulators know.
    """
    chance, there = random.Random(SEED), scene.simulators  # noqa: S311 - moments, the same ones every time
    there.fault("*", Fault.random(FAILING, seed=SEED, mix=mix))
    crises = scene.crises(-(-notices // CRISIS_NOTICES), "CHAOS")
    ids, running = [str(each["incident_id"]) for each in crises], len(scene.workers)
    for wave in _waves(crises, kills):
        seen = len(there.arrivals())
        await scene.filed(wave)
        await there.until(lambda seen=seen: len(there.arrivals()) > seen, within=COMING_UP)
        await asyncio.sleep(chance.uniform(*AFTER))
        await scene.workers[-running].kill()
        await scene.worker()
    views = await scene.at_rest(ids, within=SETTLING)
    return _toll(scene, views, {each: await scene.entries(each) for each in ids})


def _waves(crises: list[dict[str, Any]], number: int) -> Iterator[list[dict[str, Any]]]:
    """One for each kill, so that something is on its way whenever the worker dies."""
    for place in range(number):
        yield crises[place * len(crises) // number : (place + 1) * len(crises) // number]


def _toll(scene: Channels, views: Mapping[str, View], records: Mapping[str, list[Entry]]) -> Toll:
    there = scene.simulators
    notices = [(incident, notice) for incident, view in views.items() for notice in view["notices"]]
    states = Counter(notice["state"] for _, notice in notices)
    taken = [each for each in there.arrivals() if each.taken]
    return Toll(
        notices=len(notices),
        delivered=states["delivered"],
        failed=states["failed"],
        open=len(notices) - states["delivered"] - states["failed"],
        unheard=sum(n["state"] == "delivered" and not _heard(i, n, taken) for i, n in notices),
        unescalated=sum(n["state"] == "failed" and not _told_instead(n, records[i]) for i, n in notices),
        settled_twice=sum(_settled_twice(record) for record in records.values()),
        torn=len(there.torn()),
        renamed=_renamed(there.arrivals()),
        throttled=len(there.throttled()),
        broken=sum(verify(export_line(e) for e in record).fault is not None for record in records.values()),
        calls=len(there.arrivals()),
        spoiled=sum(each.fault is not None and each.inbox != REFUSING for each in there.arrivals()),
        kinds=Counter(n["channel"] for _, n in notices if n["state"] == "delivered"),
    )


def _heard(incident: str, notice: Mapping[str, Any], taken: Sequence[Arrival]) -> bool:
    """A notice of its own came under its key; in a chat, something that names the incident."""
    key = f"{incident}/{notice['notice_id']}/{notice['channel']}"
    match Kind(notice["channel"]):
        case Kind.WECOM | Kind.DINGTALK | Kind.FEISHU:
            return any(each.inbox.startswith(notice["channel"]) and incident in each.text for each in taken)
        case _:
            return any(each.key == key for each in taken)


def _told_instead(notice: Mapping[str, Any], record: Sequence[Entry]) -> bool:
    """It is on record, and of whoever was not reached somebody else has heard."""
    on_record = any(e.what == "undelivered" and e.about == notice["notice_id"] for e in record)
    told = {e.about for e in record if e.what == "delivered" and f"{e.about}".startswith("tell.undelivered")}
    return on_record and bool(told)


def _settled_twice(record: Sequence[Entry]) -> int:
    counts = Counter(entry.about for entry in record if entry.what in ("delivered", "undelivered"))
    return sum(number > 1 for number in counts.values())


def _renamed(arrivals: Sequence[Arrival]) -> int:
    """Of what comes to one person. A chat's messages are folded anew; short ones are templates that say little."""
    keys: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for each in arrivals:
        if each.read and Kind(each.inbox.partition("/")[0]) not in (*CHATS, Kind.SMS):
            keys[each.inbox, each.text].add(each.key)
    return sum(len(found) > 1 for found in keys.values())
