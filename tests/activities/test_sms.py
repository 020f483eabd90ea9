"""Short messages: what each answer of the gateway means, and that nothing is ever sent twice (R14, R29)."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from activities.channels.aliyun import signature
from activities.channels.contract import (
    ChannelBusy,
    ChannelError,
    ChannelMisconfigured,
    ChannelRefused,
    ChannelUnavailable,
    ChannelUnknown,
)
from activities.channels.sms import SMS
from activities.channels.sms_codes import A_MINUTE, BUSY, CODES, Verdict
from activities.http import HTTP
from plan.errors import Misconfigured
from plan.organisation import Address
from plan.sms import SmsBook
from runtime.sms_templates import load_sms_templates
from tests.activities.notices import DUE
from tests.activities.receiver import Manner, Receiver, Reply
from tests.activities.short_messages import KEY, NOTICE, NUMBER, TO, WORDS, book, form, says, sms

RAISED = {
    Verdict.BUSY: ChannelBusy,
    Verdict.AGAIN: ChannelUnavailable,
    Verdict.UNKNOWN: ChannelUnknown,
    Verdict.REFUSED: ChannelRefused,
    Verdict.MISCONFIGURED: ChannelMisconfigured,
}


# -- sent --------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
async def test_a_notice_goes_out_as_its_registered_template(http: HTTP, receiver: Receiver) -> None:
    receiver.replies(says(BizId="9006^0"))

    delivered = await sms(http, receiver.url).send(NOTICE, TO)

    assert (delivered.channel, delivered.code, delivered.message_id) == ("sms", "OK", "9006^0")
    said = form(receiver.requests[0])
    assert (said["Action"], said["Version"]) == ("SendSms", "2017-05-25")
    assert (said["PhoneNumbers"], said["SignName"]) == (NUMBER, book().sign_name)
    assert said["TemplateCode"] == book().real.duties["tell.crisis"]["outlet_lead"].code
    assert json.loads(said["TemplateParam"]) == WORDS
    signed = said.pop("Signature")
    assert signed == signature("POST", said, KEY.secret)
    assert receiver.requests[0].headers["idempotency-key"] == NOTICE.key


@pytest.mark.rule("R11")
async def test_a_drill_goes_out_as_a_template_of_drills(http: HTTP, receiver: Receiver) -> None:
    receiver.replies(says())

    await sms(http, receiver.url).send(replace(NOTICE, drill=True), TO)

    assert form(receiver.requests[0])["TemplateCode"] == book().drill.default["any"].code


async def test_a_due_time_that_is_over_is_not_named(http: HTTP, receiver: Receiver) -> None:
    receiver.replies(says())

    await sms(http, receiver.url).send(replace(NOTICE, ordered_at=DUE), TO)

    assert json.loads(form(receiver.requests[0])["TemplateParam"])["due"] == book().stand_in


@pytest.mark.rule("R29")
async def test_a_message_has_neither_link_nor_text(http: HTTP, receiver: Receiver) -> None:
    receiver.replies(says())

    await sms(http, receiver.url).send(replace(NOTICE, text="自由文字", link="https://x.example/n/1"), TO)

    assert "x.example" not in str(form(receiver.requests[0]))
    assert "自由文字" not in str(form(receiver.requests[0]))
    assert receiver.requests[0].path.endswith("/notices")


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        (NUMBER, NUMBER),
        (f"+86{NUMBER}", NUMBER),
        (f"86 {NUMBER}", NUMBER),
        (f"0086{NUMBER}", NUMBER),
        ("138-0000-0001", NUMBER),
        ("+852 5123 4567", "85251234567"),
    ],
)
async def test_a_number_is_sent_as_the_gateway_writes_it(
    http: HTTP, receiver: Receiver, written: str, sent: str
) -> None:
    receiver.replies(says())

    await sms(http, receiver.url).send(NOTICE, Address(channel="sms", to=written))

    assert form(receiver.requests[0])["PhoneNumbers"] == sent


@pytest.mark.rule("R29")
async def test_the_number_may_stand_in_the_environment(http: HTTP, receiver: Receiver) -> None:
    receiver.replies(says())

    await sms(http, receiver.url).send(NOTICE, Address(channel="sms", to_env="LEAD_PHONE"))

    assert form(receiver.requests[0])["PhoneNumbers"] == NUMBER


async def test_each_message_has_a_connection_of_its_own(http: HTTP, receiver: Receiver) -> None:
    """One that was kept may be gone just when it is used, and nobody would know what was taken."""
    receiver.replies(says())

    await sms(http, receiver.url).send(NOTICE, TO)

    assert receiver.requests[0].headers["connection"] == "close"


# -- the gateway's own codes -------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
@pytest.mark.parametrize(("code", "verdict"), CODES.items())
async def test_each_code_means_what_its_table_says(http: HTTP, receiver: Receiver, code: str, verdict: Verdict) -> None:
    receiver.replies(says(code))

    with pytest.raises(RAISED[verdict]) as failed:
        await sms(http, receiver.url).send(NOTICE, TO)

    assert type(failed.value) is RAISED[verdict]
    assert failed.value.code == code
    assert code in str(failed.value)
    if isinstance(failed.value, ChannelBusy):
        assert failed.value.retry_after == BUSY[code]


def test_flow_control_of_a_number_is_over_after_a_minute_at_the_earliest() -> None:
    assert BUSY["isv.BUSINESS_LIMIT_CONTROL"] == A_MINUTE


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("code", "status", "raised"),
    [
        ("isv.SOMETHING_NEW", 200, ChannelMisconfigured),
        ("isp.SOMETHING_NEW", 200, ChannelUnavailable),
        ("InvalidSignName.Malformed", 400, ChannelMisconfigured),
        ("MissingPhoneNumbers", 400, ChannelMisconfigured),
        ("UnsupportedHTTPMethod", 400, ChannelMisconfigured),
        ("Throttling.Other", 400, ChannelBusy),
        ("SignatureDoesNotMatch", 400, ChannelMisconfigured),
        ("InternalError", 500, ChannelUnknown),
        ("ServiceUnavailable", 503, ChannelUnavailable),
        ("SOMETHING_ELSE", 200, ChannelUnknown),
    ],
)
async def test_a_code_that_is_in_no_table_is_judged_by_its_beginning(
    http: HTTP, receiver: Receiver, code: str, status: int, raised: type[ChannelError]
) -> None:
    receiver.replies(says(code, status))

    with pytest.raises(raised) as failed:
        await sms(http, receiver.url).send(NOTICE, TO)

    assert type(failed.value) is raised


# -- no code of the gateway's ------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("reply", "raised"),
    [
        (Reply(429), ChannelBusy),
        (Reply(302, headers={"Location": "https://elsewhere.example"}), ChannelMisconfigured),
        (Reply(403, b"<html>forbidden by the proxy</html>"), ChannelMisconfigured),
        (Reply(404), ChannelMisconfigured),
        (Reply(407), ChannelMisconfigured),
        (Reply(408), ChannelUnknown),
        (Reply(500), ChannelUnknown),
        (Reply(502, b"<html>bad gateway</html>"), ChannelUnknown),
        (Reply(504), ChannelUnknown),
        (Reply(200, b"thanks"), ChannelUnknown),
        (Reply(200, b'{"Code": 0}'), ChannelUnknown),
        (Reply(200, b'{"Code": "not a code, but a sentence"}'), ChannelUnknown),
        (says("OK", 500), ChannelUnknown),
        (Reply(200, b'{"BizId": "1"}'), ChannelUnknown),
    ],
)
async def test_an_answer_that_is_not_the_gateways_is_no_delivery(
    http: HTTP, receiver: Receiver, reply: Reply, raised: type[ChannelError]
) -> None:
    receiver.replies(reply)

    with pytest.raises(raised) as failed:
        await sms(http, receiver.url).send(NOTICE, TO)

    assert type(failed.value) is raised


@pytest.mark.rule("R14")
@pytest.mark.parametrize("manner", [Manner.DROP, Manner.BREAK_OFF])
async def test_after_a_broken_connection_it_is_not_known_whether_it_was_taken(
    http: HTTP, receiver: Receiver, manner: Manner
) -> None:
    receiver.replies(Reply(manner=manner))

    with pytest.raises(ChannelUnknown, match="nothing is sent twice"):
        await sms(http, receiver.url).send(NOTICE, TO)


@pytest.mark.rule("R14")
@pytest.mark.parametrize("manner", [Manner.HANG, Manner.DRIP])
async def test_after_a_silence_it_is_not_known_whether_it_was_taken(
    impatient: HTTP, receiver: Receiver, manner: Manner
) -> None:
    receiver.replies(Reply(manner=manner))

    with pytest.raises(ChannelUnknown, match="in time"):
        await sms(impatient, receiver.url).send(NOTICE, TO)


@pytest.mark.rule("R14")
async def test_where_no_connection_came_about_nothing_was_taken_and_it_is_sent_again(http: HTTP) -> None:
    with pytest.raises(ChannelUnavailable, match="no connection came about"):
        await sms(http, "http://127.0.0.1:1").send(NOTICE, TO)


# -- the set-up --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["", "lin@post.example.cn", "02088888888", f"{NUMBER},13800000002", "12345", "+1"])
async def test_only_one_mobile_number_is_sent_to(http: HTTP, receiver: Receiver, to: str) -> None:
    with pytest.raises(ChannelMisconfigured, match="no mobile number") as wrong:
        await sms(http, receiver.url).send(NOTICE, Address(channel="sms", to=to))

    assert receiver.requests == []
    assert not to or to not in str(wrong.value)


async def test_without_a_key_nothing_can_be_sent(http: HTTP, receiver: Receiver) -> None:
    with pytest.raises(ChannelMisconfigured, match="TOCSIN_SMS_KEY_ID"):
        await sms(http, receiver.url, key=None).send(NOTICE, TO)

    assert receiver.requests == []


async def test_an_address_that_is_none_of_the_web_is_named_by_its_variable(http: HTTP) -> None:
    with pytest.raises(ChannelMisconfigured, match="TOCSIN_SMS_GATEWAY"):
        await sms(http, "ftp://127.0.0.1").send(NOTICE, TO)


async def test_templates_that_cannot_be_read_are_the_operators_business(http: HTTP, tmp_path: Path) -> None:
    def missing() -> SmsBook:
        return load_sms_templates(tmp_path / "none.yaml")

    with pytest.raises(Misconfigured):
        await asyncio.to_thread(missing)
    with pytest.raises(ChannelMisconfigured, match="tocsin check"):
        await SMS(http, KEY, gateway="http://127.0.0.1:1", templates=missing).send(NOTICE, TO)


@pytest.mark.rule("R29")
@pytest.mark.parametrize(
    "reply",
    [
        says("isv.BUSINESS_LIMIT_CONTROL"),
        says("isv.MOBILE_NUMBER_ILLEGAL", Message=f"{NUMBER} is no number"),
        says("SignatureDoesNotMatch", Message="server string to sign is: POST&%2F&AccessKeyId%3DLTAItest"),
        Reply(502),
        Reply(manner=Manner.DROP),
    ],
)
async def test_an_error_names_neither_number_nor_key_nor_words(http: HTTP, receiver: Receiver, reply: Reply) -> None:
    receiver.replies(reply)

    with pytest.raises(ChannelError) as failed:
        await sms(http, receiver.url).send(NOTICE, TO)

    assert failed.value.__cause__ is None
    for secret in (NUMBER, KEY.id, KEY.secret, "天河", receiver.url):
        assert secret not in str(failed.value)
