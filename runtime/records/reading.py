"""What is asked of the store about one incident: its entries as they were exported, and what is left of its words."""

from collections.abc import Sequence
from typing import NamedTuple

from pydantic import JsonValue
from sqlalchemy import select

from plan.record import Entry
from runtime.records.engine import Store
from runtime.records.keys import opened
from runtime.records.tables import DATA_KEYS, ENTRIES, HEADS, INCIDENTS, VAULT


class KeptAs(NamedTuple):
    """Where a kept incident was and what it was, as of its last batch. `outlet` is a unit where no outlet was known."""

    outlet: str | None
    province: str | None
    insurers: tuple[str, ...]
    form: str
    stage: str


def entries(store: Store, incident_id: str, *, after: int = 0, limit: int | None = None) -> list[Entry]:
    """The record in order; empty where nothing of this incident is kept."""
    query = select(ENTRIES.c.line).where(ENTRIES.c.incident_id == incident_id, ENTRIES.c.sequence > after)
    with store.reading() as connection:
        lines: Sequence[str] = connection.execute(query.order_by(ENTRIES.c.sequence).limit(limit)).scalars().all()
    return [Entry.model_validate_json(line) for line in lines]


def reach(store: Store, incident_id: str) -> tuple[int, str] | None:
    """How far the record of an incident reaches: the last sequence and hash; None where nothing is kept."""
    with store.reading() as connection:
        found = connection.execute(
            select(HEADS.c.sequence, HEADS.c.head).where(HEADS.c.incident_id == incident_id)
        ).one_or_none()
    return (found.sequence, found.head) if found else None


def kept_as(store: Store, incident_id: str) -> KeptAs | None:
    """None where nothing of this incident is kept."""
    c = INCIDENTS.c
    query = select(c.outlet, c.province, c.insurers, c.form, c.stage).where(c.incident_id == incident_id)
    with store.reading() as connection:
        found = connection.execute(query).one_or_none()
    if found is None:
        return None
    insurers = tuple(each for each in found.insurers.split("/") if each)
    return KeptAs(found.outlet, found.province, insurers, found.form, found.stage)


def words(store: Store, incident_id: str) -> dict[str, JsonValue]:
    """The confidential words by their commitments; none once they are erased. Errors: Misconfigured without the key."""
    with store.reading() as connection:
        key = connection.execute(select(DATA_KEYS).where(DATA_KEYS.c.incident_id == incident_id)).one_or_none()
        kept = connection.execute(
            select(VAULT.c.commitment, VAULT.c.sealed).where(VAULT.c.incident_id == incident_id)
        ).all()
    if key is None:
        return {}
    plain = store.keys.data_key(incident_id, key.key_id, key.wrapped)
    return {row.commitment: opened(plain, f"{incident_id}/{row.commitment}", row.sealed) for row in kept}
