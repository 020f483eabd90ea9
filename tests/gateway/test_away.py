"""When something is away: nothing is promised that is not kept, nor kept that was not promised (contract, 4, 9)."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from plan.access import Caller
from runtime.temporal import data_converter
from starter.gateway.connection import Connected
from starter.gateway.parts import Parts
from tests.environment import namespace_apart
from tests.gateway.conftest import ALL, Shown, client_of, serving
from tests.gateway.people import LEAD, complaint, filed, person, problem, until
from tests.server.world import World

pytestmark = [pytest.mark.server, pytest.mark.slow]


class Line:
    """A connection to the server that can be cut, and mended."""

    def __init__(self, target: str) -> None:
        self._host, _, port = target.rpartition(":")
        self._port, self._server = int(port), None
        self._open: set[asyncio.StreamWriter] = set()
        self.address = ""

    async def mend(self) -> None:
        port = int(self.address.rpartition(":")[2] or 0)
        self._server: asyncio.Server | None = await asyncio.start_server(self._carry, "127.0.0.1", port)
        self.address = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._open:
            writer.transport.abort()

    async def _carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, forth = await asyncio.open_connection(self._host, self._port)
        self._open |= {back, forth}
        await asyncio.gather(_pump(near, forth), _pump(far, back))
        self._open -= {back, forth}


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def through(
    parts: Parts, client: Client, callers: Shown, caller: Caller = ALL
) -> AsyncGenerator[httpx.AsyncClient]:
    gateway = serving(parts, temporal=Connected(client))
    async with gateway as there, client_of(there, callers.header(caller)) as http:
        yield http


async def test_without_temporal_nothing_is_accepted_and_it_says_when_to_try_again(
    world: World, parts: Parts, callers: Shown
) -> None:
    line = Line(world.client.service_client.config.target_host)
    await line.mend()
    client = await Client.connect(line.address, namespace=world.client.namespace, data_converter=data_converter)
    async with through(parts, client, callers) as http:
        known, body = await filed(http), complaint()
        fact = {"kind": "group_signs_seen", "fact_id": "away-1"}
        await line.cut()
        calls = (
            http.post("/v1/incidents", json=body),
            http.post("/v1/incidents/bulk", json=[complaint() for _ in range(40)]),
            http.post(f"/v1/incidents/{known}/facts", json=fact),
            http.get(f"/v1/incidents/{known}"),
            http.get("/v1/incidents"),
            http.get("/v1/figures"),
        )
        for answer in await asyncio.gather(*calls):
            problem(answer, 503)
            assert int(answer.headers["retry-after"]) > 0
        await line.mend()

        async def back() -> bool:
            return (await http.get("/v1/incidents")).status_code == 200

        await until(back)
        problem(await http.get(f"/v1/incidents/{body['incident_id']}"), 404)
        assert (await http.post("/v1/incidents", json=body)).status_code == 201
        told = await http.post(f"/v1/incidents/{known}/facts", json=fact)
        assert (told.status_code, told.json()["state"]) == (200, "accepted")
    await line.cut()


@pytest.mark.rule("R43")
async def test_without_workers_reports_are_taken_and_judged_later(
    env: WorkflowEnvironment, world: World, parts: Parts, callers: Shown
) -> None:
    alone = World(await namespace_apart(env), world.settings)
    async with through(parts, alone.client, callers) as http:
        body = complaint(circumstances={"media": True})
        assert (await http.post("/v1/incidents", json=body)).status_code == 201
        path = f"/v1/incidents/{body['incident_id']}"
        fact = {
            "kind": "report_submitted",
            "report": "initial",
            "by": LEAD,
            "content": {"course": "经过"},
            "fact_id": "r-1",
        }
        taken, seen, listed = await asyncio.gather(
            http.post(f"{path}/facts", json=fact), http.get(path), http.get("/v1/incidents")
        )
        assert taken.status_code == 202
        assert taken.json()["state"] == "pending"
        assert taken.json()["fact_id"] == "r-1"
        assert "again" in taken.json()["ask_again"]
        assert int(taken.headers["retry-after"]) > 0
        assert problem(seen, 503)
        assert seen.headers["retry-after"]
        assert [each["incident_id"] for each in listed.json()["incidents"]] == [body["incident_id"]]
        async with alone.worker():
            verdict = await http.post(f"{path}/facts", json=fact)
            assert verdict.status_code == 200
            assert verdict.json()["accepted"] is True
            assert "outlet_report" in verdict.json()["met_clocks"]


async def test_a_person_waits_for_who_answers_and_not_for_ever(
    env: WorkflowEnvironment, world: World, parts: Parts, callers: Shown
) -> None:
    alone = World(await namespace_apart(env), world.settings)
    async with through(parts, alone.client, callers, person(LEAD)) as http:
        incident_id = await filed(http)
        problem(await http.get(f"/v1/incidents/{incident_id}/timeline"), 503)
