"""Erasing the words of an incident (PIPL; R62): its data key and every word, with the chain whole.

The record holds salted commitments, the salt goes with the words: nobody can guess them back. What Temporal keeps goes
with its own retention. Each erasure leaves a line that says who, when and why, and is never changed.
Errors: NoSuchIncident where nothing is kept; Unreachable, Misconfigured.
"""

from datetime import UTC, datetime

from sqlalchemy import delete, func, insert, select

from plan.errors import NoSuchIncident
from plan.values import Instant, Kept
from runtime.records.engine import Store
from runtime.records.tables import DATA_KEYS, ERASURES, HEADS, VAULT


class Erasure(Kept):
    """A line of the log. `words` is how many there were; 0 where they had been erased before."""

    number: int
    incident_id: str
    at: Instant
    by: str
    reason: str
    words: int


def erase(store: Store, incident_id: str, *, by: str, reason: str) -> Erasure:
    """Erase what is confidential of one incident; repeating it erases nothing more and leaves another line."""
    with store.writing() as connection:
        if connection.execute(select(HEADS.c.sequence).where(HEADS.c.incident_id == incident_id)).first() is None:
            raise NoSuchIncident(f"Nothing is kept of {incident_id}: there is nothing to erase. Check the id.")
        found = connection.execute(select(func.count()).where(VAULT.c.incident_id == incident_id)).scalar_one()
        connection.execute(delete(VAULT).where(VAULT.c.incident_id == incident_id))
        connection.execute(delete(DATA_KEYS).where(DATA_KEYS.c.incident_id == incident_id))
        number = 1 + (connection.execute(select(func.max(ERASURES.c.number))).scalar_one() or 0)
        erasure = Erasure(
            number=number, incident_id=incident_id, at=datetime.now(UTC), by=by, reason=reason, words=found
        )
        connection.execute(insert(ERASURES), [erasure.model_dump()])
    return erasure


def erasures(store: Store, incident_id: str | None = None) -> list[Erasure]:
    """The log, oldest first; of one incident where it is named."""
    query = select(ERASURES).order_by(ERASURES.c.number)
    if incident_id is not None:
        query = query.where(ERASURES.c.incident_id == incident_id)
    with store.reading() as connection:
        return [Erasure.model_validate(dict(row)) for row in connection.execute(query).mappings()]
