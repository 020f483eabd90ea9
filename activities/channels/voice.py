"""A telephone call that reads a notice out: the seam to whoever makes the calls (R14; a chat wakes nobody at three).

The bank's own call centre or a provider stands behind TOCSIN_VOICE_GATEWAY and is spoken to in one way, which it
implements (reference, section 10): a POST of JSON, signed as webhooks are, and an answer with a code of its own.

- 2xx with `accepted` (it will call) or `answered`: delivered, with the gateway's `call_id`.
- 2xx with `busy` or `no_answer`: called again after a while; with `unavailable`, another code or none: tried again. The
  series of attempts bounds both.
- 2xx with `refused` or `invalid_number`: never again. HTTP's own errors are judged as a webhook's.

The gateway knows a call by its key, which a repeat has too: of one that it accepted, that was answered, or that is
under way it says so again and rings nobody twice; after `busy` and `no_answer` the same key asks for another try. The
text comes as it is to be read out (`plan/spoken.py`).
"""

import json
import os
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final

from activities.channels.addresses import resolved
from activities.channels.answers import object_in, passing, short, wait_asked, wrong_address
from activities.channels.contract import (
    ChannelBusy,
    ChannelError,
    ChannelMisconfigured,
    ChannelRefused,
    ChannelUnavailable,
    Message,
)
from activities.channels.signing import signatures
from activities.channels.webhook import message_id
from activities.http import HTTP, Answer, BadAddress, NoAnswer
from plan.orders import Delivered
from plan.organisation import Address

TAKEN: Final = frozenset({"accepted", "answered"})
CALL_AGAIN: Final[Mapping[str, timedelta]] = MappingProxyType(
    {"busy": timedelta(seconds=30), "no_answer": timedelta(minutes=1)}
)
"""After how long: whoever sleeps is rung again, and not without a pause."""
NEVER: Final = frozenset({"refused", "invalid_number"})

_NUMBER: Final = re.compile(r"\+?[0-9]{3,20}")


def _now() -> datetime:
    return datetime.now(UTC)


class Voice:
    """Without a `gateway` nobody is called, and the operator hears of it."""

    def __init__(
        self,
        http: HTTP,
        gateway: str | None,
        secret: str,
        *,
        env: Mapping[str, str] = os.environ,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._http, self._gateway, self._secret = http, gateway, secret
        self._env, self._clock = env, clock

    async def send(self, message: Message, address: Address) -> Delivered:
        if self._gateway is None:
            why = "no gateway is set. Set TOCSIN_VOICE_GATEWAY and TOCSIN_VOICE_SECRET"
            raise ChannelMisconfigured(_not_called(message, why))
        body = _body(message, _number(message, resolved(address, self._env)))
        headers = self._headers(message, body)
        try:
            answer = await self._http.post(self._gateway, content=body, headers=headers)
        except BadAddress as wrong:
            raise ChannelMisconfigured(_not_called(message, f"{wrong}. Correct TOCSIN_VOICE_GATEWAY")) from None
        except NoAnswer as failed:
            raise ChannelUnavailable(_not_called(message, f"{failed}. It is tried again")) from None
        said = object_in(answer.body)
        code = short(said.get("code"))
        if 200 <= answer.status < 300 and code in TAKEN:
            return Delivered(channel=address.channel, code=code, message_id=short(said.get("call_id")))
        raise self._by_http(message, answer) if answer.status >= 300 else _by_code(message, code)

    def _headers(self, message: Message, body: bytes) -> dict[str, str]:
        own_id, timestamp = message_id(message), int(self._clock().timestamp())
        try:
            signed = signatures(self._secret, message_id=own_id, timestamp=timestamp, body=body)
        except ValueError as wrong:
            why = f"the secret in TOCSIN_VOICE_SECRET cannot be used: {wrong}. Set it to whsec_ and base64"
            raise ChannelMisconfigured(_not_called(message, why)) from None
        return {
            "content-type": "application/json; charset=utf-8",
            "idempotency-key": message.key,
            "webhook-id": own_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signed,
        }

    def _by_http(self, message: Message, answer: Answer) -> ChannelError:
        why, code = f"the gateway answered {answer.status}", str(answer.status)
        if passing(answer.status):
            wait = wait_asked(answer.headers.get("retry-after"), self._clock())
            return ChannelBusy(_not_called(message, f"{why}. It is tried again"), code=code, retry_after=wait)
        if wrong_address(answer.status):
            wrong = f"{why}. Correct TOCSIN_VOICE_GATEWAY or TOCSIN_VOICE_SECRET"
            return ChannelMisconfigured(_not_called(message, wrong), code=code)
        return ChannelRefused(_not_called(message, f"{why}. Ask its operator why it refuses this call"), code=code)


def _by_code(message: Message, code: str) -> ChannelError:
    why = f"the gateway answered {code}" if code in CALL_AGAIN or code in NEVER else "the gateway did not say accepted"
    if wait := CALL_AGAIN.get(code):
        return ChannelBusy(_not_called(message, f"{why}. It is called again"), code=code, retry_after=wait)
    if code in NEVER:
        return ChannelRefused(_not_called(message, why), code=code)
    return ChannelUnavailable(_not_called(message, f"{why}. It is tried again"), code=code)


def _body(message: Message, to: str) -> bytes:
    fields = {
        "key": message.key,
        "to": to,
        "text": message.text,
        "lang": message.lang,
        "incident_id": message.incident_id,
        "drill": message.drill,
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def _number(message: Message, written: str) -> str:
    number = re.sub(r"[ ()-]", "", written)
    if not _NUMBER.fullmatch(number):
        why = "the recipient's number is no telephone number. Write its digits, a landline's with its area code"
        raise ChannelMisconfigured(_not_called(message, why))
    return number


def _not_called(message: Message, why: str) -> str:
    return f"The notice for {message.recipient} was not read out on the telephone: {why}."
