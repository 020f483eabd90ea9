"""How a webhook is signed: Standard Webhooks 1.0, `v1` (HMAC-SHA256 over id, timestamp and body).

A secret reads `whsec_` and 24 to 64 bytes in base64. Several, separated by blanks, sign side by side, so that one can
be exchanged for the next. Errors: ValueError, whose text holds nothing of the secret.
"""

import base64
import binascii
import hashlib
import hmac

PREFIX = "whsec_"


def signatures(secrets: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    keys = [_key(secret) for secret in secrets.split()]
    if not keys:
        raise ValueError("it is empty")
    return " ".join("v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys)


def _key(secret: str) -> bytes:
    if not secret.startswith(PREFIX):
        raise ValueError(f"it does not begin with {PREFIX}")
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("it is not base64") from None
    if not 24 <= len(key) <= 64:
        raise ValueError("it is not 24 to 64 bytes long")
    return key
