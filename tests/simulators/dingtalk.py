"""A custom robot of DingTalk: token, time stamp and signature in the address, JSON up to 20,000 bytes.

The signature is base64(HMAC-SHA256(secret, "{milliseconds}\\n{secret}")), the time stamp at most an hour off.
"""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from tests.simulators.inbox import Inbox, Kind
from tests.simulators.service import Answer, Body, Call, Heard, Unreadable, key_of

if TYPE_CHECKING:
    from tests.simulators.town import Town

LONGEST: Final = 20_000
SKEW: Final = timedelta(hours=1)
_SAYS: Final = {
    "-1": "系统繁忙",
    "40035": "缺少参数 json",
    "43004": "无效的HTTP HEADER Content-Type",
    "130101": "send too fast, exceed 20 times per minute",
    "300005": "token is not exist",
    "310000": "sign not match",
    "400013": "群已被解散",
    "400102": "机器人已停用",
    "400105": "不支持的消息类型",
    "460101": "message too long, exceed 20000 bytes",
}


class DingTalk:
    kind = Kind.DINGTALK
    yes = "0"

    def hear(self, call: Call, town: "Town") -> Heard:
        inbox, key = town.robot(self.kind, call.query.get("access_token", "")), key_of(call)
        try:
            text, mentions, problem = _read(Body.of(call.body))
        except Unreadable:
            text, mentions, problem = "", (), self.refusal("40035")
        if not call.headers.get("content-type", "").startswith("application/json"):
            problem = self.refusal("43004")
        elif len(call.body) > LONGEST:
            problem = self.refusal("460101")
        if inbox is None:
            problem = self.refusal("300005")
        elif unsigned := _unsigned(inbox, call):
            problem = Answer("310000", {"errcode": 310000, "errmsg": unsigned})
        return Heard(inbox, key, text, mentions, problem)

    def taken(self, heard: Heard, number: int) -> Answer:
        return Answer("0", {"errcode": 0, "errmsg": "ok"})

    def refusal(self, code: str | None) -> Answer:
        code = code or "400102"
        return Answer(code, {"errcode": int(code), "errmsg": _SAYS.get(code, "error")})

    @property
    def busy(self) -> Answer:
        return self.refusal("-1")

    @property
    def too_fast(self) -> Answer:
        return self.refusal("130101")


def _unsigned(inbox: Inbox, call: Call) -> str | None:
    """What is wrong with time stamp and signature."""
    if not inbox.secret:
        return None
    stamp, sign = call.query.get("timestamp", ""), call.query.get("sign", "")
    if not (stamp.isascii() and stamp.isdecimal()) or len(stamp) > 15:
        return "invalid timestamp"
    if abs(call.at - datetime.fromtimestamp(int(stamp) / 1000, UTC)) > SKEW:
        return "invalid timestamp"
    return None if hmac.compare_digest(signature(inbox.secret, stamp), sign) else "sign not match"


def signature(secret: str, stamp: str) -> str:
    mac = hmac.new(secret.encode("utf-8"), digestmod=hashlib.sha256)
    for part in (stamp, "\n", secret):
        mac.update(part.encode("utf-8"))
    return base64.standard_b64encode(mac.digest()).decode("ascii")


def _read(body: Body) -> tuple[str, tuple[str, ...], Answer | None]:
    kind = body.text("msgtype")
    if kind not in ("text", "markdown"):
        return "", (), Answer("400105", {"errcode": 400105, "errmsg": _SAYS["400105"]})
    part = body.part(kind)
    if kind == "markdown":
        part.text("title")
    text = part.text("content" if kind == "text" else "text")
    at = body.part("at") if body.has("at") else Body()
    everybody = ("@all",) if at.fields.get("isAtAll") is True else ()
    return text, (*at.texts("atMobiles"), *at.texts("atUserIds"), *everybody), None
