"""What an attempt leaves behind when it fails, and a channel that must not say anything twice (R14)."""

import dataclasses
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities import names
from activities.channels.contract import (
    Channel,
    ChannelBusy,
    ChannelError,
    ChannelMisconfigured,
    ChannelRefused,
    ChannelUnavailable,
    ChannelUnknown,
    Message,
)
from activities.deliver import NOT_TAKEN
from activities.lanes import Bounds, Lanes
from plan.errors import Misconfigured
from plan.orders import Delivered, Trouble
from plan.organisation import Address, Organisation
from tests.activities.notices import order, organisation
from tests.activities.test_deliver import deliveries


class Attempts:
    """The attempts at one notice: each knows what the one before it left."""

    def __init__(self, channel: Channel, **more: Any) -> None:
        self.activities = deliveries(channel, **more)
        self.number = 0
        self.left: Sequence[Any] = ()

    async def once(self) -> Delivered | ApplicationError:
        self.number += 1
        environment = ActivityEnvironment()
        environment.on_heartbeat = self._beat
        environment.info = dataclasses.replace(
            environment.info,
            attempt=self.number,
            heartbeat_details=list(self.left),
            start_to_close_timeout=timedelta(seconds=0.5),
        )
        try:
            return await environment.run(self.activities.deliver_notice, order())
        except ApplicationError as failed:
            return failed

    def _beat(self, *details: Any) -> None:
        self.left = details


class Gateway:
    """A channel that can be asked; each call meets the next trouble, and none when there is no more."""

    def __init__(self, *troubles: Exception | None, knows: bool = False) -> None:
        self._troubles, self.knows = list(troubles), knows
        self.calls: list[str] = []

    async def send(self, message: Message, address: Address) -> Delivered:
        return self._called("send")

    async def ask(self, message: Message, address: Address) -> Delivered | None:
        answer = self._called("ask")
        return answer if self.knows else None

    def _called(self, what: str) -> Delivered:
        self.calls.append(what)
        trouble = self._troubles.pop(0) if self._troubles else None
        if trouble is not None:
            raise trouble
        return Delivered(channel="outbox", code="OK")


def _readable(*times: bool) -> Callable[[], Organisation]:
    """An organisation that can be read at these times, and then always."""
    coming = iter(times)

    def read() -> Organisation:
        if not next(coming, True):
            raise Misconfigured("broken")
        return organisation()

    return read


def kind(answer: Delivered | ApplicationError) -> str | None:
    return answer.type if isinstance(answer, ApplicationError) else "delivered"


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("trouble", "never"),
    [
        (ChannelRefused("no", code="40058"), True),
        (ChannelMisconfigured("no", code="93000"), True),
        (ChannelBusy("later", code="45009", retry_after=timedelta(seconds=60)), False),
        (ChannelUnavailable("away", code="503"), False),
        (ChannelUnknown("who knows", code="504"), False),
    ],
)
async def test_a_failure_says_code_and_attempt_and_that_the_channel_was_spoken_to(
    trouble: ChannelError, never: bool
) -> None:
    attempts = Attempts(Gateway(trouble))
    attempts.number = 2
    attempts.left = (NOT_TAKEN, 2)
    failed = await attempts.once()
    assert isinstance(failed, ApplicationError)
    wait = trouble.retry_after if isinstance(trouble, ChannelBusy) else None
    assert failed.details == (Trouble(code=trouble.code, attempt=3, tried=True, retry_after=wait),)
    assert (failed.type, failed.non_retryable) == (type(trouble).__name__, never)


async def test_where_the_channel_was_not_spoken_to_the_failure_says_so() -> None:
    lanes = Lanes(per_channel=Bounds(at_once=1, room=0))
    turned_away = await Attempts(Gateway(), lanes=lanes).once()
    assert isinstance(turned_away, ApplicationError)
    assert turned_away.type == names.CHANNEL_BUSY
    assert turned_away.details[0].tried is False


@pytest.mark.rule("R14")
async def test_what_may_have_been_taken_is_asked_for_until_it_is_known_and_never_sent_again() -> None:
    gateway = Gateway(ChannelUnknown("no answer"), ChannelUnavailable("away"))
    attempts = Attempts(gateway)
    assert [kind(await attempts.once()) for _ in range(3)] == [
        names.CHANNEL_UNKNOWN,
        names.CHANNEL_UNAVAILABLE,
        names.CHANNEL_UNKNOWN,
    ]
    gateway.knows = True
    answer = await attempts.once()
    assert isinstance(answer, Delivered)
    assert answer.attempts == 4
    assert gateway.calls == ["send", "ask", "ask", "ask"]


@pytest.mark.rule("R14")
@pytest.mark.parametrize("trouble", [ChannelUnavailable("never connected"), ChannelBusy("later"), None])
async def test_what_was_surely_not_taken_is_sent_again(trouble: Exception | None) -> None:
    gateway = Gateway(trouble)
    attempts = Attempts(gateway, read=_readable(trouble is not None))
    assert isinstance(await attempts.once(), ApplicationError)
    assert isinstance(await attempts.once(), Delivered)
    assert "ask" not in gateway.calls


@pytest.mark.rule("R14")
async def test_what_an_attempt_did_not_live_to_say_may_be_anything() -> None:
    """Killed: no word was left, or only one of an attempt before the last."""
    gateway = Gateway(ChannelUnavailable("away"))
    attempts = Attempts(gateway)
    await attempts.once()
    assert attempts.left == (NOT_TAKEN, 1)
    attempts.number = 2
    assert kind(await attempts.once()) == names.CHANNEL_UNKNOWN
    assert gateway.calls == ["send", "ask"]

    fresh = Attempts(other := Gateway())
    fresh.number = 1
    await fresh.once()
    assert other.calls == ["ask"]


@pytest.mark.rule("R14")
async def test_a_failure_before_asking_does_not_make_the_unknown_known() -> None:
    gateway = Gateway(ChannelUnknown("no answer"))
    attempts = Attempts(gateway, read=_readable(True, False))
    kinds = [kind(await attempts.once()) for _ in range(3)]
    assert kinds == [names.CHANNEL_UNKNOWN, names.MISCONFIGURED, names.CHANNEL_UNKNOWN]
    assert gateway.calls == ["send", "ask"]


@pytest.mark.rule("R14")
async def test_a_channel_that_cannot_be_asked_is_sent_to_again_under_the_same_key() -> None:
    class Plain:
        def __init__(self) -> None:
            self.keys: list[str] = []

        async def send(self, message: Message, address: Address) -> Delivered:
            self.keys.append(message.key)
            if len(self.keys) == 1:
                raise ChannelUnavailable("away")
            return Delivered(channel="outbox", code="taken")

    plain = Plain()
    attempts = Attempts(plain)
    assert [kind(await attempts.once()) for _ in range(2)] == [names.CHANNEL_UNAVAILABLE, "delivered"]
    assert plain.keys == ["k-1", "k-1"]
    assert attempts.left == ()
