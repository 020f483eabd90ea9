"""What the SMS gateway's answer means for a notice (R14): taken, or why not. Its codes stand in `sms_codes.py`.

An answer without a code of the gateway's own comes from something between us and it, or broke off: only where that
surely stands before the gateway (a redirect, a refusal) is it known that nothing was taken.
"""

import re
from collections.abc import Mapping
from typing import Final

from activities.channels.answers import object_in, short
from activities.channels.contract import (
    ChannelBusy,
    ChannelError,
    ChannelMisconfigured,
    ChannelRefused,
    ChannelUnavailable,
    ChannelUnknown,
    Message,
)
from activities.channels.sms_codes import A_MINUTE, TAKEN, Verdict, verdict_of, wait_of
from activities.http import Answer

TOO_MANY: Final = 429
_SLOW: Final = frozenset({408, 425})
_CODE: Final = re.compile(r"[A-Za-z0-9_.:-]{1,100}")


def taken(message: Message, answer: Answer) -> Mapping[str, object]:
    """What a gateway that says `OK` says."""
    said = object_in(answer.body)
    code = short(said.get("Code"))
    if code == TAKEN and 200 <= answer.status < 300:
        return said
    raise _of_code(message, code) if code != TAKEN and _CODE.fullmatch(code) else _of_status(message, answer)


def _of_code(message: Message, code: str) -> ChannelError:
    why = f"the gateway answered {code}"
    match verdict_of(code):
        case Verdict.BUSY:
            wait = wait_of(code)
            return ChannelBusy(not_delivered(message, f"{why}. It is tried again"), code=code, retry_after=wait)
        case Verdict.AGAIN:
            return ChannelUnavailable(not_delivered(message, f"{why}. It is tried again"), code=code)
        case Verdict.REFUSED:
            return ChannelRefused(not_delivered(message, f"{why} and does not take it"), code=code)
        case Verdict.MISCONFIGURED:
            what = "Correct the account, the key or the templates (TOCSIN_SMS_…)"
            return ChannelMisconfigured(not_delivered(message, f"{why}. {what}"), code=code)
        case Verdict.UNKNOWN:
            return unknown(message, why, code)


def _of_status(message: Message, answer: Answer) -> ChannelError:
    """An answer without a code of the gateway's: something between us and it speaks, or it broke off."""
    why, code = f"the answer is {answer.status} without a code of the gateway's", str(answer.status)
    if answer.status == TOO_MANY:
        again = not_delivered(message, f"{why}. It is tried again")
        return ChannelBusy(again, code=code, retry_after=A_MINUTE)
    if 300 <= answer.status < 500 and answer.status not in _SLOW:
        return ChannelMisconfigured(not_delivered(message, f"{why}. Correct TOCSIN_SMS_GATEWAY"), code=code)
    return unknown(message, why, code)


def unknown(message: Message, why: str, code: str = "") -> ChannelUnknown:
    return ChannelUnknown(
        f"It is not known whether the SMS gateway took the notice for {message.recipient}: {why}. It is asked, and "
        "nothing is sent twice.",
        code=code,
    )


def not_delivered(message: Message, why: str) -> str:
    return f"The notice for {message.recipient} was not delivered by SMS: {why}."
