"""The one timer of an incident: armed for the next instant, restarted only when that instant moves."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow


class Timer:
    """`rang` until it is armed again."""

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def rang(self) -> bool:
        return self._task is not None and self._task.done()

    def arm(self, at: datetime | None, summary: Callable[[datetime], str]) -> None:
        """For this instant, or for none; the summary is what an operator sees of it."""
        if self._task is not None and (self._task.done() or at != self._at):
            self._task.cancel()
            self._task = None
        if at is not None and self._task is None:
            left = max(at - workflow.now(), timedelta(0))
            self._task = asyncio.create_task(workflow.sleep(left, summary=summary(at)))
        self._at = at
