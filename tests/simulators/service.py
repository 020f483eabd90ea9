"""What every service of the simulators is: hears a call, says what is wrong with it, and has its own words for it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, cast

from tests.simulators.inbox import Inbox, Kind

if TYPE_CHECKING:
    from tests.simulators.town import Town


@dataclass(frozen=True)
class Call:
    """One request, as it came; `headers` and `query` by name, `rest` of the path below the service's own."""

    method: str
    rest: str
    raw_query: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    at: datetime


@dataclass(frozen=True)
class Answer:
    """`code` is the service's own word for it, which stands in `body` too."""

    code: str
    body: Mapping[str, object]
    status: int = 200


@dataclass(frozen=True)
class Heard:
    """What a call says, as far as it could be read; `problem` where the service would not take it."""

    inbox: Inbox | None = None
    key: str = ""
    text: str = ""
    mentions: tuple[str, ...] = ()
    problem: Answer | None = None
    notes: tuple[str, ...] = ()
    answer: Answer | None = None
    """Instead of the service's usual yes."""
    shown: bool = True
    """Whether, taken, it reaches anybody."""


class Service(Protocol):
    @property
    def kind(self) -> Kind: ...

    def hear(self, call: Call, town: "Town") -> Heard:
        """Read and check everything but the limits."""
        ...

    @property
    def yes(self) -> str:
        """Its own word for success."""
        ...

    def taken(self, heard: Heard, number: int) -> Answer:
        """Its whole answer to what it has taken as this number."""
        ...

    def refusal(self, code: str | None) -> Answer:
        """Its no, with this code, else the one it says for good."""
        ...

    @property
    def busy(self) -> Answer:
        """Its "try again"."""
        ...

    @property
    def too_fast(self) -> Answer: ...


class Unreadable(Exception):
    """A body that is not what the service takes."""


@dataclass(frozen=True)
class Body:
    """A JSON object whose fields are asked for with their type; `Unreadable` where they are not there or another."""

    fields: Mapping[str, object] = field(default_factory=dict[str, object])

    @classmethod
    def of(cls, raw: bytes) -> "Body":
        try:
            said = json.loads(raw)
        except (ValueError, RecursionError):
            raise Unreadable("not JSON") from None
        if not isinstance(said, dict):
            raise Unreadable("no object")
        return cls(cast("dict[str, object]", said))

    def text(self, name: str) -> str:
        value = self.fields.get(name)
        if not isinstance(value, str) or not value:
            raise Unreadable(name)
        return value

    def part(self, name: str) -> "Body":
        value = self.fields.get(name)
        if not isinstance(value, dict):
            raise Unreadable(name)
        return Body(cast("dict[str, object]", value))

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; absent is empty."""
        value = self.fields.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in cast("list[object]", value)):
            raise Unreadable(name)
        return tuple(cast("list[str]", value))

    def has(self, name: str) -> bool:
        return name in self.fields


def key_of(call: Call) -> str:
    return call.headers.get("idempotency-key", "")
