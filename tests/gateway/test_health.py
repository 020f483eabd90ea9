"""What the gateway says of itself is true."""

import asyncio

import httpx
import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from plan.errors import Unreachable
from runtime.settings import Settings
from starter.gateway.connection import Connected
from starter.gateway.parts import Parts
from tests.environment import namespace_apart
from tests.gateway.conftest import client_of, serving
from worker import build_worker

pytestmark = pytest.mark.server


class Away:
    async def client(self) -> Client:
        raise Unreachable("Temporal does not answer.")


async def test_it_is_ready_where_temporal_answers_and_a_worker_polls(nobody: httpx.AsyncClient) -> None:
    assert (await nobody.get("/healthz")).json() == {"status": "ok"}
    ready = await _at_last(nobody, 200)
    assert ready.json()["status"] == "ready"
    assert ready.json()["records"] in ("ok", "empty")


async def test_without_a_worker_it_is_not_ready_and_says_what_is_missing(
    env: WorkflowEnvironment, parts: Parts, settings: Settings
) -> None:
    apart = await namespace_apart(env)
    async with serving(parts, temporal=Connected(apart)) as gateway, client_of(gateway) as client:
        said = await client.get("/readyz")
        assert (said.status_code, said.headers["content-type"]) == (503, "application/problem+json")
        assert all(word in said.json()["detail"] for word in ("workflows (tocsin)", "deliveries (tocsin.deliver)"))
        assert said.headers["retry-after"] == "5"
        async with build_worker(apart, settings=settings):
            await _at_last(client, 200)
        await _at_last(client, 503)  # one that stopped in order is missed at once
        async with build_worker(apart, settings=settings):
            await _at_last(client, 200)


async def test_without_temporal_it_is_alive_and_not_ready(parts: Parts) -> None:
    async with serving(parts, temporal=Away()) as gateway, client_of(gateway) as client:
        assert (await client.get("/healthz")).status_code == 200
        said = await client.get("/readyz")
        assert said.status_code == 503
        assert "Temporal does not answer" in said.json()["detail"]


async def test_records_out_of_reach_are_told_and_leave_it_ready(parts: Parts) -> None:
    away = Settings(records="postgresql+psycopg://nobody:secret@127.0.0.1:1/none")  # pyright: ignore[reportArgumentType]
    async with serving(parts, settings=away) as gateway, client_of(gateway) as client:
        said = await _at_last(client, 200)
        assert said.json()["records"] == "unreachable"
        assert "secret" not in said.text


async def test_calls_are_counted_by_template_and_nothing_of_them_is_kept(parts: Parts) -> None:
    async with serving(parts) as gateway, client_of(gateway) as client:
        await client.get("/v1/incidents/GD-SECRET-1")
        await client.get("/made/up/13800138000")
        await client.request("BREW", "/healthz")
        said = await client.get("/metrics")
    assert said.headers["content-type"].startswith("text/plain")
    text = said.text
    assert 'tocsin_http_requests_total{method="GET",path="/v1/incidents/{incident_id}",status="401"} 1.0' in text
    assert 'tocsin_http_requests_total{method="GET",path="none",status="404"} 1.0' in text
    assert 'method="other"' in text
    assert "tocsin_http_in_flight 1.0" in text
    assert 'tocsin_http_request_seconds_count{method="GET",path="none"} 1.0' in text
    assert "SECRET" not in text
    assert "138" not in text


async def _at_last(client: httpx.AsyncClient, status: int) -> httpx.Response:
    """The server itself keeps an answer for five seconds, the gateway for one."""
    async with asyncio.timeout(30):
        while True:
            said = await client.get("/readyz")
            if said.status_code == status:
                return said
            await asyncio.sleep(0.2)
