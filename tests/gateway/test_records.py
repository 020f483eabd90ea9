"""Timelines, whole records and streams over HTTP: as the seat sees them, the same bytes, and no end unnoticed."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from starlette.requests import Request

from plan.access import Scope
from plan.record import Entry
from plan.verification import verify
from runtime.records.engine import open_store
from runtime.records.writing import keep
from runtime.settings import Settings
from starter.gateway import streams
from starter.gateway.parts import Parts
from tests.gateway.conftest import AsCaller, Shown, client_of, serving
from tests.gateway.people import LEAD, filed, person, problem, system
from tests.records.made import order, played

pytestmark = pytest.mark.server
INTERNAL, INSURER = person("gd-gz.work"), person("anhe-life.gd-gz")


async def told(http: httpx.AsyncClient, incident_id: str, text: str) -> int:
    """A note, and its place in the record."""
    fact = {"kind": "noted", "by": LEAD, "text": text}
    sequence: int = (await http.post(f"/v1/incidents/{incident_id}/facts", json=fact)).json()["sequence"]
    return sequence


async def test_pages_of_a_timeline_are_the_whole_of_it(http: httpx.AsyncClient, as_caller: AsCaller) -> None:
    incident_id, work = await filed(http), as_caller(INTERNAL)
    last = max([await told(http, incident_id, str(n)) for n in range(7)])
    found: list[int] = []
    params: dict[str, str] = {"limit": "3"}
    while True:
        page = (await work.get(f"/v1/incidents/{incident_id}/timeline", params=params)).json()
        found += [entry["sequence"] for entry in page["entries"]]
        if page["next"] is None:
            break
        assert len(page["entries"]) == 3
        params["cursor"] = page["next"]
    assert found == [*range(1, page["sequence"] + 1)]
    assert page["sequence"] >= last
    problem(await work.get("/v1/incidents/H-other/timeline", params=params), 404)


@pytest.mark.rule("R29")
async def test_a_timeline_holds_what_the_seat_sees(http: httpx.AsyncClient, as_caller: AsCaller) -> None:
    incident_id = await filed(http)
    await told(http, incident_id, "佘某在大厅")
    seen = {
        caller.id: {
            entry["what"]
            for entry in (await as_caller(caller).get(f"/v1/incidents/{incident_id}/timeline")).json()["entries"]
        }
        for caller in (INTERNAL, INSURER, system("crm"))
    }
    assert {"filed", "noted", "roster_resolved"} <= seen[INTERNAL.id]
    assert "filed" in seen[INSURER.id]
    assert "noted" not in seen[INSURER.id]
    assert seen["system:crm"] == set()


@pytest.mark.rule("R62")
async def test_a_whole_record_is_the_bytes_of_the_command(http: httpx.AsyncClient, parts: Parts) -> None:
    incident_id = await filed(http)
    await told(http, incident_id, "佘某在大厅")
    answer = await http.get(f"/v1/incidents/{incident_id}/audit")
    assert answer.headers["content-type"].startswith("application/jsonl")
    assert "佘某" not in answer.text
    found = verify(answer.text.splitlines(), answer.headers["tocsin-head"])
    assert found.fault is None
    assert found.head == answer.headers["tocsin-head"]

    from plan.record import export_line
    from starter.kept import record_of

    entries = await record_of(await parts.temporal.client(), incident_id, parts.settings)
    lines = "".join(f"{export_line(entry)}\n" for entry in entries)
    assert lines.startswith(answer.text)
    etag = {"If-None-Match": answer.headers["etag"]}
    same = await http.get(f"/v1/incidents/{incident_id}/audit", headers=etag)
    assert (same.status_code, same.content) in ((304, b""), (200, lines.encode()))
    await told(http, incident_id, "又来")
    assert (await http.get(f"/v1/incidents/{incident_id}/audit", headers=etag)).status_code == 200


@pytest.mark.rule("R29")
async def test_whole_records_are_for_those_who_check_them(http: httpx.AsyncClient, as_caller: AsCaller) -> None:
    incident_id = await filed(http)
    path = f"/v1/incidents/{incident_id}/audit"
    assert (await as_caller(INTERNAL).get(path)).status_code == 200
    for caller in (INSURER, person(LEAD), system("crm", Scope.READ), system("crm", insurer="anhe-life")):
        problem(await as_caller(caller).get(path), 403)
    problem(await as_caller(system("crm", units=("gd-sz",))).get(path), 404)


@asynccontextmanager
async def with_records(parts: Parts, home: Path, callers: Shown) -> AsyncGenerator[httpx.AsyncClient]:
    """A gateway over a store in which `K-9` is kept, which Temporal does not know."""
    settings = Settings(home=home)
    store = open_store(settings)
    keep(store, order(played("K-9").book))
    store.close()
    async with serving(parts, settings=settings) as gateway, client_of(gateway) as client:
        yield client


@pytest.mark.rule("R62")
async def test_what_temporal_has_let_go_is_read_from_the_store(parts: Parts, tmp_path: Path, callers: Shown) -> None:
    whole = played("K-9").book.entries
    async with with_records(parts, tmp_path, callers) as client:
        work, lead = callers.header(person("gd-gz.work")), callers.header(person(LEAD))
        page = await client.get("/v1/incidents/K-9/timeline", headers=work)
        assert [Entry.model_validate(entry) for entry in page.json()["entries"]] == [*whole]
        half = await client.get("/v1/incidents/K-9/timeline", headers=lead, params={"limit": 2})
        rest = await client.get("/v1/incidents/K-9/timeline", headers=lead, params={"cursor": half.json()["next"]})
        seen = {entry["what"] for entry in half.json()["entries"] + rest.json()["entries"]}
        assert "noted" in seen
        assert "roster_resolved" not in seen
        answer = await client.get("/v1/incidents/K-9/audit", headers=work)
        assert answer.headers["tocsin-head"] == whole[-1].hash
        assert [Entry.model_validate(json.loads(line)) for line in answer.text.splitlines()] == [*whole]
        said = problem(await client.get("/v1/incidents/K-9", headers=work), 410)
        assert "/v1/incidents/K-9/timeline" in said["detail"]
        fact = {"kind": "noted", "text": "x"}
        problem(await client.post("/v1/incidents/K-9/facts", headers=work, json=fact), 410)
        problem(await client.get("/v1/incidents/K-9", headers=callers.header(person("gd-sz-ns-0001.lead"))), 404)


async def test_the_command_exports_the_very_same(parts: Parts, tmp_path: Path, callers: Shown) -> None:
    from starter.main import tocsin

    client, address = await parts.temporal.client(), "TEMPORAL_ADDRESS"
    environment = {
        address: client.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": client.namespace,
        "TOCSIN_HOME": str(tmp_path),
    }
    async with with_records(parts, tmp_path, callers) as http:
        answer = await http.get("/v1/incidents/K-9/audit", headers=callers.header(person("gd-gz.work")))
    said = await asyncio.to_thread(
        CliRunner().invoke, tocsin, ["audit", "export", "K-9"], env=environment, standalone_mode=False
    )
    assert said.stdout == answer.text


class Listener:
    """One stream, event by event."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def next(self) -> Entry:
        while not (line := await anext(self._lines)).startswith("data: "):
            pass
        return Entry.model_validate_json(line.removeprefix("data: "))


@pytest.mark.rule("R29")
async def test_a_stream_tells_each_new_entry_that_the_seat_sees(http: httpx.AsyncClient, as_caller: AsCaller) -> None:
    incident_id = await filed(http)
    path = f"/v1/incidents/{incident_id}/stream"
    async with as_caller(INTERNAL).stream("GET", path) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        listener = Listener(response)
        sequence = await told(http, incident_id, "一")
        while (entry := await listener.next()).sequence < sequence:
            pass
        assert (entry.what, entry.sequence) == ("noted", sequence)
    second = await told(http, incident_id, "二")
    last = {"Last-Event-ID": str(sequence)}
    async with as_caller(INTERNAL).stream("GET", path, headers=last) as response:
        listener = Listener(response)
        while (entry := await listener.next()).sequence < second:
            assert entry.sequence > sequence
    problem(await as_caller(INTERNAL).get(path, headers={"Last-Event-ID": "x"}), 422)
    problem(await as_caller(person("gd-sz-ns-0001.lead")).get(path), 404)


async def test_so_many_streams_and_no_more(
    http: httpx.AsyncClient, as_caller: AsCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "EACH", 1)
    incident_id, work = await filed(http), as_caller(INTERNAL)
    path = f"/v1/incidents/{incident_id}/stream"
    async with work.stream("GET", path) as response:
        assert response.status_code == 200
        assert "retry-after" in (await work.get(path)).headers
        problem(await work.get(path), 429)
    while True:
        async with work.stream("GET", path) as response:
            if response.status_code == 200:
                break


async def test_a_stream_ends_when_the_gateway_stops(http: httpx.AsyncClient, parts: Parts, callers: Shown) -> None:
    incident_id = await filed(http)
    async with (
        serving(parts) as gateway,
        client_of(gateway, callers.header(INTERNAL)) as client,
        client.stream("GET", f"/v1/incidents/{incident_id}/stream") as response,
    ):
        lines = response.aiter_lines()
        assert await anext(lines) == "retry: 2000"
        gateway.app.state.stopping.set()
        async for _ in lines:  # to its end
            pass


async def test_a_stream_says_that_it_is_still_there(monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta
    from types import SimpleNamespace

    from starter.gateway.sight import SeenPage

    class Nothing:
        async def page(self, after: int, limit: int) -> SeenPage:
            return SeenPage(entries=(), next_after=None, head="0" * 64, sequence=after)

    monkeypatch.setattr(streams, "LOOK", timedelta(0))
    monkeypatch.setattr(streams, "HEARTBEAT", timedelta(0))
    app = SimpleNamespace(state=SimpleNamespace(stopping=asyncio.Event()))
    request = Request({"type": "http", "app": app, "headers": []})
    open_streams = streams.Streams()
    stream = streams.told(request, Nothing(), 0, open_streams.take("x"))
    assert (await anext(stream)).startswith("retry")
    assert await anext(stream) == ": still here\n\n"
    await stream.aclose()
