"""A crowd goes through a few at a time, and nobody waits in turn for silence."""

import asyncio
from typing import cast

from temporalio.client import Client

from runtime import gate as gates
from runtime.gate import WIDTH, gate


class Anyone:
    """Stands for a client: the gate only needs to tell one from another."""


def anyone() -> Client:
    return cast(Client, Anyone())


async def test_no_more_than_eight_are_inside_at_once() -> None:
    client, inside, most = anyone(), 0, 0

    async def tell() -> None:
        nonlocal inside, most
        async with gate(client, "A-1"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(tell() for _ in range(200)))
    assert most == WIDTH


async def test_another_incident_or_client_does_not_wait() -> None:
    client, full = anyone(), asyncio.Event()

    async def hold() -> None:
        async with gate(client, "A-1"):
            await full.wait()

    holding = [asyncio.create_task(hold()) for _ in range(WIDTH)]
    await asyncio.sleep(0)
    async with gate(client, "A-2"), gate(anyone(), "A-1"):
        full.set()
    await asyncio.gather(*holding)


async def test_who_waited_while_nobody_answered_need_not_wait_in_turn() -> None:
    client, verdicts = anyone(), list[bool]()

    async def tell() -> None:
        async with gate(client, "A-1") as place:
            verdicts.append(place.no_use)
            await asyncio.sleep(0)
            if not place.no_use:
                place.heard(False)

    await asyncio.gather(*(tell() for _ in range(20)))
    assert verdicts.count(False) == WIDTH
    async with gate(client, "A-1") as later:
        assert not later.no_use


async def test_an_answer_ends_the_silence() -> None:
    client, verdicts = anyone(), list[bool]()

    async def tell(heard: bool) -> None:
        async with gate(client, "A-1") as place:
            verdicts.append(place.no_use)
            await asyncio.sleep(0)
            place.heard(heard)

    await asyncio.gather(*(tell(n > 0) for n in range(WIDTH)), *(tell(True) for _ in range(4)))
    assert verdicts == [False] * (WIDTH + 4)


async def test_a_gate_that_nobody_uses_is_taken_away() -> None:
    client = anyone()
    async with gate(client, "A-1"):
        pass
    assert not gates._open[client]  # pyright: ignore[reportPrivateUsage]


async def test_one_that_hears_nothing_while_another_does_is_only_slow() -> None:
    client, over = anyone(), asyncio.Event()
    verdicts = list[bool]()

    async def hold() -> None:
        async with gate(client, "A-1"):
            await over.wait()

    async def wait() -> None:
        async with gate(client, "A-1") as place:
            verdicts.append(place.no_use)

    async with gate(client, "A-1") as slow:
        async with gate(client, "A-1") as quick:
            quick.heard(True)
        others = [asyncio.create_task(hold()) for _ in range(WIDTH - 1)]
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0)
        slow.heard(False)
    await waiting
    assert verdicts == [False]
    over.set()
    await asyncio.gather(*others)
