"""What the gateways of Aliyun share: their signature (RPC style, version 1.0) and how they answer.

A call is GET or POST; its parameters stand in the query, the form or both. The signature is
base64(HMAC-SHA1(secret + "&", METHOD & "%2F" & encoded query of all parameters in order, without the signature)); the
time stamp is UTC, at most 15 minutes off, and a nonce is good once. Errors of that kind have an HTTP status; all others
are a `Code` in a 200.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl

from tests.simulators.service import Answer, Call

SKEW: Final = timedelta(minutes=15)
_PLAIN: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")


@dataclass
class Gateway:
    """An account. `templates` by code, with `${name}` where a variable goes; none means that any code will do."""

    url: str = ""
    access_key_id: str = field(default_factory=lambda: f"LTAI{secrets.token_hex(8)}")
    access_key_secret: str = field(default_factory=lambda: secrets.token_hex(15))
    sign_name: str = "警钟"
    templates: dict[str, str] = field(default_factory=dict[str, str])
    nonces: set[str] = field(default_factory=set[str], repr=False)

    def as_json(self) -> dict[str, object]:
        return {name: value for name, value in vars(self).items() if name != "nonces"}


def parameters(call: Call) -> dict[str, str]:
    """Of query and form together."""
    form = call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    body = call.body.decode("utf-8", "replace") if form else ""
    return dict(parse_qsl("&".join(filter(None, (call.raw_query, body))), keep_blank_values=True))


def unsigned(call: Call, said: Mapping[str, str], gateway: Gateway) -> Answer | None:
    """What is wrong with key, time, nonce or signature."""
    fixed = {"SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0", "Format": "JSON", "Version": "2017-05-25"}
    for name, wanted in fixed.items():
        if said.get(name, "JSON" if name == "Format" else "").upper() != wanted.upper():
            return fails("InvalidParameter" if name in said else f"Missing{name}", 400)
    if said.get("AccessKeyId") != gateway.access_key_id:
        return fails("InvalidAccessKeyId.NotFound", 404)
    try:
        stamp = datetime.strptime(said.get("Timestamp", ""), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return fails("InvalidTimeStamp.Format", 400)
    if abs(call.at - stamp) > SKEW:
        return fails("InvalidTimeStamp.Expired", 400)
    wanted = signature(call.method, said, gateway.access_key_secret)
    if not hmac.compare_digest(wanted, said.get("Signature", "")):
        return fails("SignatureDoesNotMatch", 400)
    nonce = said.get("SignatureNonce", "")
    if not nonce or nonce in gateway.nonces:
        return fails("SignatureNonceUsed", 400)
    gateway.nonces.add(nonce)
    return None


def signature(method: str, said: Mapping[str, str], secret: str) -> str:
    names = sorted(name for name in said if name != "Signature")
    query = "&".join(f"{encoded(name)}={encoded(said[name])}" for name in names)
    mac = hmac.new(f"{secret}&".encode("ascii"), digestmod=hashlib.sha1)
    mac.update(f"{method}&{encoded('/')}&{encoded(query)}".encode("ascii"))
    return base64.standard_b64encode(mac.digest()).decode("ascii")


def encoded(text: str) -> str:
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in text.encode("utf-8"))


def says(code: str, **more: object) -> Answer:
    """An answer of the service itself, yes or no."""
    return Answer(code, {"Code": code, "Message": code, "RequestId": secrets.token_hex(16).upper(), **more})


def fails(code: str, status: int) -> Answer:
    """An answer of the gate before the service."""
    return Answer(code, {"Code": code, "Message": code, "RequestId": secrets.token_hex(16).upper()}, status)
