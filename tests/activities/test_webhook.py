"""What each answer of a webhook's receiver means: delivered, again, or never again (R14)."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from email.utils import format_datetime

import pytest
import standardwebhooks
from hypothesis import given
from hypothesis import strategies as st

from activities.channels.answers import LONGEST_WAIT
from activities.channels.contract import (
    ChannelBusy,
    ChannelError,
    ChannelMisconfigured,
    ChannelRefused,
    ChannelUnavailable,
)
from activities.channels.webhook import Webhook, message_id
from activities.http import HTTP, MOST_BYTES
from plan.organisation import Address
from tests.activities.notices import DUE, LEAD, NOW, message
from tests.activities.receiver import Manner, Receiver, Reply

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
keys = st.text(st.sampled_from("aB9._:/~-%2E"), max_size=8)


def to(receiver: Receiver, secret_env: str | None = None) -> Address:
    return Address(channel="webhook", to=receiver.url, secret_env=secret_env)


# -- delivered ---------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
async def test_the_receiver_gets_the_notice_as_json(http: HTTP, receiver: Receiver) -> None:
    await Webhook(http).send(message(), to(receiver))

    assert receiver.requests[0].json == {
        "key": "k-1",
        "incident_id": "T-1",
        "duty": "tell.filed",
        "recipient": LEAD,
        "text": "【新投诉】T-1 天河一号网点。",
        "due_at": DUE.isoformat(),
        "drill": False,
    }
    assert receiver.requests[0].headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.rule("R14")
@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_2xx_is_delivered(http: HTTP, receiver: Receiver, status: int) -> None:
    receiver.replies(Reply(status))

    delivered = await Webhook(http).send(message(), to(receiver))

    assert (delivered.channel, delivered.code) == ("webhook", str(status))


@pytest.mark.parametrize(
    ("reply", "code", "message_id"),
    [
        (Reply(body=b'{"message_id": "m-7", "code": 0}'), "0", "m-7"),
        (Reply(body=b'{"id": 7, "code": "OK"}'), "OK", "7"),
        (Reply(202, headers={"X-Message-Id": "h-1"}), "202", "h-1"),
        (Reply(body=b"thanks"), "200", ""),
        (Reply(body=b"[1]"), "200", ""),
        (Reply(body=b"[" * 60_000), "200", ""),
        (Reply(body=b'{"message_id": {"deep": 1}, "code": true}'), "200", ""),
        (Reply(body=json.dumps({"message_id": "x\u202e" * 300}).encode()), "200", "x" * 150),
    ],
)
async def test_the_receivers_own_code_and_id_are_kept(
    http: HTTP, receiver: Receiver, reply: Reply, code: str, message_id: str
) -> None:
    receiver.replies(reply)

    delivered = await Webhook(http).send(message(), to(receiver))

    assert delivered.code == code
    assert delivered.message_id.startswith(message_id)
    assert len(delivered.message_id) <= 200
    assert delivered.message_id.isprintable()


async def test_a_large_answer_is_not_read_to_its_end(http: HTTP, receiver: Receiver) -> None:
    receiver.replies(Reply(body=b'{"message_id": "m-7"}' + b" " * (4 * MOST_BYTES)))

    delivered = await Webhook(http).send(message(), to(receiver))

    assert (delivered.code, delivered.message_id) == ("200", "")


async def test_a_packed_answer_is_not_unpacked(http: HTTP, receiver: Receiver) -> None:
    receiver.replies(Reply(body=b"not really", headers={"Content-Encoding": "gzip"}))

    assert (await Webhook(http).send(message(), to(receiver))).code == "200"


# -- again -------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_a_passing_trouble_is_tried_again(http: HTTP, receiver: Receiver, status: int) -> None:
    receiver.replies(Reply(status))

    with pytest.raises(ChannelBusy, match=str(status)) as busy:
        await Webhook(http).send(message(), to(receiver))

    assert (busy.value.retry_after, busy.value.code) == (None, str(status))


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("7", timedelta(seconds=7)),
        (format_datetime(NOW + timedelta(seconds=30), usegmt=True), timedelta(seconds=30)),
        ("86400", LONGEST_WAIT),
        ("9" * 5000, None),
        ("0", None),
        ("-3", None),
        ("soon", None),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), None),
    ],
)
async def test_retry_after_is_honoured(http: HTTP, receiver: Receiver, said: str, meant: timedelta | None) -> None:
    receiver.replies(Reply(429, headers={"Retry-After": said}))

    with pytest.raises(ChannelBusy) as busy:
        await Webhook(http, clock=lambda: NOW).send(message(), to(receiver))

    assert busy.value.retry_after == meant


@pytest.mark.rule("R14")
@pytest.mark.parametrize("manner", [Manner.DROP, Manner.BREAK_OFF])
async def test_a_broken_connection_is_tried_again(http: HTTP, receiver: Receiver, manner: Manner) -> None:
    receiver.replies(Reply(manner=manner))

    with pytest.raises(ChannelUnavailable):
        await Webhook(http).send(message(), to(receiver))


@pytest.mark.rule("R14")
@pytest.mark.parametrize("manner", [Manner.HANG, Manner.DRIP])
async def test_who_does_not_answer_in_time_is_tried_again(impatient: HTTP, receiver: Receiver, manner: Manner) -> None:
    receiver.replies(Reply(manner=manner))

    with pytest.raises(ChannelUnavailable, match="in time"):
        await Webhook(impatient).send(message(), to(receiver))


async def test_nobody_listening_is_tried_again(http: HTTP) -> None:
    with pytest.raises(ChannelUnavailable, match="ConnectError"):
        await Webhook(http).send(message(), Address(channel="webhook", to="http://127.0.0.1:1/"))


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"errcode": 45009}', "45009"),
        (b'{"code": 9499, "msg": "bad"}', "9499"),
        (b'{"success": false}', "success false"),
    ],
)
async def test_an_error_inside_a_200_is_not_delivered(http: HTTP, receiver: Receiver, body: bytes, code: str) -> None:
    receiver.replies(Reply(body=body))

    with pytest.raises(ChannelUnavailable) as failed:
        await Webhook(http).send(message(), to(receiver))

    assert failed.value.code == code


@pytest.mark.rule("R14")
async def test_a_repeat_has_the_same_key_and_the_same_body(http: HTTP, receiver: Receiver) -> None:
    receiver.replies(Reply(503), Reply(200))
    webhook = Webhook(http)

    with pytest.raises(ChannelBusy):
        await webhook.send(message("T-1/tell.filed"), to(receiver))
    await webhook.send(message("T-1/tell.filed"), to(receiver))

    first, second = receiver.requests
    assert first.body == second.body
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"] == "T-1/tell.filed"
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "T-1/tell%2Efiled"


# -- never again -------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
@pytest.mark.parametrize("status", [400, 402, 406, 409, 413, 418, 422, 451])
async def test_a_refused_notice_is_not_sent_again(http: HTTP, receiver: Receiver, status: int) -> None:
    receiver.replies(Reply(status))

    with pytest.raises(ChannelRefused, match=str(status)) as refused:
        await Webhook(http).send(message(), to(receiver))

    assert refused.value.code == str(status)


@pytest.mark.rule("R14")
@pytest.mark.parametrize("status", [304, 401, 403, 404, 405, 410])
async def test_a_wrong_address_is_the_operators_business(http: HTTP, receiver: Receiver, status: int) -> None:
    receiver.replies(Reply(status))

    with pytest.raises(ChannelMisconfigured, match=str(status)) as wrong:
        await Webhook(http).send(message(), to(receiver))

    assert wrong.value.code == str(status)


@pytest.mark.rule("R29")
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(http: HTTP, receiver: Receiver, status: int) -> None:
    receiver.replies(Reply(status, headers={"Location": receiver.url + "/elsewhere"}))

    with pytest.raises(ChannelMisconfigured):
        await Webhook(http).send(message(), to(receiver))

    assert len(receiver.requests) == 1


@pytest.mark.rule("R29")
@pytest.mark.parametrize(
    "address",
    [
        "",
        "nowhere",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "http://",
        "http://a:b@127.0.0.1/",
        "http://127.0.0.1:99999/",
    ],
)
async def test_only_plain_web_addresses_are_used(http: HTTP, address: str) -> None:
    with pytest.raises(ChannelMisconfigured, match="address"):
        await Webhook(http).send(message(), Address(channel="webhook", to=address))


@pytest.mark.rule("R29")
@pytest.mark.parametrize("reply", [Reply(503), Reply(404), Reply(422), Reply(manner=Manner.DROP)])
async def test_an_error_names_neither_text_nor_address(http: HTTP, receiver: Receiver, reply: Reply) -> None:
    receiver.replies(reply)

    with pytest.raises(ChannelError) as failed:
        await Webhook(http).send(message(text="only for the recipient"), to(receiver))

    assert failed.value.__cause__ is None
    assert "only for" not in str(failed.value)
    assert receiver.url not in str(failed.value)


# -- signed ------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R29")
async def test_a_receiver_can_check_who_sent_it_and_when(http: HTTP, receiver: Receiver) -> None:
    webhook = Webhook(http, env={"HOOK": SECRET}, clock=lambda: NOW)

    await webhook.send(message("T-1/tell.filed~gd.work/webhook"), to(receiver, "HOOK"))

    request = receiver.requests[0]
    assert request.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    signed = f"T-1/tell%2Efiled~gd%2Ework/webhook.{int(NOW.timestamp())}.".encode() + request.body
    expected = base64.b64encode(hmac.digest(bytes(range(32)), signed, hashlib.sha256)).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"


@pytest.mark.rule("R29")
async def test_the_standards_own_library_accepts_the_signature(http: HTTP, receiver: Receiver) -> None:
    older = "whsec_" + base64.b64encode(bytes(24)).decode()

    await Webhook(http, env={"HOOK": f"{SECRET} {older}"}).send(message("T-1/tell.filed"), to(receiver, "HOOK"))

    request = receiver.requests[0]
    for secret in (SECRET, older):
        assert standardwebhooks.Webhook(secret).verify(request.body, dict(request.headers)) == request.json


@pytest.mark.rule("R14")
async def test_each_attempt_has_a_timestamp_of_its_own(http: HTTP, receiver: Receiver) -> None:
    times = iter((NOW, NOW + timedelta(seconds=61)))
    webhook = Webhook(http, env={"HOOK": SECRET}, clock=lambda: next(times))

    for _ in range(2):
        await webhook.send(message(), to(receiver, "HOOK"))

    first, second = receiver.requests
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 61
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


@pytest.mark.rule("R29")
@given(one=keys, other=keys)
def test_an_id_has_no_full_stop_and_stands_for_one_key(one: str, other: str) -> None:
    assert "." not in message_id(message(one))
    assert (message_id(message(one)) == message_id(message(other))) == (one == other)


async def test_without_a_secret_nothing_is_signed(http: HTTP, receiver: Receiver) -> None:
    await Webhook(http).send(message(), to(receiver))

    assert "webhook-signature" not in receiver.requests[0].headers


@pytest.mark.rule("R29")
@pytest.mark.parametrize("secret", ["", "plain", "whsec_", "whsec_***", "whsec_c2hvcnQ="])
async def test_an_unusable_secret_sends_nothing_and_is_not_repeated(
    http: HTTP, receiver: Receiver, secret: str
) -> None:
    with pytest.raises(ChannelMisconfigured, match="HOOK") as wrong:
        await Webhook(http, env={"HOOK": secret}).send(message(), to(receiver, "HOOK"))

    assert receiver.requests == []
    assert not secret or secret not in str(wrong.value).replace("whsec_ and base64", "").replace("with whsec_", "")
