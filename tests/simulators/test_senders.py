"""The channels as a worker has them and the simulators: two readings of each service that know nothing of each other.

The addresses are those of the simulated organisation, so that this shows its wiring too.
"""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from activities.channels.contract import (
    Asks,
    Channel,
    ChannelBusy,
    ChannelMisconfigured,
    ChannelUnavailable,
    ChannelUnknown,
    Message,
)
from activities.channels.table import Equipment, channels_of
from activities.http import HTTP
from plan.organisation import Address
from runtime.documents import SAMPLE, load_organisation
from runtime.settings import Settings
from runtime.sms_templates import current_sms_templates
from starter.simulated_organisation import Simulated, simulated
from starter.simulation import environment, opening
from tests.simulators.control import Opening, open_all
from tests.simulators.faults import Fault
from tests.simulators.simulators import Simulators

WAYS = ("wecom", "dingtalk", "feishu", "sms", "voice", "smtp", "webhook")
CHATS = WAYS[:3]
NOTICE = "【17:03 前报告】云杉路营业所的 GD-1 已属危机事件。"


@pytest.fixture(scope="module")
def made() -> Simulated:
    return simulated(load_organisation(SAMPLE))


@pytest.fixture
async def town(made: Simulated) -> AsyncGenerator[Simulators]:
    """By the real clock, as senders sign by it."""
    async with Simulators() as town:
        open_all(town, TypeAdapter(Opening).validate_python(opening(made, current_sms_templates(Settings()))))
        yield town


@pytest.fixture
async def channels(
    made: Simulated, town: Simulators, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[dict[str, Channel]]:
    for name, value in environment(made, town.addresses()).items():
        monkeypatch.setenv(name, value)
    http = HTTP(patience=timedelta(seconds=20))
    yield channels_of(Equipment(http=http, outbox=tmp_path / "outbox", settings=Settings()))
    await http.aclose()


def address_of(made: Simulated, channel: str) -> Address:
    """The first that anybody has over this channel."""
    return next(way for each in made.organisation.persons for way in each.channels if way.channel == channel)


def notice(address: Address) -> Message:
    now = datetime.now(UTC)
    return Message(
        key=f"GD-1:tell.crisis:lead:{address.channel}",
        incident_id="GD-1",
        duty="tell.crisis",
        recipient="gd-gz-th-0001.lead",
        text=NOTICE,
        due_at=now + timedelta(hours=1),
        drill=False,
        ordered_at=now,
        words={"role": "outlet_lead", "incident": "GD-1", "outlet": "云杉路", "superior": "天河区", "due": "17:03"},
        mentions=(address.mention,) if address.mention else (),
    )


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_of_the_simulated_organisation_delivers(
    way: str, made: Simulated, town: Simulators, channels: dict[str, Channel]
) -> None:
    address = address_of(made, way)
    message = notice(address)
    delivered = await channels[way].send(message, address)
    assert delivered.channel == way
    (shown,) = town.taken(way)
    assert shown.key == message.key
    assert NOTICE in shown.text or (way == "sms" and shown.text.startswith("【警钟】请报告天河区，时限17:03："))
    assert shown.mentions == message.mentions


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", [Fault.busy(), Fault.http(503)])
async def test_an_error_in_a_200_or_of_https_is_no_delivery(
    way: str, fault: Fault, made: Simulated, town: Simulators, channels: dict[str, Channel]
) -> None:
    town.fault(way, fault)
    address = address_of(made, way)
    with pytest.raises((ChannelBusy, ChannelUnavailable, ChannelUnknown)):
        await channels[way].send(notice(address), address)
    assert town.taken() == ()


@pytest.mark.parametrize("way", WAYS)
async def test_a_repeat_after_a_broken_answer_says_the_same_under_the_same_key(
    way: str, made: Simulated, town: Simulators, channels: dict[str, Channel]
) -> None:
    town.fault(way, Fault.drop("midway", times=1))
    address, channel = address_of(made, way), channels[way]
    message = notice(address)
    with pytest.raises((ChannelUnavailable, ChannelUnknown)):
        await channel.send(message, address)
    asked = await channel.ask(message, address) if isinstance(channel, Asks) else await channel.send(message, address)
    assert asked is not None
    assert town.torn() == {}
    assert {each.key for each in town.arrivals()} == {message.key}


@pytest.mark.parametrize("way", CHATS)
async def test_a_robot_that_is_gone_is_misconfigured(
    way: str, made: Simulated, town: Simulators, channels: dict[str, Channel]
) -> None:
    address = address_of(made, way)
    gone = Address(channel=way, to=f"{town.url}/{way}/nowhere", audience=address.audience)
    with pytest.raises(ChannelMisconfigured):
        await channels[way].send(notice(address), gone)
    town.fault(way, Fault.refuse())
    with pytest.raises(ChannelMisconfigured):
        await channels[way].send(notice(address), address)


@pytest.mark.parametrize("way", CHATS)
async def test_a_text_that_is_too_long_is_shortened_to_what_the_robot_takes(
    way: str, made: Simulated, town: Simulators, channels: dict[str, Channel]
) -> None:
    address = address_of(made, way)
    long = replace(notice(address), text=NOTICE * 1_000)
    assert (await channels[way].send(long, address)).code == "0"
    (shown,) = town.taken()
    assert shown.text.startswith(NOTICE)
    assert len(shown.text.encode()) > 2_000
