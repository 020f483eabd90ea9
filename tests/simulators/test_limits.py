"""The real limits, on a clock that the test moves: what is too fast is refused with the service's own code."""

from collections.abc import Awaitable, Callable

import pytest

from tests.simulators.caller import post
from tests.simulators.conftest import Clock
from tests.simulators.inbox import Inbox
from tests.simulators.messages import message_for, sms
from tests.simulators.simulators import Simulators

Tell = Callable[[Inbox], Awaitable[int]]


@pytest.fixture
def tell(clock: Clock) -> Tell:
    async def told(chat: Inbox) -> int:
        said = (await post(*message_for(chat, clock()))).json
        return said.get("errcode", said.get("code"))

    return told


async def test_wecom_takes_20_in_any_minute(town: Simulators, clock: Clock, tell: Tell) -> None:
    chat, other = town.open("wecom", "county"), town.open("wecom", "next")
    assert [await tell(chat) for _ in range(20)] == [0] * 20
    clock.passes(seconds=59.9)
    assert await tell(chat) == 45009
    assert await tell(other) == 0
    clock.passes(seconds=0.1)
    assert [await tell(chat) for _ in range(20)] == [0] * 20
    assert await tell(chat) == 45009
    assert len(town.throttled()) == 2


async def test_the_minute_slides_and_does_not_begin_on_the_clock(town: Simulators, clock: Clock, tell: Tell) -> None:
    chat = town.open("wecom", "county")
    for _ in range(20):
        assert await tell(chat) == 0
        clock.passes(seconds=2)
    clock.passes(seconds=20)  # only the first has left the minute
    assert [await tell(chat), await tell(chat)] == [0, 45009]


async def test_dingtalk_is_silent_for_ten_minutes_above_20(town: Simulators, clock: Clock, tell: Tell) -> None:
    chat = town.open("dingtalk", "city")
    assert [await tell(chat) for _ in range(21)] == [0] * 20 + [130101]
    clock.passes(minutes=9.99)
    assert await tell(chat) == 130101
    clock.passes(minutes=0.01)
    assert await tell(chat) == 0


async def test_feishu_takes_5_a_second_and_100_a_minute(town: Simulators, clock: Clock, tell: Tell) -> None:
    chat = town.open("feishu", "province")
    assert [await tell(chat) for _ in range(6)] == [0] * 5 + [11232]
    for _ in range(19):
        clock.passes(seconds=1)
        assert [await tell(chat) for _ in range(5)] == [0] * 5
    clock.passes(seconds=1)
    assert await tell(chat) == 11232


async def test_a_phone_takes_1_a_minute_and_5_an_hour(town: Simulators, clock: Clock) -> None:
    async def told(phone: str, nonce: int) -> str:
        body = sms(town.sms, clock(), str(nonce), PhoneNumbers=phone)
        kind = "application/x-www-form-urlencoded"
        return (await post(town.sms.url, body, content_type=kind)).json["Code"]

    assert [await told("13800000001", 1), await told("13800000002", 2)] == ["OK", "OK"]
    assert await told("13800000001", 3) == "isv.BUSINESS_LIMIT_CONTROL"
    for nonce in range(4, 8):
        clock.passes(minutes=1)
        assert await told("13800000001", nonce) == "OK"
    clock.passes(minutes=1)
    assert await told("13800000001", 8) == "isv.BUSINESS_LIMIT_CONTROL"


async def test_limits_can_be_shortened_and_switched_off(clock: Clock, tell: Tell) -> None:
    async with Simulators(clock=clock, shorten=60) as town:
        chat = town.open("wecom", "county")
        assert [await tell(chat) for _ in range(21)] == [0] * 20 + [45009]
        clock.passes(seconds=1)
        assert await tell(chat) == 0
    async with Simulators(clock=clock, limits=False) as town:
        chat = town.open("wecom", "county")
        assert [await tell(chat) for _ in range(30)] == [0] * 30
