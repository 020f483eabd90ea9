"""Keys of systems: good ones open what they were made for, and nothing else opens anything (contract, section 9)."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from plan.access import Scope
from plan.errors import Refused, Unreachable
from runtime.records.access_keys import AccessKey, NoSuchKey, keys, make_key, revoke_key
from runtime.records.engine import Store
from runtime.settings import Settings
from starter.gateway.known_keys import AT_MOST, KnownKeys
from starter.gateway.opened import Answer, OpenedStore
from starter.gateway.parts import Parts
from tests.gateway.conftest import client_of
from tests.gateway.entering import EVERY, Entrance, bearer, entrance

pytestmark = pytest.mark.server
LIST = "/v1/incidents"


@pytest.fixture(scope="module")
async def door(parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Entrance]:
    async with entrance(parts, tmp_path_factory.mktemp("keys")) as door:
        yield door


@pytest.fixture
async def client(door: Entrance) -> AsyncGenerator[httpx.AsyncClient]:
    async with client_of(door.gateway) as client:
        yield client
    for key in await door.callers.store.do(keys):
        await _revoked(door, key)


async def _revoked(door: Entrance, key: AccessKey) -> None:
    now = door.clock.now()
    await door.callers.store.do(lambda store: revoke_key(store, key.key_id, by="operator", now=now))


async def test_a_good_key_opens_what_it_was_made_for(door: Entrance, client: httpx.AsyncClient) -> None:
    _, reads = await door.key("gd", scopes=(Scope.READ,))
    assert (await client.get(LIST, headers=bearer(reads))).status_code == 200
    filing = {"channel": "outlet", "reason": "returns", "outlet": "gd-gz-th-0001"}
    refused = await client.post(LIST, json=filing, headers=bearer(reads))
    assert refused.status_code == 403
    assert refused.json()["rule"] == "R29"
    _, files = await door.key("gd-sz", scopes=(Scope.FILE,))
    assert (await client.get(LIST, headers=bearer(files))).status_code == 403
    assert (await client.post(LIST, json=filing, headers=bearer(files))).status_code == 403
    inside = {**filing, "outlet": "gd-sz-ns-0001"}
    assert (await client.post(LIST, json=inside, headers=bearer(files))).status_code == 201


async def test_an_insurers_key_files_for_its_own_insurer_alone(door: Entrance, client: httpx.AsyncClient) -> None:
    _, text = await door.key("gd", insurer="anhe-life")
    filing = {"channel": "insurer", "reason": "returns", "outlet": "gd-gz-th-0001"}
    for insurer, status in (("anhe-life", 201), ("zhongtai-life", 403), (None, 403)):
        said = await client.post(LIST, json={**filing, "insurer": insurer}, headers=bearer(text))
        assert said.status_code == status, insurer


async def test_whatever_is_wrong_with_a_key_the_answer_is_the_same(door: Entrance, client: httpx.AsyncClient) -> None:
    key, text = await door.key("gd")
    over, expired = await door.key("gd", valid_for=timedelta(seconds=1))
    assert (await client.get(LIST, headers=bearer(expired))).status_code == 200
    door.clock.passes(timedelta(seconds=2))
    assert over.expires_at is not None
    other = text[:-1] + ("A" if text[-1] != "A" else "B")
    wrong = [
        "tcs_",
        expired,
        other,
        text + "=",
        text + "0",
        text[:-1],
        text.upper(),
        text.swapcase(),
        f"tcs_zzzzzzzzzz_{text.split('_')[2]}",
        text.replace("_", "-"),
        text.split("_")[2],
        key.hash,
        f"tcs_{key.key_id}_{key.hash[:43]}",
        f"'; DROP TABLE access_keys; --{text}",
        text + "\u00e9",
        "x" * 8000,
    ]
    answers = [await client.get(LIST, headers=[(b"authorization", f"Bearer {each}".encode())]) for each in wrong]
    answers += [
        await client.get(LIST),
        await client.get(LIST, headers={"authorization": text}),
        await client.get(LIST, headers={"authorization": f"Basic {text}"}),
        await client.get(LIST, headers={"authorization": f"Bearer  {text}"}),
        await client.get(LIST, headers={"authorization": f"Bearer {text} {text}"}),
        await client.get(LIST, headers=[("authorization", f"Bearer {text}"), ("authorization", f"Bearer {text}")]),
        await client.get(LIST, headers={"x-api-key": text, "proxy-authorization": f"Bearer {text}"}),
        await client.get(LIST, headers=bearer(text) | {"cookie": "tocsin=x"}),
    ]
    said = [{k: v for k, v in each.json().items() if k != "instance"} for each in answers]
    assert [each.status_code for each in answers] == [401] * len(answers)
    assert all(each == said[0] for each in said)
    assert all("Bearer" in each.headers["www-authenticate"] for each in answers)
    assert not any(text in each.text or key.key_id in each.text for each in answers)
    for name in ("key", "access_token", "authorization"):
        assert (await client.get(LIST, params={name: text})).status_code in (401, 422), name
    assert (await client.get(LIST, headers={"authorization": f"bearer {text}"})).status_code == 200


async def test_a_revoked_key_is_dead_within_two_seconds(door: Entrance, client: httpx.AsyncClient) -> None:
    key, text = await door.key("gd")
    assert (await client.get(LIST, headers=bearer(text))).status_code == 200
    await _revoked(door, key)
    begun = time.monotonic()
    while (await client.get(LIST, headers=bearer(text))).status_code == 200:
        assert time.monotonic() - begun < 2.5
        await asyncio.sleep(0.05)
    assert time.monotonic() - begun < 2.5


async def test_a_new_key_is_known_without_a_restart(door: Entrance, client: httpx.AsyncClient) -> None:
    assert (await client.get(LIST, headers=bearer(f"tcs_{'0' * 10}_{'0' * 43}"))).status_code == 401
    now, store = door.clock.now(), door.callers.store
    _, text = await store.do(lambda store: make_key(store, "system:crm", EVERY, ("gd",), by="operator", now=now))
    begun = time.monotonic()
    while (await client.get(LIST, headers=bearer(text))).status_code == 401:
        assert time.monotonic() - begun < 2.5
        await asyncio.sleep(0.05)


async def test_a_system_that_left_the_organisation_is_nobody(parts: Parts, tmp_path: Path) -> None:
    async with entrance(parts, tmp_path) as door, client_of(door.gateway) as client:
        _, text = await door.key("gd", system="system:gone")
        assert (await client.get(LIST, headers=bearer(text))).status_code == 401


async def test_its_last_use_is_noted_to_the_hour(door: Entrance, client: httpx.AsyncClient) -> None:
    key, text = await door.key("gd")
    await client.get(LIST, headers=bearer(text))
    door.forget()
    await client.get(LIST, headers=bearer(text))
    used = {each.key_id: each.used_at for each in await door.callers.store.do(keys)}
    assert used[key.key_id] == door.clock.now()


class _Failing(OpenedStore):
    """A database that goes away and comes back."""

    away = False

    async def do(self, work: Callable[[Store], Answer]) -> Answer:
        if self.away:
            raise Unreachable("away")
        return await super().do(work)


async def test_while_the_database_is_away_the_last_keys_go_on_for_an_hour(tmp_path: Path, door: Entrance) -> None:
    now, clock = door.clock.now(), [0.0]
    store = _Failing(Settings(home=tmp_path))
    key, text = await store.do(lambda each: make_key(each, "system:crm", EVERY, ("gd",), by="operator", now=now))
    known = KnownKeys(store, monotonic=lambda: clock[0])
    assert (await known.of(text, now)) is not None
    assert known.away_for() is None
    store.away = True
    for clock[0] in (10.0, 600.0, AT_MOST):
        assert (await known.of(text, now)) is not None
        assert known.away_for() == clock[0]
    clock[0] = AT_MOST + 1
    with pytest.raises(Unreachable):
        await known.of(text, now)
    store.away = False
    await store.do(lambda each: revoke_key(each, key.key_id, by="operator", now=now))
    clock[0] += 10
    assert (await known.of(text, now)) is None
    assert known.away_for() is None
    store.close()


async def test_who_never_read_a_key_says_that_it_is_out_of_reach(tmp_path: Path, door: Entrance) -> None:
    store = _Failing(Settings(home=tmp_path))
    store.away = True
    with pytest.raises(Unreachable):
        await KnownKeys(store).of("tcs_x", door.clock.now())


async def test_a_third_good_key_is_refused_and_a_revoked_one_makes_room(tmp_path: Path, door: Entrance) -> None:
    now, store = door.clock.now(), OpenedStore(Settings(home=tmp_path))

    def make(each: Store) -> tuple[AccessKey, str]:
        return make_key(each, "system:crm", [Scope.READ], ("gd",), by="operator", now=now)

    first, _ = await store.do(make)
    second, _ = await store.do(make)
    with pytest.raises(Refused, match=r"tocsin keys revoke") as refused:
        await store.do(make)
    assert first.key_id in str(refused.value)
    await store.do(lambda each: make_key(each, "system:hotline", [Scope.READ], ("gd",), by="operator", now=now))
    gone = await store.do(lambda each: revoke_key(each, first.key_id, by="operator", now=now))
    again = await store.do(lambda each: revoke_key(each, first.key_id, by="hq.work", now=now + timedelta(1)))
    assert again == gone
    third, _ = await store.do(make)
    assert {first.key_id, second.key_id, third.key_id} <= {each.key_id for each in await store.do(keys)}
    with pytest.raises(NoSuchKey):
        await store.do(lambda each: revoke_key(each, "nothing", by="operator", now=now))
    store.close()
