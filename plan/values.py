"""The kinds of values everything is made of: ids, instants, texts, and the two bases of all models.

Instants are aware and kept in UTC. Free text and personal data carry the mark `Sealed`: the record commits to them by a
salted hash and keeps the words apart, so that they can be masked and erased (contract, section 8; R29).
"""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, cast

import rfc8785
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    StringConstraints,
    model_validator,
)

MAX_TEXT = 8_000
"""Characters of one free text."""


class Inbound(BaseModel):
    """What comes in through a door: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Stated(Inbound):
    """What people and systems state: null says nothing, just as a field that is left out."""

    @model_validator(mode="before")
    @classmethod
    def _null_says_nothing(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        said = cast("dict[Any, Any]", data)
        return {name: value for name, value in said.items() if value is not None or name not in cls.model_fields}


class Kept(BaseModel):
    """What is kept in a history: unknown fields are ignored, and a field added later has a default."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Sealed:
    """Marks a field whose words are kept apart from the record (personal data, free text)."""


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _without_controls(text: str) -> str:
    text = text.replace("\r\n", "\n")
    if _CONTROL.search(text):
        raise ValueError("holds a control character; send plain text")
    return text


def _instant_as_written(value: object) -> object:
    """Refuse bare numbers: an instant is written out, with its offset (`2026-11-24T09:12:00+08:00`)."""
    if isinstance(value, datetime) or (isinstance(value, str) and _INSTANT.match(value)):
        return value
    raise ValueError("is not an instant; write it like 2026-11-24T09:12:00+08:00")


def _day_as_written(value: object) -> object:
    if (isinstance(value, date) and not isinstance(value, datetime)) or (
        isinstance(value, str) and _DAY.fullmatch(value)
    ):
        return value
    raise ValueError("is not a day; write it like 2026-11-24")


def utc(instant: datetime) -> datetime:
    """The same instant in UTC."""
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("is outside the calendar; check the year") from None


def _within_the_calendar(instant: datetime) -> datetime:
    """Limits are added to instants, so that far ones would overflow."""
    if not _EARLIEST <= instant < _LATEST:
        raise ValueError("is outside the calendar; check the year")
    return instant


def stamp(instant: datetime) -> str:
    """How the record writes an instant: ISO 8601 in UTC with microseconds and `Z`."""
    return utc(instant).isoformat(timespec="microseconds")[:-6] + "Z"


def _canonical(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Only what has an RFC 8785 form can be hashed: no NaN, no number beyond 2^53, no broken Unicode."""
    try:
        rfc8785.dumps(value)
    except (ValueError, RecursionError):
        raise ValueError("holds something that JSON cannot carry exactly; send plain values") from None
    return value


def _blank_says_nothing(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


Instant = Annotated[
    AwareDatetime, BeforeValidator(_instant_as_written), AfterValidator(utc), AfterValidator(_within_the_calendar)
]
Stamp = Annotated[Instant, PlainSerializer(stamp, return_type=str, when_used="json")]
"""An instant that is written as JSON exactly as the record hashes it."""
Day = Annotated[date, BeforeValidator(_day_as_written)]
Plain = AfterValidator(_without_controls)

IncidentId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
FactId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/~-]{0,199}$")]
PersonKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Ref = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$")]
"""The id of a unit, an outlet, an insurer, a person or a system."""

Label = Annotated[str, StringConstraints(max_length=200), Plain]
"""A short text that is not confidential: a reference number, a system's name."""
FreeText = Annotated[str, StringConstraints(max_length=MAX_TEXT), Plain, Sealed()]
"""What people write: confidential, for names get into it."""
PersonalText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), Plain, Sealed()]
"""A name, a phone number, a policy number."""
MaybePersonal = Annotated[PersonalText | None, BeforeValidator(_blank_says_nothing)]
"""Personal data that may come later: an empty box of a form was not filled in (R24)."""
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Flag = Annotated[bool, Field(strict=True)]
Json = Annotated[dict[str, JsonValue], AfterValidator(_canonical)]


def blank(text: str | None) -> bool:
    """Nothing said: absent, empty or white space only."""
    return text is None or not text.strip()
