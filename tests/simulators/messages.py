"""The least that each service takes, signed as its documentation says; without a line of the senders' code."""

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from tests.simulators.aliyun import Gateway, signature
from tests.simulators.inbox import Inbox, Kind

TEXT = "【立即上报】GD-1"


def wecom(text: str = TEXT, **more: object) -> dict[str, object]:
    return {"msgtype": "text", "text": {"content": text, **more}}


def dingtalk(text: str = TEXT, **at: object) -> dict[str, object]:
    return {"msgtype": "text", "text": {"content": text}, "at": at}


def dingtalk_url(inbox: Inbox, at: datetime, *, secret: str | None = None) -> str:
    stamp = str(int(at.timestamp() * 1000))
    key = (secret or inbox.secret).encode()
    sign = base64.b64encode(hmac.digest(key, stamp.encode() + b"\n" + key, hashlib.sha256)).decode()
    return f"{inbox.url}&timestamp={stamp}&sign={quote(sign, safe='')}"


def feishu(inbox: Inbox, at: datetime, text: str = TEXT, *, secret: str | None = None) -> dict[str, object]:
    stamp = str(int(at.timestamp()))
    key = f"{stamp}\n{secret or inbox.secret}".encode()
    sign = base64.b64encode(hmac.digest(key, b"", hashlib.sha256)).decode()
    return {"timestamp": stamp, "sign": sign, "msg_type": "text", "content": {"text": text}}


def sms_parameters(gateway: Gateway, at: datetime, nonce: str, **said: str) -> dict[str, str]:
    """Everything but the signature."""
    return {
        "AccessKeyId": gateway.access_key_id,
        "Action": "SendSms",
        "Format": "JSON",
        "OutId": "k-1",
        "PhoneNumbers": "13800000001",
        "SignName": gateway.sign_name,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": nonce,
        "SignatureVersion": "1.0",
        "TemplateCode": "SMS_1",
        "TemplateParam": json.dumps({"incident": "GD-1"}),
        "Timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "Version": "2017-05-25",
        **said,
    }


def sms(gateway: Gateway, at: datetime, nonce: str, *, secret: str | None = None, **said: str) -> bytes:
    given = sms_parameters(gateway, at, nonce, **said)
    signed = signature("POST", given, secret or gateway.access_key_secret)
    return urlencode({**given, "Signature": signed}).encode()


def sms_question(gateway: Gateway, at: datetime, nonce: str, **said: str) -> bytes:
    on = (at + timedelta(hours=8)).strftime("%Y%m%d")
    asked = {"Action": "QuerySendDetails", "PhoneNumber": "13800000001", "SendDate": on}
    return sms(gateway, at, nonce, **{**asked, "PageSize": "10", "CurrentPage": "1", **said})


def message_for(inbox: Inbox, at: datetime, text: str = TEXT) -> tuple[str, object]:
    """Address and body of a chat."""
    match inbox.kind:
        case Kind.WECOM:
            return inbox.url, wecom(text)
        case Kind.DINGTALK:
            return dingtalk_url(inbox, at), dingtalk(text)
        case Kind.FEISHU:
            return inbox.url, feishu(inbox, at, text)
        case _:
            raise ValueError(inbox.kind)
