"""Messages that arrive at a register, and may be anything (contract, section 2, "Doors and seals").

A message is an item, or a door's envelope around one. What cannot be read becomes a `Bad`, never an error in the
workflow; nothing of it is repeated.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, cast

from pydantic import TypeAdapter, ValidationError

from plan.errors import Malformed
from plan.malformed import faults_of, malformed
from plan.messages import ENVELOPE, Bad, as_id
from plan.register_items import ITEM, ITEMS, AnyItem, ItemTold
from plan.values import Instant

MALFORMED: Final = "malformed"
_INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)


def read_item(
    said: object, *, register_id: str, now: datetime, fact_id: str, open_seal: Callable[[str, dict[str, Any]], bool]
) -> ItemTold | Bad:
    """The item with its stamp. `fact_id` stands in where it has none; a stamp in the future is held back to now."""
    envelope = _envelope(said)
    body: object = envelope.get("fact")
    kind, by = _kind(body), _claimed(body)
    if kind == MALFORMED:
        return Bad(why=f"it is not an item of a register; name its kind, one of {', '.join(ITEMS)}", by=by)
    try:
        item = ITEM.validate_python(body)
    except ValidationError as error:
        why = "\n".join(["the item cannot be read; put right and send it again:", *faults_of(error)])[:2_000]
        return Bad(why=why, by=by, kind=kind)
    except RecursionError:
        return Bad(why="the item is nested too deeply; send it flat", by=by)
    received_at, door, sealed = now, "temporal", False
    if envelope.get("seal") is not None and open_seal(register_id, envelope):
        received_at, door, sealed = _stamped(envelope, now), str(envelope.get("door")), True
    return ItemTold(
        item=item,
        fact_id=item.fact_id or fact_id,
        received_at=min(received_at, now),
        door=door,
        sealed=sealed,
    )


def parse_item(data: object) -> AnyItem:
    """The item as a door takes it. Errors: Malformed, with every fault."""
    if _kind(data) == MALFORMED:
        raise Malformed(f"the item cannot be read: name its kind, one of {', '.join(ITEMS)}")
    try:
        return ITEM.validate_python(data)
    except ValidationError as error:
        raise malformed(error, "the item") from None  # its cause would carry what was sent


def _envelope(said: object) -> dict[str, Any]:
    if isinstance(said, Mapping):
        mapping = cast("Mapping[str, Any]", said)
        if "fact" in mapping and set(mapping) <= ENVELOPE:
            return dict(mapping)
    return {"fact": said}


def _stamped(envelope: Mapping[str, Any], now: datetime) -> datetime:
    try:
        return _INSTANT.validate_python(envelope.get("received_at"))
    except ValidationError:
        return now


def _kind(body: object) -> str:
    kind = cast("Mapping[str, object]", body).get("kind") if isinstance(body, Mapping) else None
    return kind if isinstance(kind, str) and kind in ITEMS else MALFORMED


def _claimed(body: object) -> str | None:
    return as_id(cast("Mapping[str, object]", body).get("by") if isinstance(body, Mapping) else None)
