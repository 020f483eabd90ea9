"""Saying received by a personal link: one tap, no signing in, and never by a GET (R14; contract, section 9)."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest

from runtime.ack_links import AckLinks
from starter.client import file_complaint, tell, view
from starter.gateway.parts import Parts
from tests.gateway.conftest import client_of
from tests.gateway.entering import Entrance, entrance
from tests.server.world import World

pytestmark = pytest.mark.server
HTML = {"accept": "text/html,application/xhtml+xml"}
LEAD = "gd-gz-th-0001.lead"


@dataclass
class Sent:
    """A notice that went out, and its link's token."""

    incident_id: str
    notice_id: str
    recipient: str
    token: str
    links: AckLinks

    @property
    def path(self) -> str:
        return f"/v1/notices/{self.token}/acknowledge"


@pytest.fixture(scope="module")
async def door(parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Entrance]:
    async with entrance(parts, tmp_path_factory.mktemp("links")) as door:
        yield door


@pytest.fixture
async def browser(door: Entrance) -> AsyncGenerator[httpx.AsyncClient]:
    async with client_of(door.gateway) as browser:
        yield browser


@pytest.fixture
async def sent(world: World, door: Entrance, parts: Parts) -> Sent:
    return await a_crisis(world, door, parts)


async def a_crisis(world: World, door: Entrance, parts: Parts) -> Sent:
    """The outlet's lead owes a report within the hour, and is told of it."""
    filing = {"channel": "outlet", "reason": "returns", "outlet": "gd-gz-th-0001", "insurer": "anhe-life"}
    filed = await file_complaint(world.client, filing)
    fact = {"kind": "circumstances_reported", "by": LEAD, "headcount": 6}
    assert (await tell(world.client, filed.incident_id, fact)).accepted
    seen = await view(world.client, filed.incident_id)
    notice = next(each for each in seen["notices"] if each["recipient"] == LEAD)
    token = parts.links.token(filed.incident_id, notice["notice_id"], LEAD, door.clock.now())
    return Sent(filed.incident_id, notice["notice_id"], LEAD, token, parts.links)


async def _notice(world: World, sent: Sent) -> dict[str, Any]:
    seen = await view(world.client, sent.incident_id)
    return next(each for each in seen["notices"] if each["notice_id"] == sent.notice_id)


@pytest.mark.rule("R14")
async def test_one_tap_says_received_and_the_page_says_that_the_clock_runs_on(
    world: World, sent: Sent, browser: httpx.AsyncClient
) -> None:
    looked = await browser.get(f"/n/{sent.token}", headers=HTML)
    assert looked.status_code == 200
    assert sent.incident_id in looked.text
    assert f'action="{sent.path}"' in looked.text
    assert "收到 · Received" in looked.text
    assert "网点报告" in looked.text or "还剩" in looked.text
    assert (await _notice(world, sent))["acknowledged_at"] is None, "looking is not saying"
    done = await browser.post(sent.path, headers=HTML)
    assert done.status_code == 200
    assert "收到不等于已报告" in done.text
    assert (await _notice(world, sent))["state"] == "acknowledged"
    seen = await view(world.client, sent.incident_id)
    assert {c["id"]: c["state"] for c in seen["clocks"]}["outlet_report"] == "running"
    again = await browser.get(f"/n/{sent.token}", headers=HTML)
    assert "✓ 已于" in again.text
    assert "<form" not in again.text


@pytest.mark.rule("R14")
async def test_a_system_is_answered_with_the_receipt_and_a_second_time_is_a_duplicate(
    sent: Sent, browser: httpx.AsyncClient
) -> None:
    first = await browser.post(sent.path)
    assert first.status_code == 200
    assert first.json()["accepted"]
    bodies: list[dict[str, Any]] = [{"json": {"by": "x", "notice_id": "y"}}, {"data": {"a": "b"}}, {"content": b"\xff"}]
    for more in bodies:
        again = await browser.post(sent.path, **more)
        assert again.status_code == 200
        assert again.json()["state"] == "duplicate"
        assert again.json()["accepted"]
        assert again.json()["fact_id"] == first.json()["fact_id"]
    page = await browser.post(sent.path, headers=HTML)
    assert "✓ 已于" in page.text


@pytest.mark.rule("R14")
async def test_no_get_and_no_head_ever_acknowledges(world: World, sent: Sent, browser: httpx.AsyncClient) -> None:
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"):
        for path in (sent.path, f"/n/{sent.token}"):
            answer = await browser.request(method, path, headers=HTML)
            assert answer.status_code == (200 if (method, path) == ("GET", f"/n/{sent.token}") else 405)
    assert (await _notice(world, sent))["acknowledged_at"] is None


async def test_a_link_that_is_too_old_says_what_to_do(sent: Sent, door: Entrance, browser: httpx.AsyncClient) -> None:
    before = door.clock.at
    door.clock.passes(timedelta(days=3, seconds=1))
    try:
        page = await browser.get(f"/n/{sent.token}", headers=HTML)
        assert page.status_code == 409
        assert "too old" in page.text
        answer = await browser.post(sent.path)
        assert answer.status_code == 409
        assert answer.headers["content-type"] == "application/problem+json"
        assert sent.token not in answer.text
    finally:
        door.clock.at = before


async def test_a_link_that_is_not_ours_or_was_changed_acknowledges_nothing(
    world: World, sent: Sent, door: Entrance, browser: httpx.AsyncClient
) -> None:
    token, key = sent.token, (await door.key("hq"))[1]
    other = "A" if token[-1] != "A" else "B"
    wrong = [token[:-1] + other, token[:-1], token + "=", token + "A", token.swapcase(), "x", "é", "a" * 2000]
    for each in wrong:
        answer = await browser.post(f"/v1/notices/{each}/acknowledge", headers={"authorization": f"Bearer {key}"})
        assert answer.status_code == 422, each
        assert (await browser.get(f"/n/{each}", headers=HTML)).status_code == 422, each
    assert (await _notice(world, sent))["acknowledged_at"] is None


async def test_anothers_notice_cannot_be_acknowledged_by_a_link_of_ones_own(
    world: World, sent: Sent, door: Entrance, browser: httpx.AsyncClient
) -> None:
    """Signed by us, for a person whom the notice was not for: the plan says no."""
    forged = sent.links.token(sent.incident_id, sent.notice_id, "gd-sz.work", door.clock.now())
    answer = await browser.post(f"/v1/notices/{forged}/acknowledge")
    assert answer.status_code == 409
    assert answer.json()["rule"] == "R14"
    gone = sent.links.token("NO-SUCH", sent.notice_id, LEAD, door.clock.now())
    assert (await browser.post(f"/v1/notices/{gone}/acknowledge")).status_code == 404
    assert (await browser.get(f"/n/{gone}", headers=HTML)).status_code == 200
    assert (await _notice(world, sent))["acknowledged_at"] is None


async def test_a_page_may_load_nothing_be_framed_by_nobody_and_be_kept_nowhere(
    sent: Sent, browser: httpx.AsyncClient
) -> None:
    for path in (f"/n/{sent.token}", "/n/x", "/", "/signin"):
        page = await browser.get(path, headers=HTML)
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src" not in policy
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "same-origin"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert "<script" not in page.text
        assert "style=" not in page.text
        assert "http://" not in page.text.replace("http://www.w3.org", "")
    style = await browser.get("/style.css")
    assert style.headers["content-type"].startswith("text/css")
