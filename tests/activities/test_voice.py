"""Calls: whoever makes them answers with a code of its own, and each code means one thing (R14)."""

import base64
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook as Oracle

from activities.channels.contract import (
    ChannelBusy,
    ChannelError,
    ChannelMisconfigured,
    ChannelRefused,
    ChannelUnavailable,
)
from activities.channels.voice import CALL_AGAIN, NEVER, TAKEN, Voice
from activities.http import HTTP
from plan.organisation import Address
from tests.activities.notices import NOW, message
from tests.activities.receiver import Manner, Receiver, Reply

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
NUMBER = "13800000001"
TO = Address(channel="voice", to=NUMBER)


def voice(http: HTTP, gateway: str | None, secret: str = SECRET) -> Voice:
    return Voice(http, gateway, secret, env={"LEAD_PHONE": NUMBER}, clock=lambda: NOW)


def says(code: object = "accepted", status: int = 200, **more: object) -> Reply:
    return Reply(status, json.dumps({"code": code, **more}).encode())


@pytest.mark.rule("R14")
async def test_the_gateway_is_told_whom_to_call_and_what_to_read_out(http: HTTP, receiver: Receiver) -> None:
    receiver.replies(says(call_id="c-7"))
    delivered = await voice(http, receiver.url).send(message(text="新投诉。T-1 天河一号网点。"), TO)

    assert (delivered.channel, delivered.code, delivered.message_id) == ("voice", "accepted", "c-7")
    assert receiver.requests[0].json == {
        "key": "k-1",
        "to": NUMBER,
        "text": "新投诉。T-1 天河一号网点。",
        "lang": "zh",
        "incident_id": "T-1",
        "drill": False,
    }
    assert receiver.requests[0].headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.rule("R11")
async def test_the_gateway_is_told_that_it_is_a_drill(http: HTTP, receiver: Receiver) -> None:
    receiver.replies(says())

    await voice(http, receiver.url).send(replace(message(text="演练。请接报。T-1"), drill=True), TO)

    assert receiver.requests[0].json["drill"] is True


@pytest.mark.rule("R29")
async def test_the_gateway_can_check_who_asks_and_when(http: HTTP, receiver: Receiver) -> None:
    """By the specification's own library."""
    receiver.replies(says())

    await voice(http, receiver.url).send(message("T-1/tell.filed~gd.work/voice"), TO)

    request = receiver.requests[0]
    signed = Oracle(SECRET).sign(request.headers["webhook-id"], NOW, request.body.decode())
    assert request.headers["webhook-signature"] == signed
    assert request.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert request.json["key"] == request.headers["idempotency-key"] == "T-1/tell.filed~gd.work/voice"


@pytest.mark.rule("R14")
async def test_a_repeat_asks_for_the_same_call(http: HTTP, receiver: Receiver) -> None:
    receiver.replies(Reply(503), says())
    channel = voice(http, receiver.url)

    with pytest.raises(ChannelBusy):
        await channel.send(message(), TO)
    await channel.send(message(), TO)

    first, second = receiver.requests
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


@pytest.mark.rule("R14")
@pytest.mark.parametrize("code", sorted(TAKEN))
async def test_an_accepted_call_is_delivered(http: HTTP, receiver: Receiver, code: str) -> None:
    receiver.replies(says(code, 202))

    assert (await voice(http, receiver.url).send(message(), TO)).code == code


@pytest.mark.rule("R14")
@pytest.mark.parametrize(("code", "wait"), CALL_AGAIN.items())
async def test_whoever_does_not_answer_is_called_again_after_a_while(
    http: HTTP, receiver: Receiver, code: str, wait: timedelta
) -> None:
    receiver.replies(says(code))

    with pytest.raises(ChannelBusy, match=code) as busy:
        await voice(http, receiver.url).send(message(), TO)

    assert (busy.value.code, busy.value.retry_after) == (code, wait)


@pytest.mark.rule("R14")
@pytest.mark.parametrize("code", sorted(NEVER))
async def test_a_call_that_cannot_be_made_is_not_tried_again(http: HTTP, receiver: Receiver, code: str) -> None:
    receiver.replies(says(code))

    with pytest.raises(ChannelRefused) as refused:
        await voice(http, receiver.url).send(message(), TO)

    assert refused.value.code == code


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    "reply", [says("unavailable"), says("OK"), says(0), says(None), Reply(200), Reply(200, b"[1]"), Reply(204)]
)
async def test_no_other_answer_is_a_call(http: HTTP, receiver: Receiver, reply: Reply) -> None:
    receiver.replies(reply)

    with pytest.raises(ChannelUnavailable):
        await voice(http, receiver.url).send(message(), TO)


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("status", "raised"),
    [
        *((status, ChannelBusy) for status in (408, 425, 429, 500, 502, 503)),
        *((status, ChannelMisconfigured) for status in (302, 401, 403, 404, 405, 407, 410)),
        *((status, ChannelRefused) for status in (400, 409, 422)),
    ],
)
async def test_errors_of_http_mean_what_they_mean_of_a_webhook(
    http: HTTP, receiver: Receiver, status: int, raised: type[ChannelError]
) -> None:
    receiver.replies(says("accepted", status))

    with pytest.raises(raised) as failed:
        await voice(http, receiver.url).send(message(), TO)

    assert failed.value.code == str(status)


async def test_the_gateway_may_say_when_to_come_back(http: HTTP, receiver: Receiver) -> None:
    receiver.replies(Reply(503, headers={"Retry-After": "7"}))

    with pytest.raises(ChannelBusy) as busy:
        await voice(http, receiver.url).send(message(), TO)

    assert busy.value.retry_after == timedelta(seconds=7)


@pytest.mark.rule("R14")
@pytest.mark.parametrize("manner", [Manner.DROP, Manner.BREAK_OFF, Manner.HANG, Manner.DRIP])
async def test_no_answer_is_tried_again(impatient: HTTP, receiver: Receiver, manner: Manner) -> None:
    receiver.replies(Reply(manner=manner))

    with pytest.raises(ChannelUnavailable):
        await voice(impatient, receiver.url).send(message(), TO)


@pytest.mark.parametrize(
    ("written", "called"),
    [("138-0000-0001", NUMBER), ("020-8888 8888", "02088888888"), ("+852 5123 4567", "+85251234567")],
)
async def test_a_number_is_called_by_its_digits(http: HTTP, receiver: Receiver, written: str, called: str) -> None:
    receiver.replies(says())

    await voice(http, receiver.url).send(message(), Address(channel="voice", to=written))

    assert receiver.requests[0].json["to"] == called


async def test_the_number_may_stand_in_the_environment(http: HTTP, receiver: Receiver) -> None:
    receiver.replies(says())

    await voice(http, receiver.url).send(message(), Address(channel="voice", to_env="LEAD_PHONE"))

    assert receiver.requests[0].json["to"] == NUMBER


@pytest.mark.parametrize("to", ["", "lin@post.example.cn", "13800000001,13800000002", "12"])
async def test_only_one_number_is_called(http: HTTP, receiver: Receiver, to: str) -> None:
    with pytest.raises(ChannelMisconfigured, match="no telephone number") as wrong:
        await voice(http, receiver.url).send(message(), Address(channel="voice", to=to))

    assert receiver.requests == []
    assert not to or to not in str(wrong.value)


@pytest.mark.parametrize("gateway", [None, "ftp://127.0.0.1/"])
async def test_without_a_gateway_nobody_is_called(http: HTTP, gateway: str | None) -> None:
    with pytest.raises(ChannelMisconfigured, match="TOCSIN_VOICE_GATEWAY"):
        await voice(http, gateway).send(message(), TO)


@pytest.mark.rule("R29")
@pytest.mark.parametrize("secret", ["", "plain", "whsec_***"])
async def test_nothing_goes_out_unsigned(http: HTTP, receiver: Receiver, secret: str) -> None:
    with pytest.raises(ChannelMisconfigured, match="TOCSIN_VOICE_SECRET"):
        await voice(http, receiver.url, secret).send(message(), TO)

    assert receiver.requests == []


@pytest.mark.rule("R29")
@pytest.mark.parametrize("reply", [says("busy"), says("refused"), Reply(503), Reply(401), Reply(manner=Manner.DROP)])
async def test_an_error_names_neither_number_nor_text_nor_secret(http: HTTP, receiver: Receiver, reply: Reply) -> None:
    receiver.replies(reply)

    with pytest.raises(ChannelError) as failed:
        await voice(http, receiver.url).send(message(text="only for the recipient"), TO)

    assert failed.value.__cause__ is None
    for private in (NUMBER, "only for", SECRET, receiver.url):
        assert private not in str(failed.value)
