"""The contract, the same for every channel: one message, one address, one answer, safe to repeat (R14, R29).

A channel is added as one `Case`: how it is made, what its other side has seen, and how to bring that side into trouble.
"""

import asyncio
import json
import logging
import traceback
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from activities.channels.aliyun import AccessKey
from activities.channels.contract import Channel, ChannelError, ChannelMisconfigured, ChannelRefused, Message
from activities.channels.dingtalk import DingTalk
from activities.channels.feishu import Feishu
from activities.channels.null import NullChannel
from activities.channels.outbox import Outbox
from activities.channels.sms import SMS
from activities.channels.smtp import Mail, MailAccount
from activities.channels.voice import Voice
from activities.channels.webhook import Webhook
from activities.channels.wecom import WeCom
from activities.http import HTTP
from plan.organisation import Address
from plan.sms import SmsBook, template_of, variables
from runtime.mail_server import MailServer, Protection
from runtime.sms_templates import SMS_TEMPLATES, load_sms_templates
from tests.activities.mail_server import Mails, Trouble, receiving_mail
from tests.activities.notices import message
from tests.activities.receiver import Manner, Receiver, Reply, Request

Seen = tuple[str, str]
"""Key and text, as they arrived."""
SECRET = "whsec_" + "QUJD" * 10
NUMBER = "13800000001"
PRIVATE = "only for the recipient"
TROUBLES = ("an error", "silence", "a broken connection", "half an answer", "nonsense")


@dataclass(frozen=True)
class Case:
    """`seen` is what arrived, `written` what is to arrive: the text, but for a service that fills in templates. A
    channel with another side has `troubles`, each bringing that side into one, and a `hasty` twin that gives up soon;
    `hung_up` waits until that side has noticed. `secrets` must never be repeated."""

    channel: Channel
    address: Address
    seen: Callable[[], list[Seen]]
    hasty: Channel | None = None
    troubles: Mapping[str, Callable[[], None]] = field(default_factory=dict[str, Callable[[], None]])
    arrived: Callable[[], object] = lambda: None
    hung_up: Callable[[], bool] = lambda: True
    secrets: tuple[str, ...] = ()
    written: Callable[[Message], str] = lambda said: said.text


# -- the channels ------------------------------------------------------------------------------------------------------


def _null(*_: object) -> Case:
    null = NullChannel()
    return Case(null, Address(channel="null"), lambda: [(sent.key, sent.text) for sent, _ in null.sent])


def _outbox(path: Path, *_: object) -> Case:
    def seen() -> list[Seen]:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [(line["key"], line["text"]) for line in lines]

    return Case(Outbox(path), Address(channel="outbox"), seen)


def _over_http(
    name: str, receiver: Receiver, http: HTTP, hasty: HTTP, make: Callable[[HTTP, Mapping[str, str]], Channel]
) -> Case:
    """Address and secret come from the environment."""
    url = receiver.url + "?access_token=t0ken"
    env, taken = {"SECRET": SECRET, "WHERE": url}, b'{"code": 0}' if name == "feishu" else b'{"errcode": 0}'
    receiver.replies(Reply(body=taken))
    replies = {
        "an error": Reply(500),
        "silence": Reply(manner=Manner.HANG),
        "a broken connection": Reply(manner=Manner.DROP),
        "half an answer": Reply(manner=Manner.BREAK_OFF, body=taken),
        # of a webhook any 2xx is a yes
        "nonsense": Reply(502 if name == "webhook" else 200, body=b"<html>please log in</html>"),
    }
    return Case(
        make(http, env),
        Address(channel=name, to_env="WHERE", secret_env=None if name == "wecom" else "SECRET"),
        lambda: [(request.headers["idempotency-key"], _text(request.json)) for request in receiver.requests],
        make(hasty, env),
        {trouble: partial(receiver.replies, reply) for trouble, reply in replies.items()},
        receiver.wait_for_a_request,
        lambda: receiver.hung_up.wait(20),
        (SECRET, url, receiver.url, "t0ken"),
    )


def _text(body: Mapping[str, object]) -> str:
    match body:
        case {"text": str(text)} | {"text": {"content": str(text)}} | {"content": {"text": str(text)}}:
            return text
        case _:
            raise AssertionError(f"no text in {body}")


def _by_number(name: str, receiver: Receiver, http: HTTP, hasty: HTTP) -> Case:
    """The gateway stands in the settings, the number in the environment."""
    env, key = {"WHERE": NUMBER}, AccessKey("LTAItest", "s3cret-key")
    taken = b'{"code": "accepted", "call_id": "1"}' if name == "voice" else b'{"Code": "OK", "BizId": "1"}'
    receiver.replies(Reply(body=taken))
    replies = {
        "an error": Reply(500),
        "silence": Reply(manner=Manner.HANG),
        "a broken connection": Reply(manner=Manner.DROP),
        "half an answer": Reply(manner=Manner.BREAK_OFF, body=taken),
        "nonsense": Reply(body=b"<html>please log in</html>"),
    }

    def make(over: HTTP) -> Channel:
        if name == "voice":
            return Voice(over, receiver.url, SECRET, env=env)
        return SMS(over, key, gateway=receiver.url, templates=_templates, env=env)

    def text(request: Request) -> str:
        return _text(request.json) if name == "voice" else _short_message(request)

    return Case(
        make(http),
        Address(channel=name, to_env="WHERE"),
        lambda: [(request.headers["idempotency-key"], text(request)) for request in receiver.requests],
        make(hasty),
        {trouble: partial(receiver.replies, reply) for trouble, reply in replies.items()},
        receiver.wait_for_a_request,
        lambda: receiver.hung_up.wait(20),
        (SECRET, key.secret, key.id, receiver.url, NUMBER),
        (lambda said: said.text) if name == "voice" else _registered,
    )


def _templates() -> SmsBook:
    return load_sms_templates(SMS_TEMPLATES)


def _short_message(request: Request) -> str:
    said = dict(parse_qsl(request.body.decode()))
    return f"{said['TemplateCode']} {said['TemplateParam']}"


def _registered(said: Message) -> str:
    template = template_of(_templates(), said.duty, None, drill=False)
    values = dict.fromkeys(variables(template), _templates().stand_in)
    return f"{template.code} {json.dumps(values, ensure_ascii=False)}"


def _by_mail(mails: Mails) -> Case:
    env = {"WHERE": "lin@post.example.cn"}
    account = MailAccount(MailServer("127.0.0.1", mails.port, Protection.NONE), "tocsin@bank.example.cn")

    def seen() -> list[Seen]:
        read = [message_from_bytes(mail.whole, policy=default) for mail in mails.received]
        return [(mail["X-Tocsin-Key"], mail.get_content().replace("\r\n", "\n").rstrip("\n")) for mail in read]

    return Case(
        Mail(account, env=env),
        Address(channel="smtp", to_env="WHERE"),
        seen,
        Mail(account, env=env, patience=timedelta(seconds=0.5)),
        {
            "an error": partial(mails.handler.answers.update, DATA="451 not now"),
            "silence": partial(setattr, mails.handler, "trouble", Trouble.HANG),
            "a broken connection": partial(setattr, mails.handler, "trouble", Trouble.DROP),
            "half an answer": partial(setattr, mails.handler, "trouble", Trouble.BREAK_OFF),
            "nonsense": partial(mails.handler.answers.update, DATA="<html>please log in</html>"),
        },
        lambda: mails.handler.arrived.wait(20),
        lambda: mails.handler.hung_up.wait(20),
        ("lin@post.example.cn",),
    )


HTTP_CHANNELS: Mapping[str, Callable[[HTTP, Mapping[str, str]], Channel]] = {
    "webhook": lambda http, env: Webhook(http, env=env),
    "wecom": lambda http, env: WeCom(http, env=env),
    "dingtalk": lambda http, env: DingTalk(http, env=env),
    "feishu": lambda http, env: Feishu(http, env=env),
}
BY_NUMBER = ("sms", "voice")
REMOTE = (*HTTP_CHANNELS, *BY_NUMBER, "smtp")
"""Those with another side that may be in trouble."""
ALL = ("null", "outbox", *REMOTE)


@asynccontextmanager
async def _case(name: str, tmp_path: Path, receiver: Receiver, http: HTTP, hasty: HTTP) -> AsyncGenerator[Case]:
    match name:
        case "null":
            yield _null()
        case "outbox":
            yield _outbox(tmp_path / "below" / "outbox.jsonl")
        case "smtp":
            async with receiving_mail() as mails:
                yield _by_mail(mails)
        case "sms" | "voice":
            yield _by_number(name, receiver, http, hasty)
        case _:
            yield _over_http(name, receiver, http, hasty, HTTP_CHANNELS[name])


@pytest.fixture(params=ALL)
async def case(
    request: pytest.FixtureRequest, tmp_path: Path, receiver: Receiver, http: HTTP, impatient: HTTP
) -> AsyncGenerator[Case]:
    async with _case(request.param, tmp_path, receiver, http, impatient) as made:
        yield made


@pytest.fixture(params=REMOTE)
async def remote(
    request: pytest.FixtureRequest, tmp_path: Path, receiver: Receiver, http: HTTP, impatient: HTTP
) -> AsyncGenerator[Case]:
    async with _case(request.param, tmp_path, receiver, http, impatient) as made:
        yield made


# -- what holds for all ------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
async def test_what_is_delivered_has_arrived_word_for_word(case: Case) -> None:
    said = message(text="【还剩 15 分钟】“收到”不算报告 — T-1\n<第二行> a@b.example")

    delivered = await case.channel.send(said, case.address)

    assert case.seen() == [(said.key, case.written(said))]
    assert delivered.channel == case.address.channel
    assert delivered.code


@pytest.mark.rule("R14")
async def test_a_repeat_carries_the_same_key_and_the_same_text(case: Case) -> None:
    said = message("T-1/tell.filed")

    for _ in range(2):
        await case.channel.send(said, case.address)

    assert case.seen() == [("T-1/tell.filed", case.written(said))] * 2


async def test_a_notice_without_a_due_time_is_delivered(case: Case) -> None:
    await case.channel.send(message(due_at=None), case.address)

    assert len(case.seen()) == 1


@pytest.mark.rule("R14")
async def test_of_many_at_once_each_arrives_once(case: Case) -> None:
    keys = [f"k-{n}" for n in range(20)]

    await asyncio.gather(*(case.channel.send(message(key), case.address) for key in keys))

    assert sorted(key for key, _ in case.seen()) == sorted(keys)


@pytest.mark.rule("R29")
async def test_neither_text_nor_address_nor_secret_is_logged(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = message(text=PRIVATE)

    await case.channel.send(said, case.address)

    assert_says_nothing_of(case, caplog.text + repr(said))


# -- trouble on the other side -----------------------------------------------------------------------------------------


@pytest.mark.rule("R14", "R29")
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_after_a_passing_trouble_it_is_tried_again_and_nothing_is_given_away(
    remote: Case, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    remote.troubles[trouble]()
    channel = remote.hasty if trouble == "silence" and remote.hasty else remote.channel

    with pytest.raises(ChannelError) as failed:
        await channel.send(message(text=PRIVATE), remote.address)

    assert not isinstance(failed.value, (ChannelRefused, ChannelMisconfigured))
    assert_says_nothing_of(remote, "".join(traceback.format_exception(failed.value)) + caplog.text)


@pytest.mark.rule("R14")
async def test_whoever_is_cancelled_stops_waiting_and_leaves_nothing(remote: Case) -> None:
    remote.troubles["silence"]()
    others = asyncio.all_tasks()
    sending = asyncio.create_task(remote.channel.send(message(), remote.address))
    await asyncio.to_thread(remote.arrived)

    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending

    assert await asyncio.to_thread(remote.hung_up)
    assert asyncio.all_tasks() <= others


@pytest.mark.rule("R29")
async def test_what_the_environment_lacks_is_named_and_nothing_is_sent(remote: Case) -> None:
    named = [field for field in ("to_env", "secret_env") if getattr(remote.address, field)]

    for variable in named:
        with pytest.raises(ChannelMisconfigured, match="NOT_SET") as wrong:
            await remote.channel.send(message(), remote.address.model_copy(update={variable: "NOT_SET"}))
        assert_says_nothing_of(remote, str(wrong.value))

    assert named
    assert remote.seen() == []


def assert_says_nothing_of(case: Case, told: str) -> None:
    assert PRIVATE not in told
    for secret in case.secrets:
        assert secret not in told
