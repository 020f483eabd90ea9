"""The receiver that proofs rest on: it answers as it is told to, and what came outlives a kill."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest

from activities.http import HTTP, NoAnswer
from bench.receiving import Manner, Receiving
from bench.tables import percentile
from bench.webhooks import first, started


@pytest.fixture
async def receiver(tmp_path: Path) -> AsyncGenerator[Receiving]:
    async with Receiving(tmp_path) as receiver:
        yield receiver


async def _posted(http: HTTP, receiver: Receiving, key: str, to: str = "/somebody") -> int:
    answer = await http.post(f"{receiver.url}{to}", content=b"{}", headers={"idempotency-key": key})
    return answer.status


async def test_what_came_and_what_was_taken_outlive_a_kill_of_the_receiver(receiver: Receiving) -> None:
    http = HTTP()
    assert await _posted(http, receiver, "A/tell.filed~x/webhook") == 200
    await receiver.answers(Manner(status=500))
    assert await _posted(http, receiver, "A/tell.filed~y/webhook") == 500
    await receiver.answers(Manner(body='{"errcode": 45009}'))
    assert await _posted(http, receiver, "A/tell.filed~y/webhook") == 200
    await receiver.down()
    with pytest.raises(NoAnswer):
        await _posted(http, receiver, "B/tell.filed~x/webhook")
    await receiver.is_well()
    assert await _posted(http, receiver, "A/tell.filed~y/webhook") == 200
    await http.aclose()

    taken = {key: [each.taken for each in came] for key, came in receiver.by_key().items()}

    assert taken == {"A/tell.filed~x/webhook": [True], "A/tell.filed~y/webhook": [False, False, True]}
    assert len({each.said for each in receiver.arrivals()}) == 1


async def test_whoever_hung_up_before_the_answer_has_not_been_answered(receiver: Receiving) -> None:
    impatient = HTTP(patience=timedelta(seconds=0.2))
    await receiver.answers(Manner(after=0.4), to="/slow")
    with pytest.raises(NoAnswer):
        await _posted(impatient, receiver, "slow", "/slow")
    await receiver.answers(Manner(drop=True), to="/slow/reset")
    with pytest.raises(NoAnswer):
        await _posted(impatient, receiver, "reset", "/slow/reset")
    assert await _posted(impatient, receiver, "well") == 200
    await impatient.aclose()

    await asyncio.to_thread(receiver.arrivals)
    came = await receiver.until(lambda seen: {each.key for each in seen} == {"slow", "reset", "well"}, within=10)

    assert [each.key for each in came if each.taken] == ["well"]


async def test_the_first_request_of_an_incident_and_of_a_duty_is_what_counts(receiver: Receiving) -> None:
    http = HTTP()
    for key in ("A/tell.filed~x/webhook", "A/repeat.crisis.1~x/webhook", "A/repeat.crisis.2~x/webhook"):
        await _posted(http, receiver, key)
    await http.aclose()

    came = receiver.arrivals()

    assert started(came) == {"A": came[0].at}
    assert first(came, "repeat.crisis.") == first(came, "repeat.crisis.1") == {"A": came[1].at}
    assert first(came, "repeat.crisis") == {}


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(number) for number in range(1, 201)]
    assert [percentile(values, share) for share in (50, 99, 100)] == [100.0, 198.0, 200.0]
    assert percentile([0.5], 99) == 0.5
