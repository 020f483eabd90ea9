"""Many callers at once: one incident from many filings, and no report lost among many (R24, R39)."""

import asyncio
from collections import Counter
from uuid import uuid4

import httpx
import pytest

from tests.gateway.conftest import AsCaller
from tests.gateway.people import LEAD, complaint, filed, person

pytestmark = [pytest.mark.server, pytest.mark.slow]


@pytest.mark.rule("R24")
async def test_the_same_complaint_from_fifty_callers_is_one_incident(http: httpx.AsyncClient) -> None:
    body = complaint()
    answers = await asyncio.gather(*(http.post("/v1/incidents", json=body) for _ in range(50)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 49}
    assert Counter(answer.json()["created"] for answer in answers) == {True: 1, False: 49}
    assert {answer.json()["incident_id"] for answer in answers} == {body["incident_id"]}


@pytest.mark.rule("R24")
async def test_the_same_key_from_fifty_calls_is_one_incident(http: httpx.AsyncClient) -> None:
    body, key = complaint(incident_id=None), {"Idempotency-Key": f'"{uuid4()}"'}
    answers = await asyncio.gather(*(http.post("/v1/incidents", json=body, headers=key) for _ in range(50)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 49}
    assert len({answer.json()["incident_id"] for answer in answers}) == 1


@pytest.mark.rule("R39")
async def test_of_a_hundred_writers_on_one_incident_none_is_lost(http: httpx.AsyncClient, as_caller: AsCaller) -> None:
    incident_id = await filed(http)
    facts = [{"kind": "noted", "by": LEAD, "text": str(n), "fact_id": f"n-{n}"} for n in range(100)]
    path = f"/v1/incidents/{incident_id}/facts"
    answers = await asyncio.gather(*(http.post(path, json=fact) for fact in facts))
    assert {answer.status_code for answer in answers} <= {200, 202}
    pending = [fact for fact, answer in zip(facts, answers, strict=True) if answer.status_code == 202]
    for fact in pending:
        assert (await http.post(path, json=fact)).status_code == 200
    work, told = as_caller(person("gd-gz.work")), list[str]()
    cursor: dict[str, str] = {"limit": "500"}
    while True:
        page = (await work.get(f"/v1/incidents/{incident_id}/timeline", params=cursor)).json()
        told += [entry["about"] for entry in page["entries"] if entry["what"] == "noted"]
        if page["next"] is None:
            break
        cursor["cursor"] = page["next"]
    assert sorted(told) == sorted(fact["fact_id"] for fact in facts)
