"""A bug in a rule fails a workflow task, never an incident: tried again, with mended code it goes on (architecture)."""

from collections.abc import Callable
from typing import Any

import pytest

from plan.book import Book
from tests.server.people import AT_T1, LEAD
from tests.server.story import Story
from tests.server.world import World

pytestmark = pytest.mark.server


def _wrong_once(right: Callable[..., Any]) -> Callable[..., Any]:
    """Wrong the first time it is asked, and mended then."""
    asked: list[None] = []

    def answer(*args: Any, **kwargs: Any) -> Any:
        asked.append(None)
        if len(asked) == 1:
            raise ZeroDivisionError("a bug")
        return right(*args, **kwargs)

    return answer


@pytest.mark.parametrize("step", ["file", "resolve", "look", "judge", "delivered"])
async def test_a_bug_that_is_mended_leaves_no_trace_in_the_incident(
    alone: World, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(Book, step, _wrong_once(getattr(Book, step)))
    async with alone.worker():
        story = await Story.filed(alone, "10:00", **AT_T1)
        await story.accepted("10:01", LEAD, "calming_attempted", fact_id="f-1", outcome="failed")
        assert LEAD in await story.reached("tell.filed")
        assert LEAD in await story.reached("tell.calming_failed")
        assert await story.about("calming_attempted") == ["f-1"]
        events = (await story.handle.fetch_history()).events
        failed = [event for event in events if event.HasField("workflow_task_failed_event_attributes")]
        assert len(failed) == 1
