"""What the settings say about mail, short messages and calls is what their channels do."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from activities.channels.contract import Channel, ChannelMisconfigured
from activities.channels.table import CHANNELS, Equipment, channels_of
from activities.http import HTTP
from plan.channels import MANNERS
from plan.organisation import Address
from runtime.mail_server import MailServer, Protection
from runtime.settings import Settings
from tests.activities.mail_server import HOST, receiving_mail
from tests.activities.notices import message
from tests.activities.receiver import Receiver, Reply

SECRET = "whsec_" + "QUJD" * 10


def channel(name: str, http: HTTP, tmp_path: Path, settings: Settings) -> Channel:
    return channels_of(Equipment(http=http, outbox=tmp_path / "outbox.jsonl", settings=settings))[name]


def test_the_plan_knows_how_to_speak_to_each_channel() -> None:
    assert set(CHANNELS) == set(MANNERS)


async def test_mail_goes_where_the_settings_say(http: HTTP, tmp_path: Path) -> None:
    async with receiving_mail() as mails:
        server = MailServer(HOST, mails.port, Protection.NONE)
        settings = Settings(smtp_server=server, smtp_sender="tocsin@bank.example.cn")
        await channel("smtp", http, tmp_path, settings).send(message(), Address(channel="smtp", to="lin@example.cn"))

    assert mails.received[0].sender == "tocsin@bank.example.cn"


async def test_short_messages_go_where_the_settings_say(http: HTTP, tmp_path: Path, receiver: Receiver) -> None:
    receiver.replies(Reply(body=b'{"Code": "OK", "BizId": "1"}'))
    settings = Settings(
        sms_gateway=receiver.url, sms_key_id=SecretStr("LTAItest"), sms_key_secret=SecretStr("s3cret-key")
    )

    await channel("sms", http, tmp_path, settings).send(message(), Address(channel="sms", to="13800000001"))

    assert b"AccessKeyId=LTAItest" in receiver.requests[0].body
    assert b"s3cret-key" not in receiver.requests[0].body


async def test_calls_go_where_the_settings_say(http: HTTP, tmp_path: Path, receiver: Receiver) -> None:
    receiver.replies(Reply(body=b'{"code": "accepted", "call_id": "1"}'))
    settings = Settings(voice_gateway=receiver.url, voice_secret=SecretStr(SECRET))

    await channel("voice", http, tmp_path, settings).send(message(), Address(channel="voice", to="13800000001"))

    assert receiver.requests[0].headers["webhook-signature"].startswith("v1,")


@pytest.mark.parametrize(
    ("name", "to", "variable"),
    [
        ("smtp", "lin@example.cn", "TOCSIN_SMTP_SERVER"),
        ("sms", "13800000001", "TOCSIN_SMS_KEY_ID"),
        ("voice", "13800000001", "TOCSIN_VOICE_GATEWAY"),
    ],
)
async def test_what_is_not_set_up_says_so_when_it_is_used(
    http: HTTP, tmp_path: Path, name: str, to: str, variable: str
) -> None:
    with pytest.raises(ChannelMisconfigured, match=variable):
        await channel(name, http, tmp_path, Settings()).send(message(), Address(channel=name, to=to))


@pytest.mark.rule("R29")
def test_no_setting_shows_its_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SMTP_PASSWORD", "SMS_KEY_ID", "SMS_KEY_SECRET", "VOICE_SECRET"):
        monkeypatch.setenv(f"TOCSIN_{name}", "s3cret-value")
    assert "s3cret-value" not in repr(Settings())
