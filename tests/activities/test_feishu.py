"""The Feishu bot on the wire: its signature, who is mentioned, and what each of its codes means (R14, R29)."""

from datetime import UTC, datetime, timedelta

import pytest

from activities.channels.contract import (
    ChannelBusy,
    ChannelError,
    ChannelMisconfigured,
    ChannelRefused,
    ChannelUnavailable,
)
from activities.channels.feishu import CODES, FEISHU, Feishu, sign
from activities.http import HTTP
from plan.organisation import Address
from tests.activities.notices import NOW, message
from tests.activities.receiver import Receiver, Reply

SECRET = "SECtest123"  # noqa: S105 - of the known test vector
THEN = datetime.fromtimestamp(1_700_000_000, UTC)


@pytest.fixture
def to(receiver: Receiver) -> Address:
    """Where a bot is that takes everything and asks for no signature."""
    receiver.replies(Reply(body=b'{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}'))
    return Address(channel="feishu", to=receiver.url + "/t0ken")


@pytest.fixture
def signed_to(to: Address) -> Address:
    return to.model_copy(update={"secret_env": "SIGN"})


@pytest.mark.rule("R14")
async def test_the_notice_is_posted_as_a_text(http: HTTP, receiver: Receiver, to: Address) -> None:
    delivered = await Feishu(http).send(message(), to)

    request = receiver.requests[0]
    assert request.path == "/notices/t0ken"
    assert request.json == {"msg_type": "text", "content": {"text": "【新投诉】T-1 天河一号网点。"}}
    assert request.headers["idempotency-key"] == "k-1"
    assert (delivered.channel, delivered.code) == ("feishu", "0")


# -- signed ------------------------------------------------------------------------------------------------------------


def test_the_signature_is_the_known_one() -> None:
    assert sign(SECRET, 1_700_000_000) == "eHRRCyLH7Z4IJQSJlfwertHZThRUYVu2hTUH02xPXYU="


@pytest.mark.rule("R29")
async def test_time_and_signature_stand_in_the_body(http: HTTP, receiver: Receiver, signed_to: Address) -> None:
    await Feishu(http, env={"SIGN": SECRET}, clock=lambda: THEN).send(message(), signed_to)

    assert receiver.requests[0].json == {
        "timestamp": "1700000000",
        "sign": "eHRRCyLH7Z4IJQSJlfwertHZThRUYVu2hTUH02xPXYU=",
        "msg_type": "text",
        "content": {"text": "【新投诉】T-1 天河一号网点。"},
    }
    assert receiver.requests[0].path == "/notices/t0ken"


@pytest.mark.rule("R29")
async def test_each_attempt_is_signed_anew(http: HTTP, receiver: Receiver, signed_to: Address) -> None:
    times = iter((THEN, THEN, NOW, NOW))
    bot = Feishu(http, env={"SIGN": SECRET}, clock=lambda: next(times))

    for _ in range(2):
        await bot.send(message(), signed_to)

    first, second = (request.json for request in receiver.requests)
    assert first["timestamp"] == "1700000000"
    assert second["timestamp"] == str(int(NOW.timestamp()))
    assert second["sign"] == sign(SECRET, int(NOW.timestamp()))


@pytest.mark.rule("R29")
async def test_without_its_secret_nothing_is_sent(http: HTTP, receiver: Receiver, signed_to: Address) -> None:
    with pytest.raises(ChannelMisconfigured, match="SIGN"):
        await Feishu(http, env={}).send(message(), signed_to)

    assert receiver.requests == []


# -- mentions and length -----------------------------------------------------------------------------------------------


@pytest.mark.rule("R29")
async def test_the_people_on_duty_are_mentioned_by_id(http: HTTP, receiver: Receiver, to: Address) -> None:
    await Feishu(http).send(message(mentions=("ou_1a", "ou_2b", "ou_1a")), to)

    assert receiver.requests[0].json["content"]["text"] == (
        '【新投诉】T-1 天河一号网点。\n<at user_id="ou_1a"></at> <at user_id="ou_2b"></at>'
    )


@pytest.mark.rule("R29")
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('<at user_id="all">所有人</at> 请报告', '＜at user_id="all">所有人＜/at> 请报告'),
        ("< AT id=all></ at >", "＜ AT id=all>＜/ at >"),
        ("@all @_all @所有人 @everyone", "＠all ＠_all ＠所有人 ＠everyone"),
        ("温度 <5，<attention>，a@b.example", "温度 <5，<attention>，a@b.example"),
    ],
)
async def test_what_looks_like_a_mention_in_the_text_mentions_nobody(
    http: HTTP, receiver: Receiver, to: Address, text: str, told: str
) -> None:
    await Feishu(http).send(message(text=text), to)

    assert receiver.requests[0].json["content"]["text"] == told


@pytest.mark.rule("R29")
async def test_a_mention_that_is_no_id_is_left_out(http: HTTP, receiver: Receiver, to: Address) -> None:
    mentions = ("all", "13800000001", '"></at><at user_id="all', "林小舟", "")

    await Feishu(http).send(message(mentions=mentions), to)

    assert receiver.requests[0].json["content"]["text"] == "【新投诉】T-1 天河一号网点。"


@pytest.mark.rule("R29")
async def test_mentions_do_not_break_the_limit_and_are_kept_whole(http: HTTP, receiver: Receiver, to: Address) -> None:
    many = tuple(f"ou_{n:032}" for n in range(500))

    await Feishu(http).send(message(text="网点请报告。" * 2_000, mentions=many), to)

    content = receiver.requests[0].json["content"]["text"]
    text, called = content.split("\n")
    assert len(content.encode()) <= FEISHU.longest
    assert len(receiver.requests[0].body) < 20_000
    assert text.endswith("…（已截短，全文见系统）")
    assert called.count("<at ") == called.count("></at>") > 10


# -- its codes ---------------------------------------------------------------------------------------------------------

SAID = [
    (1500, ChannelBusy, timedelta(seconds=1.5)),
    (2200, ChannelBusy, timedelta(seconds=1.5)),
    (11232, ChannelBusy, timedelta(seconds=1.5)),
    (99991400, ChannelBusy, timedelta(seconds=60)),
    (9499, ChannelRefused, None),
    (19002, ChannelRefused, None),
    (19036, ChannelRefused, None),
    (19001, ChannelMisconfigured, None),
    (19007, ChannelMisconfigured, None),
    (19021, ChannelMisconfigured, None),
    (19022, ChannelMisconfigured, None),
    (19024, ChannelMisconfigured, None),
]


@pytest.mark.rule("R14")
@pytest.mark.parametrize("body", [b'{"code":%d,"msg":"t0ken","data":{}}', b'{"StatusCode":%d,"StatusMessage":"t0ken"}'])
@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(("code", "error", "after"), SAID)
async def test_each_code_says_whether_and_when_to_try_again_whatever_http_says(
    http: HTTP,
    receiver: Receiver,
    to: Address,
    code: int,
    error: type[ChannelError],
    after: timedelta | None,
    status: int,
    body: bytes,
) -> None:
    receiver.replies(Reply(status, body % code))

    with pytest.raises(error, match=str(code)) as said:
        await Feishu(http).send(message(), to)

    assert type(said.value) is error
    assert said.value.code == str(code)
    assert getattr(said.value, "retry_after", None) == after
    assert "t0ken" not in str(said.value)


def test_every_code_of_the_table_is_tested() -> None:
    assert {code for code, _, _ in SAID} == set(CODES)


@pytest.mark.rule("R14")
async def test_who_is_told_how_long_to_wait_waits_so_long(http: HTTP, receiver: Receiver, to: Address) -> None:
    receiver.replies(Reply(429, b'{"code":99991400}', headers={"x-ogw-ratelimit-reset": "75"}))

    with pytest.raises(ChannelBusy) as busy:
        await Feishu(http).send(message(), to)

    assert busy.value.retry_after == timedelta(seconds=75)


@pytest.mark.rule("R14")
async def test_the_answer_of_older_bots_is_understood(http: HTTP, receiver: Receiver, to: Address) -> None:
    receiver.replies(Reply(body=b'{"Extra":null,"StatusCode":0,"StatusMessage":"success"}'))

    assert (await Feishu(http).send(message(), to)).code == "0"


@pytest.mark.rule("R14")
@pytest.mark.parametrize("body", [b'{"code":0,"StatusCode":9999}', b'{"code":"0","StatusCode":0}', b'{"code":null}'])
async def test_an_answer_at_odds_with_itself_is_no_success(
    http: HTTP, receiver: Receiver, to: Address, body: bytes
) -> None:
    receiver.replies(Reply(body=body))

    with pytest.raises(ChannelUnavailable):
        await Feishu(http).send(message(), to)
