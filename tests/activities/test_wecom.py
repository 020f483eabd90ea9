"""The WeCom robot on the wire: what is posted, who is mentioned, and what each of its codes means (R14, R29)."""

from datetime import timedelta

import pytest

from activities.channels.contract import (
    ChannelBusy,
    ChannelError,
    ChannelMisconfigured,
    ChannelRefused,
)
from activities.channels.wecom import CODES, WECOM, WeCom
from activities.http import HTTP
from plan.organisation import Address
from tests.activities.notices import message
from tests.activities.receiver import Receiver, Reply

TAKEN = Reply(body=b'{"errcode":0,"errmsg":"ok"}')


@pytest.fixture
def to(receiver: Receiver) -> Address:
    """Where a robot is that takes everything."""
    receiver.replies(TAKEN)
    return Address(channel="wecom", to=receiver.url + "?key=k3y")


@pytest.mark.rule("R14")
async def test_the_notice_is_posted_as_a_text(http: HTTP, receiver: Receiver, to: Address) -> None:
    delivered = await WeCom(http).send(message(), to)

    request = receiver.requests[0]
    assert request.path == "/notices?key=k3y"
    assert request.json == {"msgtype": "text", "text": {"content": "【新投诉】T-1 天河一号网点。"}}
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert request.headers["idempotency-key"] == "k-1"
    assert (delivered.channel, delivered.code, delivered.held) == ("wecom", "0", False)


@pytest.mark.rule("R29")
async def test_the_people_on_duty_are_mentioned_by_id_or_mobile_number(
    http: HTTP, receiver: Receiver, to: Address
) -> None:
    mentions = ("lin.xz", "13800000001", "chen_h", "+86 13800000002", "lin.xz", "13800000001")

    await WeCom(http).send(message(mentions=mentions), to)

    text = receiver.requests[0].json["text"]
    assert text["mentioned_list"] == ["lin.xz", "chen_h"]
    assert text["mentioned_mobile_list"] == ["13800000001", "13800000002"]
    assert text["content"] == "【新投诉】T-1 天河一号网点。"


@pytest.mark.rule("R29")
async def test_nobody_else_is_mentioned(http: HTTP, receiver: Receiver, to: Address) -> None:
    mentions = ("@all", "all", "ALL", "", "a b", "x" * 65, "林小舟")

    await WeCom(http).send(message(text="@all @所有人 <@lin.xz> 收到", mentions=mentions), to)

    assert receiver.requests[0].json["text"] == {"content": "＠all ＠所有人 ＜@lin.xz> 收到"}


@pytest.mark.rule("R29")
async def test_a_long_text_is_shortened_to_what_the_robot_takes(http: HTTP, receiver: Receiver, to: Address) -> None:
    for lang in ("zh", "en"):
        await WeCom(http).send(message(text="网点请报告。" * 200, lang=lang, mentions=("lin.xz",)), to)

    in_chinese, in_english = (request.json["text"]["content"] for request in receiver.requests)
    assert in_chinese.endswith("…（已截短，全文见系统）")
    assert in_english.endswith("… (shortened; the whole text is in the system)")
    assert 2_048 - 40 < len(in_chinese.encode()) <= 2_048
    assert 2_048 - 40 < len(in_english.encode()) <= 2_048


# -- its codes ---------------------------------------------------------------------------------------------------------

SAID = [
    (-1, ChannelBusy, timedelta(seconds=2)),
    (45009, ChannelBusy, timedelta(seconds=60)),
    (45033, ChannelBusy, timedelta(seconds=2)),
    (40008, ChannelRefused, None),
    (40058, ChannelRefused, None),
    (44004, ChannelRefused, None),
    (45002, ChannelRefused, None),
    (47001, ChannelRefused, None),
    (60020, ChannelMisconfigured, None),
    (93000, ChannelMisconfigured, None),
    (93004, ChannelMisconfigured, None),
    (93008, ChannelMisconfigured, None),
]


@pytest.mark.rule("R14")
@pytest.mark.parametrize(("code", "error", "after"), SAID)
async def test_each_code_says_whether_and_when_to_try_again(
    http: HTTP, receiver: Receiver, to: Address, code: int, error: type[ChannelError], after: timedelta | None
) -> None:
    receiver.replies(Reply(body=b'{"errcode":%d,"errmsg":"hint: [key=k3y], more at"}' % code))

    with pytest.raises(error, match=str(code)) as said:
        await WeCom(http).send(message(), to)

    assert type(said.value) is error
    assert said.value.code == str(code)
    assert getattr(said.value, "retry_after", None) == after
    assert "k3y" not in str(said.value)


def test_every_code_of_the_table_is_tested() -> None:
    assert {code for code, _, _ in SAID} == set(CODES)
    assert WECOM.longest == 2_048
