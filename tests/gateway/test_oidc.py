"""Signing in at an identity provider: OpenID Connect with PKCE, and every token that proves nothing (ADR 26)."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from plan.errors import Misconfigured, Unreachable
from runtime.seals import Keyring
from runtime.settings import Settings
from starter.gateway.attempts import VALID, Attempt, Attempts
from starter.gateway.id_tokens import NotProved, UnknownKey, claims_of
from starter.gateway.oidc import OpenIDConnect
from starter.gateway.parts import Parts
from tests.gateway.conftest import client_of
from tests.gateway.entering import COOKIE, Entrance, entrance
from tests.gateway.provider import approved, provider

HTML = {"accept": "text/html"}
US, ISSUER, NONCE = "tocsin", "https://id.bank.example", "n-1"
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
AT = int(NOW.timestamp())


# -- the whole way, with a provider ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def issuer() -> AsyncGenerator[str]:
    async with provider() as issuer:
        yield issuer


@pytest.fixture(scope="module")
async def door(parts: Parts, issuer: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Entrance]:
    public = "http://tocsin.test"
    settings = {"oidc_issuer": issuer, "oidc_client_id": US, "oidc_client_secret": "hush", "public_url": public}
    async with entrance(parts, tmp_path_factory.mktemp("oidc"), **settings) as door:
        yield door


@pytest.fixture
async def browser(door: Entrance) -> AsyncGenerator[httpx.AsyncClient]:
    async with client_of(door.gateway, HTML) as browser:
        yield browser


@pytest.mark.server
async def test_somebody_signs_in_and_goes_on_to_where_they_wanted(browser: httpx.AsyncClient) -> None:
    asked = await browser.get("/incidents/C-1")
    assert asked.status_code == 401
    assert "/signin/start?next=/incidents/C-1" in asked.text
    sent = await browser.get("/signin/start", params={"next": "/incidents/C-1"})
    assert sent.status_code == 303
    said = parse_qs(urlsplit(sent.headers["location"]).query)
    assert said["code_challenge_method"] == ["S256"]
    assert said["redirect_uri"] == ["http://tocsin.test/signin/callback"]
    assert "hush" not in sent.headers["location"]
    back = await browser.get(await approved(sent.headers["location"], "u-gd-gz.work"))
    assert back.status_code == 303
    assert back.headers["location"] == "/incidents/C-1"
    assert (await browser.get("/")).status_code == 200
    assert "gd-gz.work" in (await browser.get("/")).text


@pytest.mark.server
async def test_a_code_works_once_and_in_the_browser_that_asked_for_it(
    door: Entrance, browser: httpx.AsyncClient
) -> None:
    async with client_of(door.gateway, HTML) as other:
        sent = await browser.get("/signin/start")
        mine = dict(browser.cookies)
        back = await approved(sent.headers["location"], "u-gd-gz.work")
        assert (await other.get(back)).status_code == 403, "nothing was begun there"
        await other.get("/signin/start")
        assert (await other.get(back)).status_code == 403, "another attempt was begun there"
        assert COOKIE not in other.cookies
    assert (await browser.get(back)).status_code == 303
    browser.cookies.clear()
    again = {"cookie": "; ".join(f"{name}={value}" for name, value in mine.items())}
    assert (await browser.get(back, headers=again)).status_code == 403, "the code is used up"


@pytest.mark.server
async def test_a_state_that_was_altered_or_is_too_old_is_not_taken(door: Entrance, browser: httpx.AsyncClient) -> None:
    sent = await browser.get("/signin/start", params={"next": "/incidents/C-1"})
    back = await approved(sent.headers["location"], "u-gd-gz.work")
    said = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    cookie = {"cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}
    ends, where, mac = said["state"].split(".")
    elsewhere = base64.urlsafe_b64encode(b"/incidents/C-2").rstrip(b"=").decode()
    for state in ("", "x", f"{ends}.{elsewhere}.{mac}", f"{int(ends) + 1}.{where}.{mac}", f"{ends}.{where}.{mac}="):
        answer = await browser.get("/signin/callback", params={**said, "state": state}, headers=cookie)
        assert answer.status_code == 403, state
        assert COOKIE not in answer.cookies
    for more in ({"iss": "https://evil.example"}, {"code": ""}):
        assert (await browser.get("/signin/callback", params={**said, **more}, headers=cookie)).status_code == 403
    door.clock.passes(VALID + timedelta(seconds=1))
    assert (await browser.get("/signin/callback", params=said, headers=cookie)).status_code == 403


@pytest.mark.server
async def test_whom_the_organisation_does_not_know_is_not_signed_in(browser: httpx.AsyncClient) -> None:
    sent = await browser.get("/signin/start")
    answer = await browser.get(await approved(sent.headers["location"], "u-nobody-here"))
    assert answer.status_code == 403
    assert COOKIE not in browser.cookies


@pytest.mark.server
async def test_one_does_not_come_out_on_another_site(browser: httpx.AsyncClient) -> None:
    for asked in ("//evil.example", "https://evil.example/", "/\\evil.example"):
        sent = await browser.get("/signin/start", params={"next": asked})
        back = await browser.get(await approved(sent.headers["location"], "u-gd-gz.work"))
        assert back.headers["location"] == "/"


@pytest.mark.server
async def test_the_claim_that_holds_the_persons_id_can_be_named(issuer: str) -> None:
    for claims, found in ((("sub",), "u-gd-gz.work"), (("preferred_username", "sub"), "gd-gz.work")):
        us = OpenIDConnect(issuer, US, "hush", "http://tocsin.test/signin/callback", claims)
        attempt = Attempts(Keyring({"k": b"0" * 32}, b"1" * 32)).begin("/", datetime.now(UTC))
        back = await approved(await us.address(attempt), "u-gd-gz.work")
        code = parse_qs(urlsplit(back).query)["code"][0]
        assert await us.person(code, attempt) == found


@pytest.mark.server
async def test_a_provider_that_calls_itself_otherwise_or_is_away_lets_nobody_in(issuer: str) -> None:
    attempt = Attempts(Keyring({"k": b"0" * 32}, b"1" * 32)).begin("/", datetime.now(UTC))
    other = OpenIDConnect(f"{issuer}/", US, None, "http://x.test/")
    with pytest.raises(Misconfigured, match="otherwise"):
        await other.address(attempt)
    with pytest.raises(Unreachable):
        await OpenIDConnect("http://127.0.0.1:1", US, None, "http://x.test/").address(attempt)


def test_a_provider_without_an_id_or_an_address_of_ours_is_a_fault(tmp_path: Path) -> None:
    unfinished: list[dict[str, Any]] = [{}, {"oidc_client_id": US}, {"public_url": "https://x.example"}]
    for more in unfinished:
        with pytest.raises(Misconfigured, match="TOCSIN_OIDC_ISSUER"):
            Settings(home=tmp_path, oidc_issuer="https://id.example", **more)


def test_the_challenge_is_made_of_the_verifier_as_the_standard_says() -> None:
    """RFC 7636, appendix B."""
    attempt = Attempt("", "", "", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "/")
    assert attempt.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_what_a_browser_holds_says_nothing_of_the_rest() -> None:
    """Another installation's key makes another verifier of the same cookie, and takes no state of ours."""
    ours, other = (Attempts(Keyring({"k": bytes([n]) * 32}, b"1" * 32)) for n in (1, 2))
    begun = ours.begin("/incidents/C-1", NOW)
    assert ours.again(begun.browser, begun.state, NOW) == begun
    assert other.again(begun.browser, begun.state, NOW) is None
    assert len({begun.browser, begun.nonce, begun.verifier, begun.state}) == 4
    assert begun.verifier not in begun.state
    rotated = Attempts(Keyring({"new": b"3" * 32, "k": bytes([1]) * 32}, b"1" * 32))
    assert rotated.again(begun.browser, begun.state, NOW) == begun


# -- tokens ------------------------------------------------------------------------------------------------------------

RSA = RSAKey.generate_key(2048, {"kid": "r1"})
EC = ECKey.generate_key("P-256", {"kid": "e1"})
KEYS = KeySet.import_key_set({"keys": [RSA.as_dict(private=False), EC.as_dict(private=False)]})
GOOD: dict[str, Any] = {"iss": ISSUER, "aud": US, "nonce": NONCE, "iat": AT, "exp": AT + 300, "sub": "gd-gz.work"}


def _signed(header: dict[str, Any] | None = None, key: Any = RSA, **claims: Any) -> str:
    said = {name: value for name, value in {**GOOD, **claims}.items() if value is not ...}
    algorithm = (header or {}).get("alg", "RS256")
    return jwt.encode({"alg": "RS256", "kid": "r1", **(header or {})}, said, key, algorithms=[algorithm])


def _forged(header: dict[str, Any], sign: Callable[[bytes], bytes] = lambda _: b"") -> str:
    """By hand, as a library would refuse to make it."""
    head, body = (_base64(json.dumps(part).encode()) for part in (header, GOOD))
    return f"{head}.{body}.{_base64(sign(f'{head}.{body}'.encode()))}"


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _read(token: object, now: datetime = NOW) -> Any:
    return claims_of(token, KEYS, issuer=ISSUER, audience=US, nonce=NONCE, now=now)


def test_a_good_token_says_who_it_is() -> None:
    assert _read(_signed())["sub"] == "gd-gz.work"
    assert _read(_signed({"alg": "ES256", "kid": "e1"}, EC))["sub"] == "gd-gz.work"
    assert _read(_signed({"alg": "PS256"}))["sub"] == "gd-gz.work"
    assert _read(_signed(aud=[US]))["sub"] == "gd-gz.work"
    assert _read(_signed(aud=[US, "other"], azp=US))["sub"] == "gd-gz.work"
    assert _read(_signed(exp=AT - 29))["sub"] == "gd-gz.work"


PEM = RSA.as_pem(private=False)
BAD: dict[str, Callable[[], object]] = {
    "alg none": lambda: _forged({"alg": "none", "kid": "r1"}),
    "alg None": lambda: _forged({"alg": "None", "kid": "r1"}),
    "no alg": lambda: _forged({"kid": "r1"}),
    "alg as a list": lambda: _forged({"alg": ["RS256"], "kid": "r1"}),
    "HS256 with the public key": lambda: _forged(
        {"alg": "HS256", "kid": "r1"}, lambda said: hmac.new(PEM, said, hashlib.sha256).digest()
    ),
    "HS256 with a key of its own": lambda: _signed({"alg": "HS256"}, OctKey.import_key("secret" * 8)),
    "a key in its own header": lambda: _signed(
        {"jwk": (other := RSAKey.generate_key(2048)).as_dict(private=False)}, other
    ),
    "another's key": lambda: _signed(key=RSAKey.generate_key(2048)),
    "a critical header nobody knows": lambda: _forged({"alg": "RS256", "kid": "r1", "crit": ["x"], "x": 1}),
    "a kid that is no text": lambda: _forged({"alg": "RS256", "kid": ["r1"]}),
    "expired": lambda: _signed(exp=AT - 31),
    "without exp": lambda: _signed(exp=...),
    "without iat": lambda: _signed(iat=...),
    "exp as a text": lambda: _signed(exp=str(AT + 300)),
    "exp as true": lambda: _signed(exp=True),
    "exp without end": lambda: _signed(exp=10**15),
    "made in the future": lambda: _signed(iat=AT + 3600),
    "not good yet": lambda: _signed(nbf=AT + 3600),
    "another issuer": lambda: _signed(iss="https://evil.example"),
    "an issuer with a slash": lambda: _signed(iss=ISSUER + "/"),
    "an array of issuers": lambda: _signed(iss=[ISSUER]),
    "no issuer": lambda: _signed(iss=...),
    "for somebody else": lambda: _signed(aud="other"),
    "for somebody else too": lambda: _signed(aud=[US, "other"]),
    "issued to somebody else": lambda: _signed(aud=[US], azp="other"),
    "for nobody": lambda: _signed(aud=...),
    "for an object": lambda: _signed(aud={"tocsin": True}),
    "another attempt's nonce": lambda: _signed(nonce="n-2"),
    "no nonce": lambda: _signed(nonce=...),
    "an array of nonces": lambda: _signed(nonce=[NONCE]),
    "padded": lambda: _signed() + "=",
    "padded twice": lambda: _signed() + "==",
    "a line break behind it": lambda: _signed() + "\n",
    "blanks around it": lambda: f" {_signed()} ",
    "four parts": lambda: _signed() + ".x",
    "two parts": lambda: _signed().rpartition(".")[0],
    "without its signature": lambda: _signed().rpartition(".")[0] + ".",
    "altered": lambda: _signed().replace(".", ".A", 1),
    "JSON serialisation": lambda: json.dumps({"payload": "x", "signatures": []}),
    "an object": lambda: {"payload": "x"},
    "nothing": lambda: None,
    "endless": lambda: _signed(more="x" * 20_000),
}


@pytest.mark.parametrize("why", BAD)
def test_a_token_that_proves_nothing_is_not_taken(why: str) -> None:
    with pytest.raises(NotProved):
        _read(BAD[why]())


def test_a_key_nobody_knows_is_told_apart_so_that_new_keys_are_read() -> None:
    with pytest.raises(UnknownKey):
        _read(_signed({"kid": "r2"}, RSA))
