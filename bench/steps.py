"""From the call that files a crisis to its first webhook, and from a repeat's due instant to its own.

One crisis at a time, 100 of them; then 70, one every so often, nobody answering, so that each notice is repeated. A
repeat is due `EVERY` after the notice; the playbook's ten minutes are shortened to that and nothing else. Both are what
an on-call product calls a first and a second step; GoAlert's figures stand beside ours.
"""

import asyncio
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bench.channels import Channels
from bench.scene import Change
from bench.tables import Options, Table, percentile, percentiles
from bench.webhooks import Webhooks, first, started
from plan.playbook import NoticeRule
from tests.simulators.inbox import Kind

ONE_BY_ONE: Final = 100
REPEATED: Final = 70
IN_A_CHAT: Final = 15
CHATS: Final = 3
"""Outlets under three counties, each with a chat: no robot is spoken to faster than it may be."""
EVERY: Final = timedelta(seconds=20)
APART: Final = 0.87
"""Seconds between two of them, so that they meet the engine at every phase of whatever rhythm it has."""
FIRST_LIMIT, SECOND_LIMIT = 1.0, 2.0
TOLD, REPEAT = "tell.crisis", "repeat.crisis.1"


async def measure(options: Options) -> Table:
    first_n, second_n, chat_n = (min(n, options.at_most or n) for n in (ONE_BY_ONE, REPEATED, IN_A_CHAT))
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        async with Webhooks(Path(folder), outlets=10, change=sooner(EVERY)) as scene:
            await scene.worker()
            calls, firsts = await _first_steps(scene, first_n)
            due, seen = await _second_steps(scene, second_n)
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        async with Channels(Path(folder), outlets=CHATS) as simulated:
            await simulated.worker()
            chats = await _in_a_chat(simulated, chat_n)
    return Table(
        title="steps",
        claim=f"call to first webhook p99 under {FIRST_LIMIT:.0f} s, due to second under {SECOND_LIMIT:.0f} s.",
        columns=("what", "n", "p50, ms", "p99, ms", "max, ms", "GoAlert: n, p50, p99, max"),
        rows=[
            ("the call that files", f"{first_n}", *percentiles(calls), "100, 6.4, 54, 54 ms"),
            ("from the call to the first webhook", f"{first_n}", *percentiles(firsts), "100, 2.71, 5.03, 5.03 s"),
            ("from the call to a robot's first message in a chat", f"{chat_n}", *percentiles(chats), ""),
            (
                "from a repeat's due instant to its webhook",
                f"{second_n}",
                *percentiles(due),
                "70, 0.16, 10.05, 10.05 s",
            ),
            (
                "from the call and the wait to that webhook",
                f"{second_n}",
                *percentiles(seen),
                "70, 4.14, 13.44, 13.44 s",
            ),
        ],
        notes=[
            f"A repeat is due {EVERY.total_seconds():.0f} s after the notice here, 60 s after in GoAlert's run.",
            "A first webhook: of fourteen notices that a crisis owes, whichever comes first.",
            "A chat's message goes through the mailbox of its robot, in which nothing waited.",
        ],
        held=percentile(firsts, 99) < FIRST_LIMIT and percentile(due, 99) < SECOND_LIMIT,
    )


def sooner(every: timedelta) -> Change:
    """A playbook by which who does not answer is told again so soon."""

    def changed(rule: NoticeRule) -> NoticeRule:
        chase = rule.chase and rule.chase.model_copy(update={"every": every})
        return rule.model_copy(update={"chase": chase})

    return lambda plan: plan.model_copy(update={"notices": tuple(map(changed, plan.notices))})


async def _first_steps(scene: Webhooks, number: int) -> tuple[list[float], list[float]]:
    """Of each: how long the call took, and how long until the first webhook came."""
    calls: list[float] = []
    firsts: list[float] = []
    for complaint in scene.crises(number, "FIRST"):
        began = time.time()
        incident_id = (await scene.filed([complaint]))[0]
        calls.append(time.time() - began)
        came = await scene.receiver.until(lambda seen, known=incident_id: known in started(seen), within=30)
        firsts.append(started(came)[incident_id] - began)
        await scene.at_rest([incident_id], within=30)
    return calls, firsts


async def _in_a_chat(scene: Channels, number: int) -> list[float]:
    """Of each: from the call until the county's chat had a message that names it."""
    there, waits = scene.simulators, list[float]()
    for complaint in scene.crises(number, "CHAT"):
        began, known = there.clock(), str(complaint["incident_id"])
        await scene.file(complaint)
        await there.until(lambda known=known: any(known in each.text for each in there.taken(Kind.WECOM)))
        heard = next(each for each in there.taken(Kind.WECOM) if known in each.text)
        waits.append((heard.at - began).total_seconds())
        await scene.at_rest([known], within=60)
    return waits


async def _second_steps(scene: Webhooks, number: int) -> tuple[list[float], list[float]]:
    """Of each: the repeat's webhook after the instant it was due, and after the call and the wait."""
    called: dict[str, float] = {}
    for complaint in scene.crises(number, "SECOND"):
        began = time.time()
        called[(await scene.filed([complaint]))[0]] = began
        await asyncio.sleep(APART)
    came = await scene.receiver.until(lambda seen: first(seen, REPEAT).keys() >= called.keys(), within=60)
    repeated = first(came, REPEAT)
    due = [repeated[each] - (await _told_at(scene, each) + EVERY).timestamp() for each in called]
    return due, [repeated[each] - began - EVERY.total_seconds() for each, began in called.items()]


async def _told_at(scene: Webhooks, incident_id: str) -> datetime:
    """When the notice was begun, by the incident's own record: what its repeat is counted from."""
    told = (e for e in await scene.entries(incident_id) if e.what == "notice" and f"{e.about}".startswith(f"{TOLD}~"))
    return next(told).recorded_at
