"""How measurements of due instants are set up: far enough away on any machine, and no CPU time where nobody counts."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta

import pytest

from bench.due_to_attempt import AT_LEAST, Pace
from bench.processes import computed_by


def _away(pace: Pace, number: int) -> float:
    return (pace.due(number) - datetime.now(UTC) - AT_LEAST).total_seconds()


def test_the_due_instant_is_half_as_far_again_as_the_ones_before_took() -> None:
    pace = Pace(timedelta(seconds=0.1))
    assert _away(pace, 100) == pytest.approx(10, abs=0.5)
    pace.took(40.0, 100)
    assert _away(pace, 1_000) == pytest.approx(600, abs=0.5)
    pace.took(0.1, 1)  # of one alone nothing follows for many
    pace.too_short()
    assert _away(pace, 10) == pytest.approx(12, abs=0.5)


async def test_the_cpu_time_of_another_process_is_read_while_it_runs() -> None:
    assert computed_by(None) == 0
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "sum(range(3_000_000)); print('done', flush=True); input()"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    await process.stdout.readline()
    used = computed_by(process)
    process.kill()
    await process.wait()
    if sys.platform == "linux":
        assert 0.01 <= used < 10
    assert computed_by(process) == 0
