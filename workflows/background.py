"""Steps that run beside the loop: a delivery, a link, the roster. What breaks in one does not pass in silence."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Background:
    """The steps under way; `on_end` is called as each one ends."""

    def __init__(self, on_end: Callable[[], None]) -> None:
        self._on_end = on_end
        self._steps: set[asyncio.Task[None]] = set()
        self._broken: BaseException | None = None

    @property
    def busy(self) -> bool:
        return bool(self._steps)

    def begin(self, step: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(step)
        self._steps.add(task)
        task.add_done_callback(self._ended)

    def raise_what_broke(self) -> None:
        """A bug must not fail an incident: the workflow task fails, and is tried again until mended code comes."""
        if self._broken is not None:
            raise RuntimeError("a step beside the loop broke; mend the code, the task is tried again") from self._broken

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._steps.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._broken = error
        self._on_end()
