"""How a robot's answer is judged: by the service's own code, and by nothing else (R14, R29)."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.channels.chats import fitting, mobile, on_duty, text_of
from activities.channels.contract import (
    ChannelBusy,
    ChannelError,
    ChannelMisconfigured,
    ChannelRefused,
    ChannelUnavailable,
)
from activities.channels.dingtalk import DINGTALK
from activities.channels.feishu import FEISHU
from activities.channels.robots import Service, judged
from activities.channels.wecom import WECOM, WeCom
from activities.http import HTTP, Answer
from plan.channels import MANNERS
from plan.organisation import Address
from plan.shortening import size
from tests.activities.notices import NOW, message
from tests.activities.receiver import Receiver, Reply

SERVICES = (WECOM, DINGTALK, FEISHU)
each_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
services = st.sampled_from(SERVICES)
statuses = st.one_of(st.sampled_from([200, 201, 204, 301, 400, 404, 429, 500, 503]), st.integers(100, 599))
codes = st.one_of(
    st.sampled_from([0, *(code for service in SERVICES for code in service.codes)]),
    st.integers(),
    st.none(),
    st.booleans(),
    st.floats(),
    st.text(max_size=5),
)
answers = st.dictionaries(st.sampled_from(["errcode", "code", "StatusCode", "errmsg", "data"]), codes)
anything = st.recursive(codes, lambda part: st.lists(part) | st.dictionaries(st.text(max_size=8), part), max_leaves=8)
bodies = st.one_of(st.binary(), st.one_of(answers, anything).map(json.dumps).map(str.encode))


def judge(service: Service, status: int, body: bytes, headers: dict[str, str] | None = None) -> Any:
    return judged(Answer(status, headers or {}, body), service, message(), NOW)


def refusal(service: Service, status: int, body: bytes, headers: dict[str, str] | None = None) -> ChannelError:
    with pytest.raises(ChannelError) as failed:
        judge(service, status, body, headers)
    return failed.value


def says_yes(service: Service, body: bytes) -> bool:
    """Written anew: an object, and each of the service's fields that it has is the number 0."""
    try:
        said: Any = json.loads(body)
        found: list[object] = [said[field] for field in service.fields if field in said]
    except (ValueError, TypeError, IndexError):
        return False
    return bool(found) and all(type(code) is int and code == 0 for code in found)


@pytest.mark.rule("R14")
@given(service=services, status=statuses, body=bodies)
def test_only_code_0_is_delivered_and_anything_else_is_an_error_of_the_contract(
    service: Service, status: int, body: bytes
) -> None:
    if says_yes(service, body) and 200 <= status < 300:
        delivered = judge(service, status, body)
        assert (delivered.channel, delivered.code) == (service.name, "0")
    else:
        failed = refusal(service, status, body)
        assert failed.code
        assert str(failed).startswith("The notice for gd-gz-th-0001.lead was not delivered over ")


@pytest.mark.rule("R14")
@each_service
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"ok",
        b"<html>please log in</html>",
        b'{"errcode":0',
        b"{}",
        b'{"errmsg":"ok"}',
        b"0",
        b"[0]",
        b"null",
        b'{"errcode":"0","code":"0"}',
        b'{"errcode":false,"code":false}',
        b'{"errcode":0.0,"code":0.0}',
        b'{"errcode":null,"code":null}',
        b'{"data":{"errcode":0,"code":0}}',
        b"[" * 60_000,
        b'{"errcode":' + b"9" * 5_000 + b"}",
        b"\xff\xfe\x00",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_200_without_a_code_is_not_delivered(service: Service, body: bytes) -> None:
    failed = refusal(service, 200, body)

    assert type(failed) is ChannelUnavailable
    assert failed.code == "HTTP 200"


@pytest.mark.rule("R14")
@each_service
@pytest.mark.parametrize("code", [7, -2, 45_010, 19_999, 10**12])
def test_a_code_that_nobody_has_met_is_tried_again(service: Service, code: int) -> None:
    failed = refusal(service, 200, json.dumps({service.fields[0]: code}).encode())

    assert type(failed) is ChannelUnavailable
    assert failed.code == str(code)


@pytest.mark.rule("R14")
@each_service
@pytest.mark.parametrize("status", [301, 302, 401, 403, 404, 405, 407, 410])
def test_where_nobody_takes_messages_the_address_is_wrong(service: Service, status: int) -> None:
    failed = refusal(service, status, b"<html>not here</html>")

    assert type(failed) is ChannelMisconfigured
    assert failed.code == f"HTTP {status}"


@pytest.mark.rule("R14")
@each_service
@pytest.mark.parametrize("status", [400, 408, 413, 429, 500, 502, 503, 504])
def test_any_other_failure_of_http_is_tried_again(service: Service, status: int) -> None:
    assert type(refusal(service, status, b"")) is ChannelUnavailable


@pytest.mark.rule("R14")
@each_service
@pytest.mark.parametrize("status", [302, 400, 404, 429, 500, 503])
def test_success_and_failure_at_once_is_tried_again(service: Service, status: int) -> None:
    failed = refusal(service, status, json.dumps({service.fields[0]: 0}).encode())

    assert type(failed) is ChannelUnavailable
    assert failed.code == "0"


@pytest.mark.rule("R14")
@each_service
@pytest.mark.parametrize("status", [400, 404, 500])
def test_the_code_counts_whatever_http_says(service: Service, status: int) -> None:
    for code, meaning in service.codes.items():
        failed = refusal(service, status, json.dumps({service.fields[0]: code}).encode())

        assert type(failed) is meaning.error
        assert failed.code == str(code)


@pytest.mark.rule("R14")
@each_service
def test_too_many_requests_is_never_the_end_of_a_notice(service: Service) -> None:
    for code in service.codes:
        failed = refusal(service, 429, json.dumps({service.fields[0]: code}).encode())

        assert not isinstance(failed, (ChannelRefused, ChannelMisconfigured))


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("code", "status", "asked", "wait"),
    [
        (None, 503, "7", timedelta(seconds=7)),
        (None, 503, "soon", None),
        (None, 404, "7", None),
        (7, 200, "7", timedelta(seconds=7)),
        (45009, 200, "7", timedelta(seconds=60)),
        (45009, 429, "90", timedelta(seconds=90)),
        (45009, 200, "86400", timedelta(hours=1)),
        (93000, 200, "7", None),
    ],
)
def test_who_names_a_time_is_not_spoken_to_before(
    code: int | None, status: int, asked: str, wait: timedelta | None
) -> None:
    body = b"" if code is None else json.dumps({"errcode": code}).encode()

    failed = refusal(WECOM, status, body, {"retry-after": asked})

    assert getattr(failed, "retry_after", None) == wait
    assert isinstance(failed, ChannelBusy) is (wait is not None)


@pytest.mark.rule("R29")
@each_service
def test_the_services_wording_is_never_repeated(service: Service) -> None:
    for code in (*service.codes, 7, 0):
        body = json.dumps({service.fields[0]: code, "errmsg": "t0ken", "msg": "t0ken", "StatusMessage": "t0ken"})

        assert "t0ken" not in str(refusal(service, 500, body.encode()))


@pytest.mark.rule("R14")
async def test_an_answer_that_does_not_end_is_not_read_to_its_end(http: HTTP, receiver: Receiver) -> None:
    receiver.replies(Reply(body=b'{"errcode":0}' + b" " * 300_000))

    with pytest.raises(ChannelUnavailable):
        await WeCom(http).send(message(), Address(channel="wecom", to=receiver.url))


def test_each_robot_is_a_group_and_has_limits() -> None:
    for service in SERVICES:
        assert MANNERS[service.name].group
        assert service.longest < 20_000


# -- what is written into a chat ---------------------------------------------------------------------------------------

AN_ID = re.compile(r"[a-z0-9]+")


@pytest.mark.rule("R29")
@given(
    text=st.text(), calls=st.lists(st.text("@ab1", min_size=1, max_size=60), max_size=30), longest=st.integers(200, 900)
)
def test_notice_and_calls_together_keep_the_limit(text: str, calls: list[str], longest: int) -> None:
    kept = fitting(calls, longest)
    told = text_of(message(text=text), longest, kept)

    assert size(told) <= longest
    assert kept == calls[: len(kept)]
    assert told.endswith("\n" + " ".join(kept)) or not kept


@pytest.mark.rule("R29")
@given(text=st.text(st.sampled_from("<@/ aATtl_所有人全体evryon"), max_size=40))
def test_no_text_calls_anybody(text: str) -> None:
    told = text_of(message(text=text), 2_000).lower()

    assert "<at " not in told
    assert "</at" not in told.replace("</att", "")
    assert "<@" not in told
    for everybody in ("@all", "@_all", "@所有人", "@everyone", "@全体"):
        assert everybody not in told


@pytest.mark.parametrize(
    ("mention", "number"),
    [
        ("13800000001", "13800000001"),
        ("+8613800000001", "13800000001"),
        ("86 13800000001", "13800000001"),
        ("12800000001", None),
        ("138000000012", None),
        ("020-00000000", None),
        ("lin", None),
    ],
)
def test_a_mobile_number_is_told_from_an_id(mention: str, number: str | None) -> None:
    assert mobile(mention) == number


@pytest.mark.rule("R29")
def test_each_person_is_called_once_in_the_order_named() -> None:
    said = message(mentions=("b2", "a1", "b2", "ALL", "all", "13800000001", "B2"))

    assert on_duty(said, AN_ID) == ["b2", "a1"]
