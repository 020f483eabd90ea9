"""A receiver of webhooks by the Standard Webhooks specification: five minutes' tolerance, one or more signatures.

Its inbox's `secret` reads `whsec_` and base64; without one it takes what is unsigned. The body is the notice as JSON.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from tests.simulators.inbox import Kind
from tests.simulators.service import Answer, Body, Call, Heard, Unreadable, key_of

if TYPE_CHECKING:
    from tests.simulators.town import Town

TOLERANCE: Final = timedelta(minutes=5)
PREFIX: Final = "whsec_"


class Webhook:
    kind = Kind.WEBHOOK
    yes = "200"

    def hear(self, call: Call, town: "Town") -> Heard:
        inbox, key = town.robot(self.kind, call.rest), key_of(call)
        problem: Answer | None = None
        text = ""
        try:
            text = Body.of(call.body).text("text")
        except Unreadable:
            problem = Answer("400", {"error": "malformed"}, 400)
        if inbox is None:
            problem = Answer("404", {"error": "no such receiver"}, 404)
        elif wrong := unsigned(inbox.secret, call):
            problem = Answer("401", {"error": wrong}, 401)
        return Heard(inbox, key, text, (), problem)

    def taken(self, heard: Heard, number: int) -> Answer:
        return Answer("200", {"message_id": f"msg-{number}"})

    def refusal(self, code: str | None) -> Answer:
        """With a code, an error in a 200; without, what HTTP says."""
        if code is None:
            return Answer("422", {"error": "refused"}, 422)
        return Answer(code, {"code": int(code) if code.lstrip("-").isdecimal() else code, "success": False})

    @property
    def busy(self) -> Answer:
        return self.refusal("-1")

    @property
    def too_fast(self) -> Answer:
        return Answer("429", {"error": "too many"}, 429)


def unsigned(secret: str, call: Call) -> str | None:
    """What is wrong with id, time stamp and signatures."""
    if not secret:
        return None
    message_id, stamp = call.headers.get("webhook-id", ""), call.headers.get("webhook-timestamp", "")
    if not message_id or not (stamp.isascii() and stamp.isdecimal()) or len(stamp) > 12:
        return "no id or timestamp"
    if abs(call.at - datetime.fromtimestamp(int(stamp), UTC)) > TOLERANCE:
        return "timestamp too far off"
    wanted = signature(secret, message_id, stamp, call.body)
    given = call.headers.get("webhook-signature", "").split()
    ours = [each.removeprefix("v1,") for each in given if each.startswith("v1,")]
    return None if any(hmac.compare_digest(wanted, each) for each in ours) else "no matching signature"


def made_secret() -> str:
    return PREFIX + base64.standard_b64encode(secrets.token_bytes(24)).decode("ascii")


def signature(secret: str, message_id: str, stamp: str, body: bytes) -> str:
    mac = hmac.new(base64.standard_b64decode(secret[len(PREFIX) :]), digestmod=hashlib.sha256)
    mac.update(b".".join((message_id.encode("utf-8"), stamp.encode("utf-8"), body)))
    return base64.standard_b64encode(mac.digest()).decode("ascii")
