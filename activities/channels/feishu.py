"""The custom bot of a Feishu or Lark group (飞书自定义机器人): a text in one chat, signed in the body (R14, R29).

Which of the two it is, the address says. Where it names a `secret_env`, the body holds `timestamp` (seconds) and
`sign`: base64 of an HMAC-SHA256 over nothing, with time and secret as the key. A signature is good for an hour; each
attempt makes its own. A body has up to 20 kB, a bot 100 messages a minute and 5 a second.
A mention is an open id (`ou_...`), or a user id. Success is `code` 0, or `StatusCode` 0 as older answers have it.
Source: the service's pages on custom bots and on rate limits.
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

from activities.channels.addresses import resolved, secret_of
from activities.channels.chats import fitting, on_duty, text_of
from activities.channels.contract import Message
from activities.channels.robots import Service, again, misconfigured, now, refused, tell
from activities.http import HTTP
from plan.orders import Delivered
from plan.organisation import Address

A_MOMENT: Final = timedelta(seconds=1.5)
"""Its narrowest limit counts by the second."""

CODES: Final = MappingProxyType(
    {
        1500: again("an error of its own", A_MOMENT),
        2200: again("an error of its own", A_MOMENT),
        11232: again("more messages than it takes in a second or a minute", A_MOMENT),
        99991400: again("more messages than it takes in a minute", timedelta(seconds=60)),
        9499: refused("it does not understand the message"),
        19002: refused("it does not understand the message"),
        19036: refused("the message is too large"),
        19001: misconfigured("it does not know the token of the address"),
        19007: misconfigured("the bot is not enabled"),
        19021: misconfigured("the signature is wrong, or a clock is"),
        19022: misconfigured("it does not take messages from this machine's IP address"),
        19024: misconfigured("the keyword that the bot demands is not in the text"),
    }
)
FEISHU: Final = Service("feishu", ("code", "StatusCode"), CODES, wait_header="x-ogw-ratelimit-reset")
_USER: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")


class Feishu:
    def __init__(self, http: HTTP, *, env: Mapping[str, str] = os.environ, clock: Callable[[], datetime] = now) -> None:
        self._http, self._env, self._clock = http, env, clock

    async def send(self, message: Message, address: Address) -> Delivered:
        url, secret = resolved(address, self._env), secret_of(address, self._env)
        body = _body(message)
        if secret is not None:
            body = _signature(secret, int(self._clock().timestamp())) | body
        return await tell(self._http, FEISHU, url, body, message, self._clock)


def sign(secret: str, seconds: int) -> str:
    key = f"{seconds}\n{secret}".encode()
    return base64.b64encode(hmac.digest(key, b"", hashlib.sha256)).decode()


def _signature(secret: str, seconds: int) -> dict[str, object]:
    return {"timestamp": str(seconds), "sign": sign(secret, seconds)}


def _body(message: Message) -> dict[str, object]:
    called = fitting((f'<at user_id="{user}"></at>' for user in on_duty(message, _USER)), FEISHU.longest)
    return {"msg_type": "text", "content": {"text": text_of(message, FEISHU.longest, called)}}
