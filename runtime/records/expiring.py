"""Erasing what is past its term (PIPL; R62): incidents that were closed so long ago, some at a time.

Closed means closed or withdrawn in the store, at or before the day that the term reaches back to; whether Temporal has
it open again, whoever calls asks before each. What was erased before has no key any more and is not found again. Each
leaves its line among the erasures, and its record whole. Errors: Unreachable, Misconfigured.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import exists, select

from plan.incident import Stage
from runtime.records.engine import Store
from runtime.records.tables import DATA_KEYS, INCIDENTS

OVER: Final = (str(Stage.CLOSED), str(Stage.WITHDRAWN))


def expired(store: Store, closed_before: datetime, *, after: str = "", limit: int = 100) -> list[str]:
    """Incidents whose words are still there and past their term, by id, after a given one."""
    words = exists().where(DATA_KEYS.c.incident_id == INCIDENTS.c.incident_id)
    query = (
        select(INCIDENTS.c.incident_id)
        .where(
            INCIDENTS.c.stage.in_(OVER),
            INCIDENTS.c.closed_at <= closed_before,
            INCIDENTS.c.incident_id > after,
            words,
        )
        .order_by(INCIDENTS.c.incident_id)
        .limit(limit)
    )
    with store.reading() as connection:
        return list(connection.execute(query).scalars().all())
