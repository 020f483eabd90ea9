"""What the robots of group chats share: one message posted as JSON, its answer judged by the service's own code (R14).

HTTP proves nothing: these services answer an error with 200 too. Nor is their wording read: it changes, and may repeat
the address.

- Code 0 in a 2xx is delivered. 0 under another status contradicts itself: again.
- A code of the service's table is what the table says. Any other is tried again: the series of attempts is bounded, and
  a notice is not given up for a code that nobody has met.
- Without a code the status decides: a wrong address (3xx, 401, 403, 404, ...) or again; a 200 alone is not delivered.
  429 means again, whatever the code.
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from activities.channels.answers import object_in, wait_asked, wrong_address
from activities.channels.contract import (
    ChannelBusy,
    ChannelError,
    ChannelMisconfigured,
    ChannelRefused,
    ChannelUnavailable,
    Message,
)
from activities.http import HTTP, Answer, BadAddress, NoAnswer
from plan.channels import MANNERS
from plan.orders import Delivered

# -- what a code means -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code becomes, why, and when to come back."""

    error: type[ChannelError]
    why: str
    after: timedelta | None = None


def again(why: str, after: timedelta | None = None) -> Meaning:
    return Meaning(ChannelBusy if after else ChannelUnavailable, why, after)


def refused(why: str) -> Meaning:
    return Meaning(ChannelRefused, why)


def misconfigured(why: str) -> Meaning:
    return Meaning(ChannelMisconfigured, why)


@dataclass(frozen=True, slots=True)
class Service:
    """A kind of robot: the fields that may hold its code (each that is there counts), and what its codes mean.

    `wait_header` tells the seconds until it may be spoken to again.
    """

    name: str
    fields: tuple[str, ...]
    codes: Mapping[int, Meaning]
    wait_header: str = "retry-after"

    @property
    def longest(self) -> int:
        """Bytes of a text."""
        return MANNERS[self.name].longest or sys.maxsize


_NOT_KNOWN: Final = again("which is not in its table")
_TOO_MANY: Final = again("too many requests")
_CONTRADICTS: Final = again("success and failure at once")
_NO_CODE: Final = again("without a code of its own")
_NOBODY_THERE: Final = misconfigured("so there is no robot")
_LATER: Final = (ChannelBusy, ChannelUnavailable)
_TODO: Final[Mapping[type[ChannelError], str]] = {
    ChannelBusy: "It is tried again",
    ChannelUnavailable: "It is tried again",
    ChannelRefused: "Another way is tried; report this, for the notice or its wording needs a change",
    ChannelMisconfigured: "Correct the robot's address, its secret or its settings",
}

# -- telling -----------------------------------------------------------------------------------------------------------


def now() -> datetime:
    return datetime.now(UTC)


async def tell(
    http: HTTP, service: Service, url: str, body: Mapping[str, object], message: Message, clock: Callable[[], datetime]
) -> Delivered:
    """Post once, and judge the answer."""
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    headers = {"content-type": "application/json; charset=utf-8", "idempotency-key": message.key}
    try:
        answer = await http.post(url, content=content, headers=headers)
    except BadAddress as wrong:
        raise ChannelMisconfigured(_not_delivered(service, message, f"{wrong}. Correct the address")) from None
    except NoAnswer as failed:
        raise ChannelUnavailable(_not_delivered(service, message, f"{failed}. It is tried again")) from None
    return judged(answer, service, message, clock())


def judged(answer: Answer, service: Service, message: Message, at: datetime) -> Delivered:
    code = _code(answer, service)
    if code == 0 and 200 <= answer.status < 300:
        return Delivered(channel=service.name, code="0")
    meaning = _meaning(code, answer.status, service)
    said = f"HTTP {answer.status}" if code is None else str(code)
    why = f"the robot answered {said} ({meaning.why}). {_TODO[meaning.error]}"
    text = _not_delivered(service, message, why)
    asked = wait_asked(answer.headers.get(service.wait_header), at)
    if (waits := [wait for wait in (meaning.after, asked) if wait]) and meaning.error in _LATER:
        raise ChannelBusy(text, code=said, retry_after=max(waits))
    raise meaning.error(text, code=said)


def _code(answer: Answer, service: Service) -> int | None:
    """The first code that is not success; None where one that is there is no number, or none is there."""
    said = object_in(answer.body)
    codes = [said[field] for field in service.fields if field in said]
    numbers = [code for code in codes if type(code) is int]
    if not codes or len(numbers) < len(codes):
        return None
    return next((code for code in numbers if code != 0), 0)


def _meaning(code: int | None, status: int, service: Service) -> Meaning:
    if code is None:
        return _NOBODY_THERE if wrong_address(status) else _NO_CODE
    if code == 0:
        return _CONTRADICTS
    meaning = service.codes.get(code, _NOT_KNOWN)
    return _TOO_MANY if status == 429 and meaning.error not in _LATER else meaning


def _not_delivered(service: Service, message: Message, why: str) -> str:
    return f"The notice for {message.recipient} was not delivered over {service.name}: {why}."
