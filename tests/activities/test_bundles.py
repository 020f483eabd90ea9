"""What falls due at one instant goes together; nobody waits long, and nobody is held up by another (R14)."""

import asyncio
from collections.abc import Sequence

import pytest

from activities.bundles import AT_MOST, MOST, Bundles


class Postman:
    """Writes down what goes together; `holds` keeps a post under way, `fails` breaks it."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, tuple[int, ...]]] = []
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.fails: Exception | None = None
        self.bundles = Bundles(self.post)

    async def post(self, key: str, items: Sequence[int]) -> None:
        await self.go_on.wait()
        if self.fails:
            raise self.fails
        self.posted.append((key, tuple(items)))


@pytest.mark.rule("R14")
async def test_what_comes_in_the_same_moment_goes_together_by_its_key() -> None:
    postman = Postman()
    await asyncio.gather(*(postman.bundles.add(key, n) for n, key in enumerate(("a", "b", "a", "a"))))
    assert postman.posted == [("a", (0, 2, 3)), ("b", (1,))]


async def test_what_comes_later_goes_by_itself() -> None:
    postman = Postman()
    for number in range(2):
        await postman.bundles.add("a", number)
    assert postman.posted == [("a", (0,)), ("a", (1,))]


@pytest.mark.rule("R14")
async def test_the_first_does_not_wait_for_ever_while_more_come() -> None:
    postman, number = Postman(), 0
    began = asyncio.get_running_loop().time()
    adding = [asyncio.create_task(postman.bundles.add("a", 0))]
    while not postman.posted:
        assert asyncio.get_running_loop().time() < began + 50 * AT_MOST.total_seconds()
        await asyncio.wait(adding, timeout=0.01, return_when=asyncio.FIRST_COMPLETED)
        if len(adding) < MOST - 1:
            number += 1
            adding.append(asyncio.create_task(postman.bundles.add("a", number)))
    await asyncio.gather(*adding)
    assert len(postman.posted) == 2
    assert len(postman.posted[0][1]) < MOST - 1
    assert [each for _, items in postman.posted for each in items] == list(range(number + 1))


async def test_a_full_bundle_takes_no_more() -> None:
    postman = Postman()
    await asyncio.gather(*(postman.bundles.add("a", number) for number in range(MOST + 2)))
    assert [len(items) for _, items in postman.posted] == [MOST, 2]


@pytest.mark.rule("R14")
async def test_everybody_in_a_bundle_is_told_of_its_failure_and_the_next_one_is_tried() -> None:
    postman = Postman()
    postman.fails = ConnectionError("gone")
    told = await asyncio.gather(*(postman.bundles.add("a", number) for number in range(3)), return_exceptions=True)
    assert [type(each) for each in told] == [ConnectionError] * 3
    postman.fails = None
    await postman.bundles.add("a", 4)
    assert postman.posted == [("a", (4,))]


@pytest.mark.rule("R14")
async def test_who_is_broken_off_holds_up_nobody_else() -> None:
    postman = Postman()
    postman.go_on.clear()
    first, second = (asyncio.create_task(postman.bundles.add("a", number)) for number in range(2))
    await asyncio.sleep(0)
    first.cancel()
    postman.go_on.set()
    await second
    assert first.cancelled()
    assert postman.posted == [("a", (0, 1))]
