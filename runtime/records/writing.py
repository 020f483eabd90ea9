"""Keeping a record: the one place where entries get into the store, and where their chain is checked (R62).

A batch is one transaction. It must continue the stored head, entry by entry, each with its own hash; what is there
already must be the same. So writing a batch again changes nothing, whoever was killed in the middle of it, and of two
writers one waits. Errors: Conflict where the batch is not of the stored chain: it is reported and never overwrites;
Unreachable, Misconfigured (`engine.reached`).
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Connection, insert, select, update

from plan.errors import Conflict
from plan.keeping import KeepAnswer, KeepOrder
from plan.kept_rows import IncidentRow
from plan.record import GENESIS, Entry, digest, export_line
from runtime.records.engine import Store
from runtime.records.keys import RecordKeys, sealed
from runtime.records.tables import CLOCKS, DATA_KEYS, ENTRIES, HEADS, INCIDENTS, NOTICES, VAULT
from runtime.records.upserts import insert_new, replace


def keep(store: Store, order: KeepOrder) -> KeepAnswer:
    """Keep a batch; the answer says how far the record reaches then, which may be less than was sent."""
    with store.writing() as connection:
        at = _locked(connection, order)
        if order.entries and order.entries[0].sequence > at.sequence + 1:
            return at  # something before it is not here: it is to be sent first
        new = _continuing(connection, order, at)
        if new:
            _append(connection, order.incident_id, new)
            at = KeepAnswer(sequence=new[-1].sequence, head=new[-1].hash)
            _go_on(connection, order, at)
        _keep_words(connection, store.keys, order.incident_id, order.words if new else {})
        if order.row is not None and (not order.entries or order.entries[-1].sequence == at.sequence):
            _derive(connection, order, order.row)
        return at


def _locked(connection: Connection, order: KeepOrder) -> KeepAnswer:
    """How far the record reaches, with nobody else at it until we are done."""
    first = {
        "incident_id": order.incident_id,
        "run_id": order.run_id,
        "sequence": 0,
        "head": GENESIS,
        "kept_at": datetime.now(UTC),
    }
    insert_new(connection, HEADS, [first])
    found = connection.execute(
        select(HEADS.c.sequence, HEADS.c.head).where(HEADS.c.incident_id == order.incident_id).with_for_update()
    ).one()
    return KeepAnswer(sequence=found.sequence, head=found.head)


def _continuing(connection: Connection, order: KeepOrder, at: KeepAnswer) -> list[Entry]:
    """The entries that are not there yet. Those that are must be the same, and all of them one chain."""
    there = [entry for entry in order.entries if entry.sequence <= at.sequence]
    new = [entry for entry in order.entries if entry.sequence > at.sequence]
    if there:
        kept = connection.execute(
            select(ENTRIES.c.sequence, ENTRIES.c.hash).where(
                ENTRIES.c.incident_id == order.incident_id,
                ENTRIES.c.sequence.between(there[0].sequence, there[-1].sequence),
            )
        )
        known: dict[int, str] = {row.sequence: row.hash for row in kept}
        for entry in there:
            if known.get(entry.sequence) != entry.hash:
                raise _conflict(order.incident_id, entry, "another entry is kept there")
    previous, sequence = at.head, at.sequence
    for entry in new:
        if entry.sequence != sequence + 1 or entry.previous != previous:
            raise _conflict(order.incident_id, entry, "it does not continue the head that is kept")
        if digest(entry.model_dump(mode="json")) != entry.hash:
            raise _conflict(order.incident_id, entry, "it does not fit its own hash")
        previous, sequence = entry.hash, entry.sequence
    return new


def _conflict(incident_id: str, entry: Entry, why: str) -> Conflict:
    return Conflict(
        f"Entry {entry.sequence} of {incident_id} was not kept: {why}. Nothing was overwritten. Somebody wrote into "
        "the store, or the workflow was reset; compare `tocsin audit export` of both, and tell the operator.",
        rule="R62",
    )


def _append(connection: Connection, incident_id: str, entries: Sequence[Entry]) -> None:
    connection.execute(
        insert(ENTRIES),
        [
            {
                "incident_id": incident_id,
                "sequence": entry.sequence,
                "hash": entry.hash,
                "previous": entry.previous,
                "what": entry.what,
                "recorded_at": entry.recorded_at,
                "line": export_line(entry),
            }
            for entry in entries
        ],
    )


def _go_on(connection: Connection, order: KeepOrder, at: KeepAnswer) -> None:
    connection.execute(
        update(HEADS)
        .where(HEADS.c.incident_id == order.incident_id)
        .values(sequence=at.sequence, head=at.head, run_id=order.run_id, kept_at=datetime.now(UTC))
    )


def _keep_words(connection: Connection, keys: RecordKeys, incident_id: str, words: Mapping[str, JsonValue]) -> None:
    """Encrypted with the incident's own key, made with its first words."""
    if not words:
        return
    key_id, wrapped = keys.new_data_key(incident_id)
    insert_new(connection, DATA_KEYS, [{"incident_id": incident_id, "key_id": key_id, "wrapped": wrapped}])
    there = connection.execute(
        select(DATA_KEYS.c.key_id, DATA_KEYS.c.wrapped).where(DATA_KEYS.c.incident_id == incident_id)
    ).one()
    key = keys.data_key(incident_id, there.key_id, there.wrapped)
    rows = [
        {"incident_id": incident_id, "commitment": name, "sealed": sealed(key, f"{incident_id}/{name}", value)}
        for name, value in words.items()
    ]
    insert_new(connection, VAULT, rows)


def _derive(connection: Connection, order: KeepOrder, row: IncidentRow) -> None:
    """The rows that are counted, as they are with this record."""
    of = {"incident_id": order.incident_id}
    replace(connection, INCIDENTS, [incident_values(row)])
    replace(connection, CLOCKS, [of | clock.model_dump() for clock in order.clocks])
    replace(connection, NOTICES, [of | notice.model_dump() for notice in order.notices])


def incident_values(row: IncidentRow) -> dict[str, Any]:
    """A row's values as the table has them."""
    values = row.model_dump()
    return values | {
        "units": path(row.units),
        "insurers": path(row.insurers),
        "insurer": row.insurers[0] if row.insurers else None,
    }


def path(ids: Sequence[str]) -> str:
    return "/" + "".join(f"{each}/" for each in ids)
