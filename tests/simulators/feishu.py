"""A custom bot of Feishu or Lark: its token in the path, time stamp and signature in the body, 20 kB at most.

The signature is base64(HMAC-SHA256("{seconds}\\n{secret}", "")), the time stamp at most an hour off. People are
named in the text: `<at user_id="ou_1">name</at>`.
"""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from tests.simulators.inbox import Inbox, Kind
from tests.simulators.service import Answer, Body, Call, Heard, Unreadable, key_of

if TYPE_CHECKING:
    from tests.simulators.town import Town

LONGEST: Final = 20 * 1024
SKEW: Final = timedelta(hours=1)
MENTION: Final = re.compile(r'<at user_id="([^"]{1,200})">(.*?)</at>')
_SAYS: Final = {
    "9499": "Bad Request",
    "11232": "frequency limited",
    "19001": "param invalid: incoming webhook access token invalid",
    "19021": "sign match fail or timestamp is not within one hour from current time",
    "19022": "Ip Not Allowed",
    "19024": "Key Words Not Found",
    "19036": "request body is too large",
}


class Feishu:
    kind = Kind.FEISHU
    yes = "0"

    def hear(self, call: Call, town: "Town") -> Heard:
        inbox, key = town.robot(self.kind, call.rest), key_of(call)
        code: str | None = None
        text, body = "", Body()
        try:
            body = Body.of(call.body)
            text = _text(body)
        except Unreadable:
            code = "9499"
        if len(call.body) > LONGEST:
            code = "19036"
        if inbox is None:
            code = "19001"
        elif not _signed(inbox, body, call.at):
            code = "19021"
        mentions = tuple(found.group(1) for found in MENTION.finditer(text))
        return Heard(inbox, key, text, mentions, self.refusal(code) if code else None)

    def taken(self, heard: Heard, number: int) -> Answer:
        return Answer("0", {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"})

    def refusal(self, code: str | None) -> Answer:
        code = code or "19024"
        return Answer(code, {"code": int(code), "data": {}, "msg": _SAYS.get(code, "error")})

    @property
    def busy(self) -> Answer:
        return self.refusal("11232")

    @property
    def too_fast(self) -> Answer:
        return self.refusal("11232")


def _text(body: Body) -> str:
    if body.text("msg_type") != "text":
        raise Unreadable("msg_type")
    return body.part("content").text("text")


def _signed(inbox: Inbox, body: Body, now: datetime) -> bool:
    if not inbox.secret:
        return True
    try:
        stamp, sign = body.text("timestamp"), body.text("sign")
    except Unreadable:
        return False
    if not (stamp.isascii() and stamp.isdecimal()) or len(stamp) > 12:
        return False
    if abs(now - datetime.fromtimestamp(int(stamp), UTC)) > SKEW:
        return False
    return hmac.compare_digest(signature(inbox.secret, stamp), sign)


def signature(secret: str, stamp: str) -> str:
    key = bytes(stamp, "utf-8") + b"\n" + bytes(secret, "utf-8")
    return str(base64.standard_b64encode(hmac.new(key, b"", hashlib.sha256).digest()), "ascii")
