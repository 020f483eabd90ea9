"""What the log of a worker says of attempts that fail, as the engine itself logs them (R14, R29)."""

import io
import logging
from collections.abc import Iterator

import pytest

from activities.channels.contract import ChannelUnavailable, Message
from runtime.logging import FORMAT, OneLine
from tests.plan.changed import person
from tests.server.people import AT_T1, LEAD
from tests.server.story import Story
from tests.server.test_delivery import OUTBOX, SMS, Office
from tests.server.world import World

pytestmark = pytest.mark.server


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What would stand on the terminal."""
    written, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(written)
    handler.setFormatter(OneLine(FORMAT))
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


@pytest.mark.rule("R14")
async def test_a_failed_attempt_is_one_line_without_a_traceback(alone: World, log: io.StringIO) -> None:
    """Refused for good over one way, tried again over the next."""
    office = Office(alone, person(LEAD, channels=[SMS, OUTBOX]))
    office.sms.refuses = {LEAD}
    failed = set[str]()

    async def fail_once(message: Message) -> None:
        if message.recipient == LEAD and message.key not in failed:
            failed.add(message.key)
            raise ChannelUnavailable("The channel gave no answer. It is tried again.")

    office.outbox.before = fail_once
    async with office.serve():
        story = await Story.filed(alone, "10:00", **AT_T1)
        assert LEAD in await story.reached("tell.filed")
    lines = [line for line in log.getvalue().splitlines() if "deliver_notice" in line]
    assert "Traceback" not in log.getvalue()
    assert len(lines) == 2
    assert f"failed and is not tried again (incident/{story.incident_id}): ChannelRefused: {LEAD}" in lines[0]
    assert f"failed and is tried again (incident/{story.incident_id}): ChannelUnavailable: The" in lines[1]
