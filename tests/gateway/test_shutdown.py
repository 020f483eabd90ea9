"""The gateway stops in bounded time, with streams open, and lets go of what it was answering."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from starter.gateway.parts import Parts
from starter.gateway.serving import Gateway
from starter.gateway.stopping import stopping_of
from tests.gateway.conftest import client_of, serving

pytestmark = pytest.mark.server
QUICK = 3
"""Seconds; streams are told at once, and nothing waits for the limit."""


class Waiting:
    """Paths that take their time; `let_go` ends the one that ends."""

    def __init__(self) -> None:
        self.let_go, self.answering = asyncio.Event(), asyncio.Event()
        self.router = APIRouter()
        self.router.add_api_route("/ends-when-told", self.ends_when_told)
        self.router.add_api_route("/deaf", self.deaf)
        self.router.add_api_route("/answer", self.answer)

    async def ends_when_told(self, request: Request) -> StreamingResponse:
        async def said() -> AsyncGenerator[bytes]:
            yield b"event: hello\n\n"
            await stopping_of(request).wait()
            yield b"event: stopping\n\n"

        return StreamingResponse(said(), media_type="text/event-stream")

    async def deaf(self) -> StreamingResponse:
        async def said() -> AsyncGenerator[bytes]:
            yield b"event: hello\n\n"
            await self.let_go.wait()

        return StreamingResponse(said(), media_type="text/event-stream")

    async def answer(self) -> str:
        self.answering.set()
        await self.let_go.wait()
        return "done"


async def test_a_stream_that_listens_ends_by_itself(parts: Parts) -> None:
    waiting, seconds = Waiting(), asyncio.get_running_loop().time
    async with serving(parts, waiting.router) as gateway, _streams(gateway, "/ends-when-told", 20) as streams:
        begun = seconds()
        await gateway.__aexit__(None, None, None)
        took = seconds() - begun
        assert {await anext(stream) for stream in streams} == {b"event: stopping\n\n"}
    assert took < QUICK


async def test_a_stream_that_does_not_is_cut_off(parts: Parts) -> None:
    waiting, seconds = Waiting(), asyncio.get_running_loop().time
    patient = replace(parts, settings=parts.settings.model_copy(update={"graceful_shutdown": timedelta(seconds=1)}))
    async with serving(patient, waiting.router) as gateway, _streams(gateway, "/deaf", 2):
        begun = seconds()
        await gateway.__aexit__(None, None, None)
        assert 1 <= seconds() - begun < 1 + QUICK


async def test_what_is_being_answered_is_answered_and_nobody_new_is_let_in(parts: Parts) -> None:
    waiting = Waiting()
    async with serving(parts, waiting.router) as gateway, client_of(gateway) as client:
        answer = asyncio.create_task(client.get("/answer"))
        await waiting.answering.wait()
        stopping = asyncio.create_task(gateway.__aexit__(None, None, None))
        await gateway.app.state.stopping.wait()
        while not await _refused(gateway):  # noqa: ASYNC110 (nobody tells when a port is shut)
            await asyncio.sleep(0.02)
        waiting.let_go.set()
        assert (await answer).json() == "done"
        await stopping


async def test_a_port_in_use_is_said_so_and_another_gateway_goes_on(gateway: Gateway, parts: Parts) -> None:
    from plan.errors import Misconfigured

    with pytest.raises(Misconfigured, match="cannot listen"):
        async with Gateway(parts, "127.0.0.1", int(gateway.url.rpartition(":")[2])):
            pass
    async with client_of(gateway) as client:
        assert (await client.get("/healthz")).status_code == 200


@asynccontextmanager
async def _streams(gateway: Gateway, path: str, many: int) -> AsyncGenerator[list[AsyncGenerator[bytes]]]:
    """Open, each with its first event read."""
    async with client_of(gateway) as client:
        opened = [client.build_request("GET", path) for _ in range(many)]
        answers = await asyncio.gather(*(client.send(request, stream=True) for request in opened))
        streams = [_pieces(answer) for answer in answers]
        assert {await anext(stream) for stream in streams} == {b"event: hello\n\n"}
        yield streams
        for answer in answers:
            with suppress(httpx.HTTPError):
                await answer.aclose()


async def _pieces(answer: httpx.Response) -> AsyncGenerator[bytes]:
    async for piece in answer.aiter_bytes():
        yield piece


async def _refused(gateway: Gateway) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", int(gateway.url.rpartition(":")[2]))
    except OSError:
        return True
    writer.close()
    return False
