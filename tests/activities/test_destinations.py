"""Where an event goes is looked up for each, and only what was found good is connected to (R29)."""

import asyncio
import socket
from typing import Any

import pytest

from activities.destinations import NotThere, destination
from activities.http import HTTP
from tests.activities.receiver import receiving


def _leads_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    async def found(host: str, port: int, **_: Any) -> list[Any]:
        if not addresses:
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", found)


@pytest.mark.rule("R29")
@pytest.mark.parametrize("addresses", [("10.0.0.1",), ("8.8.8.8", "10.0.0.1"), ("169.254.169.254",)])
async def test_a_name_that_leads_inside_even_by_one_of_its_addresses_is_not_reached(
    monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    _leads_to(monkeypatch, *addresses)
    with pytest.raises(NotThere) as refused:
        await destination("https://crm.example.cn/", ())
    assert not refused.value.down
    assert "10.0.0.1" not in str(refused.value)


async def test_a_name_nobody_knows_now_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    _leads_to(monkeypatch)
    with pytest.raises(NotThere) as away:
        await destination("https://crm.example.cn/", ())
    assert away.value.down


@pytest.mark.rule("R29")
async def test_http_is_for_this_machine_whatever_localhost_leads_to(monkeypatch: pytest.MonkeyPatch) -> None:
    _leads_to(monkeypatch, "8.8.8.8")
    with pytest.raises(NotThere):
        await destination("http://localhost:8000/", ())
    _leads_to(monkeypatch, "127.0.0.1")
    assert await destination("http://localhost:8000/", ()) == "127.0.0.1"


@pytest.mark.rule("R29")
async def test_the_address_that_was_found_good_is_the_one_connected_to() -> None:
    """The name would lead nowhere, and is still what the receiver is asked for."""
    http = HTTP()
    with receiving() as receiver:
        port = receiver.url.rpartition(":")[2].partition("/")[0]
        for _ in range(2):
            url = f"http://crm.example.invalid:{port}/hook?x=1"
            answer = await http.post(url, content=b"{}", headers={}, at="127.0.0.1")
            assert answer.status == 200
    await http.aclose()
    assert [each.headers["host"] for each in receiver.requests] == [f"crm.example.invalid:{port}"] * 2
    assert {each.path for each in receiver.requests} == {"/hook?x=1"}
    assert {each.headers["connection"] for each in receiver.requests} == {"close"}
