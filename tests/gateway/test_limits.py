"""Bodies that are too large or too slow, and heads that never come."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import httpx
import pytest
from fastapi import APIRouter, Request

from starter.gateway import limits
from starter.gateway.limits import Limit
from starter.gateway.parts import Parts
from starter.gateway.protocol import Protocol
from starter.gateway.serving import Gateway
from tests.gateway.conftest import client_of, serving

pytestmark = pytest.mark.server
MEBIBYTE = 2**20


@asynccontextmanager
async def measuring(parts: Parts) -> AsyncGenerator[tuple[Gateway, httpx.AsyncClient]]:
    """Paths that say how much they read."""
    router = APIRouter()

    @router.post("/length")
    @router.post(limits.BULK_PATHS[0])
    async def _length(request: Request) -> int:
        return len(await request.body())

    @router.post("/read")
    async def _read(said: dict[str, str]) -> int:
        return len(said)

    async with serving(parts, router) as gateway, client_of(gateway) as client:
        yield gateway, client


async def _pieces(total: int) -> AsyncGenerator[bytes]:
    """Without a Content-Length."""
    for _ in range(total // 65_536):
        yield b"x" * 65_536
    yield b"x" * (total % 65_536)


@pytest.mark.parametrize("path", ["/length", "/read"])
async def test_a_body_beyond_the_limit_is_answered_even_while_it_is_sent(parts: Parts, path: str) -> None:
    async with measuring(parts) as (_, client):
        for content in (b"x" * 10 * MEBIBYTE, _pieces(10 * MEBIBYTE), _pieces(MEBIBYTE + 1)):
            said = await client.post(path, content=content, headers={"content-type": "application/json"})
            assert (said.status_code, said.json()["type"]) == (413, "urn:tocsin:problem:too-large")
            assert said.headers["connection"] == "close"


async def test_the_last_byte_within_the_limit_is_taken(parts: Parts) -> None:
    async with measuring(parts) as (_, client):
        assert (await client.post("/length", content=b"x" * MEBIBYTE)).json() == MEBIBYTE
        assert (await client.post("/length", content=_pieces(MEBIBYTE))).json() == MEBIBYTE


async def test_many_rows_at_once_may_be_larger(parts: Parts) -> None:
    async with measuring(parts) as (_, client):
        path, most = limits.BULK_PATHS[0], limits.BULK.size
        assert (await client.post(path, content=_pieces(most))).json() == most
        assert (await client.post(path, content=_pieces(most + 1))).status_code == 413


async def test_a_body_that_trickles_is_given_up(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.Limits.__init__, "__kwdefaults__", _within(0.3))
    async with measuring(parts) as (gateway, _):
        reader, writer = await _connected(gateway)
        writer.write(b"POST /length HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\nx")
        trickling = asyncio.create_task(_trickle(writer))
        try:
            said = await asyncio.wait_for(reader.readuntil(b"}"), 10)
            with suppress(ConnectionError):
                assert await asyncio.wait_for(reader.read(), 10) == b""  # closed, though more is coming
        finally:
            trickling.cancel()
            writer.close()
    assert said.startswith(b"HTTP/1.1 408")
    assert b"urn:tocsin:problem:too-slow" in said


@pytest.mark.parametrize("head", [b"", b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: "])
async def test_a_head_that_does_not_come_is_not_waited_for(
    parts: Parts, monkeypatch: pytest.MonkeyPatch, head: bytes
) -> None:
    monkeypatch.setattr(Protocol, "head_within", timedelta(seconds=0.3))
    async with measuring(parts) as (gateway, _):
        reader, writer = await _connected(gateway)
        writer.write(head)
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()


async def test_the_head_after_an_answer_is_not_waited_for_either(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Protocol, "head_within", timedelta(seconds=0.3))
    async with measuring(parts) as (gateway, _):
        reader, writer = await _connected(gateway)
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        await reader.readuntil(b'{"status":"ok"}')
        writer.write(b"GET /healthz HTTP/1.1\r\nx-slow: ")
        trickling = asyncio.create_task(_trickle(writer))
        try:
            assert await asyncio.wait_for(reader.read(), 10) == b""
        finally:
            trickling.cancel()
            writer.close()


async def test_a_head_without_end_is_refused(parts: Parts) -> None:
    said = b""
    async with measuring(parts) as (gateway, _):
        reader, writer = await _connected(gateway)
        with suppress(ConnectionError):  # it is closed while we still write
            writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-long: " + b"x" * 1_000_000)
            said = await asyncio.wait_for(reader.read(), 10)
        writer.close()
    assert said[:12] in (b"", b"HTTP/1.1 400")


async def _connected(gateway: Gateway) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", int(gateway.url.rpartition(":")[2]))


async def _trickle(writer: asyncio.StreamWriter) -> None:
    """Never silent for long, never done."""
    while not writer.is_closing():
        writer.write(b"x")
        await asyncio.sleep(0.05)


def _within(seconds: float) -> dict[str, object]:
    return {"usual": Limit(MEBIBYTE, timedelta(seconds=seconds)), "bulk": limits.BULK, "bulk_paths": ()}
