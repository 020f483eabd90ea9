"""A caller may send so much; a crisis, signs of a group and a running clock never wait for it."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import HTTPConnection

from plan.access import Caller
from plan.errors import Unreachable
from starter.gateway.admission import Rates, rates_of
from starter.gateway.parts import Parts
from starter.gateway.rate import MOST, WINDOW, Buckets, Policy
from tests.gateway.conftest import ALL, Shown, client_of, serving
from tests.gateway.people import complaint

SMALL = Policy("caller", 2)
CRISIS = {"circumstances": {"headcount": 6}}


class Seconds:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_full_bucket_is_taken_at_once_and_comes_back_as_time_passes() -> None:
    seconds = Seconds()
    buckets = Buckets(Policy("caller", 20), seconds)
    assert [buckets.take("a").taken for _ in range(21)] == [True] * 20 + [False]
    seconds.now += 0.5
    assert [buckets.take("a").taken for _ in range(2)] == [True, False]
    seconds.now += WINDOW
    assert buckets.take("a").remaining == 19
    assert buckets.take("b").remaining == 19


@given(waits=st.lists(st.floats(0, 30), max_size=60), quota=st.integers(1, 50))
def test_nobody_ever_gets_more_than_agreed(waits: list[float], quota: int) -> None:
    seconds = Seconds()
    buckets = Buckets(Policy("caller", quota), seconds)
    begun, taken = seconds.now, 0
    for wait in waits:
        seconds.now += wait
        left = buckets.take("a")
        taken += left.taken
        assert 0 <= left.remaining < quota
        assert left.next_in >= 1
    assert taken <= quota + (seconds.now - begun) * quota / WINDOW + 1e-6


@given(quota=st.integers(1, 50))
def test_whoever_waits_as_long_as_told_is_let_in(quota: int) -> None:
    seconds = Seconds()
    buckets = Buckets(Policy("caller", quota), seconds)
    while (left := buckets.take("a")).taken:
        pass
    seconds.now += left.next_in
    assert buckets.take("a").taken


def test_callers_without_number_fill_no_memory() -> None:
    buckets = Buckets(SMALL, Seconds())
    for n in range(MOST + 100):
        buckets.take(str(n))
    assert len(buckets._levels) == MOST  # pyright: ignore[reportPrivateUsage]


def test_an_intake_of_two_thousand_at_once_is_within_what_is_usual(parts: Parts) -> None:
    rates = rates_of(parts.settings, Seconds())
    assert all(rates.known.take("system:crm").taken for _ in range(2_000))


@asynccontextmanager
async def _beyond(parts: Parts, callers: Shown) -> AsyncGenerator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """A caller who has used up what was agreed, and somebody whom we do not know, in a time that stands still."""
    seconds = Seconds()
    rates = Rates(Buckets(SMALL, seconds), Buckets(Policy("address", 3), seconds))
    async with (
        serving(parts, rates=rates) as gateway,
        client_of(gateway, callers.header(ALL)) as known,
        client_of(gateway) as unknown,
    ):
        for _ in range(SMALL.quota):
            assert (await known.get("/v1/incidents/GD-none")).status_code != 429
        yield known, unknown


@pytest.mark.server
async def test_too_many_calls_are_told_when_to_come_again(parts: Parts, callers: Shown) -> None:
    async with _beyond(parts, callers) as (known, _):
        said = await known.post("/v1/incidents", json=complaint())
        assert (said.status_code, said.json()["type"]) == (429, "urn:tocsin:problem:too-many-calls")
        assert said.headers["ratelimit-policy"] == '"caller";q=2;w=10'
        assert said.headers["ratelimit"] == '"caller";r=0;t=5'
        assert said.headers["retry-after"] == "5"
        assert (await known.get("/v1/incidents")).status_code == 429


@pytest.mark.server
async def test_every_answer_says_what_is_left(parts: Parts, callers: Shown) -> None:
    rates = Rates(Buckets(SMALL, Seconds()), Buckets(SMALL, Seconds()))
    async with serving(parts, rates=rates) as gateway, client_of(gateway, callers.header(ALL)) as known:
        said = [(await known.get("/nowhere")).headers["ratelimit"] for _ in range(2)]
    assert said == ['"caller";r=1;t=5', '"caller";r=0;t=10']


@pytest.mark.server
@pytest.mark.rule("R2", "R24", "R39", "R43")
async def test_a_crisis_and_signs_of_a_group_are_taken_however_many_calls_there_were(
    parts: Parts, callers: Shown, http: httpx.AsyncClient
) -> None:
    there = complaint()
    assert (await http.post("/v1/incidents", json=there)).status_code == 201
    facts = f"/v1/incidents/{there['incident_id']}/facts"
    async with _beyond(parts, callers) as (known, _):
        assert (await known.post("/v1/incidents", json=complaint(**CRISIS))).status_code == 201
        for fact in ({"kind": "group_signs_seen"}, {"kind": "circumstances_reported", "headcount": 6}):
            said = await known.post(facts, json={**fact, "by": "system:crm"})
            assert said.status_code == 200, said.text
        assert (await known.post(facts, json={"kind": "noted", "text": "t", "by": "system:crm"})).status_code == 429


@pytest.mark.server
async def test_many_rows_are_taken_whole_where_one_of_them_cannot_wait(parts: Parts, callers: Shown) -> None:
    usual, crisis = complaint(), complaint(**CRISIS)
    async with _beyond(parts, callers) as (known, _):
        assert (await _bulk(known, usual, complaint())).status_code == 429
        said = await _bulk(known, usual, crisis)
        assert said.status_code == 200
        assert said.json()["created"] == 2
        one_a_line = "\n".join(json.dumps(row) for row in (complaint(), complaint(**CRISIS)))
        said = await known.post("/v1/incidents/bulk", content=one_a_line, headers={"content-type": "application/jsonl"})
        assert said.json()["created"] == 2


@pytest.mark.server
async def test_what_cannot_be_read_is_refused_for_what_it_is(parts: Parts, callers: Shown) -> None:
    async with _beyond(parts, callers) as (known, _):
        headers = {"content-type": "application/json"}
        for body in (b"{", b"[" * 100_000, b"\xff"):
            assert (await known.post("/v1/incidents", content=body, headers=headers)).status_code == 422
        assert (await known.post("/v1/incidents", content=b"x" * 2**21, headers=headers)).status_code == 413


@pytest.mark.server
async def test_one_callers_haste_is_no_other_ones_delay(parts: Parts, callers: Shown) -> None:
    seconds = Seconds()
    rates = Rates(Buckets(SMALL, seconds), Buckets(SMALL, seconds))
    other = Caller(id="system:hotline", scopes=ALL.scopes, units=ALL.units)
    async with (
        serving(parts, rates=rates) as gateway,
        client_of(gateway, callers.header(ALL)) as hasty,
        client_of(gateway, callers.header(other)) as calm,
        client_of(gateway) as nobody,
    ):
        assert [(await hasty.get("/nowhere")).status_code for _ in range(3)] == [404, 404, 429]
        assert (await calm.get("/nowhere")).status_code == 404
        assert (await nobody.get("/nowhere")).status_code == 404


@pytest.mark.server
async def test_who_shows_no_key_is_stopped_sooner_and_a_crisis_opens_nothing_then(parts: Parts, callers: Shown) -> None:
    async with _beyond(parts, callers) as (_, unknown):
        guesses = [await unknown.get("/v1/incidents", headers={"authorization": f"Bearer {n}"}) for n in range(4)]
        assert [guess.status_code for guess in guesses] == [401, 401, 401, 429]
        assert guesses[3].headers["ratelimit-policy"] == '"address";q=3;w=10'
        assert (await unknown.post("/v1/incidents", json=complaint(**CRISIS))).status_code == 429
        assert [(await unknown.get(path)).status_code for path in ("/healthz", "/metrics")] == [200, 200]


class Away:
    async def caller(self, connection: HTTPConnection) -> Caller:
        raise Unreachable("The records' database does not answer.")


@pytest.mark.server
async def test_while_nobody_can_say_who_calls_the_answer_is_that_and_not_the_rate(parts: Parts) -> None:
    rates = Rates(Buckets(SMALL, Seconds()), Buckets(SMALL, Seconds()))
    async with serving(parts, rates=rates, callers=Away()) as gateway, client_of(gateway) as client:
        said = [(await client.post("/v1/incidents", json=complaint(**CRISIS))).status_code for _ in range(4)]
    assert said == [503] * 4


async def _bulk(client: httpx.AsyncClient, *rows: dict[str, Any]) -> httpx.Response:
    return await client.post("/v1/incidents/bulk", json=rows)
