"""CloudEvents in, in every mode: filed and told once, whoever publishes them again."""

import base64
import json
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from plan.access import Scope
from tests.gateway.conftest import AsCaller
from tests.gateway.people import LEAD, complaint, filed, problem, system

pytestmark = pytest.mark.server
ONE = {"content-type": "application/cloudevents+json; charset=utf-8"}
MANY = {"content-type": "application/cloudevents-batch+json"}


def event(**changed: Any) -> dict[str, Any]:
    usual = {
        "specversion": "1.0",
        "id": uuid4().hex,
        "source": "/crm/工单",
        "type": "tocsin.complaint",
        "time": "2026-11-24T09:13:00+08:00",
        "traceparent": "00-x",
        "data": complaint(incident_id=None),
    }
    return {name: value for name, value in {**usual, **changed}.items() if value is not None}


def fact(incident_id: str, **changed: Any) -> dict[str, Any]:
    data = {"kind": "calming_attempted", "by": LEAD, "outcome": "calmed"}
    return event(type="tocsin.fact", subject=incident_id, data=data, **changed)


async def sent(http: httpx.AsyncClient, what: object, headers: dict[str, str] = ONE) -> httpx.Response:
    return await http.post("/v1/events", content=json.dumps(what), headers=headers)


@pytest.mark.rule("R24")
async def test_an_event_files_its_complaint_once(http: httpx.AsyncClient) -> None:
    said = event()
    first, again = await sent(http, said), await sent(http, {**said, "time": "2026-11-24T10:00:00+08:00"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["incident_id"] == again.json()["incident_id"]
    assert first.headers["location"] == f"/v1/incidents/{first.json()['incident_id']}"
    changed = {**said, "data": {**said["data"], "reason": "另一件"}}
    assert "source and id" in problem(await sent(http, changed), 422)["detail"]
    other = await sent(http, {**changed, "source": "/hotline"})
    assert other.status_code == 201


async def test_an_event_tells_its_fact_once(http: httpx.AsyncClient) -> None:
    incident_id = await filed(http)
    said = fact(incident_id)
    first, again = await sent(http, said), await sent(http, said)
    assert (first.json()["state"], again.json()["state"]) == ("accepted", "duplicate")
    refused = fact(incident_id)
    refused["data"] = {"kind": "insurer_decided", "by": LEAD, "decision": "不退"}
    assert problem(await sent(http, refused), 409)["receipt"]["rule"] == "R20"
    problem(await sent(http, fact("H-none")), 404)


async def test_binary_mode_says_the_same(http: httpx.AsyncClient) -> None:
    said = event()
    headers = {f"ce-{name}": quote(str(said[name]), safe="/:+-") for name in ("specversion", "id", "source", "type")}
    answer = await http.post("/v1/events", json=said["data"], headers=headers)
    assert answer.status_code == 201
    assert (await sent(http, said)).json() == {"incident_id": answer.json()["incident_id"], "created": False}


async def test_data_may_stand_in_base64(http: httpx.AsyncClient) -> None:
    said = event()
    encoded = base64.b64encode(json.dumps(said["data"]).encode()).decode()
    answer = await sent(http, {**said, "data": None, "data_base64": encoded})
    assert answer.status_code == 201
    problem(await sent(http, event(data=None, data_base64="*")), 422)


async def test_a_batch_is_answered_event_by_event(http: httpx.AsyncClient) -> None:
    body = complaint()
    first = event(data=body)
    batch = [fact(body["incident_id"]), first, {"id": "x"}, fact("H-none"), event(data={"channel": "outlet"})]
    answer = await sent(http, batch, MANY)
    assert answer.status_code == 200
    said = answer.json()
    assert [row["status"] for row in said["rows"]] == [200, 201, 422, 404, 422]
    assert said["rows"][0]["receipt"]["accepted"] is True
    assert (said["created"], said["told"], said["failed"]) == (1, 1, 3)
    again = (await sent(http, [first, batch[0]], MANY)).json()
    assert [row["status"] for row in again["rows"]] == [200, 200]
    assert again["rows"][1]["receipt"]["state"] == "duplicate"


@pytest.mark.parametrize(
    "changed",
    [
        {"specversion": "0.3"},
        {"specversion": None},
        {"id": ""},
        {"id": None},
        {"source": None},
        {"type": "tocsin.other"},
        {"type": "tocsin.fact"},
        {"data": None},
        {"data": "text"},
        {"data": [1]},
        {"datacontenttype": "text/xml"},
        {"data_base64": "e30="},
        {"time": "yesterday"},
    ],
)
async def test_what_is_no_event_is_malformed(http: httpx.AsyncClient, changed: dict[str, Any]) -> None:
    problem(await sent(http, event(**changed)), 422)


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "", "application/cloudevents+xml"])
async def test_another_media_type_is_not_taken(http: httpx.AsyncClient, content_type: str) -> None:
    problem(await sent(http, event(), {"content-type": content_type}), 415)


async def test_headers_that_stand_twice_or_are_not_utf8_are_malformed(http: httpx.AsyncClient) -> None:
    usual = [("ce-specversion", "1.0"), ("ce-source", "/x"), ("ce-type", "tocsin.complaint")]
    for ids in ([("ce-id", "1"), ("ce-id", "2")], [("ce-id", "%ff")], []):
        problem(await http.post("/v1/events", json=complaint(), headers=[*usual, *ids]), 422)


async def test_an_event_needs_the_scope_of_what_it_says(http: httpx.AsyncClient, as_caller: AsCaller) -> None:
    incident_id = await filed(http)
    problem(await sent(as_caller(system("crm", Scope.READ)), event()), 403)
    problem(await sent(as_caller(system("crm", Scope.TELL)), event()), 403)
    problem(await sent(as_caller(system("crm", Scope.FILE)), fact(incident_id)), 403)
