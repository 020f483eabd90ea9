"""Every kind of channel, failing: what hangs delays nobody else, and nothing is lost while workers are killed (R14).

A real server, real workers, the other side of every channel simulated with its real limits. `python -m bench chaos`
plays the last story with 500 notices, 20 kills and every fault on every channel. Ends only processes it started.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from bench import chaos, town
from bench.channels import KINDS, WAYS, Channels, first_way
from bench.scene import View
from tests.simulators.faults import Fault
from tests.simulators.inbox import Kind

pytestmark = [pytest.mark.server, pytest.mark.slow]

AT_ONCE: Final = timedelta(seconds=5)
"""For a busy machine; whoever waited for what hangs would wait for nine."""
DUE_IN: Final = timedelta(seconds=1.5)
BRIEF: Final = (
    *(Fault.http(status) for status in (500, 503)),
    *(Fault.drop(when) for when in ("before", "after", "midway")),
    *(Fault.busy(), Fault.busy(), Fault.silent()),
)
"""Fewer time-outs than the bench has: each takes nine seconds."""
NO_UNKNOWNS: Final = {**WAYS, "contact": (Kind.WEBHOOK, Kind.SMS)}
"""Short messages are the second way: of one that was lost on its way the gateway is asked for two minutes."""


@pytest.fixture(scope="module")
async def everything(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Channels]:
    async with Channels(tmp_path_factory.mktemp("channels"), outlets=3) as scene:
        await scene.worker()
        yield scene


@pytest.fixture
def scene(everything: Channels) -> Iterator[Channels]:
    """Nothing hangs any more after the test."""
    yield everything
    for kind in KINDS:
        everything.simulators.mend(kind)
    everything.simulators.release()


@pytest.mark.rule("R14", "R43", "R62")
@pytest.mark.parametrize("kind", KINDS)
async def test_a_channel_that_hangs_delays_nobody_on_another_one_and_no_breach(scene: Channels, kind: Kind) -> None:
    scene.simulators.fault(kind, Fault.hang())
    due_at = datetime.now(UTC) + DUE_IN
    incident_id = (await scene.filed([_due(kind, due_at)]))[0]

    view = await _until(scene, incident_id, lambda view: _all_told(view, hung=kind))

    breach = next(entry for entry in await scene.entries(incident_id) if entry.what == "breach")
    assert breach.recorded_at - due_at < timedelta(seconds=1)
    for notice in view["notices"]:
        if first_way(notice["recipient"]) is kind:
            assert notice["state"] in ("pending", "held")
        else:
            assert _instant(notice["sent_at"]) - _instant(notice["created_at"]) < AT_ONCE


@pytest.mark.rule("R14")
@pytest.mark.timeout(170)
async def test_while_services_fail_and_workers_are_killed_each_notice_arrives_or_is_seen_to_fail(
    tmp_path: Path,
) -> None:
    async with Channels(tmp_path, outlets=chaos.OUTLETS, ways=NO_UNKNOWNS) as scene:
        for _ in range(2):
            await scene.worker()

        toll = await chaos.play(scene, notices=80, kills=4, mix=BRIEF)

    assert toll.whole, toll
    assert toll.failed > 0, "one person is reached by nothing"
    assert toll.spoiled > 0.15 * toll.calls
    assert set(toll.kinds) >= {*KINDS} - {Kind.SMS}


def _due(kind: Kind, due_at: datetime) -> dict[str, Any]:
    """A crisis whose report is due then, at an outlet whose lead can be reached."""
    known_at = (due_at - timedelta(hours=1)).isoformat()
    return {
        **town.incidents(2, f"HUNG-{kind}", 2)[1],
        "circumstances": {"disrupts_outlet": True, "known_at": known_at},
    }


def _all_told(view: View, *, hung: Kind) -> bool:
    """Of the breach too, whoever is not reached by what hangs."""
    breaches = [notice for notice in view["notices"] if notice["duty"] == "breach.outlet_report"]
    well = [notice for notice in view["notices"] if first_way(notice["recipient"]) is not hung]
    return bool(breaches) and all(notice["state"] == "delivered" for notice in well)


async def _until(scene: Channels, incident_id: str, seen: Callable[[View], bool]) -> View:
    """The view as soon as it looks like this."""
    async with asyncio.timeout(20):
        while not seen(view := await scene.view(incident_id)):
            pass
    return view


def _instant(said: str) -> datetime:
    return datetime.fromisoformat(said)
