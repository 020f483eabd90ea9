"""A receiver that has subscribed: what it was told, checked as a receiver would."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Self, cast

import standardwebhooks

from plan.subscriptions import NewSubscription, Subscription
from runtime.records.engine import Store
from runtime.records.subscriptions import subscribe
from tests.activities.receiver import Receiver, Request

LONG = timedelta(seconds=30)

Json = dict[str, Any]


class Subscribed:
    def __init__(self, receiver: Receiver, subscription: Subscription, secret: str) -> None:
        self.receiver, self.subscription, self.secret = receiver, subscription, secret

    @classmethod
    def to(
        cls,
        store: Store,
        receiver: Receiver,
        *,
        units: tuple[str, ...] = (),
        insurer: str | None = None,
        system: str = "system:crm",
        **wanted: Any,
    ) -> Self:
        asked = NewSubscription.model_validate({"url": receiver.url, **wanted})
        made, secret = subscribe(store, asked, system=system, units=units, insurer=insurer)
        return cls(receiver, made, secret)

    def taken(self) -> list[Json]:
        """Every event that came, repeats included, each with a valid signature."""
        return [self.verified(request) for request in tuple(self.receiver.requests)]

    def verified(self, request: Request) -> Json:
        assert request.headers["content-type"].startswith("application/cloudevents+json")
        said = standardwebhooks.Webhook(self.secret).verify(request.body, dict(request.headers))
        return cast(Json, said)

    def told(self, incident_id: str | None = None) -> list[Json]:
        """Each event once, in the order in which they came; a repeat says the very same."""
        bodies: dict[str, bytes] = {}
        for request in tuple(self.receiver.requests):
            event = self.verified(request)
            assert bodies.setdefault(event["id"], request.body) == request.body, "one id, two contents"
        events: list[Json] = [json.loads(body) for body in bodies.values()]
        return [each for each in events if incident_id in (None, each["subject"])]

    def types(self, incident_id: str | None = None) -> list[str]:
        return [each["type"].removeprefix("cn.tocsin.") for each in self.told(incident_id)]

    def sequences(self, incident_id: str) -> list[int]:
        return [each["data"]["sequence"] for each in self.told(incident_id)]

    async def until(self, type: str, *, within: timedelta = LONG, number: int = 1) -> Json:
        """The event of this type, once it has come."""
        await until(lambda: self.types().count(type) >= number, within)
        return [each for each in self.told() if each["type"] == f"cn.tocsin.{type}"][number - 1]


async def until(condition: Callable[[], bool], within: timedelta = LONG) -> None:
    """Looks again and again; TimeoutError when it has not come true."""
    async with asyncio.timeout(within.total_seconds()):
        while not condition():  # noqa: ASYNC110  what is waited for comes from a server in another thread
            await asyncio.sleep(0.02)
