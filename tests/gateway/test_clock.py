"""The clock that stamps what is received is compared with Temporal's, and never moved for it."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from plan.errors import Unreachable
from starter.gateway.clock import SystemClock
from starter.gateway.clock_check import BOUND, ClockCheck, difference
from starter.gateway.connection import Connected
from tests.gateway.conftest import Parts, client_of, serving
from tests.server.world import World

pytestmark = pytest.mark.server
OURS = timedelta(seconds=0.5)
"""What may pass on a busy machine between two readings."""


class Shifted:
    """A clock that goes wrong by so much."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return datetime.now(UTC) + self._by


class Away:
    async def client(self) -> None:
        raise Unreachable("Temporal does not answer.")


async def test_two_clocks_of_one_machine_agree(world: World) -> None:
    assert await difference(SystemClock(), world.client) == timedelta(0)


@pytest.mark.parametrize("seconds", [-3600, -3, 3, 3600])
async def test_how_far_temporals_clock_is_away_is_known_to_the_moment(world: World, seconds: int) -> None:
    found = await difference(Shifted(timedelta(seconds=seconds)), world.client)
    assert abs(found + timedelta(seconds=seconds)) < OURS


async def test_a_difference_is_logged_and_told_and_changes_no_stamp(
    parts: Parts, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Shifted(timedelta(minutes=-5))
    check = ClockCheck(clock, Connected(world.client))
    await check.look()
    assert not check.agrees
    assert "Temporal's clock is +300" in caplog.text or "Temporal's clock is +299" in caplog.text
    assert datetime.now(UTC) - clock.now() > timedelta(minutes=4)
    async with serving(parts, clock=clock) as gateway, client_of(gateway) as client:
        await gateway.app.state.clock_check.look()
        said = (await client.get("/readyz")).json()
        assert said["clock"] == "differs"
        assert said["clock_difference_seconds"] > BOUND.total_seconds()
        assert "tocsin_clock_difference_seconds 29" in (await client.get("/metrics")).text.replace(" 300", " 299")


async def test_without_temporal_nothing_is_claimed(caplog: pytest.LogCaptureFixture) -> None:
    check = ClockCheck(SystemClock(), Away())  # pyright: ignore[reportArgumentType]
    with caplog.at_level(logging.ERROR):
        await check.look()
    assert check.difference is None
    assert check.agrees
    assert caplog.text == ""
