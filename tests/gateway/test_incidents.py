"""Filing, listing and seeing over HTTP (contract, section 9): once each, and only what a caller may know of."""

import httpx
import pytest

from plan.access import Scope
from tests.gateway.conftest import AsCaller
from tests.gateway.people import LEAD, complaint, filed, person, problem, system, until

pytestmark = pytest.mark.server


@pytest.mark.rule("R24")
async def test_a_complaint_is_filed_once_whoever_repeats_the_call(http: httpx.AsyncClient) -> None:
    body = complaint()
    first = await http.post("/v1/incidents", json=body)
    again = await http.post("/v1/incidents", json=body)
    other = await http.post("/v1/incidents", json={**body, "reason": "另一件事"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == {"incident_id": body["incident_id"], "created": True}
    assert again.json() == {"incident_id": body["incident_id"], "created": False}
    assert first.headers["location"] == f"/v1/incidents/{body['incident_id']}"
    assert "another complaint has this id" in problem(other, 409)["detail"]


@pytest.mark.rule("R24")
async def test_a_key_names_a_complaint_that_has_no_id(http: httpx.AsyncClient, as_caller: AsCaller) -> None:
    body, key = complaint(incident_id=None), {"Idempotency-Key": '"call 1 of 客"'.replace("客", "k")}
    first = await http.post("/v1/incidents", json=body, headers=key)
    again = await http.post("/v1/incidents", json=body, headers=key)
    changed = await http.post("/v1/incidents", json={**body, "reason": "另一件事"}, headers=key)
    elsewhere = await as_caller(system("hotline")).post("/v1/incidents", json=body, headers=key)
    keyless = await http.post("/v1/incidents", json=body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["incident_id"] == again.json()["incident_id"]
    assert "Idempotency-Key" in problem(changed, 422)["detail"]
    assert elsewhere.status_code == keyless.status_code == 201
    assert len({answer.json()["incident_id"] for answer in (first, elsewhere, keyless)}) == 3


@pytest.mark.parametrize("key", ['"', '""', "", "a b", '"a" "b"', '"\u007f"', "x" * 256, 'a"b'])
async def test_a_key_that_cannot_be_read_files_nothing(http: httpx.AsyncClient, key: str) -> None:
    body = complaint()
    answer = await http.post("/v1/incidents", json=body, headers={"Idempotency-Key": key})
    assert "Idempotency-Key" in problem(answer, 422)["detail"]
    problem(await http.get(f"/v1/incidents/{body['incident_id']}"), 404)


async def test_a_key_may_stand_with_or_without_quotes(http: httpx.AsyncClient) -> None:
    body = complaint(incident_id=None)
    bare = await http.post("/v1/incidents", json=body, headers={"Idempotency-Key": "8e03-quote"})
    quoted = await http.post("/v1/incidents", json=body, headers={"Idempotency-Key": '"8e03-quote"'})
    assert bare.json()["incident_id"] == quoted.json()["incident_id"]


async def test_every_fault_of_a_complaint_is_named_and_no_value_repeated(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/incidents", json={"channel": "佘某", "customer": {"phone": 13800138000}, "x": 1})
    said = problem(answer, 422)
    pointers = {flaw["pointer"] for flaw in said["errors"]}
    assert {"#/channel", "#/reason", "#/customer/phone", "#/x"} <= pointers
    assert "佘某" not in answer.text
    assert "13800138000" not in answer.text


async def test_an_outlet_that_the_organisation_does_not_know_is_malformed(http: httpx.AsyncClient) -> None:
    said = problem(await http.post("/v1/incidents", json=complaint(outlet="gd-gz-th-0009")), 422)
    assert said["errors"][0]["pointer"] == "#/outlet"


async def test_what_a_person_files_is_reported_by_that_person(as_caller: AsCaller, http: httpx.AsyncClient) -> None:
    lead = as_caller(person(LEAD))
    incident_id = await filed(lead)
    other = await lead.post("/v1/incidents", json=complaint(reported_by="gd-gz.work"))
    problem(other, 403)
    problem(await as_caller(system("crm", Scope.FILE, units=("gd-sz",))).post("/v1/incidents", json=complaint()), 403)
    again = await http.post("/v1/incidents", json=complaint(incident_id=incident_id, reported_by=LEAD))
    assert again.status_code == 200


async def test_a_key_of_another_unit_may_not_name_somebody_as_reporter(as_caller: AsCaller) -> None:
    county = as_caller(system("crm", Scope.FILE, units=("gd-gz-th",)))
    assert (await county.post("/v1/incidents", json=complaint(reported_by=LEAD))).status_code == 201
    problem(await county.post("/v1/incidents", json=complaint(reported_by="gd-sz-ns-0001.lead")), 403)


@pytest.mark.rule("R29")
async def test_an_incident_is_seen_as_from_the_callers_seat(http: httpx.AsyncClient, as_caller: AsCaller) -> None:
    incident_id = await filed(http, customer={"name": "佘某", "phone": "13800138000"})
    views = {
        name: (await as_caller(person(name)).get(f"/v1/incidents/{incident_id}"))
        for name in ("gd-gz.work", LEAD, "anhe-life.gd-gz")
    }
    assert all(answer.status_code == 200 for answer in views.values())
    assert "conduct" in views["gd-gz.work"].json()
    assert "conduct" not in views[LEAD].json()
    assert "breaches" not in views["anhe-life.gd-gz"].json()
    assert all("佘某" not in answer.text and "13800138000" not in answer.text for answer in views.values())
    as_system = (await http.get(f"/v1/incidents/{incident_id}")).json()
    assert as_system["outlet"] == "gd-gz-th-0001"
    assert "customer" not in as_system


@pytest.mark.rule("R29")
async def test_an_incident_of_others_is_answered_like_none_at_all(http: httpx.AsyncClient, as_caller: AsCaller) -> None:
    incident_id = await filed(http)
    none = f"{incident_id}x"
    for caller in (
        person("gd-sz-ns-0001.lead"),
        person("zhongtai-life.gd-gz"),
        system("crm", units=("gd-sz",)),
        system("crm", units=("hq",), insurer="zhongtai-life"),
    ):
        client = as_caller(caller)
        for path in ("", "/timeline"):
            hidden = problem(await client.get(f"/v1/incidents/{incident_id}{path}"), 404)
            absent = problem(await client.get(f"/v1/incidents/{none}{path}"), 404)
            assert hidden["detail"].replace(incident_id, "") == absent["detail"].replace(none, "")


async def test_a_unit_is_enough_to_know_whose_incident_it_is(http: httpx.AsyncClient, as_caller: AsCaller) -> None:
    incident_id = await filed(http, outlet=None, insurer=None, unit="gd-gz-th")
    near, far = as_caller(system("crm", units=("gd-gz",))), as_caller(system("crm", units=("gd-sz",)))
    assert (await near.get(f"/v1/incidents/{incident_id}")).status_code == 200
    problem(await far.get(f"/v1/incidents/{incident_id}"), 404)


@pytest.mark.parametrize("incident_id", ["x" * 65, "a%20b", "%3Cscript%3E", "%00", "..", "a%2Fb"])
async def test_what_cannot_be_an_id_is_no_incident(http: httpx.AsyncClient, incident_id: str) -> None:
    answer = await http.get(f"/v1/incidents/{incident_id}")
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def listed(http: httpx.AsyncClient, **asked: object) -> list[str]:
    """Every incident on every page."""
    found: list[str] = []
    params = dict(asked)
    while True:
        page = await http.get("/v1/incidents", params=params)  # pyright: ignore[reportArgumentType]
        assert page.status_code == 200, page.text
        found += [line["incident_id"] for line in page.json()["incidents"]]
        if page.json()["next"] is None:
            return found
        params["cursor"] = page.json()["next"]


async def test_a_caller_lists_what_it_answers_for(http: httpx.AsyncClient, as_caller: AsCaller) -> None:
    here = await filed(http)
    there = await filed(http, outlet="gd-sz-ns-0001", insurer="zhongtai-life")
    somewhere = await filed(http, outlet=None, insurer=None, unit="gd-gz-th")

    async def visible() -> bool:
        return {here, there, somewhere} <= {*await listed(http)}

    await until(visible)
    assert {here, there, somewhere} & {*await listed(as_caller(system("crm", units=("gd-gz",))))} == {here, somewhere}
    assert {here, there, somewhere} & {*await listed(as_caller(person("anhe-life.gd")))} == {here}
    assert {here, there, somewhere} & {*await listed(as_caller(person("gd-sz-ns-0001.lead")))} == {there}
    assert {here, there, somewhere} & {*await listed(http, outlet="gd-sz-ns-0001")} == {there}


@pytest.mark.rule("R29")
async def test_an_insurer_learns_nothing_of_clocks_and_deliveries_from_the_list(
    http: httpx.AsyncClient, as_caller: AsCaller
) -> None:
    incident_id = await filed(http, circumstances={"media": True})

    async def due() -> bool:
        page = await http.get("/v1/incidents", params={"crisis": True, "limit": 500})
        return any(line["incident_id"] == incident_id and line["next_due_at"] for line in page.json()["incidents"])

    await until(due)
    insurer = as_caller(person("anhe-life.gd-gz"))
    page = await insurer.get("/v1/incidents", params={"crisis": True, "limit": 500})
    line = next(line for line in page.json()["incidents"] if line["incident_id"] == incident_id)
    assert (line["next_due_at"], line["overdue"], line["undelivered"]) == (None, 0, 0)
    asked = await insurer.get("/v1/incidents", params={"notices": ["delivered", "pending", "failed"]})
    assert asked.json()["incidents"] == []


@pytest.mark.rule("R29")
async def test_a_group_event_is_seen_by_the_insurers_of_its_members(
    http: httpx.AsyncClient, as_caller: AsCaller
) -> None:
    member = await filed(http)
    group = f"G-{member}"
    fact = {"kind": "converted_to_group_event", "group_id": group, "by": LEAD, "scene": "gd-gz-th-0001"}
    assert (await http.post(f"/v1/incidents/{member}/facts", json=fact)).status_code == 200
    own, other = as_caller(person("anhe-life.gd-gz")), as_caller(person("zhongtai-life.gd-gz"))

    async def joined() -> bool:
        page = await http.get("/v1/incidents", params={"limit": 500})
        return any(line["group_id"] == group for line in page.json()["incidents"])

    await until(joined)
    assert group in await listed(own)
    assert group not in await listed(other)
    assert (await own.get(f"/v1/incidents/{group}")).json()["form"] == "group_event"
    problem(await other.get(f"/v1/incidents/{group}"), 404)


async def test_pages_hold_every_incident_once_however_they_move(http: httpx.AsyncClient) -> None:
    outlet = {"outlet": "gd-zh-0001"}
    ids = [await filed(http, **outlet) for _ in range(5)]

    async def visible() -> bool:
        return {*ids} <= {*await listed(http, **outlet)}

    await until(visible)
    assert len(await listed(http, **outlet, limit=2)) == len(await listed(http, **outlet)) == 5
    first = (await http.get("/v1/incidents", params={**outlet, "limit": 2})).json()
    gone = first["incidents"][-1]["incident_id"]
    crisis = {"kind": "circumstances_reported", "media": True, "by": "gd-zh-0001.lead"}
    assert (await http.post(f"/v1/incidents/{gone}/facts", json=crisis)).status_code == 200

    async def moved() -> bool:
        return (await http.get("/v1/incidents", params={**outlet, "crisis": True})).json()["total"] == 1

    await until(moved)
    rest = await listed(http, **outlet, cursor=first["next"])
    assert {*ids} - {line["incident_id"] for line in first["incidents"]} == {*rest}


@pytest.mark.parametrize("cursor", ["", "x", "e30", "....", "%", "A" * 601, "eyJwbGFjZSI6MX0"])
async def test_a_cursor_of_somebodys_own_making_is_malformed(http: httpx.AsyncClient, cursor: str) -> None:
    problem(await http.get("/v1/incidents", params={"cursor": cursor}), 422)


async def test_a_cursor_belongs_to_its_filters(http: httpx.AsyncClient) -> None:
    for _ in range(2):
        await filed(http)

    async def several() -> bool:
        return (await http.get("/v1/incidents")).json()["total"] > 1

    await until(several)
    following = (await http.get("/v1/incidents", params={"limit": 1})).json()["next"]
    said = problem(await http.get("/v1/incidents", params={"cursor": following, "crisis": True}), 422)
    assert "other filters" in said["detail"]


@pytest.mark.parametrize(
    "asked", [{"limit": "0"}, {"limit": "x"}, {"status": "lost"}, {"overdue": "perhaps"}, {"colour": "red"}]
)
async def test_filters_that_are_none_are_named(http: httpx.AsyncClient, asked: dict[str, str]) -> None:
    said = problem(await http.get("/v1/incidents", params=asked), 422)
    assert said["errors"][0]["parameter"] == next(iter(asked))


async def test_the_filters_are_those_of_the_command_line() -> None:
    from typing import get_args

    from plan.incident import NoticeState, Stage
    from starter.gateway.routes.incidents import State, Status
    from starter.listing import ANY

    assert {*get_args(Status)} == {*Stage, ANY}
    assert {*get_args(State)} == {*NoticeState}


async def test_a_call_without_the_scope_is_refused(as_caller: AsCaller, nobody: httpx.AsyncClient) -> None:
    reader = as_caller(system("crm", Scope.READ))
    problem(await reader.post("/v1/incidents", json=complaint()), 403)
    problem(await as_caller(system("crm", Scope.FILE)).get("/v1/incidents"), 403)
    for method, path in (("POST", "/v1/incidents"), ("GET", "/v1/incidents"), ("GET", "/v1/incidents/H-1")):
        problem(await nobody.request(method, path, json={}), 401)
