"""The contract, the same for every channel: one message, one address, one answer, safe to repeat (R14, R29)."""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from activities.channels.contract import Channel
from activities.channels.null import NullChannel
from activities.channels.outbox import Outbox
from activities.channels.webhook import Webhook
from activities.http import HTTP
from plan.organisation import Address
from tests.activities.notices import message
from tests.activities.receiver import Receiver

Seen = tuple[str, str]
"""Key and text, as they arrived."""


@dataclass(frozen=True)
class Case:
    channel: Channel
    address: Address
    seen: Callable[[], list[Seen]]


@pytest.fixture(params=["outbox", "webhook", "null"])
def case(request: pytest.FixtureRequest, tmp_path: Path, http: HTTP, receiver: Receiver) -> Case:
    match request.param:
        case "outbox":
            return _outbox(tmp_path / "below" / "outbox.jsonl")
        case "webhook":
            return _webhook(http, receiver)
        case _:
            null = NullChannel()
            return Case(null, Address(channel="null"), lambda: [(sent.key, sent.text) for sent, _ in null.sent])


def _outbox(path: Path) -> Case:
    def seen() -> list[Seen]:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [(line["key"], line["text"]) for line in lines]

    return Case(Outbox(path), Address(channel="outbox"), seen)


def _webhook(http: HTTP, receiver: Receiver) -> Case:
    def seen() -> list[Seen]:
        return [(request.json["key"], request.json["text"]) for request in receiver.requests]

    return Case(Webhook(http), Address(channel="webhook", to=receiver.url), seen)


@pytest.mark.rule("R14")
async def test_what_is_delivered_has_arrived_word_for_word(case: Case) -> None:
    said = message(text="【还剩 15 分钟】“收到”不算报告 — T-1")

    delivered = await case.channel.send(said, case.address)

    assert case.seen() == [(said.key, said.text)]
    assert delivered.channel == case.address.channel
    assert delivered.code


@pytest.mark.rule("R14")
async def test_a_repeat_carries_the_same_key(case: Case) -> None:
    for _ in range(2):
        await case.channel.send(message("T-1/tell.filed"), case.address)

    assert [key for key, _ in case.seen()] == ["T-1/tell.filed"] * 2


async def test_a_notice_without_a_due_time_is_delivered(case: Case) -> None:
    await case.channel.send(message(due_at=None), case.address)

    assert len(case.seen()) == 1


@pytest.mark.rule("R14")
async def test_of_many_at_once_each_arrives_once(case: Case) -> None:
    keys = [f"k-{n}" for n in range(20)]

    await asyncio.gather(*(case.channel.send(message(key), case.address) for key in keys))

    assert sorted(key for key, _ in case.seen()) == sorted(keys)


@pytest.mark.rule("R29")
async def test_neither_text_nor_address_is_logged(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = message(text="only for the recipient")

    await case.channel.send(said, case.address)

    assert said.text not in caplog.text + repr(said)
    assert not case.address.to or case.address.to not in caplog.text
