"""A scene whose people are reached over every kind of channel, the other side simulated in this process.

Work groups have chats (the county's in WeCom, the city's in DingTalk, the province's in Feishu), outlet leads and
insurers webhooks, contacts short messages, the Post's leadership mail, the Bank's calls; everybody has a second way of
another kind. `NOBODY` has one way that refuses everything.
"""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

from bench import town
from bench.scene import Change, Scene, as_it_is
from tests.simulators.faults import Fault
from tests.simulators.inbox import CHATS, Inbox, Kind
from tests.simulators.simulators import Simulators

KINDS: Final = (*CHATS, Kind.WEBHOOK, Kind.SMTP, Kind.SMS, Kind.VOICE)
NOBODY: Final = f"{town.outlet(0)}.lead"
REFUSING: Final = "webhook/nobody"
Kinds = tuple[Kind, Kind]
WAYS: Final[Mapping[str, Kinds]] = {
    "lead": (Kind.WEBHOOK, Kind.SMS),
    "contact": (Kind.SMS, Kind.WEBHOOK),
    "post": (Kind.SMTP, Kind.WEBHOOK),
    "bank": (Kind.VOICE, Kind.SMTP),
}
"""First and second way, by the end of a person's id."""
_CHATS: Final = {"hq": Kind.FEISHU, "gd": Kind.FEISHU, "gd-gz": Kind.DINGTALK, "gd-sz": Kind.DINGTALK}
"""By unit, where it is not WeCom."""
_DOMAIN: Final = "simulated.example"


def first_way(person: str) -> Kind:
    """By what somebody is reached first."""
    return _kinds(person, WAYS)[0]


class Channels(Scene):
    def __init__(
        self, folder: Path, *, outlets: int = 3, change: Change = as_it_is, ways: Mapping[str, Kinds] = WAYS
    ) -> None:
        super().__init__(folder, outlets=outlets, change=change)
        self.simulators = Simulators()
        self._kinds = ways
        self._phones: dict[str, str] = {}

    async def ways(self, opening: AsyncExitStack) -> town.Ways:
        there = await opening.enter_async_context(self.simulators)
        there.fault(REFUSING, Fault.refuse())
        self.environment |= {
            "TOCSIN_SMS_GATEWAY": there.sms.url,
            "TOCSIN_SMS_KEY_ID": there.sms.access_key_id,
            "TOCSIN_SMS_KEY_SECRET": there.sms.access_key_secret,
            "TOCSIN_VOICE_GATEWAY": there.voice.url,
            "TOCSIN_VOICE_SECRET": there.voice.secret,
            "TOCSIN_SMTP_SERVER": f"smtp+plain://{there.smtp.host}:{there.smtp.plain}",
            "TOCSIN_SMTP_SENDER": f"tocsin@{_DOMAIN}",
        }
        return self._ways_of

    def _ways_of(self, person: str) -> list[dict[str, Any]]:
        if person == NOBODY:
            return [self._way(person, Kind.WEBHOOK, REFUSING.partition("/")[2])]
        return [self._way(person, kind) for kind in _kinds(person, self._kinds)]

    def _way(self, person: str, kind: Kind, name: str | None = None) -> dict[str, Any]:
        """One address; a robot and a receiver are opened for it, and their secrets named to the workers."""
        match kind:
            case Kind.SMS | Kind.VOICE:
                number = self._phones.setdefault(person, f"138{len(self._phones):08}")
                return {"channel": kind, "to": number, "audience": "personal"}
            case Kind.SMTP:
                return {"channel": kind, "to": f"{person}@{_DOMAIN}", "audience": "personal"}
            case _:
                audience = "internal" if kind in CHATS else "personal"
                inbox = self._opened(kind, name or (_unit(person) if kind in CHATS else person))
                secret = self._named(inbox) if inbox.secret else None
                return {"channel": kind, "to": inbox.url, "secret_env": secret, "audience": audience}

    def _opened(self, kind: Kind, name: str) -> Inbox:
        known = {each.address: each for each in self.simulators.inboxes()}
        return known.get(f"{kind}/{name}") or self.simulators.open(kind, name)

    def _named(self, inbox: Inbox) -> str:
        name = f"SECRET_{inbox.kind}_{inbox.id}".upper().replace("-", "_").replace(".", "_")
        self.environment[name] = inbox.secret
        return name


def _kinds(person: str, ways: Mapping[str, Kinds]) -> Kinds:
    role = person.rpartition(".")[2]
    if role.startswith("work"):
        return _CHATS.get(_unit(person), Kind.WECOM), Kind.SMS
    return ways.get(role, (Kind.WEBHOOK, Kind.SMTP))


def _unit(person: str) -> str:
    return person.rpartition(".")[0]
