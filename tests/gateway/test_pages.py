"""What a person who is signed in sees, and says received to: their own, and nothing that is not theirs (R14, R29)."""

from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from starter.client import view
from starter.gateway.parts import Parts
from tests.gateway.conftest import client_of
from tests.gateway.entering import Entrance, entrance
from tests.gateway.test_acknowledge import LEAD, Sent, a_crisis
from tests.server.world import World

pytestmark = pytest.mark.server
HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
async def door(parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Entrance]:
    async with entrance(parts, tmp_path_factory.mktemp("pages")) as door:
        yield door


@pytest.fixture(scope="module")
async def sent(world: World, door: Entrance, parts: Parts) -> Sent:
    return await a_crisis(world, door, parts)


@pytest.fixture
async def browser(door: Entrance) -> AsyncGenerator[httpx.AsyncClient]:
    async with client_of(door.gateway, HTML) as browser:
        yield browser


@pytest.mark.rule("R43")
async def test_the_lead_sees_what_is_theirs_first_and_says_received(
    world: World, door: Entrance, sent: Sent, browser: httpx.AsyncClient
) -> None:
    mine = await door.session(LEAD)
    front = await browser.get("/", headers=mine)
    assert front.status_code == 200
    assert sent.incident_id in front.text
    assert "由你负责" in front.text
    page = await browser.get(f"/incidents/{sent.incident_id}", headers=mine)
    assert page.status_code == 200
    assert page.text.index("由你负责") < page.text.index("发给你的通知")
    assert f'value="{sent.notice_id}"' in page.text
    where, form = f"/incidents/{sent.incident_id}/acknowledge", {"notice_id": sent.notice_id}
    done = await browser.post(where, data=form, headers=mine | door.own_page)
    assert done.status_code == 200
    assert "收到不等于已报告" in done.text
    again = await browser.post(where, data=form, headers=mine | door.own_page)
    assert "✓ 已于" in again.text
    seen = await view(world.client, sent.incident_id)
    assert next(n for n in seen["notices"] if n["notice_id"] == sent.notice_id)["state"] == "acknowledged"


@pytest.mark.rule("R29")
async def test_who_has_nothing_to_do_with_it_is_told_as_if_it_did_not_exist(
    door: Entrance, sent: Sent, browser: httpx.AsyncClient
) -> None:
    for who in ("gd-sz.work", "gd-gz-th-0002.lead", "zhongtai-life.gd-gz"):
        mine = await door.session(who)
        there = await browser.get(f"/incidents/{sent.incident_id}", headers=mine)
        nothing = await browser.get("/incidents/NO-SUCH", headers=mine)
        assert there.status_code == nothing.status_code == 404
        assert _bare(there, sent.incident_id) == _bare(nothing, "NO-SUCH")
        assert sent.incident_id not in (await browser.get("/", headers=mine)).text
        where, form = f"/incidents/{sent.incident_id}/acknowledge", {"notice_id": sent.notice_id}
        assert (await browser.post(where, data=form, headers=mine | door.own_page)).status_code == 404


@pytest.mark.rule("R14")
async def test_nobody_says_received_for_another(door: Entrance, sent: Sent, browser: httpx.AsyncClient) -> None:
    """Of the same chain, and shown the incident: the notice is somebody else's."""
    mine = await door.session("gd-gz.work")
    page = await browser.get(f"/incidents/{sent.incident_id}", headers=mine)
    assert page.status_code == 200
    assert f'value="{sent.notice_id}"' not in page.text
    where, form = f"/incidents/{sent.incident_id}/acknowledge", {"notice_id": sent.notice_id}
    assert (await browser.post(where, data=form, headers=mine | door.own_page)).status_code == 409


@pytest.mark.rule("R57.6")
async def test_an_insurer_sees_its_own_clocks_and_nobody_elses(
    door: Entrance, sent: Sent, browser: httpx.AsyncClient
) -> None:
    page = await browser.get(f"/incidents/{sent.incident_id}", headers=await door.session("anhe-life.gd-gz"))
    assert page.status_code == 200
    assert "网点报告" not in page.text
    assert "outlet_report" not in page.text


async def test_signed_out_one_finds_the_way_in_and_back(door: Entrance, browser: httpx.AsyncClient) -> None:
    for path in ("/", "/incidents/C-1", "/incidents/%3Cscript%3E"):
        page = await browser.get(path)
        assert page.status_code == 401
        assert "登录" in page.text
        assert "<script" not in page.text.lower()


async def test_what_somebody_writes_is_shown_as_text(door: Entrance, browser: httpx.AsyncClient) -> None:
    mine = await door.session("gd-gz.work")
    for evil in ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{70007*9}}", "%0d%0aset-cookie:x=1"):
        for answer in (
            await browser.get(f"/incidents/{evil}", headers=mine),
            await browser.get("/signin", params={"next": f"/{evil}"}),
            await browser.get(f"/signin/{evil}"),
            await browser.get(f"/n/{evil}"),
        ):
            assert "<script" not in answer.text
            assert "<img" not in answer.text
            assert "630063" not in answer.text
            assert "x" not in answer.cookies


async def test_a_system_is_sent_to_its_own_paths(door: Entrance, browser: httpx.AsyncClient) -> None:
    _, key = await door.key("hq")
    answer = await browser.get("/", headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 403
    assert "/v1" in answer.text


async def test_below_a_path_of_a_proxy_every_address_has_it(parts: Parts, tmp_path: Path) -> None:
    public = "https://bank.example/tocsin"
    async with entrance(parts, tmp_path, public_url=public) as door, client_of(door.gateway) as c:
        page = await c.get("/", headers=HTML)
        assert 'href="/tocsin/style.css"' in page.text
        own = {"origin": "https://bank.example", "sec-fetch-site": "same-origin"}
        mine = {"cookie": (await door.session("gd-gz.work"))["cookie"].replace("tocsin=", "__Host-tocsin=")}
        out = await c.post("/signout", headers=mine | own)
        assert out.headers["location"] == "/tocsin/signin"


def _bare(answer: httpx.Response, incident_id: str) -> str:
    return answer.text.replace(incident_id, "").replace(answer.headers["x-request-id"], "")
