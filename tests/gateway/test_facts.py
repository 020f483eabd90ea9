"""Stating facts over HTTP (contract, sections 4 and 9): judged once, refused with the rule, by whom the key covers."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from plan.access import Scope
from tests.gateway.conftest import AsCaller
from tests.gateway.people import LEAD, filed, person, problem, system

pytestmark = pytest.mark.server


def path(incident_id: str) -> str:
    return f"/v1/incidents/{incident_id}/facts"


def calmed(**changed: Any) -> dict[str, Any]:
    return {"kind": "calming_attempted", "by": LEAD, "outcome": "calmed", "fact_id": f"f-{uuid4().hex}", **changed}


async def test_a_fact_is_accepted_and_told_again_a_duplicate(http: httpx.AsyncClient) -> None:
    incident_id, fact = await filed(http), calmed()
    first = await http.post(path(incident_id), json=fact)
    again = await http.post(path(incident_id), json=fact)

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["state"] == "accepted"
    assert again.json() == {**first.json(), "state": "duplicate", "duplicate": True}


@pytest.mark.rule("R20")
async def test_a_refusal_is_a_problem_with_its_rule_and_receipt(http: httpx.AsyncClient) -> None:
    incident_id = await filed(http)
    fact = {"kind": "insurer_decided", "by": LEAD, "decision": "不退", "fact_id": "f-1"}
    said = problem(await http.post(path(incident_id), json=fact), 409)
    assert said["rule"] == "R20"
    assert said["receipt"]["state"] == "refused"
    assert said["receipt"]["fact_id"] == "f-1"
    again = problem(await http.post(path(incident_id), json=fact), 409)
    assert again["receipt"]["state"] == "duplicate"


async def test_one_fact_id_with_two_contents_is_a_conflict(http: httpx.AsyncClient) -> None:
    incident_id, fact = await filed(http), calmed()
    assert (await http.post(path(incident_id), json=fact)).status_code == 200
    said = problem(await http.post(path(incident_id), json={**fact, "outcome": "failed"}), 409)
    assert said["rule"] == "conflict"


async def test_a_key_names_a_fact_that_has_no_id(http: httpx.AsyncClient) -> None:
    incident_id, fact = await filed(http), calmed()
    del fact["fact_id"]
    key = {"Idempotency-Key": f'"{uuid4()}"'}
    first = await http.post(path(incident_id), json=fact, headers=key)
    again = await http.post(path(incident_id), json=fact, headers=key)
    assert first.json()["fact_id"] == again.json()["fact_id"]
    assert again.json()["state"] == "duplicate"
    said = problem(await http.post(path(incident_id), json={**fact, "outcome": "failed"}, headers=key), 422)
    assert "Idempotency-Key" in said["detail"]


@pytest.mark.rule("R29")
async def test_a_person_speaks_for_themself_alone(http: httpx.AsyncClient, as_caller: AsCaller) -> None:
    incident_id, lead = await filed(http), as_caller(person(LEAD))
    unsaid = {"kind": "noted", "text": "已到柜台"}
    receipt = await lead.post(path(incident_id), json=unsaid)
    assert receipt.status_code == 200
    work = as_caller(person("gd-gz.work"))
    entries = (await work.get(f"/v1/incidents/{incident_id}/timeline")).json()["entries"]
    assert next(entry for entry in entries if entry["what"] == "noted")["by"] == LEAD
    problem(await lead.post(path(incident_id), json={**unsaid, "by": "gd-gz-th.work"}), 403)
    problem(await lead.post(path(incident_id), json={**unsaid, "by": "system:tocsin"}), 403)


@pytest.mark.rule("R29")
async def test_a_key_speaks_for_whom_it_covers(http: httpx.AsyncClient, as_caller: AsCaller) -> None:
    incident_id = await filed(http)
    county = as_caller(system("crm", units=("gd-gz-th",)))
    assert (await county.post(path(incident_id), json=calmed())).status_code == 200
    for by in ("gd-gz.work", "gd-sz-ns-0001.lead", "operator", "anhe-life.gd-gz", "system:tocsin", "nobody"):
        problem(await county.post(path(incident_id), json=calmed(by=by)), 403)
    mute = as_caller(system("crm", Scope.TELL, Scope.READ))
    problem(await mute.post(path(incident_id), json=calmed()), 403)
    assert (await mute.post(path(incident_id), json={"kind": "group_signs_seen"})).status_code == 200


async def test_a_fact_about_none_or_somebody_elses_incident_is_404(
    http: httpx.AsyncClient, as_caller: AsCaller
) -> None:
    incident_id = await filed(http)
    problem(await http.post(path("H-none"), json=calmed()), 404)
    elsewhere = as_caller(system("crm", units=("gd-sz",)))
    problem(await elsewhere.post(path(incident_id), json={"kind": "group_signs_seen"}), 404)


@pytest.mark.parametrize(
    ("fact", "pointer"),
    [
        ({}, "#"),
        ({"kind": "lost"}, "#"),
        ({"kind": "noted"}, "#/text"),
        ({"kind": "noted", "text": 1}, "#/text"),
        ({"kind": "calming_attempted", "outcome": "gone"}, "#/outcome"),
        ({"kind": "noted", "text": "x", "fact_id": "a b"}, "#/fact_id"),
        ({"kind": "noted", "text": "x", "colour": "red"}, "#/colour"),
    ],
)
async def test_what_cannot_be_read_is_named(http: httpx.AsyncClient, fact: dict[str, Any], pointer: str) -> None:
    incident_id = await filed(http)
    said = problem(await http.post(path(incident_id), json=fact), 422)
    assert pointer in [flaw["pointer"] for flaw in said["errors"]]


@pytest.mark.rule("R43")
async def test_a_fact_is_judged_by_the_instant_its_head_arrived(http: httpx.AsyncClient, as_caller: AsCaller) -> None:
    incident_id = await filed(http, circumstances={"media": True})
    report = {"kind": "report_submitted", "report": "initial", "by": LEAD, "content": {"course": "经过"}}
    receipt = (await http.post(path(incident_id), json=report)).json()
    assert receipt["met_clocks"] == ["outlet_report"]
    work = as_caller(person("gd-gz.work"))
    entries = (await work.get(f"/v1/incidents/{incident_id}/timeline")).json()["entries"]
    told = next(entry for entry in entries if entry["sequence"] == receipt["sequence"])
    assert told["door"] == "gateway"
    assert told["received_at"] <= told["recorded_at"]
