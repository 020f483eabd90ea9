"""Many at once: nothing is refused and nobody waits in vain."""

import asyncio

import httpx
import pytest

from starter.gateway.parts import Parts
from tests.gateway.conftest import ALL, Shown, client_of, serving
from tests.gateway.people import complaint

pytestmark = [pytest.mark.server, pytest.mark.slow]
MANY = 500


@pytest.mark.rule("R24")
async def test_five_hundred_callers_at_once_are_all_taken(parts: Parts, callers: Shown) -> None:
    async with serving(parts) as gateway, client_of(gateway, callers.header(ALL)) as client:
        answers = await asyncio.gather(*(client.post("/v1/incidents", json=complaint()) for _ in range(MANY)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.headers["x-request-id"] for answer in answers}) == MANY
        assert await _healthy(client)


async def _healthy(client: httpx.AsyncClient) -> bool:
    return (await client.get("/healthz")).json() == {"status": "ok"}
