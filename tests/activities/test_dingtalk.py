"""The DingTalk robot on the wire: its signature, who is mentioned, and what each of its codes means (R14, R29)."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from activities.channels.contract import ChannelBusy, ChannelError, ChannelMisconfigured, ChannelRefused
from activities.channels.dingtalk import CODES, DINGTALK, DingTalk, sign
from activities.http import HTTP
from plan.organisation import Address
from tests.activities.notices import NOW, message
from tests.activities.receiver import Receiver, Reply

SECRET = "SECtest123"  # noqa: S105 - of the known test vector
THEN = datetime.fromtimestamp(1_700_000_000, UTC)
ENCODED = "w3RMHXzixTMdzr8OHJUmVLS4IoPJVdu%2BUt1LE48MePE%3D"


@pytest.fixture
def to(receiver: Receiver) -> Address:
    """Where a robot is that takes everything and asks for no signature."""
    receiver.replies(Reply(body=b'{"errcode":0,"errmsg":"ok"}'))
    return Address(channel="dingtalk", to=receiver.url + "?access_token=t0ken")


@pytest.fixture
def signed_to(to: Address) -> Address:
    return to.model_copy(update={"secret_env": "SIGN"})


@pytest.mark.rule("R14")
async def test_the_notice_is_posted_as_a_text(http: HTTP, receiver: Receiver, to: Address) -> None:
    delivered = await DingTalk(http).send(message(), to)

    request = receiver.requests[0]
    assert request.path == "/notices?access_token=t0ken"
    assert request.json == {
        "msgtype": "text",
        "text": {"content": "【新投诉】T-1 天河一号网点。"},
        "at": {"atUserIds": [], "isAtAll": False},
    }
    assert request.headers["idempotency-key"] == "k-1"
    assert (delivered.channel, delivered.code) == ("dingtalk", "0")


# -- signed ------------------------------------------------------------------------------------------------------------


def test_the_signature_is_the_known_one() -> None:
    assert sign(SECRET, 1_700_000_000_000) == "w3RMHXzixTMdzr8OHJUmVLS4IoPJVdu+Ut1LE48MePE="


@pytest.mark.rule("R29")
async def test_time_and_signature_stand_in_the_query_encoded_once(
    http: HTTP, receiver: Receiver, signed_to: Address
) -> None:
    await DingTalk(http, env={"SIGN": SECRET}, clock=lambda: THEN).send(message(), signed_to)

    path = receiver.requests[0].path
    assert path == f"/notices?access_token=t0ken&timestamp=1700000000000&sign={ENCODED}"
    assert parse_qs(urlsplit(path).query)["sign"] == [sign(SECRET, 1_700_000_000_000)]


@pytest.mark.rule("R29")
async def test_each_attempt_is_signed_anew(http: HTTP, receiver: Receiver, signed_to: Address) -> None:
    times = iter((THEN, THEN, NOW, NOW))
    robot = DingTalk(http, env={"SIGN": SECRET}, clock=lambda: next(times))

    for _ in range(2):
        await robot.send(message(), signed_to)

    first, second = (parse_qs(urlsplit(request.path).query) for request in receiver.requests)
    assert first["timestamp"] == ["1700000000000"]
    assert second["timestamp"] == [str(int(NOW.timestamp()) * 1000)]
    assert second["sign"] == [sign(SECRET, int(NOW.timestamp()) * 1000)]


async def test_an_address_that_was_signed_before_is_signed_once(
    http: HTTP, receiver: Receiver, signed_to: Address
) -> None:
    pasted = signed_to.model_copy(update={"to": receiver.url + "?timestamp=1&access_token=t0ken%2B&sign=old%3D#x"})

    await DingTalk(http, env={"SIGN": f" {SECRET}\n"}, clock=lambda: THEN).send(message(), pasted)

    assert receiver.requests[0].path == f"/notices?access_token=t0ken%2B&timestamp=1700000000000&sign={ENCODED}"


@pytest.mark.rule("R29")
@pytest.mark.parametrize("env", [{}, {"SIGN": ""}, {"SIGN": " \n"}])
async def test_without_its_secret_nothing_is_sent(
    http: HTTP, receiver: Receiver, signed_to: Address, env: dict[str, str]
) -> None:
    with pytest.raises(ChannelMisconfigured, match="SIGN"):
        await DingTalk(http, env=env).send(message(), signed_to)

    assert receiver.requests == []


@pytest.mark.parametrize("url", ["", "nowhere", "http://[t0ken/", "ftp://127.0.0.1/"])
async def test_an_address_that_is_none_is_the_operators_business(http: HTTP, signed_to: Address, url: str) -> None:
    with pytest.raises(ChannelMisconfigured, match="Correct") as wrong:
        await DingTalk(http, env={"SIGN": SECRET}).send(message(), signed_to.model_copy(update={"to": url}))

    assert "t0ken" not in str(wrong.value)


# -- mentions and length -----------------------------------------------------------------------------------------------


@pytest.mark.rule("R29")
async def test_the_people_on_duty_are_mentioned_by_id(http: HTTP, receiver: Receiver, to: Address) -> None:
    await DingTalk(http).send(message(mentions=("manager4220", "015412088889999", "manager4220")), to)

    body = receiver.requests[0].json
    assert body["text"]["content"] == "【新投诉】T-1 天河一号网点。\n@manager4220 @015412088889999"
    assert body["at"] == {"atUserIds": ["manager4220", "015412088889999"], "isAtAll": False}


@pytest.mark.rule("R29")
async def test_no_phone_number_comes_into_the_chat_and_not_everybody_is_called(
    http: HTTP, receiver: Receiver, to: Address
) -> None:
    mentions = ("13800000001", "+8613800000001", "all", "@all", "所有人", "a b", "")

    await DingTalk(http).send(message(text="@所有人 @ALL 请报告", mentions=mentions), to)

    body = receiver.requests[0].json
    assert body["text"]["content"] == "＠所有人 ＠ALL 请报告"
    assert body["at"] == {"atUserIds": [], "isAtAll": False}


@pytest.mark.rule("R29")
async def test_mentions_do_not_break_the_limit_and_leave_room_for_the_notice(
    http: HTTP, receiver: Receiver, to: Address
) -> None:
    many = tuple(f"user{n:096}" for n in range(400))

    await DingTalk(http).send(message(text="网点请报告。" * 2_000, mentions=many), to)

    body = receiver.requests[0].json
    text, called = body["text"]["content"].split("\n")
    assert len(body["text"]["content"].encode()) <= DINGTALK.longest
    assert text.endswith("…（已截短，全文见系统）")
    assert len(text.encode()) > DINGTALK.longest * 0.7
    assert called.split() == [f"@{user}" for user in body["at"]["atUserIds"]]
    assert body["at"]["atUserIds"] == list(many[: len(body["at"]["atUserIds"])])
    assert len(receiver.requests[0].body) < 20_000


# -- its codes ---------------------------------------------------------------------------------------------------------

TEN_MINUTES = timedelta(minutes=10)
SAID = [
    (-1, ChannelBusy, timedelta(seconds=2)),
    (130101, ChannelBusy, TEN_MINUTES),
    (410100, ChannelBusy, TEN_MINUTES),
    (43004, ChannelRefused, None),
    (400105, ChannelRefused, None),
    (430101, ChannelRefused, None),
    (430102, ChannelRefused, None),
    (430104, ChannelRefused, None),
    (460101, ChannelRefused, None),
    (40035, ChannelMisconfigured, None),
    (300001, ChannelMisconfigured, None),
    (300005, ChannelMisconfigured, None),
    (310000, ChannelMisconfigured, None),
    (400013, ChannelMisconfigured, None),
    (400101, ChannelMisconfigured, None),
    (400102, ChannelMisconfigured, None),
    (400106, ChannelMisconfigured, None),
]


@pytest.mark.rule("R14")
@pytest.mark.parametrize(("code", "error", "after"), SAID)
async def test_each_code_says_whether_and_when_to_try_again(
    http: HTTP, receiver: Receiver, to: Address, code: int, error: type[ChannelError], after: timedelta | None
) -> None:
    # as it is answered to who speaks too fast: more fields than the code
    receiver.replies(Reply(body=b'{"status":1111,"wait":5,"punish":"deny","errcode":%d,"errmsg":"t0ken"}' % code))

    with pytest.raises(error, match=str(code)) as said:
        await DingTalk(http).send(message(), to)

    assert type(said.value) is error
    assert said.value.code == str(code)
    assert getattr(said.value, "retry_after", None) == after
    assert "t0ken" not in str(said.value)


def test_every_code_of_the_table_is_tested() -> None:
    assert {code for code, _, _ in SAID} == set(CODES)
