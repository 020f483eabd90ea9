"""A gateway for short messages like Aliyun's: SendSms, and QuerySendDetails for what became of one.

A message is known by the header `idempotency-key`, else by its OutId. It is a registered template with variables; its
text is made here. What one number may be sent is limited. A question (QuerySendDetails) is an arrival of the inbox
`ask/<phone>`.
"""

import json
import re
from datetime import datetime, timedelta
from string import Template
from typing import TYPE_CHECKING, Final, cast
from zoneinfo import ZoneInfo

from tests.simulators.aliyun import Gateway, parameters, says, unsigned
from tests.simulators.inbox import Arrival, Kind
from tests.simulators.service import Answer, Call, Heard, key_of

if TYPE_CHECKING:
    from tests.simulators.town import Town

MOBILE: Final = re.compile(r"1[3-9]\d{9}|[2-9]\d{6,14}")
"""On the mainland; elsewhere with the country's code."""
LONGEST_VALUE: Final = 35
"""Characters of one variable."""
CHINA: Final = ZoneInfo("Asia/Shanghai")


class SMS:
    kind = Kind.SMS
    yes = "OK"

    def hear(self, call: Call, town: "Town") -> Heard:
        said = parameters(call)
        if problem := unsigned(call, said, town.sms):
            return Heard(key=key_of(call), problem=problem)
        match said.get("Action"):
            case "SendSms":
                return _message(call, said, town)
            case "QuerySendDetails":
                return _question(call, said, town)
            case _:
                return Heard(problem=says("InvalidAction.NotFound"))

    def taken(self, heard: Heard, number: int) -> Answer:
        return heard.answer or says("OK", BizId=f"{number:012d}^0")

    def refusal(self, code: str | None) -> Answer:
        return says(code or "isv.BLACK_KEY_CONTROL_LIMIT")

    @property
    def busy(self) -> Answer:
        return says("isp.SYSTEM_ERROR")

    @property
    def too_fast(self) -> Answer:
        return says("isv.BUSINESS_LIMIT_CONTROL")


def _message(call: Call, said: dict[str, str], town: "Town") -> Heard:
    phone, template = said.get("PhoneNumbers", ""), said.get("TemplateCode", "")
    key, notes = key_of(call) or said.get("OutId", ""), (template, said.get("OutId", ""))
    if not MOBILE.fullmatch(phone):
        return Heard(key=key, problem=says("isv.MOBILE_NUMBER_ILLEGAL"))
    inbox = town.inbox(f"{Kind.SMS}/{phone}")
    text, wrong = rendered(said.get("TemplateParam"), template, town.sms)
    if said.get("SignName") != town.sms.sign_name:
        wrong = "isv.SMS_SIGNATURE_ILLEGAL"
    return Heard(inbox, key, f"【{said.get('SignName', '')}】{text}", (), says(wrong) if wrong else None, notes)


def rendered(written: str | None, template: str, gateway: Gateway) -> tuple[str, str | None]:
    """The message as the phone shows it, and the code of what is wrong."""
    if not template or (gateway.templates and template not in gateway.templates):
        return "", "isv.SMS_TEMPLATE_ILLEGAL"
    try:
        values: object = json.loads(written or "{}")
    except ValueError:
        return "", "isv.INVALID_JSON_PARAM"
    if not isinstance(values, dict):
        return "", "isv.INVALID_JSON_PARAM"
    named = cast("dict[str, object]", values)
    if not all(isinstance(value, str) for value in named.values()):
        return "", "isv.INVALID_JSON_PARAM"
    words = cast("dict[str, str]", named)
    text = gateway.templates.get(template, "，".join(f"{name}：{value}" for name, value in words.items()))
    wrong = next((_wrong(value) for value in words.values() if _wrong(value)), None)
    try:
        return Template(text).substitute(words), wrong
    except KeyError:
        return "", "isv.TEMPLATE_MISSING_PARAMETERS"
    except ValueError:
        return "", "isv.SMS_CONTENT_ILLEGAL"


def _wrong(value: str) -> str | None:
    if len(value) > LONGEST_VALUE:
        return "isv.PARAM_LENGTH_LIMIT"
    return "isv.PARAM_NOT_SUPPORT_URL" if "://" in value else None


def _question(call: Call, said: dict[str, str], town: "Town") -> Heard:
    phone, on = said.get("PhoneNumber", ""), said.get("SendDate", "")
    size, page = said.get("PageSize", ""), said.get("CurrentPage", "")
    inbox = town.inbox(f"{Kind.ASK}/{phone or '-'}")
    if not (MOBILE.fullmatch(phone) and re.fullmatch(r"\d{8}", on) and size.isdecimal() and page.isdecimal()):
        return Heard(inbox, problem=says("isv.INVALID_PARAMETERS"))
    if not 1 <= int(size) <= 50:
        return Heard(inbox, problem=says("isv.INVALID_PARAMETERS"))
    sent = [each for each in town.taken(f"{Kind.SMS}/{phone}") if f"{_local(each):%Y%m%d}" == on]
    if biz := said.get("BizId"):
        sent = [each for each in sent if biz == f"{each.number:012d}^0"]
    first = (int(page) - 1) * int(size)
    told = [_detail(each, town) for each in sent[first : first + int(size)]]
    details = {"SmsSendDetailDTO": told}
    return Heard(inbox, answer=says("OK", TotalCount=str(len(sent)), SmsSendDetailDTOs=details), shown=False)


def _detail(arrival: Arrival, town: "Town") -> dict[str, object]:
    """`SendStatus`: 1 no receipt yet, 2 failed, 3 arrived."""
    phone = arrival.inbox.partition("/")[2]
    state, code = town.receipts.get(phone, (3, "DELIVERED"))
    told: dict[str, object] = {
        "PhoneNum": phone,
        "OutId": arrival.notes[1],
        "Content": arrival.text,
        "TemplateCode": arrival.notes[0],
        "SendDate": f"{_local(arrival):%Y-%m-%d %H:%M:%S}",
        "SendStatus": state,
    }
    if state == 1:
        return told
    received = (arrival.at + timedelta(seconds=2)).astimezone(CHINA)
    return told | {"ErrCode": code, "ReceiveDate": f"{received:%Y-%m-%d %H:%M:%S}"}


def _local(arrival: Arrival) -> datetime:
    return arrival.at.astimezone(CHINA)
