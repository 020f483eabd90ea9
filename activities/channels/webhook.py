"""The webhook: a signed POST to another system, which answers for itself (R14, R29).

The body is JSON: `key, incident_id, duty, recipient, text, due_at, drill`. `Idempotency-Key` and `webhook-id` are the
notice's key, the same at each repeat; where the address names a `secret_env`, `webhook-signature` signs it.

- 2xx: delivered. A JSON object in the answer may give `message_id` and `code`; its own error in there (`errcode` or
  `code` other than 0 and 2xx, `success: false`) means not delivered, whatever HTTP says.
- 408, 425, 429, 5xx, no connection, no answer in time: try again, not before `Retry-After`.
- 3xx, 401, 403, 404, 405, 407, 410: the address is wrong; other 4xx: this notice is refused. Never again.
"""

import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, cast

from activities.channels.contract import (
    ChannelBusy,
    ChannelMisconfigured,
    ChannelRefused,
    ChannelUnavailable,
    Message,
)
from activities.channels.signing import signatures
from activities.http import HTTP, Answer, BadAddress, NoAnswer
from plan.orders import Delivered
from plan.organisation import Address

LONGEST_WAIT: Final = timedelta(hours=1)
"""Of a `Retry-After`; beyond it the series of attempts is over anyway."""
_AGAIN: Final = frozenset({408, 425, 429})
_WRONG_ADDRESS: Final = frozenset({401, 403, 404, 405, 407, 410})


def _now() -> datetime:
    return datetime.now(UTC)


class Webhook:
    def __init__(
        self, http: HTTP, *, secrets: Mapping[str, str] = os.environ, clock: Callable[[], datetime] = _now
    ) -> None:
        self._http, self._secrets, self._clock = http, secrets, clock

    async def send(self, message: Message, address: Address) -> Delivered:
        body = _body(message)
        headers = self._headers(message, address, body)
        try:
            answer = await self._http.post(address.to, content=body, headers=headers)
        except BadAddress as wrong:
            raise ChannelMisconfigured(_not_delivered(message, f"{wrong}. Correct the address")) from None
        except NoAnswer as failed:
            raise ChannelUnavailable(_not_delivered(message, f"{failed}. It is tried again")) from None
        return self._judge(answer, message, address)

    def _headers(self, message: Message, address: Address, body: bytes) -> dict[str, str]:
        timestamp = int(self._clock().timestamp())
        headers = {
            "content-type": "application/json; charset=utf-8",
            "idempotency-key": message.key,
            "webhook-id": message.key,
            "webhook-timestamp": str(timestamp),
        }
        if address.secret_env is None:
            return headers
        try:
            secret = self._secrets.get(address.secret_env, "")
            signed = signatures(secret, message_id=message.key, timestamp=timestamp, body=body)
        except ValueError as wrong:
            why = f"the secret in {address.secret_env} cannot be used: {wrong}. Set it to whsec_ and base64"
            raise ChannelMisconfigured(_not_delivered(message, why)) from None
        return headers | {"webhook-signature": signed}

    def _judge(self, answer: Answer, message: Message, address: Address) -> Delivered:
        status, said = answer.status, _object(answer.body)
        why = f"the receiver answered {status}"
        if 200 <= status < 300:
            if error := _own_error(said):
                raise ChannelUnavailable(_not_delivered(message, f"{why}, but with {error}. It is tried again"))
            return Delivered(
                channel=address.channel,
                code=_short(said.get("code")) or str(status),
                message_id=_message_id(said, answer.headers),
            )
        if status in _AGAIN or status >= 500:
            wait = _retry_after(answer.headers.get("retry-after"), self._clock())
            raise ChannelBusy(_not_delivered(message, f"{why}. It is tried again"), retry_after=wait)
        if status in _WRONG_ADDRESS or status < 400:
            raise ChannelMisconfigured(_not_delivered(message, f"{why}. Correct the address or its secret"))
        raise ChannelRefused(_not_delivered(message, f"{why}. Ask its operator why it refuses this notice"))


def _body(message: Message) -> bytes:
    fields = {
        "key": message.key,
        "incident_id": message.incident_id,
        "duty": message.duty,
        "recipient": message.recipient,
        "text": message.text,
        "due_at": message.due_at.isoformat() if message.due_at else None,
        "drill": message.drill,
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def _not_delivered(message: Message, why: str) -> str:
    return f"The notice for {message.recipient} was not delivered over its webhook: {why}."


def _object(body: bytes) -> dict[str, object]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return cast(dict[str, object], said) if isinstance(said, dict) else {}


def _own_error(said: Mapping[str, object]) -> str | None:
    for name in ("errcode", "code"):
        value = said.get(name)
        if type(value) is int and value != 0 and not 200 <= value < 300:
            return f"{name} {value}"
    return "success false" if said.get("success") is False else None


def _message_id(said: Mapping[str, object], headers: Mapping[str, str]) -> str:
    return _short(said.get("message_id")) or _short(said.get("id")) or _short(headers.get("x-message-id"))


def _short(value: object) -> str:
    """What goes into the record of another system's words: one short printable text."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return "".join(sign for sign in str(value) if sign.isprintable())[:200]


def _retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Seconds or an HTTP date (RFC 9110, 10.2.3); None where absent, unreadable or already over."""
    if value is None:
        return None
    try:
        wait = timedelta(seconds=int(value)) if value.isdecimal() else parsedate_to_datetime(value) - now
    except (ValueError, OverflowError, TypeError):
        return None
    return min(wait, LONGEST_WAIT) if wait > timedelta(0) else None
