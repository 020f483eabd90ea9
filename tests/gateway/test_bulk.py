"""Many complaints in one call: each row answered for itself, crises first, and nothing counted twice."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from temporalio.client import Client

from runtime.names import IMPORT_PRIORITY, USUAL_PRIORITY, workflow_id
from starter.gateway import many
from tests.gateway.conftest import AsCaller
from tests.gateway.people import complaint, problem, system
from tests.server.world import World

pytestmark = pytest.mark.server
PATH = "/v1/incidents/bulk"


def lines(*rows: object) -> bytes:
    return "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows).encode()


@pytest.mark.rule("R24")
async def test_every_row_has_the_answer_of_a_call_of_its_own(http: httpx.AsyncClient) -> None:
    good, there = complaint(), complaint()
    await http.post("/v1/incidents", json=there)
    answer = await http.post(
        PATH, json=[good, there, {**there, "reason": "另一件"}, {"channel": "outlet"}, complaint(outlet="lost")]
    )
    assert answer.status_code == 200
    said: dict[str, Any] = answer.json()
    assert [row["status"] for row in said["rows"]] == [201, 200, 409, 422, 422]
    assert [row["row"] for row in said["rows"]] == [1, 2, 3, 4, 5]
    assert said["rows"][0] == {"row": 1, "status": 201, "incident_id": good["incident_id"], "created": True}
    assert said["rows"][1]["created"] is False
    assert said["rows"][3]["problem"]["errors"][0]["pointer"]
    assert (said["created"], said["existing"], said["failed"]) == (1, 1, 3)


async def test_a_line_that_is_no_json_stops_no_other(http: httpx.AsyncClient) -> None:
    one, two = complaint(), complaint()
    body = lines(one, "{", "[]", '{"a":1,"a":2}', "", two, "NaN")
    answer = await http.post(PATH, content=body, headers={"content-type": "application/jsonl"})
    rows = answer.json()["rows"]
    assert [row["status"] for row in rows] == [201, 422, 422, 422, 201, 422]
    assert rows[4]["incident_id"] == two["incident_id"]


async def test_a_bulk_sent_again_files_nothing_twice(http: httpx.AsyncClient) -> None:
    rows = [complaint(incident_id=None), complaint(incident_id=None), complaint()]
    key = {"Idempotency-Key": f'"{uuid4()}"'}
    first = (await http.post(PATH, json=rows, headers=key)).json()
    again = (await http.post(PATH, json=rows, headers=key)).json()
    other = (await http.post(PATH, json=[{**rows[0], "reason": "另一件"}], headers=key)).json()
    assert (first["created"], again["created"], again["existing"]) == (3, 0, 3)
    assert [row["incident_id"] for row in first["rows"]] == [row["incident_id"] for row in again["rows"]]
    assert other["rows"][0]["status"] == 422


async def started_with(client: Client, incident_id: str) -> int:
    """The priority an incident was started with."""
    async for event in client.get_workflow_handle(workflow_id(incident_id)).fetch_history_events(page_size=1):
        return event.workflow_execution_started_event_attributes.priority.priority_key
    raise AssertionError


@pytest.mark.rule("R2", "R24")
async def test_a_crisis_among_many_goes_first_and_the_rest_lets_others_overtake(
    http: httpx.AsyncClient, world: World
) -> None:
    quiet, crisis = complaint(), complaint(circumstances={"headcount": 6})
    said = (await http.post(PATH, json=[quiet, crisis])).json()
    assert [row["incident_id"] for row in said["rows"]] == [quiet["incident_id"], crisis["incident_id"]]
    assert await started_with(world.client, quiet["incident_id"]) == IMPORT_PRIORITY
    assert await started_with(world.client, crisis["incident_id"]) == USUAL_PRIORITY
    handles = [world.client.get_workflow_handle(workflow_id(each["incident_id"])) for each in (crisis, quiet)]
    first, second = [(await handle.describe()).start_time for handle in handles]
    assert first <= second


async def test_rows_of_another_unit_are_refused_one_by_one(as_caller: AsCaller) -> None:
    county = as_caller(system("crm", units=("gd-gz-th",)))
    answer = await county.post(PATH, json=[complaint(), complaint(outlet="gd-sz-ns-0001")])
    assert [row["status"] for row in answer.json()["rows"]] == [201, 403]


@pytest.mark.parametrize("body", [b"[]", b"{}", b"1", b"", b"[", b"null"])
async def test_what_is_no_list_of_rows_is_malformed(http: httpx.AsyncClient, body: bytes) -> None:
    problem(await http.post(PATH, content=body, headers={"content-type": "application/json"}), 422)


async def test_so_many_rows_and_no_more(http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "MOST", 2)
    said = problem(await http.post(PATH, json=[complaint() for _ in range(3)]), 422)
    assert "more than 2 rows" in said["detail"]
