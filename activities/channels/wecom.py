"""The robot of a WeCom group (企业微信群机器人): a text in one chat, the people on duty mentioned (R14, R29).

The address holds the robot's key; there is no signature. A text has up to 2,048 bytes, a robot 20 messages a minute.
A mention is a user id, or a mobile number, which the service turns into a name itself.
Source: the service's page on group robots and its table of global codes.
"""

import os
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from activities.channels.addresses import resolved
from activities.channels.chats import mobile, on_duty, text_of
from activities.channels.contract import Message
from activities.channels.robots import Service, again, misconfigured, now, refused, tell
from activities.http import HTTP
from plan.orders import Delivered
from plan.organisation import Address

CODES: Final = MappingProxyType(
    {
        -1: again("it is busy", timedelta(seconds=2)),
        45009: again("more messages than it takes in a minute", timedelta(seconds=60)),
        45033: again("more messages at once than it takes", timedelta(seconds=2)),
        40008: refused("it does not know this kind of message"),
        40058: refused("it does not understand the message"),
        44004: refused("the text is empty"),
        45002: refused("the text is too long"),
        47001: refused("it does not understand the message"),
        60020: misconfigured("it does not take messages from this machine's IP address"),
        93000: misconfigured("the address is invalid, or the robot was removed"),
        93004: misconfigured("the robot is disabled"),
        93008: misconfigured("the robot is not in the group"),
    }
)
WECOM: Final = Service("wecom", ("errcode",), CODES)
_USER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")


class WeCom:
    def __init__(self, http: HTTP, *, env: Mapping[str, str] = os.environ, clock: Callable[[], datetime] = now) -> None:
        self._http, self._env, self._clock = http, env, clock

    async def send(self, message: Message, address: Address) -> Delivered:
        url = resolved(address, self._env)
        return await tell(self._http, WECOM, url, _body(message), message, self._clock)


def _body(message: Message) -> dict[str, object]:
    mobiles = dict.fromkeys(filter(None, map(mobile, message.mentions)))
    mentioned = {"mentioned_list": on_duty(message, _USER), "mentioned_mobile_list": list(mobiles)}
    text: dict[str, object] = {"content": text_of(message, WECOM.longest)}
    return {"msgtype": "text", "text": text | {name: ids for name, ids in mentioned.items() if ids}}
