"""Each robot takes what its documentation describes, and refuses the rest with its own code in a 200."""

from datetime import timedelta

import pytest

from tests.simulators.caller import post
from tests.simulators.conftest import Clock
from tests.simulators.messages import TEXT, dingtalk, dingtalk_url, feishu, message_for, wecom
from tests.simulators.simulators import Simulators

CHATS = ("wecom", "dingtalk", "feishu")


def code_of(said: dict[str, object]) -> object:
    return said.get("errcode", said.get("code"))


@pytest.mark.parametrize("kind", CHATS)
async def test_a_proper_message_is_shown_and_remembered(town: Simulators, clock: Clock, kind: str) -> None:
    chat = town.open(kind, "county")
    answer = await post(*message_for(chat, clock()), key="GD-1:tell.crisis:lead")
    assert (answer.status, code_of(answer.json)) == (200, 0)
    (shown,) = town.taken(chat.address)
    assert (shown.key, shown.text, shown.answer, shown.at) == ("GD-1:tell.crisis:lead", TEXT, "0", clock())


@pytest.mark.parametrize(("kind", "code"), [("wecom", 93000), ("dingtalk", 300005), ("feishu", 19001)])
async def test_an_unknown_robot_is_refused(town: Simulators, clock: Clock, kind: str, code: int) -> None:
    chat = town.open(kind, "county")
    url, body = message_for(chat, clock())
    answer = await post(url.replace(chat.key, "another"), body)
    assert (answer.status, code_of(answer.json)) == (200, code)
    assert [each.answer for each in town.arrivals(f"{kind}/-")] == [str(code)]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"no json", 47001),
        (b"[]", 47001),
        ({"msgtype": "poem"}, 40008),
        ({"msgtype": "text"}, 40058),
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        (wecom(mentioned_list="all"), 40058),
        (wecom("字" * 682 + "ab"), 0),
        (wecom("字" * 682 + "abc"), 40058),
        ({"msgtype": "markdown", "markdown": {"content": "字" * 1365 + "a"}}, 0),
        ({"msgtype": "markdown", "markdown": {"content": "字" * 1365 + "ab"}}, 40058),
    ],
)
async def test_wecom_counts_a_text_in_bytes_and_wants_its_format(town: Simulators, body: object, code: int) -> None:
    answer = await post(town.open("wecom", "county").url, body)
    assert (answer.status, answer.json["errcode"]) == (200, code)


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"no json", "application/json", 40035),
        ({"msgtype": "text", "text": {}}, "application/json", 40035),
        ({"msgtype": "poem"}, "application/json", 400105),
        (dingtalk(), "text/plain", 43004),
        (dingtalk("a" * 20_000), "application/json", 460101),
        ({"msgtype": "markdown", "markdown": {"title": "t", "text": "x"}}, "application/json", 0),
    ],
)
async def test_dingtalk_wants_its_format(
    town: Simulators, clock: Clock, body: object, content_type: str, code: int
) -> None:
    chat = town.open("dingtalk", "city")
    answer = await post(dingtalk_url(chat, clock()), body, content_type=content_type)
    assert (answer.status, answer.json["errcode"]) == (200, code)


@pytest.mark.parametrize(("off", "code"), [(3_600, 0), (-3_600, 0), (3_601, 310000), (-3_601, 310000)])
async def test_dingtalk_takes_a_stamp_that_is_an_hour_off_and_no_more(
    town: Simulators, clock: Clock, off: int, code: int
) -> None:
    chat = town.open("dingtalk", "city")
    clock.now = clock().replace(microsecond=0)
    answer = await post(dingtalk_url(chat, clock() + timedelta(seconds=off)), dingtalk())
    assert answer.json["errcode"] == code


async def test_dingtalk_refuses_what_another_secret_signed_or_nobody(town: Simulators, clock: Clock) -> None:
    chat = town.open("dingtalk", "city")
    for url in (dingtalk_url(chat, clock(), secret="SECother"), chat.url, f"{chat.url}&timestamp=x&sign=y"):  # noqa: S106
        assert (await post(url, dingtalk())).json["errcode"] == 310000
    assert town.taken() == ()


@pytest.mark.parametrize(("off", "code"), [(3_600, 0), (-3_600, 0), (3_601, 19021), (-3_601, 19021)])
async def test_feishu_takes_a_stamp_that_is_an_hour_off_and_no_more(
    town: Simulators, clock: Clock, off: int, code: int
) -> None:
    chat = town.open("feishu", "province")
    clock.now = clock().replace(microsecond=0)
    answer = await post(chat.url, feishu(chat, clock() + timedelta(seconds=off)))
    assert (answer.status, answer.json["code"]) == (200, code)


async def test_feishu_refuses_another_secret_another_format_and_a_body_above_20_kb(
    town: Simulators, clock: Clock
) -> None:
    chat = town.open("feishu", "province")
    wrong = feishu(chat, clock(), secret="other")  # noqa: S106
    assert (await post(chat.url, wrong)).json["code"] == 19021
    unsigned = {"msg_type": "text", "content": {"text": TEXT}}
    assert (await post(chat.url, unsigned)).json["code"] == 19021
    assert (await post(chat.url, feishu(chat, clock()) | {"msg_type": "poem"})).json["code"] == 9499
    assert (await post(chat.url, feishu(chat, clock(), "a" * 20_500))).json["code"] == 19036


async def test_each_service_says_in_its_own_way_who_is_called(town: Simulators, clock: Clock) -> None:
    here, there, yonder = town.open("wecom", "a"), town.open("dingtalk", "b"), town.open("feishu", "c")
    await post(here.url, wecom(mentioned_list=["u1", "@all"], mentioned_mobile_list=["13800000001"]))
    await post(dingtalk_url(there, clock()), dingtalk(atUserIds=["u1"], atMobiles=["13800000001"], isAtAll=True))
    await post(yonder.url, feishu(yonder, clock(), 'x <at user_id="ou_1">Li</at> <at user_id="all"></at>'))
    called = [each.mentions for each in town.taken()]
    assert called == [("u1", "@all", "13800000001"), ("13800000001", "u1", "@all"), ("ou_1", "all")]
