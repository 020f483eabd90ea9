"""A real OpenID Connect provider on this machine, a process of its own, as a bank's would be."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx

from runtime.ports import free_port

STARTING = 40.0
PEOPLE = ("gd-gz.work", "nobody-here")


@asynccontextmanager
async def provider() -> AsyncGenerator[str]:
    """Its issuer. People: `PEOPLE`, each with a `preferred_username` and an `employee` of the same name."""
    port = free_port()
    claims = [json.dumps({"sub": f"u-{each}", "preferred_username": each, "employee": each}) for each in PEOPLE]
    people = [word for each in claims for word in ("--user-claims", each)]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *people]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: ASYNC220, S603
    try:
        issuer = f"http://localhost:{port}"
        await _up(issuer)
        yield issuer
    finally:
        process.terminate()
        process.wait(10)


async def _up(issuer: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(STARTING):
        while True:
            try:
                if (await client.get(f"{issuer}/.well-known/openid-configuration")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


async def approved(where: str, sub: str) -> str:
    """What the browser is sent back to once this person has signed in there."""
    async with httpx.AsyncClient(trust_env=False) as browser:
        answer = await browser.post(where, data={"sub": sub})
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["location"])
    return f"{back.path}?{back.query}"
