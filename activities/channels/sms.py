"""Short messages over Aliyun's gateway, as registered templates (R14, R29): delivered is its own `OK`, and a `BizId`.

`OK` says that the gateway has taken the message; whether the telephone got it is a receipt that comes later. The
gateway sends again whatever it is told again, so nothing is told twice: where it may have taken a message and did not
say so (`ChannelUnknown`), it is asked instead, by `OutId`, a digest of the notice's key. What its answers mean stands
in `sms_answers.py`; a call that never connected was not taken.

A message has no link (gateways take none) and needs no text: the template has it, `plan/sms.py` says which.
"""

import asyncio
import hashlib
import json
import os
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, cast

from activities.channels.addresses import resolved
from activities.channels.aliyun import FORM, AccessKey, form
from activities.channels.answers import short
from activities.channels.contract import (
    ChannelMisconfigured,
    ChannelRefused,
    ChannelUnavailable,
    ChannelUnknown,
    Message,
)
from activities.channels.sms_answers import not_delivered, taken, unknown
from activities.channels.sms_codes import TAKEN
from activities.http import HTTP, Answer, BadAddress, NeverConnected, NoAnswer
from plan.errors import Misconfigured
from plan.orders import Delivered
from plan.organisation import Address
from plan.sms import SmsBook, names_due, spoken_to, template_of, values_of
from plan.wording import CHINA

VERSION: Final = "2017-05-25"
PAGE: Final = 50
"""The most the gateway tells at once."""
MOST_PAGES: Final = 10
"""Of one number and day; more than that it never takes."""
SMALL_HOURS: Final = time(2)
"""Until then a message may have gone out yesterday."""

_MAINLAND: Final = re.compile(r"(?:\+?86|0086)?(1[3-9][0-9]{9})")
_ELSEWHERE: Final = re.compile(r"\+([1-9][0-9]{6,14})")


def _now() -> datetime:
    return datetime.now(UTC)


class SMS:
    """`key` is None where none is set: then nothing can be sent. `templates` is called in a thread."""

    def __init__(
        self,
        http: HTTP,
        key: AccessKey | None,
        *,
        gateway: str,
        templates: Callable[[], SmsBook],
        env: Mapping[str, str] = os.environ,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._http, self._key, self._gateway = http, key, gateway
        self._templates, self._env, self._clock = templates, env, clock

    async def send(self, message: Message, address: Address) -> Delivered:
        to = self._number(message, address)
        parameters = await self._message(message)
        answer = await self._call(message, "SendSms", {**parameters, "PhoneNumbers": to, "OutId": out_id(message)})
        said = taken(message, answer)
        return Delivered(channel=address.channel, code=TAKEN, message_id=short(said.get("BizId")))

    async def ask(self, message: Message, address: Address) -> Delivered | None:
        """What became of an earlier `send`. Status 3 arrived, and 1 was taken, as by `OK`: no receipt has come yet."""
        to = self._number(message, address)
        states: dict[str, str] = {}
        for day in days(self._clock()):
            async for detail in self._details(message, to, day):
                if detail.get("OutId") == out_id(message):
                    states[short(detail.get("SendStatus"))] = short(detail.get("ErrCode"))
        for state, usual in (("3", "DELIVERED"), ("1", TAKEN)):
            if state in states:
                return Delivered(channel=address.channel, code=states[state] or usual, message_id=out_id(message))
        if "2" in states:
            code = states["2"] or "failed"
            raise ChannelRefused(not_delivered(message, f"the network answered {code}"), code=code)
        return None

    async def _message(self, message: Message) -> dict[str, str]:
        try:
            book = await asyncio.to_thread(self._templates)
        except (Misconfigured, OSError, ValueError) as wrong:
            why = f"the templates cannot be read ({type(wrong).__name__}). Run `tocsin check` where the worker runs"
            raise ChannelMisconfigured(not_delivered(message, why)) from None
        template = template_of(book, message.duty, spoken_to(message.words), drill=message.drill)
        ahead = message.due_at is not None and message.due_at > message.ordered_at
        values = values_of(book, template, message.words, due=names_due(message.duty, ahead=ahead))
        return {
            "SignName": book.sign_name,
            "TemplateCode": template.code,
            "TemplateParam": json.dumps(values, ensure_ascii=False),
        }

    async def _details(self, message: Message, to: str, day: date) -> AsyncIterator[Mapping[str, object]]:
        asked = {"PhoneNumber": to, "SendDate": f"{day:%Y%m%d}", "PageSize": str(PAGE)}
        for page in range(1, MOST_PAGES + 1):
            try:
                answer = await self._call(message, "QuerySendDetails", {**asked, "CurrentPage": str(page)})
                said = taken(message, answer)
            except ChannelUnavailable as failed:
                raise ChannelUnknown(str(failed), code=failed.code) from None
            told = list(_told(said))
            for detail in told:
                yield detail
            if len(told) < PAGE:
                return

    def _number(self, message: Message, address: Address) -> str:
        written = re.sub(r"[ ()-]", "", resolved(address, self._env))
        if found := _MAINLAND.fullmatch(written) or _ELSEWHERE.fullmatch(written):
            return found[1]
        why = "the recipient's number is no mobile number. Write eleven digits, or + and the country's code in front"
        raise ChannelMisconfigured(not_delivered(message, why))

    async def _call(self, message: Message, action: str, parameters: Mapping[str, str]) -> Answer:
        if self._key is None:
            why = "no key for the gateway is set. Set TOCSIN_SMS_KEY_ID and TOCSIN_SMS_KEY_SECRET"
            raise ChannelMisconfigured(not_delivered(message, why))
        # A connection of its own: one that was kept may be gone when it is used, and then nobody knows what was taken.
        headers = {"content-type": FORM, "idempotency-key": message.key, "connection": "close"}
        body = form(action, VERSION, parameters, self._key, self._clock())
        try:
            return await self._http.post(self._gateway, content=body, headers=headers)
        except BadAddress as wrong:
            raise ChannelMisconfigured(not_delivered(message, f"{wrong}. Correct TOCSIN_SMS_GATEWAY")) from None
        except NeverConnected as failed:
            raise ChannelUnavailable(not_delivered(message, f"{failed}. It is tried again")) from None
        except NoAnswer as failed:
            raise unknown(message, str(failed)) from None


def out_id(message: Message) -> str:
    """How the gateway knows a notice: the same at a repeat."""
    return hashlib.sha256(message.key.encode()).hexdigest()[:32]


def days(now: datetime) -> tuple[date, ...]:
    """On which days, in China, a message may have gone out."""
    local = now.astimezone(CHINA)
    today = local.date()
    return (today, today - timedelta(days=1)) if local.time() < SMALL_HOURS else (today,)


def _told(said: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """The messages in an answer, whatever else may stand there."""
    outer = said.get("SmsSendDetailDTOs")
    inner = cast("dict[str, object]", outer).get("SmsSendDetailDTO") if isinstance(outer, dict) else None
    for detail in cast("list[object]", inner) if isinstance(inner, list) else ():
        if isinstance(detail, dict):
            yield cast("dict[str, object]", detail)
