"""Every way to fail, as the caller sees it and as it is remembered; which fault is next for whom."""

import asyncio
import http.client

import pytest

from tests.simulators.caller import post
from tests.simulators.faults import Fault, Faults
from tests.simulators.messages import wecom
from tests.simulators.simulators import Simulators

BROKEN = (OSError, http.client.HTTPException)
BRIEFLY = 0.3


async def told(town: Simulators, *, patience: float = 20) -> tuple[int, object]:
    answer = await post(town.inbox("wecom/county").url, wecom(), patience=patience)
    return answer.status, answer.json["errcode"] if answer.body.startswith(b"{") else None


@pytest.fixture(autouse=True)
def _chat(town: Simulators) -> None:
    town.open("wecom", "county")


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        (Fault.refuse(45009), (200, 45009)),
        (Fault.refuse(), (200, 93004)),
        (Fault.refuse("93000", status=400), (400, 93000)),
        (Fault.busy(), (200, -1)),
        (Fault.http(), (503, None)),
        (Fault.http(500), (500, None)),
    ],
)
async def test_an_error_is_answered_and_the_message_is_not_shown(
    town: Simulators, fault: Fault, answer: tuple[int, object]
) -> None:
    town.fault("wecom/county", fault)
    assert await told(town) == answer
    assert town.taken() == ()
    (came,) = town.arrivals()
    assert (came.text, came.fault) == ("【立即上报】GD-1", fault.name)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_connection_that_drops_shows_nothing(town: Simulators, when: str) -> None:
    town.fault("wecom/county", Fault(do="drop", when=when))  # pyright: ignore[reportArgumentType]
    with pytest.raises(BROKEN):
        await told(town)
    (came,) = town.arrivals()
    assert (came.taken, came.key, came.read) == (False, "k-1", when == "after")


async def test_an_answer_that_breaks_off_is_to_a_message_that_is_shown(town: Simulators) -> None:
    town.fault("wecom/county", Fault.drop("midway"))
    with pytest.raises(BROKEN):
        await told(town)
    assert [each.answer for each in town.taken()] == ["drop midway"]


@pytest.mark.parametrize(("fault", "shown"), [(Fault.hang(), False), (Fault.silent(), True)])
async def test_silence_may_hide_that_the_message_was_taken(town: Simulators, fault: Fault, shown: bool) -> None:
    town.fault("wecom/county", fault)
    with pytest.raises(TimeoutError):
        await told(town, patience=BRIEFLY)
    assert [each.taken for each in town.arrivals()] == [shown]


async def test_a_hung_call_ends_when_it_is_released(town: Simulators) -> None:
    town.fault("*", Fault.hang())
    call = asyncio.create_task(told(town))
    await town.until(lambda: len(town.arrivals()) == 1)
    town.release()
    with pytest.raises(BROKEN):
        await call


async def test_a_slow_answer_is_the_usual_one_later(town: Simulators) -> None:
    town.fault("wecom/county", Fault.slow(BRIEFLY))
    with pytest.raises(TimeoutError):
        await told(town, patience=BRIEFLY / 10)
    town.fault("wecom/county", Fault.slow(BRIEFLY / 10))
    assert await told(town) == (200, 0)
    assert len(town.taken()) == 2


async def test_faults_follow_each_other_and_then_all_is_well(town: Simulators) -> None:
    town.fault("wecom/county", Fault.http(times=2), Fault.refuse("45009", times=1))
    assert [await told(town) for _ in range(4)] == [(503, None), (503, None), (200, 45009), (200, 0)]


async def test_a_message_that_the_service_would_refuse_meets_no_fault(town: Simulators) -> None:
    town.fault("wecom/county", Fault.http(times=1))
    answer = await post(town.inbox("wecom/county").url, {"msgtype": "poem"})
    assert (answer.status, answer.json["errcode"]) == (200, 40008)
    assert (await told(town))[0] == 503


def test_the_nearest_place_counts_and_each_is_mended_alone() -> None:
    faults = Faults()
    faults.set("*", Fault.http(500))
    faults.set("wecom", Fault.http(502))
    faults.set("wecom/county", Fault.http(503, times=1))

    def named(address: str) -> str | None:
        fault = faults.next(address)
        return fault and fault.name

    assert [named("wecom/county"), named("wecom/county"), named("sms/1")] == ["503", "502", "500"]
    faults.mend("wecom")
    assert named("wecom/county") == "500"
    faults.mend()
    assert named("wecom/county") is None


def test_chance_is_the_same_for_the_same_seed_and_fails_about_as_often_as_told() -> None:
    def drawn(seed: int) -> list[str | None]:
        faults = Faults()
        faults.set("*", Fault.random(0.3, seed=seed))
        found = [faults.next("wecom/county") for _ in range(1_000)]
        return [fault and fault.name for fault in found]

    once = drawn(1)
    assert once == drawn(1) != drawn(2)
    assert 2_700 < sum(fault is not None for seed in range(10) for fault in drawn(seed)) < 3_300
    assert {"500", "hang", "silent", "drop before", "drop midway", "busy"} <= set(once)
