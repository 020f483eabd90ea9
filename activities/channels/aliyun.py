"""A call to one of Aliyun's gateways: its parameters, signed, as a form (RPC style, signature version 1.0).

Signed is `POST&%2F&` and the whole sorted form, encoded once more: base64 of its HMAC-SHA1 under the secret and `&`. So
a call is one POST whose body holds everything, and nothing stands in an address, which proxies would write into their
logs. A nonce is good once and a time stamp for fifteen minutes: every call is signed anew. Errors: none.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class AccessKey:
    id: str = field(repr=False)
    secret: str = field(repr=False)


def form(action: str, version: str, parameters: Mapping[str, str], key: AccessKey, at: datetime) -> bytes:
    """The body of a call. `at` is now, for the gateway refuses an old one."""
    everything = {
        **parameters,
        "AccessKeyId": key.id,
        "Action": action,
        "Format": "JSON",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": secrets.token_hex(16),
        "SignatureVersion": "1.0",
        "Timestamp": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "Version": version,
    }
    signed = signature("POST", everything, key.secret)
    return f"{_sorted(everything)}&Signature={_encoded(signed)}".encode()


def signature(method: str, parameters: Mapping[str, str], secret: str) -> str:
    """Of all parameters but the signature itself."""
    signed = f"{method}&{_encoded('/')}&{_encoded(_sorted(parameters))}"
    return base64.b64encode(hmac.digest(f"{secret}&".encode(), signed.encode(), hashlib.sha1)).decode()


def _sorted(parameters: Mapping[str, str]) -> str:
    return "&".join(f"{_encoded(name)}={_encoded(parameters[name])}" for name in sorted(parameters))


def _encoded(text: str) -> str:
    """RFC 3986: all but letters, digits and `-_.~`; a blank is %20."""
    return quote(text, safe="-_.~")
