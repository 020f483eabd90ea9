"""What people write, and who they are, shows nowhere but in the facts themselves (R29, R57.6)."""

import asyncio
import logging
import re
from typing import Any, Final

import pytest

from runtime.names import DIGEST
from tests.plan.samples import FULL
from tests.server.people import ANHE, AT_T1, CONTACT, COUNTY, LEAD, POST, PROVINCE
from tests.server.shown import details, history, summary
from tests.server.story import Story
from tests.server.world import World

pytestmark = pytest.mark.server

MARK: Final = "ZhangSan138"
"""Stands in every personal field and every free text."""


def marked(value: Any) -> Any:
    match value:
        case str():
            return value.replace("secret", MARK)
        case dict():
            return {name: marked(item) for name, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case list():
            return [marked(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value


COMPLAINT: Final[dict[str, Any]] = {
    **AT_T1,
    "reason": MARK,
    "customer": {"name": MARK, "phone": "13800138000", "policy_numbers": [f"{MARK}-1"], "person_key": "p-0"},
    "source": {"system": "crm", "reference": "R-1"},
}
ENDS: Final = ("closed", "withdrawn", "reopened", "member_joined")
SPEAKERS: Final = ("operator", COUNTY, LEAD, ANHE, POST, PROVINCE, "hq.post")


async def _told_everything(world: World) -> Story:
    """Every kind of fact with everything it can hold, by all at once, those who may say it and those who may not."""
    story = await Story.filed(world, "10:00", **COMPLAINT)
    await story.until("10:10")
    for kind, full in FULL.items():
        said = {name: value for name, value in marked(full).items() if name not in ("kind", "fact_id", "by")}
        speakers = SPEAKERS if kind not in ENDS else ()
        assert MARK not in str(await asyncio.gather(*(story.tell("10:10", by, kind, **said) for by in speakers)))
    assert MARK not in str(await story.tell("10:10", LEAD, "noted", text=MARK, unknown=MARK))
    assert MARK not in str(await story.tell("10:10", "nobody", "noted", text=MARK))
    await story.handle.signal("no_such_signal", {"kind": "noted", "by": LEAD, "text": MARK})
    await story.until("11:30")
    return story


@pytest.mark.timeout(180)  # where nothing is cached each of its many tasks replays
@pytest.mark.rule("R29", "R57.6")
async def test_what_people_write_shows_nowhere_but_in_the_facts_themselves(
    alone: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, logger="temporalio")  # as `runtime.logging` has it: below it logs whole payloads
    alone.outbox.refuses = {CONTACT}
    async with alone.worker():
        story = await _told_everything(alone)
        group = story.day.story("GD-2026-G1")
        accepted = {entry["what"] for entry in await story.entries()}
        assert len(accepted & set(FULL)) > 30, "most kinds were accepted"
        for shown in (story, group):
            found = await _shown(shown)
            assert MARK not in found
            assert "13800138000" not in found
            assert MARK not in str(await shown.view()) + str(await shown.entries())
        assert len(alone.outbox.sent) > 30
        assert not [message for message in alone.outbox.asked if MARK in f"{message} {message.text}"]
        assert MARK not in caplog.text
        assert "13800138000" not in caplog.text


async def _shown(story: Story) -> str:
    """Everything of an incident that the UI shows without opening a payload."""
    described = await story.handle.describe()
    memo = await described.memo()
    assert set(memo) <= {DIGEST}
    assert all(re.fullmatch(r"[0-9a-f]{64}", str(value)) for value in memo.values())
    steps = [await summary(story, event) for event in await history(story)]
    heads = [described.id, await described.static_summary(), await described.static_details(), await details(story)]
    return "\n".join(map(str, [*heads, await story.attributes(), *steps]))
