"""The custom robot of a DingTalk group (钉钉自定义机器人): a text in one chat, signed in the address (R14, R29).

Where the address names a `secret_env`, `timestamp` (milliseconds) and `sign` join its query: base64 of the HMAC-SHA256
over time and secret, with the secret as key, percent-encoded once. A signature is good for an hour; each attempt makes
its own. A message has up to 20 kB, a robot 20 messages a minute, above which it is silent for ten.
A mention is a user id; a phone number is never written into a chat.
Source: the service's pages on custom robots, and answers it is known to give.
"""

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode, urlsplit

from activities.channels.addresses import resolved, secret_of
from activities.channels.chats import fitting, on_duty, text_of
from activities.channels.contract import ChannelMisconfigured, Message
from activities.channels.robots import Service, again, misconfigured, now, refused, tell
from activities.http import HTTP
from plan.orders import Delivered
from plan.organisation import Address

SILENCE: Final = timedelta(minutes=10)
"""What a robot that spoke too fast is condemned to."""

CODES: Final = MappingProxyType(
    {
        -1: again("it is busy", timedelta(seconds=2)),
        130101: again("more messages than it takes in a minute", SILENCE),
        410100: again("more messages than it takes in a minute", SILENCE),
        40035: misconfigured("the address lacks its access token"),
        43004: refused("it does not understand the message"),
        400105: refused("it does not know this kind of message"),
        430101: refused("it does not like a link in the text"),
        430102: refused("it does not like the text"),
        430104: refused("it does not like the text"),
        460101: refused("the message is too large"),
        300001: misconfigured("it does not know the access token"),
        300005: misconfigured("it does not know the access token"),
        310000: misconfigured("signature, keyword or IP address are not as the robot demands"),
        400013: misconfigured("the group was dissolved"),
        400101: misconfigured("it does not know the access token"),
        400102: misconfigured("the robot is disabled"),
        400106: misconfigured("the robot does not exist"),
    }
)
DINGTALK: Final = Service("dingtalk", ("errcode",), CODES)
_USER: Final = re.compile(r"[A-Za-z0-9$_.:+/=-]{1,100}")


class DingTalk:
    def __init__(self, http: HTTP, *, env: Mapping[str, str] = os.environ, clock: Callable[[], datetime] = now) -> None:
        self._http, self._env, self._clock = http, env, clock

    async def send(self, message: Message, address: Address) -> Delivered:
        url, secret = resolved(address, self._env), secret_of(address, self._env)
        if secret is not None:
            url = _signed(url, secret, int(self._clock().timestamp() * 1000))
        return await tell(self._http, DINGTALK, url, _body(message), message, self._clock)


def sign(secret: str, milliseconds: int) -> str:
    """In base64, not yet encoded for a query."""
    signed = f"{milliseconds}\n{secret}".encode()
    return base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256)).decode()


def _signed(url: str, secret: str, milliseconds: int) -> str:
    """The address as it is written, but for the time and signature of an earlier attempt."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ChannelMisconfigured("The address of a dingtalk robot is not one of the web. Correct it.") from None
    kept = [each for each in parts.query.split("&") if each and not each.startswith(("timestamp=", "sign="))]
    added = urlencode({"timestamp": milliseconds, "sign": sign(secret, milliseconds)})
    return parts._replace(query="&".join((*kept, added))).geturl()


def _body(message: Message) -> dict[str, object]:
    called = fitting((f"@{user}" for user in on_duty(message, _USER)), DINGTALK.longest)
    return {
        "msgtype": "text",
        "text": {"content": text_of(message, DINGTALK.longest, called)},
        "at": {"atUserIds": [user.removeprefix("@") for user in called], "isAtAll": False},
    }
