"""Whatever is sent: an answer that says what is wrong, nothing half-done, never a fault of ours."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.gateway.conftest import AsCaller
from tests.gateway.people import LEAD, complaint, filed, person, problem

pytestmark = pytest.mark.server
JSON = {"content-type": "application/json"}
UNTAKEN = {
    "NUL": "a\x00b",
    "escape": "a\x1bb",
    "backwards": "a\u202eb",
    "line separator": "a\u2028b",
    "next line": "a\x85b",
    "half a pair": "a\ud800b",
    "the other half": "a\udfffb",
    "too long": "x" * 8_001,
}
TAKEN = {
    "script": "<script>alert(1)</script>",
    "quotes": "'; DROP TABLE incidents; --",
    "template": "{{7*7}}${7*7}#{7*7}%{7*7}",
    "formula": "=HYPERLINK(1)",
    "emoji": "👩‍👩‍👧‍👦 𫚈",
    "combining": "e\u0301" * 100,
    "lines": "one\ntwo\tthree",
}
TEXTS = ["reason", "customer.name", "customer.phone", "source.reference", "incident_id", "outlet", "reported_by"]


def put(body: dict[str, Any], place: str, value: object) -> dict[str, Any]:
    """The complaint with this text in this place."""
    first, _, second = place.partition(".")
    usual = {"system": "crm"} if first == "source" else {}
    return {**body, first: {**usual, second: value} if second else value}


def raw(body: object) -> bytes:
    """As a caller with no regard for anything writes it."""
    return json.dumps(body, ensure_ascii=True).encode()


@pytest.mark.parametrize("text", UNTAKEN.values(), ids=UNTAKEN)
@pytest.mark.parametrize("place", TEXTS)
async def test_a_text_that_is_no_plain_text_is_refused(http: httpx.AsyncClient, place: str, text: str) -> None:
    body = put(complaint(), place, text)
    answer = await http.post("/v1/incidents", content=raw(body), headers=JSON)
    said = problem(answer, 422)
    assert said["errors"][0]["pointer"] == f"#/{place.replace('.', '/')}"
    assert "8001" not in answer.text
    if place != "incident_id":
        problem(await http.get(f"/v1/incidents/{body['incident_id']}"), 404)


@pytest.mark.parametrize("text", TAKEN.values(), ids=TAKEN)
async def test_a_text_is_a_text_whatever_it_looks_like(http: httpx.AsyncClient, as_caller: AsCaller, text: str) -> None:
    body = complaint(reason=text, customer={"name": text[:50], "phone": "1"})
    assert (await http.post("/v1/incidents", content=raw(body), headers=JSON)).status_code == 201
    path = f"/v1/incidents/{body['incident_id']}"
    told = await http.post(f"{path}/facts", content=raw({"kind": "noted", "by": LEAD, "text": text}), headers=JSON)
    assert told.status_code == 200
    for shown in (await as_caller(person("gd-gz.work")).get(path), await http.get(f"{path}/audit")):
        assert shown.status_code == 200
        assert "<script>" not in shown.text
        assert shown.headers.get("x-content-type-options", "nosniff") == "nosniff"


BODIES: dict[str, bytes] = {
    "nothing": b"",
    "blank": b"  \n ",
    "no json": b"{",
    "a number": b"1",
    "a list": b"[]",
    "null": b"null",
    "a text": b'"x"',
    "after it": b"{} {}",
    "a comment": b"{/**/}",
    "single quotes": b"{'a': 1}",
    "not a number": b'{"channel": NaN}',
    "without end": b'{"channel": Infinity}',
    "huge": b'{"channel": ' + b"9" * 5_000 + b"}",
    "huge power": b'{"circumstances": {"headcount": 1e999}}',
    "beyond 2^53": b'{"circumstances": {"headcount": 9007199254740993}}',
    "negative": b'{"circumstances": {"headcount": -1}}',
    "name twice": b'{"channel": "outlet", "channel": "media"}',
    "name twice inside": b'{"customer": {"name": "a", "name": "b"}}',
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "deep within": b'{"customer": ' + b'{"name": ' * 3_000 + b"1" + b"}" * 3_000 + b"}",
    "no utf-8": b'{"reason": "\xff\xfe"}',
    "overlong": b'{"reason": "\xc0\xaf"}',
    "half a pair as bytes": b'{"reason": "\xed\xa0\x80"}',
    "gb18030": '{"reason": "投诉"}'.encode("gb18030"),
    "utf-16": '{"reason": "x"}'.encode("utf-16"),
    "NUL after": b"{}\x00",
    "proto": b'{"__proto__": {"x": 1}, "constructor": 1}',
    "a name of nothing": b'{"": 1}',
    "a name with a script": b'{"<script>": 1, "\\ud800": 2, "\\u0000": 3}',
    "many names": raw({f"n{n}": n for n in range(20_000)}),
    "many persons": raw({"circumstances": {"persons": [f"p{n}" for n in range(2_000)]}}),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("path", ["/v1/incidents", "/v1/incidents/H-hostile/facts", "/v1/incidents/bulk", "/v1/events"])
async def test_a_body_that_is_no_body_is_named_and_nothing_is_done(
    http: httpx.AsyncClient, path: str, body: bytes
) -> None:
    media = "application/cloudevents+json" if path.endswith("events") else "application/json"
    if path.endswith("bulk") and body[:1] == b"{":
        body = b"[" + body + b"]"
    answer = await http.post(path, content=body, headers={"content-type": media})
    if answer.status_code == 200:
        assert [row["status"] for row in answer.json()["rows"]] == [422]
    else:
        problem(answer, 422)
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/xml"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "application/json; charset=gbk"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": 'application/json; charset="'},
        {"content-type": "application/problem+json"},
        {"content-type": ";;;"},
        {"content-type": "application/json", "content-encoding": "gzip"},
        {},
    ],
)
async def test_another_kind_of_content_is_not_guessed_at(http: httpx.AsyncClient, headers: dict[str, str]) -> None:
    body = complaint()
    for path in ("/v1/incidents", "/v1/incidents/bulk", "/v1/events"):
        problem(await http.post(path, content=raw(body), headers=headers), 415)
    problem(await http.get(f"/v1/incidents/{body['incident_id']}"), 404)


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"']
)
async def test_json_may_say_that_it_is_utf8(http: httpx.AsyncClient, content_type: str) -> None:
    answer = await http.post("/v1/incidents", content=raw(complaint()), headers={"content-type": content_type})
    assert answer.status_code == 201


@pytest.mark.rule("R29")
async def test_an_id_that_may_be_somebodys_number_is_refused(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/incidents", json=complaint(incident_id="T-13800138000"))
    problem(answer, 422)
    assert "13800138000" not in answer.text


async def test_a_fact_may_not_come_with_a_stamp_or_a_seal_of_its_own(http: httpx.AsyncClient) -> None:
    incident_id = await filed(http)
    fact = {"kind": "noted", "by": LEAD, "text": "x"}
    for more in ({"received_at": "2020-01-01T00:00:00Z"}, {"door": "cli"}, {"seal": {"key": "k", "mac": "m"}}):
        problem(await http.post(f"/v1/incidents/{incident_id}/facts", json={**fact, **more}), 422)
    envelope = {"fact": fact, "received_at": "2020-01-01T00:00:00Z", "door": "gateway", "seal": None}
    problem(await http.post(f"/v1/incidents/{incident_id}/facts", json=envelope), 422)
    for name in ("x-received-at", "date", "x-forwarded-for"):
        answer = await http.post(
            f"/v1/incidents/{incident_id}/facts", json={**fact, "fact_id": uuid4().hex}, headers={name: "2020-01-01"}
        )
        assert answer.status_code == 200


async def test_a_filter_is_no_query_of_the_callers_own(http: httpx.AsyncClient) -> None:
    await filed(http)
    for text in ("x' OR 'a' = 'a", "x\\' OR 1=1 --", "' OR ExecutionStatus='Running", '"', "%", "\x00", "\ud7ff"):
        answer = await http.get("/v1/incidents", params={"outlet": text, "insurer": text})
        assert answer.status_code == 422 or answer.json()["incidents"] == []
