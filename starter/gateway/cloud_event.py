"""CloudEvents 1.0 as they come in: structured, batched, or binary (https://cloudevents.io; docs/http.md).

`tocsin.complaint` carries a complaint, `tocsin.fact` a fact about the incident that is its subject. Source and id name
an event for ever, so they do what an Idempotency-Key does. Extensions are passed over. Errors: Malformed, HTTPProblem.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import unquote_to_bytes

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator
from starlette.requests import Request

from plan.errors import Malformed
from plan.malformed import malformed
from starter.gateway.bodies import JSON, NAME, Unreadable, array, media_type
from starter.gateway.idempotency import key_of_event
from starter.reading import parse_json, parse_object

STRUCTURED: Final = "application/cloudevents+json"
BATCHED: Final = "application/cloudevents-batch+json"
COMPLAINT: Final = "tocsin.complaint"
FACT: Final = "tocsin.fact"
NAME_IS: Final = "This event's source and id together"
_ATTRIBUTES: Final = ("specversion", "id", "source", "type", "subject", "time", "dataschema")

Word = Annotated[str, Field(min_length=1, max_length=1000)]


class CloudEvent(BaseModel):
    """One event. Its data is JSON, here or, in base64, in `data_base64`."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    specversion: Literal["1.0"]
    id: Word
    source: Word = Field(description="A URI reference.")
    type: Literal["tocsin.complaint", "tocsin.fact"]
    subject: Word | None = Field(default=None, description="Of a fact: the incident it is about.")
    time: AwareDatetime | None = Field(default=None, description="Kept nowhere: what counts is when it was received.")
    datacontenttype: str | None = Field(default=None, max_length=200, examples=["application/json"])
    dataschema: str | None = Field(default=None, max_length=1000)
    data: dict[str, JsonValue] | None = None
    data_base64: str | None = Field(default=None, max_length=400_000)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if (self.data is None) == (self.data_base64 is None):
            raise ValueError("needs data, or data_base64, and not both")
        if self.type == FACT and self.subject is None:
            raise ValueError("needs a subject: the id of the incident that the fact is about")
        kind = (self.datacontenttype or JSON).partition(";")[0].strip().lower()
        if kind != JSON and not kind.endswith("+json"):
            raise ValueError("has data of another kind; datacontenttype must be application/json")
        return self

    @property
    def key(self) -> str:
        return key_of_event(self.source, self.id)

    def content(self) -> dict[str, Any]:
        """The complaint or fact in it."""
        if self.data is not None:
            return dict(self.data)
        try:
            raw = base64.b64decode(self.data_base64 or "", validate=True)
        except (binascii.Error, ValueError):
            raise Malformed("data_base64 is not base64. Send data as JSON instead.") from None
        return parse_object(raw, "data_base64")


async def event_of(request: Request) -> CloudEvent | list[CloudEvent | Unreadable]:
    """What was sent: one event, or those of a batch."""
    binary = "ce-specversion" in request.headers
    said = media_type(request, *((JSON,) if binary else (STRUCTURED, BATCHED)))
    body = await request.body()
    if said == BATCHED:
        return [item if isinstance(item, Unreadable) else _or_unreadable(item) for item in array(body)]
    return read(_in_headers(request, body) if binary else parse_object(body, NAME))


def read(said: Mapping[str, Any]) -> CloudEvent:
    try:
        return CloudEvent.model_validate({name: value for name, value in said.items() if value is not None})
    except ValidationError as error:
        raise malformed(error, "the event") from None


def _or_unreadable(item: Mapping[str, Any]) -> CloudEvent | Unreadable:
    try:
        return read(item)
    except Malformed as error:
        return Unreadable(error)


def _in_headers(request: Request, body: bytes) -> dict[str, Any]:
    """Binary mode: attributes are headers, in percent-encoding where they are not ASCII; the body is the data."""
    found: dict[str, Any] = {}
    for name in _ATTRIBUTES:
        written = request.headers.getlist(f"ce-{name}")
        if len(written) > 1:
            raise Malformed(f"the event cannot be read: the header ce-{name} stands several times. Send it once.")
        if written:
            found[name] = _decoded(name, written[0])
    return {**found, "data": parse_json(body, NAME)}


def _decoded(name: str, written: str) -> str:
    quoted = written[1:-1] if len(written) > 1 and written[0] == written[-1] == '"' else written
    try:
        return unquote_to_bytes(quoted.encode("latin-1")).decode("utf-8")
    except UnicodeError:
        raise Malformed(f"the event cannot be read: the header ce-{name} is not UTF-8 in percent-encoding.") from None
