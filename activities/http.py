"""The one place that speaks HTTP outwards: bounded in time and size, no redirects, no retries of its own.

Every import of httpx is here, so that moving to its successor is one file. Nothing of a request is logged: the library
would write each address, and an address may hold a token. Errors: `BadAddress` (never again), `NoAnswer` (try again),
below it `NeverConnected` (and nothing was sent); all name only the kind of failure.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import httpx

MOST_BYTES: Final = 64 * 1024
"""Of an answer; the rest is not read."""

for _chatty in ("httpx", "httpcore"):
    logging.getLogger(_chatty).setLevel(logging.WARNING)


class BadAddress(Exception):
    """The address cannot be used as it is written."""


class NoAnswer(Exception):
    """Unreachable, too slow, or broken off."""


class NeverConnected(NoAnswer):
    """No connection came about, so that nothing of the request has left: it was certainly not taken."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` by lower-case name; `body` empty where it was too long or encoded, for then it is not read."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class HTTP:
    """One shared client. `patience` bounds a whole exchange, however slowly the other side drips."""

    def __init__(self, *, patience: timedelta = timedelta(seconds=9)) -> None:
        self._patience = patience.total_seconds()
        self._opened: httpx.AsyncClient | None = None

    async def post(self, url: str, *, content: bytes, headers: Mapping[str, str], at: str | None = None) -> Answer:
        """`at`: the address to connect to, looked up and found good already; the name stays the one of the URL."""
        return await self._bounded("POST", url, content, headers, at)

    async def get(self, url: str, *, headers: Mapping[str, str]) -> Answer:
        return await self._bounded("GET", url, None, headers)

    async def _bounded(
        self, method: str, url: str, content: bytes | None, headers: Mapping[str, str], at: str | None = None
    ) -> Answer:
        try:
            async with asyncio.timeout(self._patience):
                return await self._exchange(method, _checked(url), content, headers, at)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as never:
            raise NeverConnected(f"no connection came about ({type(never).__name__})") from None
        except (TimeoutError, httpx.TimeoutException):
            raise NoAnswer("it did not answer in time") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError):
            raise BadAddress("the address is not one of the web") from None
        except httpx.HTTPError as broken:
            raise NoAnswer(f"the connection failed ({type(broken).__name__})") from None

    async def _exchange(
        self, method: str, url: httpx.URL, content: bytes | None, headers: Mapping[str, str], at: str | None
    ) -> Answer:
        client, said, how = self._client(), dict(headers), dict[str, str]()
        if at is not None:  # a connection of its own: one to the same address may have been made for another name
            said |= {"host": url.netloc.decode("ascii"), "connection": "close"}
            how["sni_hostname"] = url.host
            url = url.copy_with(host=at)
        async with client.stream(method, url, content=content, headers=said, extensions=how) as response:
            body = await _beginning(response)
        client.cookies.clear()
        return Answer(response.status_code, dict(response.headers), body)

    def _client(self) -> httpx.AsyncClient:
        if self._opened is None:
            self._opened = httpx.AsyncClient(
                http2=False,
                follow_redirects=False,
                timeout=httpx.Timeout(self._patience, connect=min(3.0, self._patience)),
                limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),
                headers={"user-agent": "tocsin", "accept-encoding": "identity"},
            )
        return self._opened

    async def aclose(self) -> None:
        if self._opened is not None:
            await self._opened.aclose()
            self._opened = None


def _checked(url: str) -> httpx.URL:
    address = httpx.URL(url)
    if address.scheme not in ("http", "https") or not address.host:
        raise BadAddress("the address does not begin with https:// or http://")
    if address.port is not None and not 0 < address.port < 65536:
        raise BadAddress("the address names a port that does not exist")
    if address.userinfo:
        raise BadAddress("the address holds a password; name the secret in secret_env instead")
    return address


async def _beginning(response: httpx.Response) -> bytes:
    """The body as sent, up to the limit; nothing of one that is longer or needs unpacking."""
    if response.headers.get("content-encoding", "identity") != "identity":
        return b""
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > MOST_BYTES:
            return b""
    return bytes(body)
