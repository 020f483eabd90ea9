"""Every path, with every way in that is none: taken from the app itself, so that no new path is forgotten (R29, R57.6).

A path that is open to all stands in `OPEN` with the reason; every other one refuses whoever shows nothing good, and an
incident is not there for whoever may not know of it.
"""

from collections.abc import AsyncGenerator, Iterable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from plan.access import Scope
from runtime.records.access_keys import keys, revoke_key
from starter.gateway.parts import Parts
from tests.gateway.conftest import client_of
from tests.gateway.entering import EVERY, Entrance, bearer, entrance
from tests.gateway.test_acknowledge import Sent, a_crisis
from tests.server.world import World

pytestmark = pytest.mark.server
OPEN = {
    "GET /healthz": "what keeps the gateway running asks it",
    "GET /readyz": "likewise",
    "GET /metrics": "names nobody",
    "GET /openapi.json": "what there is, not what is in it",
    "GET /style.css": "nothing in it",
    "GET /n/{token}": "the link is the proof",
    "POST /v1/notices/{token}/acknowledge": "likewise",
    "GET /signin": "the way in",
    "GET /signin/start": "likewise",
    "GET /signin/callback": "likewise; the browser that began it is the proof",
    "GET /signin/{token}": "the link is the proof",
    "POST /signin/{token}": "likewise",
    "POST /signout": "only a page of ours may; who is not signed in loses nothing",
}


@pytest.fixture(scope="module")
async def door(parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Entrance]:
    async with entrance(parts, tmp_path_factory.mktemp("intruders")) as door:
        yield door


@pytest.fixture(scope="module")
async def sent(world: World, door: Entrance, parts: Parts) -> Sent:
    return await a_crisis(world, door, parts)


@pytest.fixture
async def client(door: Entrance) -> AsyncGenerator[httpx.AsyncClient]:
    async with client_of(door.gateway) as client:
        yield client


def calls(door: Entrance, sent: Sent) -> Iterator[tuple[str, str, str]]:
    """Method and template, and a path to try; whatever an app takes."""
    named = {"incident_id": sent.incident_id, "token": "x", "subscription_id": f"sub-{0:016x}"}
    for methods, template in _flat(door.gateway.app.routes):
        path = template
        for name in {part.partition("}")[0] for part in template.split("{")[1:]}:
            path = path.replace(f"{{{name}}}", named.get(name.partition(":")[0], "x"))
        for method in sorted(methods - {"HEAD", "OPTIONS"}):
            yield f"{method} {template}", method, path


def _flat(routes: Iterable[Any]) -> Iterator[tuple[set[str], str]]:
    """Also of the routers that were included."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _flat(inner.routes)
        else:
            yield set(route.methods or ()), route.path


async def test_a_path_is_open_only_where_it_is_said_why(door: Entrance, sent: Sent, client: httpx.AsyncClient) -> None:
    found = {call for call, _, _ in calls(door, sent)}
    assert set(OPEN) <= found, "what is said to be open is there"
    assert len(found - set(OPEN)) >= 10
    for call, method, path in calls(door, sent):
        if call not in OPEN:
            assert (await _tried(client, method, path)).status_code == 401, call


async def test_nothing_that_is_no_way_in_opens_any_path(door: Entrance, sent: Sent, client: httpx.AsyncClient) -> None:
    revoked, text = await door.key("hq", system="system:crm")
    over, expired = await door.key("hq", system="system:hotline", valid_for=timedelta(seconds=1))
    _, good = await door.key("hq", system="system:hotline")
    _, gone = await door.key("hq", system="system:gone")
    now = door.clock.now()
    await door.callers.store.do(lambda store: revoke_key(store, revoked.key_id, by="operator", now=now))
    door.clock.passes(timedelta(seconds=2))
    door.forget()
    mine = await door.session("hq.work")
    stolen = await door.session("hq.post")
    await client.post("/signout", headers=stolen | door.own_page)
    client.cookies.clear()
    assert over.expires_at is not None
    shown: dict[str, Any] = {
        "unknown": bearer(f"tcs_{'0' * 10}_{'0' * 43}"),
        "revoked": bearer(text),
        "expired": bearer(expired),
        "of a system that is gone": bearer(gone),
        "padded": bearer(good + "="),
        "truncated": bearer(good[:-1]),
        "another case": bearer(good.swapcase()),
        "two of them": [("authorization", f"Bearer {good}"), ("authorization", f"Bearer {good}")],
        "key and cookie": bearer(good) | mine,
        "two cookies": {"cookie": f"{mine['cookie']}; {mine['cookie']}"},
        "a session that signed out": stolen,
        "the id of a person": {"cookie": "tocsin=hq.work"},
        "named by a proxy": {"x-forwarded-user": "operator", "remote-user": "operator", "x-remote-user": "operator"},
        "forwarded": {"x-forwarded-for": "127.0.0.1", "forwarded": "for=127.0.0.1", "host": "localhost"},
        "another method behind": {"x-http-method-override": "GET", "x-original-url": "/healthz"},
    }
    for what, headers in shown.items():
        for call, method, path in calls(door, sent):
            if call not in OPEN:
                answer = await _tried(client, method, path, headers)
                assert answer.status_code == 401, (what, call)
                assert sent.incident_id not in answer.text.replace(path, ""), (what, call)
    for call, method, path in calls(door, sent):
        if call not in OPEN:
            answer = await _tried(
                client, method, f"{path}?key={good}&access_token={good}&authorization=Bearer%20{good}"
            )
            assert answer.status_code in (401, 422), call
            assert answer.status_code != 200, call
    assert (await client.get("/v1/incidents", headers=bearer(good))).status_code == 200, "the good one is good"


@pytest.mark.parametrize("units", [("gd-sz",), ("gd-gz-th-0002",), ("gd-zh",)])
async def test_for_another_units_key_the_incident_does_not_exist(
    door: Entrance, sent: Sent, client: httpx.AsyncClient, units: tuple[str, ...]
) -> None:
    await _away_with_keys(door)
    _, text = await door.key(*units)
    await _not_there(door, sent, client, bearer(text))


async def test_for_another_insurers_key_the_incident_does_not_exist(
    door: Entrance, sent: Sent, client: httpx.AsyncClient
) -> None:
    await _away_with_keys(door)
    _, text = await door.key("hq", insurer="zhongtai-life")
    await _not_there(door, sent, client, bearer(text))


@pytest.mark.parametrize("who", ["gd-sz.work", "gd-gz-th-0002.lead", "zhongtai-life.gd-gz", "gd-sz-ns-0001.contact"])
async def test_for_people_of_elsewhere_the_incident_does_not_exist(
    door: Entrance, sent: Sent, client: httpx.AsyncClient, who: str
) -> None:
    await _not_there(door, sent, client, await door.session(who) | door.own_page)


@pytest.mark.parametrize("scope", Scope)
async def test_a_key_without_the_scope_is_refused_where_it_is_needed(
    door: Entrance, sent: Sent, client: httpx.AsyncClient, scope: Scope
) -> None:
    """A key with every scope but one; the paths that ask for it, each by its own way."""
    await _away_with_keys(door)
    _, text = await door.key("hq", scopes=tuple(each for each in EVERY if each is not scope))
    needing: dict[Scope, tuple[str, str, Any]] = {
        Scope.FILE: ("POST", "/v1/incidents", {"channel": "outlet", "reason": "x", "outlet": "gd-gz-th-0001"}),
        Scope.TELL: ("POST", f"/v1/incidents/{sent.incident_id}/facts", {"kind": "group_signs_seen"}),
        Scope.SPEAK: (
            "POST",
            f"/v1/incidents/{sent.incident_id}/facts",
            {"kind": "noted", "text": "x", "by": "gd-gz.work"},
        ),
        Scope.READ: ("GET", f"/v1/incidents/{sent.incident_id}", None),
        Scope.RECORD: ("GET", f"/v1/incidents/{sent.incident_id}/audit", None),
        Scope.FIGURES: ("GET", "/v1/figures", None),
        Scope.EVENTS: ("GET", "/v1/subscriptions", None),
    }
    method, path, body = needing[scope]
    answer = await client.request(method, path, json=body, headers=bearer(text))
    assert answer.status_code == 403, answer.text
    assert answer.json()["rule"] == "R29"


async def test_a_body_does_not_speak_for_whom_its_key_does_not_cover(
    door: Entrance, sent: Sent, client: httpx.AsyncClient
) -> None:
    await _away_with_keys(door)
    _, text = await door.key("gd-gz")
    mine = await door.session("gd-gz.work")
    path, fact = f"/v1/incidents/{sent.incident_id}/facts", {"kind": "noted", "text": "x"}
    for by in ("gd.work", "hq.post", "operator", "anhe-life.gd-gz", "system:hotline", "system:tocsin", "nobody"):
        answer = await client.post(path, json={**fact, "by": by}, headers=bearer(text))
        assert answer.status_code == 403, by
        own = await client.post(path, json={**fact, "by": by}, headers=mine | door.own_page)
        assert own.status_code == 403, by
    assert (await client.post(path, json={**fact, "by": "gd-gz.work"}, headers=bearer(text))).status_code == 200
    assert (await client.post(path, json=fact, headers=mine | door.own_page)).status_code == 200


async def _not_there(door: Entrance, sent: Sent, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """What names the incident is 404 or 403, as for one that is not there; nothing else shows a word of it."""
    for call, method, path in calls(door, sent):
        if call in OPEN:
            continue
        answer = await _tried(client, method, path, headers)
        if "{incident_id}" not in call:
            assert sent.incident_id not in answer.text, call
            continue
        assert answer.status_code in (403, 404), (call, answer.text)
        other = await _tried(client, method, path.replace(sent.incident_id, "NO-SUCH"), headers)
        assert other.status_code == answer.status_code, call
        assert _bare(other, "NO-SUCH") == _bare(answer, sent.incident_id), call


async def _tried(client: httpx.AsyncClient, method: str, path: str, headers: Any = None) -> httpx.Response:
    body: dict[str, Any] = {} if method in ("GET", "DELETE") else {"json": {"kind": "noted", "text": "x"}}
    if path.endswith("/acknowledge") and path.startswith("/incidents"):
        body = {"data": {"notice_id": "x"}}
    return await client.request(method, path, headers=headers, **body)


async def _away_with_keys(door: Entrance) -> None:
    """A system has two good keys at most."""

    now = door.clock.now()
    for key in await door.callers.store.do(keys):
        await door.callers.store.do(lambda store, key=key: revoke_key(store, key.key_id, by="operator", now=now))


def _bare(answer: httpx.Response, incident_id: str) -> str:
    return answer.text.replace(incident_id, "").replace(answer.headers["x-request-id"], "")
