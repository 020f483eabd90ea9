"""A gateway that knows its account, its templates and what became of a message."""

import json

import pytest

from tests.simulators.caller import Reply, post
from tests.simulators.conftest import Clock
from tests.simulators.faults import Fault
from tests.simulators.messages import sms, sms_question
from tests.simulators.simulators import Simulators

FORM = "application/x-www-form-urlencoded"


async def tell(town: Simulators, body: bytes) -> Reply:
    return await post(town.sms.url, body, content_type=FORM)


async def test_a_message_is_its_template_filled_in(town: Simulators, clock: Clock) -> None:
    town.sms.templates["SMS_1"] = "${incident}：请在${until}前上报"
    values = json.dumps({"incident": "GD-1", "until": "17:03"})
    answer = await tell(town, sms(town.sms, clock(), "n", TemplateParam=values))
    assert answer.json["Code"] == "OK"
    (shown,) = town.taken("sms/13800000001")
    assert (shown.key, shown.text) == ("k-1", "【警钟】GD-1：请在17:03前上报")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"PhoneNumbers": "1380000"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"SignName": "别人"}, "isv.SMS_SIGNATURE_ILLEGAL"),
        ({"TemplateCode": "SMS_9"}, "isv.SMS_TEMPLATE_ILLEGAL"),
        ({"TemplateParam": "no json"}, "isv.INVALID_JSON_PARAM"),
        ({"TemplateParam": '{"incident": 1}'}, "isv.INVALID_JSON_PARAM"),
        ({"TemplateParam": "{}"}, "isv.TEMPLATE_MISSING_PARAMETERS"),
        ({"TemplateParam": json.dumps({"incident": "长" * 36})}, "isv.PARAM_LENGTH_LIMIT"),
        ({"TemplateParam": json.dumps({"incident": "https://x.cn"})}, "isv.PARAM_NOT_SUPPORT_URL"),
    ],
)
async def test_what_the_service_does_not_take_is_a_code_in_a_200(
    town: Simulators, clock: Clock, said: dict[str, str], code: str
) -> None:
    town.sms.templates["SMS_1"] = "${incident}"
    answer = await tell(town, sms(town.sms, clock(), "n", **said))
    assert (answer.status, answer.json["Code"]) == (200, code)
    assert town.taken() == ()


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"AccessKeyId": "LTAIother"}, 404, "InvalidAccessKeyId.NotFound"),
        ({"Timestamp": "yesterday"}, 400, "InvalidTimeStamp.Format"),
        ({"Timestamp": "2016-02-23T12:46:24Z"}, 400, "InvalidTimeStamp.Expired"),
        ({"SignatureMethod": "HMAC-MD5"}, 400, "InvalidParameter"),
    ],
)
async def test_what_the_gate_does_not_let_in_is_an_error_of_https(
    town: Simulators, clock: Clock, said: dict[str, str], status: int, code: str
) -> None:
    answer = await tell(town, sms(town.sms, clock(), "n", **said))
    assert (answer.status, answer.json["Code"]) == (status, code)


async def test_another_secret_and_a_nonce_used_before_are_refused(town: Simulators, clock: Clock) -> None:
    wrong = sms(town.sms, clock(), "n", secret="other")  # noqa: S106
    assert (await tell(town, wrong)).json["Code"] == "SignatureDoesNotMatch"
    assert (await tell(town, sms(town.sms, clock(), "n"))).json["Code"] == "OK"
    again = sms(town.sms, clock(), "n", PhoneNumbers="13800000002")
    assert (await tell(town, again)).json["Code"] == "SignatureNonceUsed"


async def test_what_became_of_a_message_can_be_asked_although_nobody_answered(town: Simulators, clock: Clock) -> None:
    town.fault("sms", Fault.silent(times=1))
    with pytest.raises(TimeoutError):
        await post(town.sms.url, sms(town.sms, clock(), "1"), content_type=FORM, patience=0.3)
    assert await asked(town, clock, "0", SendDate="20200101") == []
    (told,) = await asked(town, clock, "2")
    assert (told["OutId"], told["SendStatus"], told["ErrCode"]) == ("k-1", 3, "DELIVERED")
    town.receipts["13800000001"] = (1, "")
    (told,) = await asked(town, clock, "3")
    assert (told["SendStatus"], "ErrCode" in told) == (1, False)
    assert [each.inbox for each in town.arrivals()] == ["sms/13800000001"]
    assert len(town.arrivals("ask")) == 3


async def test_a_message_that_never_came_is_not_known(town: Simulators, clock: Clock) -> None:
    town.fault("sms", Fault.hang(times=1))
    with pytest.raises(TimeoutError):
        await post(town.sms.url, sms(town.sms, clock(), "1"), content_type=FORM, patience=0.3)
    assert await asked(town, clock, "2") == []


async def test_a_question_can_fail_on_its_own(town: Simulators, clock: Clock) -> None:
    town.fault("ask", Fault.http(times=1))
    answer = await tell(town, sms_question(town.sms, clock(), "1"))
    assert answer.status == 503
    assert (await tell(town, sms(town.sms, clock(), "2"))).json["Code"] == "OK"


async def asked(town: Simulators, clock: Clock, nonce: str, **said: str) -> list[dict[str, object]]:
    answer = await tell(town, sms_question(town.sms, clock(), nonce, **said))
    assert answer.json["Code"] == "OK"
    return answer.json["SmsSendDetailDTOs"]["SmsSendDetailDTO"]
