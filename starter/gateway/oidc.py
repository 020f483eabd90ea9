"""An identity provider that speaks OpenID Connect: code flow with PKCE, discovery, its keys (ADR 26).

The issuer is pinned: what discovery says of itself must be what the settings say. No redirect is followed. Documents
are kept for an hour; keys are read again when a token names one that is not among them, once a minute at most.
Errors: NotProved; Unreachable where the provider does not answer; Misconfigured where it is not one.
"""

import asyncio
import base64
import json
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final, cast
from urllib.parse import quote, urlencode, urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from activities.http import HTTP, Answer, BadAddress, NoAnswer
from plan.errors import Misconfigured, Unreachable
from runtime.settings import Settings
from starter.gateway.attempts import Attempt
from starter.gateway.id_tokens import UnknownKey, claims_of, not_proved

KEPT: Final = 3600.0
AGAIN: Final = 60.0
DISCOVERY: Final = "/.well-known/openid-configuration"
CALLBACK: Final = "/signin/callback"
CLAIMS: Final = ("preferred_username", "sub")


class OpenIDConnect:
    def __init__(
        self, issuer: str, client_id: str, secret: str | None, redirect: str, claims: tuple[str, ...] = CLAIMS
    ) -> None:
        self._issuer, self._client_id, self._secret = issuer, client_id, secret
        self._redirect, self._claims = redirect, claims
        self._one_at_a_time = asyncio.Lock()
        self._said: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def address(self, attempt: Attempt) -> str:
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect,
            "scope": "openid profile",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        where = await self._endpoint("authorization_endpoint")
        return f"{where}{'&' if '?' in where else '?'}{urlencode(asked)}"

    async def person(self, code: str, attempt: Attempt) -> str:
        token = (await self._exchanged(code, attempt)).get("id_token")
        claims = await self._proved(token, attempt)
        found = next((claims[name] for name in self._claims if claims.get(name)), None)
        if not isinstance(found, str):
            raise not_proved()
        return found

    async def _proved(self, token: object, attempt: Attempt) -> Mapping[str, Any]:
        expected = {"issuer": self._issuer, "audience": self._client_id, "nonce": attempt.nonce}
        try:
            return claims_of(token, await self._key_set(KEPT), **expected, now=datetime.now(UTC))
        except UnknownKey:
            return claims_of(token, await self._key_set(AGAIN), **expected, now=datetime.now(UTC))

    async def _exchanged(self, code: str, attempt: Attempt) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect,
            "code_verifier": attempt.verifier,
        }
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        methods = (await self._discovered()).get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if self._secret is None:
            form["client_id"] = self._client_id
        elif "client_secret_basic" in methods:
            pair = f"{quote(self._client_id, safe='')}:{quote(self._secret, safe='')}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self._client_id, "client_secret": self._secret}
        where = await self._endpoint("token_endpoint")
        async with _http() as http:
            answer = await http.post(where, content=urlencode(form).encode(), headers=headers)
        if answer.status >= 500:
            raise _away()
        if answer.status != 200:
            raise not_proved()
        return _document(answer)

    async def _endpoint(self, name: str) -> str:
        """As secure as the issuer's own address."""
        said = (await self._discovered()).get(name)
        wanted = ("https",) if self._issuer.startswith("https://") else ("https", "http")
        if not isinstance(said, str) or urlsplit(said).scheme not in wanted:
            raise Misconfigured(f"The identity provider names no usable {name}. Check TOCSIN_OIDC_ISSUER.")
        return said

    async def _discovered(self) -> Mapping[str, Any]:
        async with self._one_at_a_time:
            if self._said is None or time.monotonic() > self._said[0] + KEPT:
                found = _document(await self._got(self._issuer.rstrip("/") + DISCOVERY))
                if found.get("issuer") != self._issuer:
                    raise Misconfigured(
                        "The identity provider calls itself otherwise than TOCSIN_OIDC_ISSUER does. Write it exactly "
                        "as its discovery document does, with or without the / at its end."
                    )
                self._said = (time.monotonic(), found)
            return self._said[1]

    async def _key_set(self, at_most: float) -> KeySet:
        where = await self._endpoint("jwks_uri")
        async with self._one_at_a_time:
            if self._keys is None or time.monotonic() > self._keys[0] + at_most:
                self._keys = (time.monotonic(), _key_set(_document(await self._got(where))))
            return self._keys[1]

    async def _got(self, where: str) -> Answer:
        async with _http() as http:
            answer = await http.get(where, headers={"accept": "application/json"})
        if answer.status != 200:
            raise _away()
        return answer


def provider_of(settings: Settings) -> OpenIDConnect | None:
    """None where the settings name none."""
    if settings.oidc_issuer is None or settings.oidc_client_id is None or settings.public_url is None:
        return None
    secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else None
    return OpenIDConnect(
        settings.oidc_issuer,
        settings.oidc_client_id,
        secret,
        settings.public_url.rstrip("/") + CALLBACK,
        (settings.oidc_claim,) if settings.oidc_claim else CLAIMS,
    )


@asynccontextmanager
async def _http() -> AsyncGenerator[HTTP]:
    """For one exchange: people sign in seldom, and nothing is left open."""
    http = HTTP()
    try:
        yield http
    except (BadAddress, NoAnswer):
        raise _away() from None
    finally:
        await http.aclose()


def _key_set(said: Mapping[str, Any]) -> KeySet:
    """The keys that prove something: public ones, for signatures."""
    listed: Any = said.get("keys")
    keys = cast("list[Any]", listed) if isinstance(listed, list) else []
    proving = [key for key in keys if isinstance(key, dict) and key.get("kty") in ("RSA", "EC")]  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    try:
        return KeySet.import_key_set({"keys": proving})
    except (JoseError, ValueError, TypeError, KeyError):
        raise _away() from None


def _document(answer: Answer) -> Mapping[str, Any]:
    try:
        said: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise _away()
    return cast("dict[str, Any]", said)


def _away() -> Unreachable:
    return Unreachable(
        "身份服务没有应答，暂时无法登录；已登录的不受影响。请稍后再试。"
        " The identity provider does not answer. Who is signed in stays so; try again in a moment."
    )
