"""The webhook: a signed POST to another system, which answers for itself (R14, R29).

The body is JSON: `key, incident_id, duty, recipient, text, due_at, drill`. `idempotency-key` is the notice's key, and
`webhook-id` the same percent-encoded (Standard Webhooks 1.0: a full stop in it would let what is signed be read in two
ways); both stay the same at each repeat. Where the address names a `secret_env`, `webhook-signature` signs it.

- 2xx: delivered. A JSON object in the answer may give `message_id` and `code`; its own error in there (`errcode` or
  `code` other than 0 and 2xx, `success: false`) means not delivered, whatever HTTP says.
- 408, 425, 429, 5xx, no connection, no answer in time: try again, not before `Retry-After`.
- 3xx, 401, 403, 404, 405, 407, 410: the address is wrong; other 4xx: this notice is refused. Never again.
"""

import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from activities.channels.addresses import resolved, secret_of
from activities.channels.answers import object_in, passing, short, wait_asked, wrong_address
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


def _now() -> datetime:
    return datetime.now(UTC)


class Webhook:
    def __init__(
        self, http: HTTP, *, env: Mapping[str, str] = os.environ, clock: Callable[[], datetime] = _now
    ) -> None:
        self._http, self._env, self._clock = http, env, clock

    async def send(self, message: Message, address: Address) -> Delivered:
        url, body = resolved(address, self._env), _body(message)
        headers = self._headers(message, address, body)
        try:
            answer = await self._http.post(url, content=body, headers=headers)
        except BadAddress as wrong:
            raise ChannelMisconfigured(_not_delivered(message, f"{wrong}. Correct the address")) from None
        except NoAnswer as failed:
            raise ChannelUnavailable(_not_delivered(message, f"{failed}. It is tried again")) from None
        return self._judge(answer, message, address)

    def _headers(self, message: Message, address: Address, body: bytes) -> dict[str, str]:
        own_id, timestamp = message_id(message), int(self._clock().timestamp())
        headers = {
            "content-type": "application/json; charset=utf-8",
            "idempotency-key": message.key,
            "webhook-id": own_id,
            "webhook-timestamp": str(timestamp),
        }
        secret = secret_of(address, self._env)
        if secret is None:
            return headers
        try:
            signed = signatures(secret, message_id=own_id, timestamp=timestamp, body=body)
        except ValueError as wrong:
            why = f"the secret in {address.secret_env} cannot be used: {wrong}. Set it to whsec_ and base64"
            raise ChannelMisconfigured(_not_delivered(message, why)) from None
        return headers | {"webhook-signature": signed}

    def _judge(self, answer: Answer, message: Message, address: Address) -> Delivered:
        status, said = answer.status, object_in(answer.body)
        why, error = f"the receiver answered {status}", _own_error(said)
        if 200 <= status < 300 and error is None:
            code = short(said.get("code")) or str(status)
            return Delivered(channel=address.channel, code=code, message_id=_their_id(said, answer.headers))
        code = error or str(status)
        if 200 <= status < 300:
            again = _not_delivered(message, f"{why}, but with an error of its own. It is tried again")
            raise ChannelUnavailable(again, code=code)
        if passing(status):
            wait = wait_asked(answer.headers.get("retry-after"), self._clock())
            raise ChannelBusy(_not_delivered(message, f"{why}. It is tried again"), code=code, retry_after=wait)
        if wrong_address(status):
            wrong = _not_delivered(message, f"{why}. Correct the address or its secret")
            raise ChannelMisconfigured(wrong, code=code)
        refused = _not_delivered(message, f"{why}. Ask its operator why it refuses this notice")
        raise ChannelRefused(refused, code=code)


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


def message_id(message: Message) -> str:
    return quote(message.key, safe="/:~").replace(".", "%2E")


def _not_delivered(message: Message, why: str) -> str:
    return f"The notice for {message.recipient} was not delivered over its webhook: {why}."


def _own_error(said: Mapping[str, object]) -> str | None:
    """The code of an error that the receiver tells itself, whatever HTTP says."""
    for name in ("errcode", "code"):
        value = said.get(name)
        if type(value) is int and value != 0 and not 200 <= value < 300:
            return short(value)
    return "success false" if said.get("success") is False else None


def _their_id(said: Mapping[str, object], headers: Mapping[str, str]) -> str:
    return short(said.get("message_id")) or short(said.get("id")) or short(headers.get("x-message-id"))
