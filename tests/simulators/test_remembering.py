"""What came can be asked for, in the process and over HTTP, and a repeat that says something else stands out."""

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.simulators.caller import post
from tests.simulators.control import Opened
from tests.simulators.faults import Fault
from tests.simulators.inbox import Kind
from tests.simulators.messages import wecom
from tests.simulators.remote import Remote
from tests.simulators.simulators import Simulators

ROOT = Path(__file__).parents[2]


async def test_a_repeat_that_says_something_else_is_found(town: Simulators) -> None:
    chat = town.open("wecom", "county")
    for key, text in (("a", "one"), ("a", "one"), ("b", "two"), ("b", "three")):
        await post(chat.url, wecom(text), key=key)
    assert town.keys() == {"a", "b"}
    assert town.contents("a") == {("one", ())}
    assert town.torn() == {"b": {("two", ()), ("three", ())}}


async def test_a_message_that_was_never_read_is_no_other_content(town: Simulators) -> None:
    chat = town.open("wecom", "county")
    town.fault(chat.address, Fault.drop("before", times=1))
    with pytest.raises(OSError, match=r".*"):
        await post(chat.url, wecom("one"))
    await post(chat.url, wecom("one"))
    assert (town.torn(), len(town.arrivals())) == ({}, 2)


async def test_what_never_happens_is_waited_for_no_longer_than_told(town: Simulators) -> None:
    with pytest.raises(TimeoutError):
        await town.until(lambda: bool(town.arrivals()), within=timedelta(milliseconds=10))


async def test_forgotten_is_all_that_came_and_what_the_limits_counted(town: Simulators) -> None:
    chat = town.open("wecom", "county")
    for _ in range(20):
        await post(chat.url, wecom())
    town.forget()
    assert (await post(chat.url, wecom())).json["errcode"] == 0
    assert [each.number for each in town.arrivals()] == [1]


async def test_all_of_it_can_be_told_and_asked_over_http(town: Simulators) -> None:
    remote = Remote(str(town.addresses()["control"]))
    chat = await asyncio.to_thread(remote.open, Opened(kind=Kind.WECOM, id="county", title="群"))
    assert chat == town.inbox("wecom/county")
    await asyncio.to_thread(remote.fault, "wecom/county", Fault.refuse("45009", times=1))
    said = [(await post(chat.url, wecom())).json["errcode"] for _ in range(2)]
    assert said == [45009, 0]
    assert await asyncio.to_thread(remote.arrivals) == list(town.arrivals())
    assert [each.number for each in await asyncio.to_thread(remote.arrivals, "wecom", after=1)] == [2]
    waiting = asyncio.create_task(asyncio.to_thread(remote.arrivals, after=2, wait=20))
    await post(chat.url, wecom())
    assert [each.number for each in await waiting] == [3]
    await asyncio.to_thread(remote.fault, "*", Fault.http())
    await asyncio.to_thread(remote.mend)
    assert (await post(chat.url, wecom())).status == 200
    await asyncio.to_thread(remote.forget)
    assert town.arrivals() == ()


@pytest.mark.parametrize("way", ["/faults", "/inboxes"])
async def test_what_it_is_told_wrongly_is_refused(town: Simulators, way: str) -> None:
    answer = await post(f"{town.addresses()['control']}{way}", {"faults": [{"do": "dance"}]})
    assert answer.status == 422


@pytest.mark.slow
async def test_as_a_process_it_says_where_it_is_and_stops_when_it_is_told_to(tmp_path: Path) -> None:
    inboxes = tmp_path / "inboxes.json"
    chat = {"kind": "wecom", "id": "county", "title": "群", "people": [{"name": "李"}]}
    inboxes.write_text(json.dumps({"inboxes": [chat], "sign_name": "某行", "templates": {"SMS_1": "x"}}))
    process, said = await started("--open", str(inboxes))
    assert (said["sms"]["sign_name"], said["sms"]["templates"]) == ("某行", {"SMS_1": "x"})
    url = said["inboxes"]["wecom/county"]["url"]
    assert (await post(url, wecom())).json["errcode"] == 0
    assert len(await asyncio.to_thread(Remote(said["control"]).arrivals)) == 1
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 20) == 0


@pytest.mark.slow
async def test_as_a_process_it_goes_with_whoever_started_it() -> None:
    process, _ = await started("--with-parent", stdin=asyncio.subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 20) == 0


async def started(
    *options: str, stdin: int | None = asyncio.subprocess.DEVNULL
) -> tuple[asyncio.subprocess.Process, dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.simulators", *options), cwd=ROOT, stdin=stdin, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    return process, json.loads(await process.stdout.readline())
