"""A plain HTTP caller for the simulators' own tests: the standard library's, so that no sender's mistake is hidden."""

import asyncio
import http.client
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 20.0
"""Seconds; a test that waits for silence says less."""


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


async def post(url: str, body: object, *, key: str = "k-1", patience: float = PATIENCE, **headers: str) -> Reply:
    """`body` as JSON, or as it is where it is bytes; `content_type="…"` names a header."""
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {"content-type": "application/json", "idempotency-key": key, **named}
    return await asyncio.to_thread(_call, "POST", url, content, sent, patience)


async def get(url: str) -> Reply:
    return await asyncio.to_thread(_call, "GET", url, None, {}, PATIENCE)


def _call(method: str, url: str, content: bytes | None, headers: dict[str, str], patience: float) -> Reply:
    parts = urlsplit(url)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=patience)
    try:
        path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        connection.request(method, path, content, headers)
        answer = connection.getresponse()
        return Reply(answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()})
    finally:
        connection.close()
