"""What there is and what comes: inboxes of every kind, and each attempt to reach one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

Audience = Literal["internal", "tripartite", "personal", ""]


class Kind(StrEnum):
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    WEBHOOK = "webhook"
    SMS = "sms"
    VOICE = "voice"
    SMTP = "smtp"
    ASK = "ask"
    """Questions to a gateway what became of a message; nobody reads them, but they can be made to fail."""


CHATS = (Kind.WECOM, Kind.DINGTALK, Kind.FEISHU)
SELF_OPENING = (Kind.SMS, Kind.VOICE, Kind.SMTP, Kind.ASK)
"""Any number and any mail box can be written to; a robot or a receiver must be there first."""


class Member(BaseModel):
    """Who is in a chat, or whose phone it is. `mentions` are the names by which the service knows the person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    role: str = ""
    mentions: tuple[str, ...] = ()


class Inbox(BaseModel):
    """One chat, phone, mail box or receiver. `key` is what the service calls it by; whoever has `secret` may sign."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    id: str
    title: str = ""
    people: tuple[Member, ...] = ()
    audience: Audience = ""
    key: str = ""
    secret: str = ""
    url: str = ""

    @property
    def address(self) -> str:
        return f"{self.kind}/{self.id}"

    @property
    def name(self) -> str:
        return self.title or self.id


@dataclass(frozen=True)
class Arrival:
    """One attempt. `answer` is the service's own code, or what was done instead; `taken`: the people can read it.

    `fault` is what it was told to do; `limited`: refused because too much came; `mentions` as the service was given
    them; `read`: its text was read at all. `subject` and `sender` are a mail's, `notes` an SMS's template and OutId;
    `number` counts all that came.
    """

    inbox: str
    at: datetime
    key: str
    text: str
    mentions: tuple[str, ...]
    answer: str = ""
    taken: bool = False
    number: int = 0
    fault: str | None = None
    limited: bool = False
    read: bool = True
    subject: str = ""
    sender: str = ""
    notes: tuple[str, ...] = ()

    @property
    def content(self) -> tuple[str, tuple[str, ...]]:
        return self.text, self.mentions
