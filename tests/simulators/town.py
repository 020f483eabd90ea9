"""What there is in the simulated world, what is wrong with it, and what came: everything but the servers.

Every method may be called from any thread. Times are aware UTC instants of `clock`.
"""

import asyncio
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from tests.simulators.aliyun import Gateway
from tests.simulators.faults import EVERYWHERE, Fault, Faults
from tests.simulators.inbox import CHATS, SELF_OPENING, Arrival, Audience, Inbox, Kind, Member
from tests.simulators.limits import Limits
from tests.simulators.mail import MailAccount
from tests.simulators.service import Heard
from tests.simulators.voice import VoiceAccount
from tests.simulators.webhook import made_secret

PATIENCE: Final = timedelta(seconds=20)
Content = tuple[str, tuple[str, ...]]


def _now() -> datetime:
    return datetime.now(UTC)


class Town:
    """The state. `url` is where its HTTP servers are reached; an inbox has addresses only when it is known."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] | None = None,
        shorten: float = 1,
        limits: bool = True,
        sms_limits: bool = False,
    ) -> None:
        self.clock = clock or _now
        self.url = ""
        self.faults, self.limits = Faults(), Limits(_held(chats=limits, phones=sms_limits), shorten=shorten)
        self.sms = Gateway()
        self.voice = VoiceAccount()
        self.smtp = MailAccount()
        self.receipts: dict[str, tuple[int, str]] = {}
        """By phone: what a receipt says (`SendStatus` and `ErrCode`), where it is not that the message arrived."""
        self._inboxes: dict[str, Inbox] = {}
        self._arrivals: list[Arrival] = []
        self._closed = False
        self._changed = threading.Condition(threading.RLock())

    def reached_at(self, url: str) -> None:
        """Where its HTTP servers listen; inboxes are opened after this."""
        self.url = url
        self.sms.url = url
        self.voice.url = f"{url}/voice"

    # -- inboxes -------------------------------------------------------------------------------------------------------

    def open(
        self,
        kind: Kind | str,
        id: str,
        *,
        title: str = "",
        people: Iterable[Member] = (),
        audience: Audience = "",
        key: str | None = None,
        secret: str | None = None,
    ) -> Inbox:
        """A robot in a chat, a receiver; or a name for a phone or a mail box. `secret=""`: nothing is signed."""
        kind = Kind(kind)
        key = key or (secrets.token_hex(16) if kind in CHATS else id)
        inbox = Inbox(
            kind=kind,
            id=id,
            title=title,
            people=tuple(people),
            audience=audience,
            key=key,
            secret=_secret(kind) if secret is None else secret,
            url=self._url_of(kind, key),
        )
        with self._changed:
            self._inboxes[inbox.address] = inbox
        return inbox

    def inbox(self, address: str) -> Inbox:
        """By its address; a phone or mail box that is not there yet opens. `KeyError` for a robot nobody opened."""
        with self._changed:
            if address not in self._inboxes and Kind(address.partition("/")[0]) in SELF_OPENING:
                self.open(address.partition("/")[0], address.partition("/")[2])
            return self._inboxes[address]

    def robot(self, kind: Kind, key: str) -> Inbox | None:
        """Which one a service calls by this key."""
        with self._changed:
            return next((each for each in self._inboxes.values() if (each.kind, each.key) == (kind, key)), None)

    def inboxes(self) -> tuple[Inbox, ...]:
        with self._changed:
            return tuple(self._inboxes.values())

    def _url_of(self, kind: Kind, key: str) -> str:
        match kind:
            case Kind.WECOM:
                return f"{self.url}/wecom/cgi-bin/webhook/send?key={key}"
            case Kind.DINGTALK:
                return f"{self.url}/dingtalk/robot/send?access_token={key}"
            case Kind.FEISHU:
                return f"{self.url}/feishu/open-apis/bot/v2/hook/{key}"
            case Kind.WEBHOOK:
                return f"{self.url}/webhook/{key}"
            case Kind.SMS | Kind.VOICE | Kind.SMTP | Kind.ASK:
                return ""

    # -- faults --------------------------------------------------------------------------------------------------------

    def fault(self, place: str, *faults: Fault) -> None:
        """An inbox, a kind or `*` fails so, one fault after another, instead of what was set there before."""
        with self._changed:
            self.faults.set(place, *faults)

    def mend(self, place: str | None = None) -> None:
        with self._changed:
            self.faults.mend(place)

    # -- what came -----------------------------------------------------------------------------------------------------

    def judge(self, heard: Heard) -> tuple[Fault | None, bool]:
        """The fault that this call meets, and whether it came too fast. Each call is counted once."""
        with self._changed:
            if heard.problem or heard.inbox is None:
                return None, False
            address = heard.inbox.address
            if not self.limits.allow(heard.inbox.kind, address, self.clock()):
                return None, True
            return self.faults.next(address), False

    def keep(self, arrival: Arrival) -> Arrival:
        """Remember it under the next number."""
        with self._changed:
            arrival = replace(arrival, number=len(self._arrivals) + 1)
            self._arrivals.append(arrival)
            self._changed.notify_all()
            return arrival

    def arrivals(self, place: str = EVERYWHERE) -> tuple[Arrival, ...]:
        """Every attempt at an inbox, a kind, or anywhere (without questions to gateways), in the order they came."""
        with self._changed:
            return tuple(each for each in self._arrivals if _at(each, place))

    def taken(self, place: str = EVERYWHERE) -> tuple[Arrival, ...]:
        """What the people there can read."""
        return tuple(each for each in self.arrivals(place) if each.taken)

    def throttled(self, place: str = EVERYWHERE) -> tuple[Arrival, ...]:
        """What was refused because it was too much."""
        return tuple(each for each in self.arrivals(place) if each.limited)

    def keys(self, place: str = EVERYWHERE) -> set[str]:
        return {each.key for each in self.arrivals(place) if each.key}

    def contents(self, key: str) -> set[Content]:
        """What came under one key; more than one means that a repeat said something else."""
        return {each.content for each in self.arrivals() if each.key == key and each.read}

    def torn(self) -> dict[str, set[Content]]:
        """The keys that came with more than one content. A notice over another channel has another key."""
        contents: defaultdict[str, set[Content]] = defaultdict(set)
        for each in self.arrivals():
            if each.read and each.key:
                contents[each.key].add(each.content)
        return {key: each for key, each in contents.items() if len(each) > 1}

    def forget(self) -> None:
        """All that came, and what the limits remember; numbers begin anew."""
        with self._changed:
            self._arrivals.clear()
            self.limits.forget()

    async def until(self, holds: Callable[[], bool], within: timedelta = PATIENCE) -> None:
        """Wait for something to hold, looking again at each arrival. `TimeoutError` when it never does."""

        def wait() -> bool:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or holds(), within.total_seconds())
                return holds()

        if not await asyncio.to_thread(wait):
            raise TimeoutError(f"It did not come true in {within.total_seconds():.0f} s: {len(self._arrivals)} came.")

    def close(self) -> None:
        """Nothing comes any more: whoever waits need not."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def _at(arrival: Arrival, place: str) -> bool:
    if place == EVERYWHERE:
        return not arrival.inbox.startswith(f"{Kind.ASK}/")
    return place in (arrival.inbox, arrival.inbox.partition("/")[0])


def _held(*, chats: bool, phones: bool) -> frozenset[Kind]:
    return frozenset((*(CHATS if chats else ()), *((Kind.SMS,) if phones else ())))


def _secret(kind: Kind) -> str:
    match kind:
        case Kind.DINGTALK:
            return f"SEC{secrets.token_hex(32)}"
        case Kind.FEISHU:
            return secrets.token_urlsafe(16)
        case Kind.WEBHOOK:
            return made_secret()
        case _:
            return ""
