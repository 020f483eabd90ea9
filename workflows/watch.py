"""The workflow of one watch: incidents report what they are now, and it says what follows from all of them (A23).

Started by the first report, by signal-with-start. What it decides is the plan's (`plan/watch.py`), and kept until it is
answered: what cannot be said now is said later, across continue-as-new too. It ends when nothing is left to watch; the
next report starts it anew.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, cast

from pydantic import JsonValue, ValidationError
from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from plan.details import local
from plan.saying import Said, Say
from plan.watch import Watched, WatchStart, opened, read_report
from plan.watch_view import watch_details, watch_view
from runtime.names import SEEN, VIEW, WATCH
from workflows.background import Background
from workflows.reading import NOTHING, decoded, open_seal
from workflows.saying import say_it
from workflows.waiting import Timer

AT_A_TIME = 50
"""So many reports are read in one workflow task: a storm of them must not take the two seconds that one may take."""
A_BREATH = timedelta(milliseconds=1)
AT_ONCE = 20
"""So many things are said at the same time."""
AGAIN_AFTER = timedelta(minutes=10)
"""When what could not be said is tried again, unless something is reported sooner."""
HOW = "A watch is started by the reports of incidents, under the id of whom it watches; do not start it by hand."


@workflow.defn(name=WATCH)
class WatchWorkflow:
    """`run` is the whole story: read what came, say what is owed, wait."""

    def __init__(self) -> None:
        """Reports may come before `run` has begun: they wait until it has opened what was carried over."""
        self._id = workflow.info().workflow_id
        self._start = WatchStart()
        self._watch: Watched | None = None
        self._came: list[RawValue] = []
        self._saying: set[str] = set()
        self._resting: set[str] = set()
        self._again_at: datetime | None = None
        self._armed: datetime | None = None
        self._refused = 0
        self._changed = False
        self._background = Background(on_end=self._look_again)
        self._timer = Timer()

    @workflow.run
    async def run(self, start: RawValue = NOTHING) -> dict[str, JsonValue]:
        self._open(start)
        while not self._over():
            self._begin_what_is_owed()
            workflow.set_current_details(watch_details(self._watched, workflow.now()))
            await self._until_something_comes()
            self._background.raise_what_broke()
            self._read_what_came()
            await self._take_a_breath()
            if self._at_a_quiet_moment():
                workflow.continue_as_new(self._carried_over())
        return {"watch": self._id, "refused": self._refused}

    # What arrives

    @workflow.signal(name=SEEN, description="事件现状（系统发送，带签章）· What an incident is now; sealed by a worker")
    def seen(self, message: RawValue = NOTHING) -> None:
        self._came.append(message)
        self._changed = True

    @workflow.signal(dynamic=True)
    def unknown_signal(self, name: str, args: Sequence[RawValue]) -> None:
        self._refused += 1

    @workflow.update(dynamic=True)
    def unknown_update(self, name: str, args: Sequence[RawValue]) -> None:
        raise ApplicationError("a watch takes no updates; tell the incident", type="Malformed", non_retryable=True)

    @workflow.query(
        name=VIEW, description="在看什么：人数、窗口、已提请的 · What it counts, within which windows, what it raised"
    )
    def view(self, message: RawValue = NOTHING) -> dict[str, JsonValue]:
        return self.shown(workflow.now())

    def shown(self, now: datetime) -> dict[str, JsonValue]:
        """What it knows as of an instant."""
        known = watch_view(self._watch, now) if self._watch else {}
        return {"watch": self._id, **known, "refused": self._refused, "waiting": len(self._came)}

    # The steps of the loop

    @property
    def _watched(self) -> Watched:
        if self._watch is None:
            raise LookupError("the watch is not open yet")
        return self._watch

    def _read_what_came(self) -> None:
        """In the order of arrival, so many in one task. What no worker has sealed, or nobody can read, is counted."""
        came, self._came = self._came[:AT_A_TIME], self._came[AT_A_TIME:]
        for message in came:
            said = decoded(message)
            report = read_report(_sealed(said))
            if report is None:
                self._refused += 1
            else:
                self._watch = self._watched.seen(report.sighting, report.rules)
        if came or self._timer.rang:
            self._resting.clear()
            self._again_at = None

    async def _take_a_breath(self) -> None:
        """Where more came than one task should read: the rest in the next one."""
        if self._came:
            with suppress(asyncio.CancelledError):  # refused, like any other
                await workflow.sleep(A_BREATH, summary="下一批")

    def _begin_what_is_owed(self) -> None:
        """Nothing new before a quiet moment that is overdue."""
        if self._long():
            return
        for say in self._watched.owed:
            if len(self._saying) < AT_ONCE and say.key not in self._saying | self._resting:
                self._saying.add(say.key)
                self._background.begin(self._say(say))

    async def _say(self, say: Say) -> None:
        try:
            said: Said | None = await say_it(say)
        finally:
            self._saying.discard(say.key)
        if said is None:
            self._resting.add(say.key)
            self._again_at = self._again_at or workflow.now() + AGAIN_AFTER
        else:
            self._watch = self._watched.answered(say, said)

    async def _until_something_comes(self) -> None:
        """A cancellation is refused; the watch goes on."""
        self._arm()
        self._changed = False
        while not self._something_came():
            try:
                await workflow.wait_condition(self._something_came)
            except asyncio.CancelledError:
                self._refused += 1

    def _something_came(self) -> bool:
        return self._changed or bool(self._came) or self._timer.rang

    def _look_again(self) -> None:
        self._changed = True

    def _arm(self) -> None:
        """For the earliest instant at which anything may be due; not moved with each complaint, for that costs."""
        at = min((at for at in (self._watched.expires_at, self._again_at) if at is not None), default=None)
        if at is not None and self._armed is not None and not self._timer.rang:
            at = min(at, self._armed)
        self._armed = at
        self._timer.arm(at, lambda at: f"再看一次 {local(at)}")

    def _over(self) -> bool:
        """Nothing is left to watch, to say, or to read."""
        if self._came or self._background.busy or self._watched.owed:
            return False
        return self._watched.pruned(workflow.now()).is_empty

    def _long(self) -> bool:
        info = workflow.info()
        most = self._start.max_events
        return info.is_continue_as_new_suggested() or (most is not None and info.get_current_history_length() > most)

    def _at_a_quiet_moment(self) -> bool:
        return self._long() and not self._background.busy and not self._came

    # From run to run

    def _open(self, start: RawValue) -> None:
        """A start that cannot be read is none: what is reported must not meet a watch that failed."""
        empty = opened(self._id)
        if empty is None:
            raise ApplicationError(HOW, type="Malformed", non_retryable=True)
        self._start = _read(start)
        carried = self._start.carried if workflow.info().continued_run_id is not None else None
        self._watch = carried or empty
        self._read_what_came()

    def _carried_over(self) -> dict[str, Any]:
        start = WatchStart(max_events=self._start.max_events, carried=self._watched)
        return start.model_dump(mode="json", exclude_none=True)


def _read(raw: object) -> WatchStart:
    try:
        return WatchStart.model_validate(decoded(raw) or {})
    except ValidationError:
        if workflow.info().continued_run_id is not None:
            raise  # what the run before had must not be lost: the task is tried again until mended code comes
        return WatchStart()


def _sealed(said: object) -> object:
    """What a worker posted here, and proved so; None otherwise."""
    if not isinstance(said, dict):
        return None
    envelope = cast("dict[str, Any]", said)
    valid: Callable[[str, dict[str, Any]], bool] = open_seal()
    return envelope.get("fact") if valid(workflow.info().workflow_id, envelope) else None
