"""Runs workflows and activities: one process serving both task queues (contract, section 2).

`build_worker` puts it together for whoever has a client; `python worker.py` (and `tocsin worker`) runs it until it is
told to stop. Deliveries have a worker of their own, so that no slow channel keeps an incident waiting (R14).
Exit codes: 0 stopped as asked, 2 misconfigured, 3 Temporal out of reach or lost for good.
"""

import asyncio
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Any, Final, NoReturn, Protocol, Self, TextIO

from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from activities.audience import AudienceActivities
from activities.channels.contract import Channel
from activities.channels.table import Equipment, channels_of
from activities.deliver import DeliveryActivities
from activities.drill import DrillActivities
from activities.expiring import ExpiringActivities
from activities.feeding import FeedActivities
from activities.hinting import Hinting
from activities.http import HTTP
from activities.lanes import HALL, Lanes
from activities.links import LinkActivities
from activities.mail import MailActivities
from activities.posting import Posting
from activities.records import RecordActivities
from activities.register import RegisterActivities
from activities.rhythm import RhythmActivities
from activities.roster import RosterActivities
from activities.shelf import Shelf
from activities.subscribers import Subscribers
from activities.watch import WatchActivities
from activities.watchdog import WatchdogActivities
from plan.channels import MANNERS, Manner
from plan.errors import Misconfigured, TocsinError, Unreachable
from plan.organisation import Organisation
from plan.playbook import Playbook
from plan.wording import Wording
from runtime.ack_links import ack_links
from runtime.documents import check_texts, current_organisation, current_playbook, load_wording
from runtime.happened import Happened, Hint
from runtime.home import Home
from runtime.leaving import leave, run
from runtime.logging import configure
from runtime.names import DELIVERIES_QUEUE, EVENTS_QUEUE, WORKFLOWS_QUEUE
from runtime.records.engine import Store, open_store, open_store_to_erase
from runtime.rhythm_file import current_rhythm
from runtime.scenarios import Scenarios, current_scenario
from runtime.seals import keyring
from runtime.settings import Settings
from runtime.temporal import connect, plugin, prepare
from workflows.alert import AlertWorkflow
from workflows.bulletin import BulletinWorkflow
from workflows.drill import DrillWorkflow
from workflows.feed import FeedWorkflow
from workflows.incident import IncidentWorkflow
from workflows.mailbox import MailboxWorkflow
from workflows.register import RegisterWorkflow
from workflows.retention import RetentionWorkflow
from workflows.rhythm import RhythmWorkflow
from workflows.root import RootWorkflow
from workflows.watch import WatchWorkflow
from workflows.watchdog import WatchdogWorkflow

CONNECT_WITHIN: Final = timedelta(seconds=60)
"""How long `python worker.py` waits for a Temporal that is not there yet."""
LOOK_AGAIN: Final = timedelta(seconds=1)

WORKFLOWS: Final = (
    AlertWorkflow,
    IncidentWorkflow,
    MailboxWorkflow,
    WatchWorkflow,
    BulletinWorkflow,
    WatchdogWorkflow,
    RegisterWorkflow,
    RhythmWorkflow,
    RootWorkflow,
    DrillWorkflow,
    FeedWorkflow,
    RetentionWorkflow,
)

# Workflow tasks are bound by the interpreter: more of them at once only wait for each other, and a crisis behind them.
WORKFLOW_TASKS: Final = 6
WORKFLOW_POLLERS: Final = 4
LINKS_AND_ROSTERS: Final = 50
ACTIVITY_POLLERS: Final = 4
FEEDS: Final = 50


class Serves(Protocol):
    """What `temporalio.worker.Worker` can do and this needs."""

    async def run(self) -> None: ...

    async def shutdown(self) -> None: ...


class TocsinWorker:
    """Both workers as one, with the ways of `temporalio.worker.Worker`: `run`, `shutdown`, or `async with`.

    They live and die together: when one fails the other is stopped too, and the failure comes out of `run`, or of
    `async with`, whose block is cancelled. `closing` is closed at the end, and so are the
    `records`.
    """

    def __init__(self, *workers: Serves, closing: HTTP, records: Sequence[Shelf] = ()) -> None:
        self._workers, self._closing, self._records = workers, closing, records
        self._stop, self._over = asyncio.Event(), asyncio.Event()
        self._over.set()
        self._running: asyncio.Task[None] | None = None
        self._block: asyncio.Task[Any] | None = None

    async def run(self) -> None:
        """Serve both queues until `shutdown`, or until one of them fails for good."""
        self._over.clear()
        serving = [asyncio.create_task(worker.run()) for worker in self._workers]
        stop = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait([stop, *serving], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()
            failures = await self._all_stopped(serving)
            self._over.set()
        if failures:
            raise failures[0]

    async def _all_stopped(self, serving: list[asyncio.Task[None]]) -> list[BaseException]:
        stopping = [asyncio.create_task(worker.shutdown()) for worker in self._workers]
        ended = await asyncio.gather(*serving, return_exceptions=True)
        for task in stopping:
            task.cancel()  # that of a worker which never came up would wait for ever
        await self._closing.aclose()
        for shelf in self._records:
            await shelf.aclose()
        return [failure for failure in ended if failure is not None]

    async def shutdown(self) -> None:
        """Stop: running deliveries may finish for as long as the settings allow. Returns when all is over."""
        self._stop.set()
        await self._over.wait()

    async def __aenter__(self) -> Self:
        self._block = asyncio.current_task()
        self._running = asyncio.create_task(self.run())
        self._running.add_done_callback(self._cancel_the_block)
        return self

    def _cancel_the_block(self, running: asyncio.Task[None]) -> None:
        if self._block is not None and not running.cancelled() and running.exception() is not None:
            self._block.cancel()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        block, self._block = self._block, None
        if self._running is None:
            return
        failed = self._running.done() and self._running.exception() is not None
        self._stop.set()
        if failed and kind is asyncio.CancelledError and block is not None:
            block.uncancel()  # it was cancelled by us, and the failure says why
        if kind in (None, asyncio.CancelledError):
            await self._running
        else:
            await asyncio.wait([self._running])


def build_worker(
    client: Client,
    *,
    settings: Settings | None = None,
    channels: Mapping[str, Channel] | None = None,
    organisation: Callable[[], Organisation] | None = None,
    playbook: Callable[[], Playbook] | None = None,
    wording: Callable[[str], Wording] | None = None,
    scenarios: Scenarios | None = None,
    manners: Mapping[str, Manner] = MANNERS,
    records: Callable[[], Store] | None = None,
    terminal: TextIO | None = None,
    **overrides: Any,
) -> TocsinWorker:
    """A worker for both queues, over any client with the project's data converter.

    `channels`, `organisation`, `playbook`, `wording` and `scenarios` replace what the settings lead to: the table of
    channels, the current versions, the wording and the drills' scenarios that come along; `manners` is how fast
    each channel may be spoken to. `records` opens the store. `terminal` is where the outbox shows its notices too.
    Every other keyword replaces one of `temporalio.worker.Worker` for the worker of the workflows
    (`max_cached_workflows=0`, `task_queue=…`, `workflow_runner=…`). Errors: Misconfigured where the keys cannot be
    read, or a text that people read has a fault.
    """
    settings = settings or Settings()
    if wording is None:
        check_texts()
    keys, http = keyring(settings), HTTP()
    organisation = organisation or partial(current_organisation, settings)
    if channels is None:
        outbox = settings.outbox or Home(settings.home).outbox
        equipment = Equipment(http=http, outbox=outbox, settings=settings, terminal=terminal)
        channels = channels_of(equipment)
    switch = settings.dead_man_url.get_secret_value() if settings.dead_man_url else None
    lanes = Lanes(hall=HALL)
    deliveries = DeliveryActivities(
        channels=channels,
        organisation=organisation,
        wording=wording or load_wording,
        posting=Posting(client, manners=manners),
        links=ack_links(settings, keys),
        lanes=lanes,
    )
    mail = MailActivities(client, keys, channels=channels, organisation=organisation, lanes=lanes)
    rosters = RosterActivities(organisation, playbook or partial(current_playbook, settings), keeps_records=True)
    shelf, happened = Shelf(records or partial(open_store, settings)), Happened()
    subscribers = Subscribers(shelf)
    hinting = Hinting(client, subscribers, happened)
    feeding = FeedActivities(client, http, subscribers, shelf, hosts=settings.hosts_for_events)
    kept = RecordActivities(client, shelf, hinting.kept)
    erasing = Shelf(partial(open_store_to_erase, settings)) if settings.records_eraser else shelf
    expiring = ExpiringActivities(client, erasing, settings.retention)
    links, watches = (
        LinkActivities(client, keys),
        WatchActivities(client, keys),
    )
    drills = DrillActivities(
        client, keys, organisation=organisation, scenarios=scenarios or partial(current_scenario, settings)
    )
    audience, watchdog = AudienceActivities(organisation), WatchdogActivities(client, http, switch=switch)
    rhythm = RhythmActivities(client, keys, organisation)
    registers = RegisterActivities(client, keys, organisation, partial(current_rhythm, settings))
    activities: list[Callable[..., Any]] = [
        rosters.resolve_roster,
        kept.keep_record,
        kept.make_root,
        expiring.erase_expired,
        links.tell_incident,
        links.load_ended,
        watches.report_sighting,
        watches.look_at_incident,
        watches.raise_alert,
        audience.resolve_audience,
        watchdog.look_from_outside,
        watchdog.say_all_is_well,
        rhythm.prepare_round,
        rhythm.keep_round,
        registers.resolve_standing,
        registers.open_action,
        registers.finish_action,
        drills.prepare_drill,
        drills.file_in_drill,
        drills.look_at_drill,
        drills.score_drill,
    ]
    return TocsinWorker(
        _of_workflows(client, settings, activities, overrides, hint=happened.say),
        _of_deliveries(client, settings, deliveries, mail, slots=lanes.slots(len(channels))),
        _of_events(client, settings, feeding),
        hinting,
        closing=http,
        records=[shelf, erasing],
    )


def _of_workflows(
    client: Client,
    settings: Settings,
    activities: Sequence[Callable[..., Any]],
    overrides: Mapping[str, Any],
    *,
    hint: Hint,
) -> Worker:
    ours = plugin(settings, hint=hint)
    if "workflow_runner" in overrides:
        ours.workflow_runner = None
    usual: dict[str, Any] = {
        "task_queue": WORKFLOWS_QUEUE,
        "workflows": WORKFLOWS,
        "activities": activities,
        "plugins": [ours],
        "max_cached_workflows": settings.max_cached_workflows,
        "max_concurrent_workflow_tasks": WORKFLOW_TASKS,
        "max_concurrent_activities": LINKS_AND_ROSTERS,
        "max_concurrent_workflow_task_polls": WORKFLOW_POLLERS,
        "max_concurrent_activity_task_polls": ACTIVITY_POLLERS,
        "sticky_queue_schedule_to_start_timeout": settings.sticky_timeout,
        "graceful_shutdown_timeout": settings.graceful_shutdown,
    }
    return Worker(client, **{**usual, **overrides})


def _of_deliveries(
    client: Client, settings: Settings, deliveries: DeliveryActivities, mail: MailActivities, *, slots: int
) -> Worker:
    return Worker(
        client,
        task_queue=DELIVERIES_QUEUE,
        activities=[deliveries.deliver_notice, mail.send_letters, mail.settle_letters],
        max_concurrent_activities=slots,
        max_concurrent_activity_task_polls=ACTIVITY_POLLERS,
        graceful_shutdown_timeout=settings.graceful_shutdown,
    )


def _of_events(client: Client, settings: Settings, feeding: FeedActivities) -> Worker:
    """Apart, so that receivers who hang take nobody else's place."""
    return Worker(
        client,
        task_queue=EVENTS_QUEUE,
        activities=[feeding.deliver_events, feeding.try_subscription],
        max_concurrent_activities=FEEDS,
        max_concurrent_activity_task_polls=2,
        graceful_shutdown_timeout=settings.graceful_shutdown,
    )


async def serve(settings: Settings, *, terminal: TextIO | None = None) -> int:
    """Run a worker until SIGTERM or SIGINT; the exit code."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        if client := await _connected(settings, stop):
            await _prepare(client)
            await _serve(client, settings, stop, terminal)
        return 0
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


async def _serve(client: Client, settings: Settings, stop: asyncio.Event, terminal: TextIO | None) -> None:
    async with build_worker(client, settings=settings, terminal=terminal):
        _say(f"Serving {WORKFLOWS_QUEUE} and {DELIVERIES_QUEUE} in namespace {client.namespace}. Ctrl-C stops.")
        await stop.wait()
        _say("Stopping: what is being delivered may finish.")


async def _connected(settings: Settings, stop: asyncio.Event) -> Client | None:
    """Wait for a Temporal that is not there yet; None where we are told to stop meanwhile."""
    last = asyncio.get_running_loop().time() + CONNECT_WITHIN.total_seconds()
    said = False
    while not stop.is_set():
        try:
            return await connect(settings)
        except Unreachable as away:
            if asyncio.get_running_loop().time() > last:
                raise
            if not said:
                _say(f"{away} Waiting for it, {CONNECT_WITHIN.total_seconds():.0f} seconds at most.")
                said = True
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_AGAIN.total_seconds())
    return None


async def _prepare(client: Client) -> None:
    """Who may not register search attributes may still serve: an administrator has registered them, or must."""
    try:
        await prepare(client)
    except Misconfigured as refused:
        _say(str(refused))


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")


def main() -> NoReturn:
    try:
        settings = Settings()
        configure(settings.log_level)
        code = run(serve(settings, terminal=sys.stderr if sys.stderr.isatty() else None))
    except TocsinError as failed:
        _say(str(failed))
        code = failed.exit_code
    except (RPCError, RuntimeError) as lost:
        _say(f"The worker has stopped: {lost}. Is the namespace there, and may this worker use it?")
        code = Unreachable.exit_code
    leave(code)


if __name__ == "__main__":
    main()
