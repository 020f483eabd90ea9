"""What stands before every path: ids, stamps, and one answer to whatever goes wrong."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from plan.errors import Conflict, Misconfigured, NoSuchIncident, Refused, Unreachable
from starter.gateway.arrival import arrived
from starter.gateway.parts import Parts
from starter.gateway.problems import Forbidden
from tests.gateway.conftest import client_of, serving

pytestmark = pytest.mark.server

PAPER = "张三 13800138000"
"""What must never come back."""


class Said(BaseModel):
    headcount: int


def paths() -> APIRouter:
    """Paths that go wrong in each of the ways."""
    router = APIRouter()
    errors = {
        "refused": Refused("The insurer has not decided yet.", rule="R20"),
        "conflict": Conflict("Another complaint has this id."),
        "nothing": NoSuchIncident("There is no incident GD-1."),
        "away": Unreachable("Temporal does not answer."),
        "forbidden": Forbidden("Not here."),
        "misconfigured": Misconfigured("/etc/tocsin/organisation.yaml", faults=["line 3"]),
        "fault": ValueError(PAPER),
    }

    @router.get("/raise/{what}")
    async def _raise(what: str) -> None:
        raise errors[what]

    @router.post("/read")
    async def _read(said: Said) -> Said:
        return said

    @router.get("/number/{number}")
    async def _number(number: int, limit: int = 1) -> int:
        return number + limit

    @router.post("/stamp")
    async def _stamp(request: Request) -> str:
        await request.body()
        return arrived(request).received_at.isoformat()

    @router.get("/half")
    async def _half() -> StreamingResponse:
        async def said() -> AsyncGenerator[bytes]:
            yield b"half"
            raise ValueError(PAPER)

        return StreamingResponse(said())

    return router


@pytest.fixture
async def wrong(parts: Parts) -> AsyncGenerator[httpx.AsyncClient]:
    async with serving(parts, paths()) as gateway, client_of(gateway) as client:
        yield client


@pytest.mark.parametrize(
    ("what", "status", "slug"),
    [
        ("refused", 409, "refused"),
        ("conflict", 409, "conflict"),
        ("nothing", 404, "no-such-incident"),
        ("away", 503, "unreachable"),
        ("forbidden", 403, "forbidden"),
        ("misconfigured", 500, "misconfigured"),
        ("fault", 500, "fault"),
    ],
)
async def test_each_error_has_a_type_of_its_own(wrong: httpx.AsyncClient, what: str, status: int, slug: str) -> None:
    said = await wrong.get(f"/raise/{what}")
    assert (said.status_code, said.headers["content-type"]) == (status, "application/problem+json")
    assert said.json()["type"] == f"urn:tocsin:problem:{slug}"
    assert said.json()["status"] == status
    assert " · " in said.json()["title"]
    assert said.json()["instance"] == f"urn:tocsin:request:{said.headers['x-request-id']}"


async def test_a_refusal_names_the_rule(wrong: httpx.AsyncClient) -> None:
    assert (await wrong.get("/raise/refused")).json()["rule"] == "R20"
    assert "rule" not in (await wrong.get("/raise/nothing")).json()


async def test_what_may_help_later_says_when(wrong: httpx.AsyncClient) -> None:
    assert (await wrong.get("/raise/away")).headers["retry-after"] == "5"


async def test_a_fault_of_ours_says_nothing_of_itself_here_or_in_the_log(
    wrong: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        said = await wrong.get("/raise/fault", headers={"x-request-id": "asked-2"})
    assert said.headers["x-request-id"] == "asked-2"
    assert "request asked-2: ValueError" in caplog.text
    for text in (said.text, caplog.text):
        assert PAPER not in text
        assert "Traceback" not in text


async def test_what_is_misconfigured_is_told_to_the_log_alone(
    wrong: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    said = await wrong.get("/raise/misconfigured")
    assert "organisation.yaml" not in said.text
    assert "organisation.yaml" in caplog.text


async def test_an_answer_that_breaks_off_is_not_taken_for_whole(wrong: httpx.AsyncClient) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        await wrong.get("/half")


async def test_faults_of_a_body_have_a_pointer_and_not_the_value(wrong: httpx.AsyncClient) -> None:
    said = await wrong.post("/read", json={"headcount": PAPER})
    assert said.status_code == 422
    assert said.json()["errors"][0]["pointer"] == "#/headcount"
    assert PAPER not in said.text
    assert "13800138000" not in (await wrong.post("/read", json={"headcount": 1, PAPER: 2})).text


@pytest.mark.parametrize("body", [b"{", b"", b'{"headcount": "\xff"}', b"[" * 100_000, b'{"a":' * 50_000])
async def test_what_is_not_json_is_malformed(wrong: httpx.AsyncClient, body: bytes) -> None:
    said = await wrong.post("/read", content=body, headers={"content-type": "application/json"})
    assert (said.status_code, said.json()["type"]) == (422, "urn:tocsin:problem:malformed")


async def test_faults_of_a_parameter_name_it(wrong: httpx.AsyncClient) -> None:
    said = await wrong.get("/number/1", params={"limit": PAPER})
    assert said.json()["errors"] == [{"parameter": "limit", "detail": "cannot be read"}]
    assert (await wrong.get("/number/x")).json()["errors"][0]["parameter"] == "number"


async def test_a_path_that_is_not_there_is_another_problem_than_an_incident_that_is_not(
    wrong: httpx.AsyncClient,
) -> None:
    said = await wrong.get("/nowhere")
    assert (said.status_code, said.json()["type"]) == (404, "urn:tocsin:problem:no-such-path")


async def test_a_method_that_is_not_taken_says_which_are(wrong: httpx.AsyncClient) -> None:
    said = await wrong.delete("/read")
    assert (said.status_code, said.headers["allow"]) == (405, "POST")
    assert said.json()["type"] == "urn:tocsin:problem:method-not-allowed"


@pytest.mark.parametrize("named", ["x" * 65, "a b", "", "<script>", "a\tb", "-a"])
async def test_a_request_id_that_is_none_is_replaced(wrong: httpx.AsyncClient, named: str) -> None:
    made = (await wrong.get("/healthz", headers={"x-request-id": named})).headers["x-request-id"]
    assert made not in ("", named)


@pytest.mark.rule("R43")
async def test_a_slow_body_does_not_make_a_report_late(wrong: httpx.AsyncClient) -> None:
    begun: list[datetime] = []

    async def slowly() -> AsyncGenerator[bytes]:
        yield b"{"
        with suppress(httpx.HTTPError):
            await wrong.get("/healthz")  # something else happens meanwhile
        begun.append(datetime.now(UTC))
        yield b"}"

    said = await wrong.post("/stamp", content=slowly())
    assert datetime.fromisoformat(said.json()) < begun[0]


async def test_pages_that_would_load_from_elsewhere_are_not_there(wrong: httpx.AsyncClient) -> None:
    assert [(await wrong.get(path)).status_code for path in ("/docs", "/redoc", "/openapi.json")] == [404, 404, 200]
    assert "server" not in (await wrong.get("/healthz")).headers


async def test_who_goes_away_in_the_middle_is_no_fault_of_ours(parts: Parts, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(parts, paths()) as gateway:
        _, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rpartition(":")[2]))
        writer.write(b"POST /stamp HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nx")
        await writer.drain()
        await _until(lambda: b"tocsin_http_in_flight 1.0" in gateway.app.state.metrics.text())
        writer.close()
        await _until(lambda: b'status="499"' in gateway.app.state.metrics.text())
    assert caplog.text == ""


async def _until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while True:
            if seen():
                return
            await asyncio.sleep(0.02)
