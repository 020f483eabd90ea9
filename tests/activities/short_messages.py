"""The little these tests need of a short message and of the gateway's answers."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from activities.channels.aliyun import AccessKey
from activities.channels.sms import SMS, out_id
from activities.http import HTTP
from plan.organisation import Address
from plan.sms import SmsBook
from runtime.sms_templates import SMS_TEMPLATES, load_sms_templates
from tests.activities.notices import NOW, message
from tests.activities.receiver import Reply, Request

KEY = AccessKey("LTAItest", "s3cret-key")
NUMBER = "13800000001"
TO = Address(channel="sms", to=NUMBER)
WORDS = {"incident": "T-1", "outlet": "天河一号网点", "superior": "天河区分公司", "due": "10:12"}
NOTICE = replace(message(), duty="tell.crisis", words={**WORDS, "role": "outlet_lead"})


def book() -> SmsBook:
    return load_sms_templates(SMS_TEMPLATES)


def sms(http: HTTP, gateway: str, *, key: AccessKey | None = KEY, at: datetime = NOW) -> SMS:
    return SMS(http, key, gateway=gateway, templates=book, env={"LEAD_PHONE": NUMBER}, clock=lambda: at)


def says(code: str = "OK", status: int = 200, **more: object) -> Reply:
    return Reply(status, json.dumps({"Code": code, "Message": "…", "RequestId": "R", **more}).encode())


def form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode()))


def details(*details: Mapping[str, Any]) -> Reply:
    return says(TotalCount=str(len(details)), SmsSendDetailDTOs={"SmsSendDetailDTO": list(details)})


def detail(status: object, code: str = "", of: str = "") -> dict[str, object]:
    return {"PhoneNum": NUMBER, "OutId": of or out_id(NOTICE), "SendStatus": status, "ErrCode": code}
