"""A gateway that calls people: a POST, signed as a webhook, says whom and what; it reads the text out.

It answers a code of its own in a 200. A call is known by its key: of one it has accepted it says so again and rings
nobody twice, after `busy` and `no_answer` the same key asks for another try.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.simulators.inbox import Kind
from tests.simulators.service import Answer, Body, Call, Heard, Unreadable, key_of
from tests.simulators.webhook import made_secret, unsigned

if TYPE_CHECKING:
    from tests.simulators.town import Town


@dataclass
class VoiceAccount:
    url: str = ""
    secret: str = field(default_factory=made_secret)


class Voice:
    kind = Kind.VOICE
    yes = "accepted"

    def hear(self, call: Call, town: "Town") -> Heard:
        key = key_of(call)
        if wrong := unsigned(town.voice.secret, call):
            return Heard(key=key, problem=Answer("401", {"error": wrong}, 401))
        try:
            body = Body.of(call.body)
            phone, text, key = body.text("to"), body.text("text"), body.text("key")
        except Unreadable as missing:
            return Heard(key=key, problem=Answer("400", {"error": str(missing)}, 400))
        if not phone.lstrip("+").isdecimal():
            return Heard(key=key, text=text, problem=self.refusal("invalid_number"))
        inbox = town.inbox(f"{Kind.VOICE}/{phone}")
        if before := next((each for each in town.taken(inbox.address) if each.key == key), None):
            return Heard(inbox, key, text, answer=_accepted(before.number), shown=False)
        return Heard(inbox, key, text)

    def taken(self, heard: Heard, number: int) -> Answer:
        return heard.answer or _accepted(number)

    def refusal(self, code: str | None) -> Answer:
        code = code or "refused"
        return Answer(code, {"code": code})

    @property
    def busy(self) -> Answer:
        return self.refusal("busy")

    @property
    def too_fast(self) -> Answer:
        return Answer("429", {"error": "too many"}, 429)


def _accepted(number: int) -> Answer:
    return Answer("accepted", {"code": "accepted", "call_id": f"call-{number}"})
