"""What a mailbox tells an incident: what became of its letters, sealed by a worker (contract, section 2; R14).

Without a valid seal it is believed in nothing, for it decides whether somebody counts as told. Errors: none; what
cannot be read becomes a `Bad`, an entry in the record.
"""

from collections.abc import Mapping
from typing import Any, Final, cast

from pydantic import TypeAdapter, ValidationError

from plan.messages import Bad, OpenSeal
from plan.orders import Outcome

SETTLED: Final = "settled"
"""The kind of it."""
DOOR: Final = "mailbox"
OUTCOMES: TypeAdapter[tuple[Outcome, ...]] = TypeAdapter(tuple[Outcome, ...])

_UNSEALED: Final = Bad(
    why="what became of notices is believed from a mailbox only, with a worker's seal; acknowledge a notice as a fact",
    why_zh="通知是否送达，只认系统信箱盖章的回执，未作登记。收到通知请登记“收到”。",
    kind=SETTLED,
)


def read_outcomes(said: object, *, incident_id: str, open_seal: OpenSeal) -> tuple[Outcome, ...] | Bad:
    """The outcomes of a sealed envelope `{fact: {kind, outcomes}, received_at, door, seal}`."""
    envelope = dict(cast("Mapping[str, Any]", said)) if isinstance(said, Mapping) else {}
    fact: Any = envelope.get("fact")
    if envelope.get("door") != DOOR or not isinstance(fact, Mapping) or not open_seal(incident_id, envelope):
        return _UNSEALED
    sealed = cast("Mapping[str, Any]", fact)
    try:
        outcomes = OUTCOMES.validate_python(sealed.get("outcomes"))
    except ValidationError:
        return _UNSEALED
    return outcomes if sealed.get("kind") == SETTLED else _UNSEALED
