"""People reached in group chats: real robots on this machine with their real limits, minutes made shorter."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from temporalio.client import Client, Interceptor, OutboundInterceptor, StartWorkflowInput, WorkflowHandle
from temporalio.testing import ActivityEnvironment

from activities.channels.contract import Channel
from activities.channels.dingtalk import DingTalk
from activities.channels.feishu import Feishu
from activities.channels.wecom import WeCom
from activities.deliver import DeliveryActivities
from activities.http import HTTP
from activities.posting import Posting, mailbox_of
from plan.channels import MANNERS, Manner
from plan.orders import DeliveryOrder
from plan.organisation import Organisation
from runtime.documents import load_wording
from runtime.names import MAILBOX, workflow_id
from tests.plan.changed import Change, both, organisation, person
from tests.server.world import World
from tests.simulators.inbox import Inbox
from tests.simulators.simulators import Simulators
from worker import TocsinWorker, build_worker

SHORTEN: Final = 30
"""A minute is two seconds."""
OUTBOX: Final = {"channel": "outbox"}


def manners(shorten: float = SHORTEN, **changes: Any) -> Mapping[str, Manner]:
    """The real ones with minutes made shorter, changed as said."""
    return {name: _shorter(manner, shorten).model_copy(update=changes) for name, manner in MANNERS.items()}


def _shorter(manner: Manner, shorten: float) -> Manner:
    rates = tuple(rate.model_copy(update={"within": rate.within / shorten}) for rate in manner.rates)
    return manner.model_copy(update={"rates": rates})


def slow(seconds: float = 2, at_most: int = 1, reserved: int = 0) -> Mapping[str, Manner]:
    """One message in so many seconds, and the second that a mailbox adds."""
    return {
        name: manner.model_copy(
            update={
                "rates": tuple(
                    rate.model_copy(update={"at_most": at_most, "within": timedelta(seconds=seconds)})
                    for rate in manner.rates[:1]
                ),
                "reserved": reserved,
            }
        )
        for name, manner in MANNERS.items()
    }


def chat(inbox: Inbox, audience: str = "internal", **more: Any) -> dict[str, Any]:
    """The address of a robot, as it stands in the organisation."""
    return {"channel": str(inbox.kind), "to": inbox.url, "audience": audience, **more}


class Chats:
    """A world with chats, and an organisation that may change while notices wait."""

    def __init__(self, world: World, town: Simulators, http: HTTP) -> None:
        self.world, self.town, self._http = world, town, http
        self._organisation = organisation()

    def robot(self, kind: str, id: str) -> Inbox:
        """A robot in a chat of its own; nothing is signed."""
        return self.town.open(kind, id, secret="")

    def change(self, *changes: Change) -> None:
        self._organisation = organisation(both(*changes))

    def reach(self, people: Mapping[str, list[dict[str, Any]]]) -> None:
        """These people over these channels, everybody else over the outbox."""
        self.change(*(person(each, channels=ways) for each, ways in people.items()))

    def current(self) -> Organisation:
        return self._organisation

    @property
    def channels(self) -> dict[str, Channel]:
        env: dict[str, str] = {}
        robots = {"wecom": WeCom(self._http), "dingtalk": DingTalk(self._http, env=env), "feishu": Feishu(self._http)}
        return {"outbox": self.world.outbox, **robots}

    def serve(self, **overrides: Any) -> TocsinWorker:
        chosen = {"manners": manners(), "channels": self.channels, **overrides}
        return self.world.worker(organisation=self.current, **chosen)

    def dying_after_posting(self) -> TocsinWorker:
        """A worker whose first attempt to post a letter does so, and does not live to say it."""
        client = self.world.client
        dying = Client(
            client.service_client,
            namespace=client.namespace,
            data_converter=client.data_converter,
            interceptors=[_DiesAfterPosting()],
        )
        return build_worker(
            dying,
            settings=self.world.settings,
            channels=self.channels,
            organisation=self.current,
            manners=manners(),
        )

    def mailbox(self, inbox: Inbox) -> WorkflowHandle[Any, Any]:
        return self.world.client.get_workflow_handle(mailbox_of(str(inbox.kind), inbox.url))


class _DiesAfterPosting(Interceptor):
    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        class Out(OutboundInterceptor):
            alive = True

            async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
                started = await super().start_workflow(input)
                if input.workflow == MAILBOX and self.alive:
                    self.alive = False
                    raise RuntimeError("dead")
                return started

        return Out(next)


@asynccontextmanager
async def chatting(world: World, *, shorten: float = SHORTEN) -> AsyncGenerator[Chats]:
    """Simulated services beside a world; what hangs is let go at the end."""
    http = HTTP()
    async with Simulators(shorten=shorten) as town:
        try:
            yield Chats(world, town, http)
        finally:
            town.release()
            await http.aclose()


async def post(chats: Chats, recipient: str, incident_id: str, rates: Mapping[str, Manner]) -> None:
    """A letter of an incident that is not there, put into its mailbox as a delivery would; no worker is needed."""
    activities = DeliveryActivities(
        channels=chats.channels,
        organisation=chats.current,
        wording=load_wording,
        posting=Posting(chats.world.client, manners=rates),
    )
    order = DeliveryOrder(
        key=f"{incident_id}/tell.filed~{recipient}/wecom",
        incident_id=incident_id,
        duty="tell.filed",
        recipient=recipient,
        channel="wecom",
        words={"incident": incident_id},
        now=datetime.now(UTC),
    )
    environment = ActivityEnvironment()
    environment.info = replace(
        environment.info, workflow_id=workflow_id(incident_id), schedule_to_close_timeout=timedelta(minutes=2)
    )
    assert (await environment.run(activities.deliver_notice, order)).held
