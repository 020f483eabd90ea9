"""Simulators for their own tests, with a clock that a test may move."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import pytest

from tests.simulators.simulators import Simulators


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **how_long: float) -> None:
        self.now += timedelta(**how_long)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def town(clock: Clock) -> AsyncGenerator[Simulators]:
    async with Simulators(clock=clock, sms_limits=True) as town:
        yield town
