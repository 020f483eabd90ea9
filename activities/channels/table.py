"""The one table of channels. A channel is added as one file beside this one and one line here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TextIO

from pydantic import SecretStr

from activities.channels.aliyun import AccessKey
from activities.channels.contract import Channel
from activities.channels.dingtalk import DingTalk
from activities.channels.feishu import Feishu
from activities.channels.outbox import Outbox
from activities.channels.sms import SMS
from activities.channels.smtp import Mail, MailAccount
from activities.channels.voice import Voice
from activities.channels.webhook import Webhook
from activities.channels.wecom import WeCom
from activities.http import HTTP
from runtime.settings import Settings
from runtime.sms_templates import current_sms_templates


@dataclass(frozen=True, slots=True)
class Equipment:
    """What channels are made of. `terminal` is where the outbox shows its notices too."""

    http: HTTP
    outbox: Path
    settings: Settings
    terminal: TextIO | None = None


def _mail(equipment: Equipment) -> Mail:
    settings = equipment.settings
    if settings.smtp_server is None or settings.smtp_sender is None:
        return Mail(None)
    password = _told(settings.smtp_password)
    account = MailAccount(settings.smtp_server, settings.smtp_sender, settings.smtp_user, password, settings.smtp_ca)
    return Mail(account)


def _sms(equipment: Equipment) -> SMS:
    settings = equipment.settings
    key = AccessKey(_told(settings.sms_key_id), _told(settings.sms_key_secret))
    return SMS(
        equipment.http,
        key if key.id and key.secret else None,
        gateway=settings.sms_gateway,
        templates=partial(current_sms_templates, settings),
    )


def _voice(equipment: Equipment) -> Voice:
    settings = equipment.settings
    return Voice(equipment.http, settings.voice_gateway, _told(settings.voice_secret))


def _told(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


CHANNELS: Final[Mapping[str, Callable[[Equipment], Channel]]] = {
    "outbox": lambda equipment: Outbox(equipment.outbox, terminal=equipment.terminal),
    "webhook": lambda equipment: Webhook(equipment.http),
    "wecom": lambda equipment: WeCom(equipment.http),
    "dingtalk": lambda equipment: DingTalk(equipment.http),
    "feishu": lambda equipment: Feishu(equipment.http),
    "smtp": _mail,
    "sms": _sms,
    "voice": _voice,
}
"""By the name that stands in the organisation's addresses."""


def channels_of(equipment: Equipment) -> dict[str, Channel]:
    """One of each."""
    return {name: make(equipment) for name, make in CHANNELS.items()}
