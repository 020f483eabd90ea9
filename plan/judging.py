"""What the book says of a judgement: the digest of what was told, what was held, which clocks started and were met."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from plan.clock import Clock
from plan.facts import AnyFact
from plan.incident import Incident
from plan.placing import known_at_said
from plan.told import Told
from plan.values import stamp


def content_digest(fact: AnyFact) -> str:
    """What makes two facts of one id the same: everything said but the id."""
    said = fact.model_dump_json(exclude={"fact_id"}, exclude_defaults=True)
    return hashlib.sha256(said.encode()).hexdigest()


def held(folded: Incident, told: Told) -> dict[str, JsonValue]:
    """Where the fact does not stand at the instant that was said: a stamp or a known_at that was held."""
    held = held_back(told.held_from)
    last = folded.circumstances[-1] if folded.circumstances else None
    said = known_at_said(told.fact)
    if last is not None and last.fact_id == told.fact_id and said is not None and last.placed_at != said:
        held["placed_at"] = stamp(last.placed_at)
    return held


def held_back(held_from: datetime | None) -> dict[str, JsonValue]:
    """A stamp in the future, which was held back to now."""
    return {} if held_from is None else {"held_from": stamp(held_from)}


def newly_started(before: Sequence[Clock], after: Sequence[Clock]) -> tuple[str, ...]:
    known = {clock.id for clock in before}
    return tuple(clock.id for clock in after if clock.id not in known)


def newly_met(before: Sequence[Clock], after: Sequence[Clock]) -> tuple[str, ...]:
    unmet = {clock.id for clock in before if clock.met_at is None}
    known = {clock.id for clock in before}
    return tuple(
        clock.id for clock in after if clock.met_at is not None and (clock.id in unmet or clock.id not in known)
    )
