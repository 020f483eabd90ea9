"""Messages that arrive at an incident, and may be anything (contract, section 2, "Doors and seals").

A message is a fact, or a door's envelope `{fact, received_at, door, seal}`. Whatever cannot be read becomes a `Bad`: an
entry in the record, never an error in the workflow.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from plan.errors import Malformed
from plan.facts import AnyFact
from plan.malformed import parse_fact
from plan.told import Told
from plan.values import Instant, Kept

OpenSeal = Callable[[str, dict[str, Any]], bool]
INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
ENVELOPE = frozenset({"fact", "received_at", "door", "seal"})


class Bad(Kept):
    """A message that could not be read: why, and who sent it as far as it says."""

    why: str
    why_zh: str = "这条消息读不懂，未作登记。请按参考手册的格式重发。"
    by: str | None = None
    kind: str = "malformed"


def read_message(
    said: object, *, incident_id: str, now: datetime, fact_id: str, open_seal: OpenSeal, kind: str | None = None
) -> Told | Bad:
    """The fact with its stamp. `fact_id` and `kind` stand in where the message has none."""
    envelope = _envelope(said)
    body = _with_kind(envelope.get("fact"), kind)
    try:
        fact = parse_fact(body)
    except Malformed as error:
        return Bad(why=str(error)[:2_000], by=_claimed(body), kind=_kind(body))
    if kind is not None and fact.kind != kind:
        return Bad(why=f"this signal takes a {kind} fact only; send others to record", by=fact.by, kind=fact.kind)
    return _stamped(fact, envelope, incident_id, now, fact_id, open_seal)


def _with_kind(body: object, kind: str | None) -> object:
    if kind is None or not isinstance(body, Mapping):
        return body
    return {"kind": kind, **cast("Mapping[str, object]", body)}


def _envelope(said: object) -> dict[str, Any]:
    if isinstance(said, Mapping):
        mapping = cast("Mapping[str, Any]", said)
        if "fact" in mapping and set(mapping) <= ENVELOPE:
            return dict(mapping)
    return {"fact": said}


def _stamped(
    fact: AnyFact, envelope: dict[str, Any], incident_id: str, now: datetime, fact_id: str, open_seal: OpenSeal
) -> Told:
    received_at, door, sealed = now, "temporal", False
    if envelope.get("seal") is not None and open_seal(incident_id, envelope):
        try:
            received_at = INSTANT.validate_python(envelope.get("received_at"))
            door, sealed = str(envelope.get("door")), True
        except ValidationError:
            received_at = now
    return Told(
        fact=fact,
        fact_id=fact.fact_id or fact_id,
        received_at=min(received_at, now),
        recorded_at=now,
        door=door,
        sealed=sealed,
        held_from=received_at if received_at > now else None,
    )


def _claimed(body: object) -> str | None:
    return as_id(cast("Mapping[str, object]", body).get("by") if isinstance(body, Mapping) else None)


def as_id(said: object) -> str | None:
    """What has the form of a person's id; anything else might be a name, and does not enter the record."""
    return said if isinstance(said, str) and _REF.fullmatch(said) else None


def _kind(body: object) -> str:
    kind = cast("Mapping[str, object]", body).get("kind") if isinstance(body, Mapping) else None
    return kind if isinstance(kind, str) and kind.isidentifier() and kind.isascii() and len(kind) <= 60 else "malformed"
