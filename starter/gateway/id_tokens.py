"""Whether an ID token is the provider's, for us, for this attempt, now (OpenID Connect Core, 3.1.3.7).

Compact tokens in their one spelling; algorithms and issuer are ours to say, never the token's; `exp` must be there.
Units: whole seconds; clocks may differ by `LEEWAY`. Errors: NotProved, with one text whatever was wrong; UnknownKey
where it was signed with a key that is not among those given.
"""

import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from plan.errors import TocsinError

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures with a private key alone: a shared secret could be a public key that somebody took for one."""
LEEWAY: Final = 30
LONGEST: Final = 16_000
_FAR: Final = 10**11
_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


class NotProved(TocsinError):
    """The identity provider, or what claims to be it, did not prove who this is."""

    http_status = 403


class UnknownKey(NotProved):
    """Perhaps the provider has new keys."""


def claims_of(
    token: object, keys: KeySet, *, issuer: str, audience: str, nonce: str, now: datetime
) -> Mapping[str, Any]:
    """What it says, once all of it holds."""
    if not isinstance(token, str) or len(token) > LONGEST or not _COMPACT.fullmatch(token):
        raise not_proved()
    _known_key(token, keys)
    try:
        claims = jwt.decode(token, keys, algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError, RecursionError):
        raise not_proved() from None
    if not (
        _same(claims.get("iss"), issuer)
        and _for_us(claims.get("aud"), claims.get("azp"), audience)
        and _same(claims.get("nonce"), nonce)
        and _in_time(claims, int(now.timestamp()))
    ):
        raise not_proved()
    return claims


def not_proved() -> NotProved:
    return NotProved(
        "身份服务没有证明您是谁，未能登录。请重新登录；仍不行请联系系统管理员。"
        " The identity provider did not prove who you are. Sign in again; if it fails again, tell the operator."
    )


def _known_key(token: str, keys: KeySet) -> None:
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError, RecursionError):
        raise not_proved() from None
    kid = header.get("kid")
    if header.get("alg") not in ALGORITHMS or (kid is not None and not isinstance(kid, str)):
        raise not_proved()
    if kid is not None and kid not in {key.kid for key in keys.keys}:
        raise UnknownKey(str(not_proved()))


def _for_us(audience: object, party: object, us: str) -> bool:
    """One audience, or several and we the party it was issued to."""
    if isinstance(audience, str):
        return _same(audience, us) and (party is None or _same(party, us))
    if not isinstance(audience, list):
        return False
    several = cast("list[object]", audience)
    alone = len(several) == 1 and party is None
    return us in several and (alone or _same(party, us))


def _in_time(claims: Mapping[str, Any], now: int) -> bool:
    ends, made, begins = (_seconds(claims.get(name, 0 if name == "nbf" else None)) for name in ("exp", "iat", "nbf"))
    if ends is None or made is None or begins is None:
        return False
    return now < ends + LEEWAY and made <= now + LEEWAY and begins <= now + LEEWAY


def _seconds(value: object) -> float | None:
    """A number that is an instant: neither a truth value nor endless."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < _FAR:
        return None
    return float(value)


def _same(said: object, ours: str) -> bool:
    return isinstance(said, str) and hmac.compare_digest(said.encode("utf-8", "replace"), ours.encode())
