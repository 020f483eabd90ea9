"""Signing in by a one-time link, what a session may, and that it ends when it ends (ADR 26)."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from runtime.documents import SAMPLE
from runtime.records.sessions import IDLE, LINK, make_link
from starter.gateway.own import somewhere_here
from starter.gateway.parts import Parts
from tests.gateway.conftest import client_of
from tests.gateway.entering import COOKIE, Entrance, entrance

pytestmark = pytest.mark.server
HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
async def door(parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Entrance]:
    async with entrance(parts, tmp_path_factory.mktemp("sessions")) as door:
        yield door


@pytest.fixture
async def browser(door: Entrance) -> AsyncGenerator[httpx.AsyncClient]:
    async with client_of(door.gateway, HTML) as browser:
        yield browser


async def _link(door: Entrance, person: str = "gd-gz.work") -> str:
    now = door.clock.now()
    return "/signin/" + await door.callers.store.do(lambda store: make_link(store, person, now=now))


async def test_a_link_signs_in_once_and_a_scanners_visit_uses_nothing_up(
    door: Entrance, browser: httpx.AsyncClient
) -> None:
    link = await _link(door)
    for _ in range(3):
        looked = await browser.get(link)
        assert looked.status_code == 200
        assert not looked.cookies
        assert 'method="post"' in looked.text
    signed_in = await browser.post(link, headers=door.own_page)
    assert signed_in.status_code == 303
    assert signed_in.headers["location"] == "/"
    front = await browser.get("/")
    assert front.status_code == 200
    assert "gd-gz.work" in front.text
    async with client_of(door.gateway, HTML) as other:
        for again in (await other.post(link, headers=door.own_page), await other.get(link)):
            assert again.status_code == 403
            assert "set-cookie" not in again.headers
            assert "tocsin signin" in again.text


async def test_the_cookie_is_a_random_id_that_no_script_reads(door: Entrance, browser: httpx.AsyncClient) -> None:
    answer = await browser.post(await _link(door), headers=door.own_page)
    said = answer.headers["set-cookie"]
    value = answer.cookies[COOKIE]
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= {part.strip() for part in said.split(";")}
    assert "Domain" not in said
    assert len(value) >= 43
    assert "gd-gz" not in said


async def test_over_https_the_cookie_stays_with_https_and_this_host(parts: Parts, tmp_path: Path) -> None:
    async with entrance(parts, tmp_path, public_url="https://tocsin.example.cn") as door, client_of(door.gateway) as c:
        own = {"origin": "https://tocsin.example.cn", "sec-fetch-site": "same-origin"}
        answer = await c.post(await _link(door), headers=own)
        said = answer.headers["set-cookie"]
        assert said.startswith("__Host-tocsin=")
        assert "Secure" in said
        value = said.partition(";")[0]
        assert (await c.get("/", headers=HTML | {"cookie": value})).status_code == 200
        plain = value.replace("__Host-", "")
        assert (await c.get("/", headers=HTML | {"cookie": plain})).status_code == 401


async def test_a_stolen_session_is_worth_nothing_once_its_owner_signed_out(
    door: Entrance, browser: httpx.AsyncClient
) -> None:
    stolen = await door.session("gd-gz.work")
    assert (await browser.get("/", headers=stolen)).status_code == 200
    out = await browser.post("/signout", headers=stolen | door.own_page)
    assert out.status_code == 303
    for path in ("/", "/incidents/C-1", "/v1/incidents"):
        assert (await browser.get(path, headers=stolen)).status_code == 401


async def test_a_session_ends_when_it_is_idle(door: Entrance, browser: httpx.AsyncClient) -> None:
    mine = await door.session("gd-gz.work")
    door.clock.passes(IDLE - timedelta(seconds=1))
    assert (await browser.get("/", headers=mine)).status_code == 200
    door.clock.passes(IDLE)
    assert (await browser.get("/", headers=mine)).status_code == 401


async def test_a_link_is_good_for_ten_minutes(door: Entrance, browser: httpx.AsyncClient) -> None:
    link = await _link(door)
    door.clock.passes(LINK + timedelta(seconds=1))
    assert (await browser.post(link, headers=door.own_page)).status_code == 403


async def test_signing_in_anew_ends_the_session_before(door: Entrance, browser: httpx.AsyncClient) -> None:
    before = await door.session("gd-gz.work")
    await browser.post(await _link(door, "hq.work"), headers=before | door.own_page)
    assert (await browser.get("/v1/incidents", headers=before)).status_code == 401


async def test_what_another_site_sends_does_nothing(door: Entrance, browser: httpx.AsyncClient) -> None:
    mine, link = await door.session("gd-gz.work"), await _link(door)
    foreign = [
        {},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin", "origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site", "origin": door.gateway.url},
        {"origin": door.gateway.url + ".evil.example"},
        {"origin": "https://evil.example", "host": "evil.example", "x-forwarded-host": "evil.example:1"},
        {"origin": "https://evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https"},
        {"referer": door.gateway.url + "/"},
    ]
    fact = {"kind": "noted", "text": "x"}
    for headers in foreign:
        sent = [
            await browser.post("/signout", headers=mine | headers),
            await browser.post(link, headers=headers),
            await browser.post("/incidents/C-1/acknowledge", data={"notice_id": "n"}, headers=mine | headers),
            await browser.post("/v1/incidents/C-1/facts", json=fact, headers=mine | headers),
            await browser.post("/v1/incidents", json={}, headers=mine | headers),
        ]
        assert [each.status_code for each in sent] == [403] * 5, headers
        assert not any("set-cookie" in each.headers for each in sent)
    assert (await browser.get("/", headers=mine)).status_code == 200, "still signed in"
    for headers in ({"origin": door.gateway.url}, {"sec-fetch-site": "same-origin"}):
        assert (await browser.post("/signout", headers=mine | headers)).status_code == 303


async def test_two_cookies_or_a_cookie_and_a_key_are_nobody(door: Entrance, browser: httpx.AsyncClient) -> None:
    mine, _ = await door.session("gd-gz.work"), await door.session("hq.work")
    _, key = await door.key("gd")
    twice = mine["cookie"] + "; " + (await door.session("hq.work"))["cookie"]
    wrong = [
        {"cookie": twice},
        mine | {"authorization": f"Bearer {key}"},
        {"authorization": f"Bearer {mine['cookie'].partition('=')[2]}"},
        {"cookie": f"{COOKIE}={key}"},
        {"cookie": f"{COOKIE}="},
        {"cookie": mine["cookie"] + "="},
        {"cookie": f"__Host-{mine['cookie']}"},
        {"cookie": mine["cookie"].swapcase()},
    ]
    for headers in wrong:
        assert (await browser.get("/v1/incidents", headers=headers)).status_code == 401, headers
        assert (await browser.get("/", headers=headers)).status_code == 401, headers


async def test_whoever_left_is_signed_out_at_once_and_cannot_sign_in(parts: Parts, tmp_path: Path) -> None:
    changed = tmp_path / "organisation.yaml"
    async with entrance(parts, tmp_path) as door, client_of(door.gateway, HTML) as browser:
        mine = await door.session("nobody-we-know")
        assert (await browser.get("/", headers=mine)).status_code == 401
        refused = await browser.post(await _link(door, "nobody-we-know"), headers=door.own_page)
        assert refused.status_code == 403
        assert "set-cookie" not in refused.headers
    assert not changed.exists()
    assert SAMPLE.exists()


async def test_links_are_taken_on_this_machine_or_where_the_operator_says_so(parts: Parts, tmp_path: Path) -> None:
    """The gateway of the tests listens on a loopback address; a forged Host changes nothing."""
    async with entrance(parts, tmp_path) as door, client_of(door.gateway, HTML) as browser:
        forged = {"host": "tocsin.example.cn", "x-forwarded-for": "203.0.113.9", "x-real-ip": "203.0.113.9"}
        assert (await browser.get(await _link(door), headers=forged)).status_code == 200


@pytest.mark.parametrize(
    ("asked", "here"),
    [
        ("/incidents/C-1", "/incidents/C-1"),
        ("/", "/"),
        (None, "/"),
        ("", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/incidents/C-1?x=//evil", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("/a\tb", "/"),
        ("javascript:alert(1)", "/"),
        ("/" + "a" * 300, "/"),
        ("/事件", "/"),
    ],
)
def test_where_one_wanted_to_go_is_never_another_site(asked: str | None, here: str) -> None:
    assert somewhere_here(asked) == here
