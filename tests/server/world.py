"""Where stories play: a namespace of the tests' server, its clock, and the people whom notices reach.

Each incident has a clock of its own on the server. `ahead` is how far the present story is ahead of the server's; what
is started meanwhile, such as a group event that a member opens, begins at the story's time.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from temporalio.api.common.v1 import FastForwardConfig, TimeSkippingConfig
from temporalio.client import Client, Interceptor, OutboundInterceptor, StartWorkflowInput, WorkflowHandle
from temporalio.testing import TimeSkipper

from plan.playbook import Playbook
from runtime.documents import PLAYBOOK, load_playbook
from runtime.seals import Keyring, keyring
from runtime.settings import Settings
from tests.server.recorder import Recorder
from worker import TocsinWorker, build_worker

SLACK: Final = timedelta(milliseconds=5)
"""So that a stamp of the story's present is never in the future of what has just started."""


class World:
    """One namespace. Workers are started by whoever needs one: `async with world.worker():`

    Most stories play at the same outlet and have nothing to do with each other, so that nothing is watched here unless
    `watched` says so: then complaints told one by one are seen together.
    """

    def __init__(self, client: Client, settings: Settings, *, watched: bool = False) -> None:
        self.client = Client(
            client.service_client,
            namespace=client.namespace,
            data_converter=client.data_converter,
            interceptors=[_AtTheStorysTime(self)],
        )
        self._skipper = TimeSkipper(client)  # only to move clocks; it starts nothing
        self.settings = settings
        self._watched = watched
        self.outbox = Recorder()
        self.ahead = timedelta(0)
        self.max_events: int | None = None
        """Whoever is filed from now on continues as new beyond so many events."""

    @property
    def keys(self) -> Keyring:
        return keyring(self.settings)

    def worker(self, **overrides: Any) -> TocsinWorker:
        """A worker over this world's outbox; whatever `build_worker` takes replaces it."""
        usual = {"settings": self.settings, "channels": {"outbox": self.outbox}, "playbook": self.playbook}
        chosen: dict[str, Any] = {**usual, **overrides}
        return build_worker(self.client, **chosen)

    def playbook(self) -> Playbook:
        """The one that comes along, with the watch or without."""
        known = load_playbook(PLAYBOOK)
        return known if self._watched else known.model_copy(update={"watch": None})

    async def now(self, handle: WorkflowHandle[Any, Any]) -> datetime:
        """An incident's own time."""
        return await self._skipper.get_current_time(handle)

    async def skip(self, handle: WorkflowHandle[Any, Any], to: datetime) -> None:
        """Let an incident's time pass, with whatever comes due in it, deliveries included."""
        left = to - await self.now(handle)
        if left > timedelta(0):
            await self._skipper.fast_forward(handle, left)

    def stand(self, at: datetime) -> None:
        """The story is here now: what is started from now on begins at this time."""
        self.ahead = max(at - datetime.now(UTC), timedelta(0))


class _AtTheStorysTime(Interceptor):
    def __init__(self, world: World) -> None:
        self._world = world

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        return _Delayed(next, self._world)


class _Delayed(OutboundInterceptor):
    """Starts with a delay that is skipped at once, and with what else the world adds to a start."""

    def __init__(self, next: OutboundInterceptor, world: World) -> None:
        super().__init__(next)
        self._world = world

    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        if self._world.ahead > timedelta(0):
            delay = self._world.ahead + SLACK
            input.start_delay = delay
            skipped = FastForwardConfig(id=uuid4().hex)
            skipped.duration.FromTimedelta(delay)
            input.time_skipping_config = TimeSkippingConfig(enabled=True, fast_forward_config=skipped)
        if self._world.max_events is not None:
            input.args = [{**input.args[0], "max_events": self._world.max_events}]
        return await super().start_workflow(input)
