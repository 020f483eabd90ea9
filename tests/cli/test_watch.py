"""`tocsin watch` against a real server: what the watches see, in words and as JSON (A23; R39)."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from starter.pages.seen import Seen
from starter.pages.show import show_page
from starter.pages.watch import WHY
from starter.words import Lang
from tests.cli.conftest import Process, Said, Tocsin

pytestmark = pytest.mark.server
OUTLET = "gd-zh-0001"


@pytest.fixture
def insurer() -> str:
    """One that the organisation does not know, so that its watch sees nothing of other tests."""
    return f"insurer-{uuid4().hex[:8]}"


async def filed(process: Process, insurer: str, person: str, **more: str) -> str:
    incident = f"T-{uuid4().hex[:8]}"
    said = {"channel": "hotline", "outlet": OUTLET, "insurer": insurer, "reason": "x", "incident_id": incident, **more}
    keyed = f'"customer": {{"person_key": "{insurer}-{person}"}}'
    body = ", ".join([*(f'"{name}": "{value}"' for name, value in said.items()), keyed])
    told = await process("file", "-", "--json", stdin=f"{{{body}}}".encode())
    assert told.code == 0, told.err
    return incident


async def told(process: Process, complaints: int, *which: str) -> Said:
    """Once the watch has seen so many."""
    while True:
        said = await process("watch", *which, "--json")
        assert said.code == 0, said.err
        if said.json.get("complaints") == complaints and not said.json["owed"]:
            return said
        await asyncio.sleep(0.1)


@pytest.mark.rule("R39")
@pytest.mark.usefixtures("serving")
async def test_an_insurers_watch_shows_how_many_people_and_what_is_usual(process: Process, insurer: str) -> None:
    for person in ("1", "2", "2"):
        await filed(process, insurer, person, product_line="fortune")
    for line in ((), ("--line", "fortune")):
        said = await told(process, 3, "--insurer", insurer, *line)
        assert said.json["clusters"] == [{"province": "gd", "people": 2, "usual": None, "reaches": False}]
    page = await process("watch", "--insurer", insurer)
    assert (page.code, "gd: 2 people, usually not known yet" in page.out) == (0, True)


@pytest.mark.rule("R39")
@pytest.mark.usefixtures("serving")
async def test_an_outlets_watch_shows_the_crowds_and_what_was_raised(process: Process, insurer: str) -> None:
    incidents = [await filed(process, insurer, person) for person in ("1", "2", "3")]
    await told(process, 3, "--insurer", insurer)
    page = await process("watch", "--outlet", OUTLET)
    assert "signs of a group" in page.out
    assert f"3 people  insurer:{insurer}  {' '.join(incidents)}" in page.out
    every = await process("watch", "--json")
    assert OUTLET in [watch["outlet"] for watch in every.json["watches"]]
    assert insurer not in (await process("watch", "--outlet", OUTLET, "--drill")).out


@pytest.mark.usefixtures("serving")
async def test_a_watch_that_sees_nothing_says_so(process: Process) -> None:
    said = await process("watch", "--outlet", "no-such-outlet")
    assert (said.code, said.out.strip()) == (0, "watch/outlet/no-such-outlet: nothing is seen now.")


@pytest.mark.parametrize(
    "arguments", [("--outlet", "a", "--insurer", "b"), ("--line", "c"), ("--person", "p", "--outlet", "a")]
)
def test_one_watch_at_a_time(tocsin: Tocsin, arguments: tuple[str, ...]) -> None:
    assert tocsin("watch", *arguments).code == 2


def test_every_reason_has_its_words() -> None:
    why: list[Any] = ["signs", "declare", "pattern"]
    assert list(WHY) == why
    langs: tuple[Lang, ...] = ("zh", "en")
    assert all(WHY[each][n] for each in why for n, _ in enumerate(langs))


def test_a_page_shows_what_is_repeated_and_how_many_people_were_counted_when() -> None:
    at = "2026-11-24T01:40:00Z"
    seen = Seen.model_validate(
        {
            "incident_id": "GD-2",
            "filed_at": at,
            "people_count": 6,
            "headcounts": [{"at": at, "headcount": 4}, {"at": "2026-11-24T01:48:00Z", "headcount": 6}],
            "repeat_of": "GD-1",
            "repeats": 2,
        }
    )
    page = "\n".join(str(part) for part in show_page(seen, "en", datetime(2026, 11, 24, 2, tzinfo=UTC)))
    assert "people 6 (09:40 4, 09:48 6)" in page
    assert "repeats GD-1 (2)" in page
