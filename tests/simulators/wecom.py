"""A group robot of WeCom: POST with its key in the address; text up to 2,048 bytes, Markdown up to 4,096."""

from typing import TYPE_CHECKING, Final

from tests.simulators.inbox import Kind
from tests.simulators.service import Answer, Body, Call, Heard, Unreadable, key_of

if TYPE_CHECKING:
    from tests.simulators.town import Town

LONGEST: Final = {"text": 2_048, "markdown": 4_096}
_SAYS: Final = {
    "-1": "system busy",
    "40008": "invalid message type",
    "40058": "invalid Request Parameter",
    "44004": "empty content",
    "45009": "api freq out of limit",
    "47001": "data format error",
    "93000": "invalid webhook url",
    "93004": "robot has been disabled",
    "93008": "robot is not in the group",
}


class WeCom:
    kind = Kind.WECOM
    yes = "0"

    def hear(self, call: Call, town: "Town") -> Heard:
        inbox, key = town.robot(self.kind, call.query.get("key", "")), key_of(call)
        try:
            text, mentions, problem = _read(Body.of(call.body))
        except Unreadable:
            text, mentions, problem = "", (), "47001"
        if inbox is None:
            problem = "93000"
        return Heard(inbox, key, text, mentions, self.refusal(problem) if problem else None)

    def taken(self, heard: Heard, number: int) -> Answer:
        return Answer("0", {"errcode": 0, "errmsg": "ok"})

    def refusal(self, code: str | None) -> Answer:
        code = code or "93004"
        return Answer(code, {"errcode": int(code), "errmsg": f"{_SAYS.get(code, 'error')}, more info at the open site"})

    @property
    def busy(self) -> Answer:
        return self.refusal("-1")

    @property
    def too_fast(self) -> Answer:
        return self.refusal("45009")


def _read(body: Body) -> tuple[str, tuple[str, ...], str | None]:
    """Text, mentions, and the code of what is wrong."""
    kind = body.text("msgtype")
    if kind not in LONGEST:
        return "", (), "40008"
    try:
        part = body.part(kind)
        text = part.text("content")
        mentions = (*part.texts("mentioned_list"), *part.texts("mentioned_mobile_list"))
    except Unreadable as missing:
        return "", (), "44004" if str(missing) == "content" else "40058"
    return text, mentions if kind == "text" else (), "40058" if len(text.encode()) > LONGEST[kind] else None
