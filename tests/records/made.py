"""Records as incidents make them, played in microseconds."""

from typing import Any

from plan.book import Book
from plan.keeping import SALT, KeepOrder, batch
from plan.kept_rows import clock_rows, incident_row, notice_rows
from tests.plan.told import LEAD, Day


def played(incident_id: str = "K-1") -> Day:
    """A complaint with confidential words, a clock and notices."""
    day = Day("09:12", incident_id=incident_id)
    day.tell("09:20", LEAD, "calming_attempted", outcome="failed")
    day.tell("09:25", LEAD, "noted", text="佘某在大厅")
    day.until("10:30")
    return day


def order(book: Book, *, after: int = 0, upto: int | None = None, **changed: Any) -> KeepOrder:
    """The batch of a book after a sequence number, as the workflow would send it."""
    entries, words = batch(book.entries[:upto], book.vault, after)
    running = book.clocks(book.entries[-1].recorded_at)
    usual: dict[str, Any] = {
        "incident_id": book.incident.incident_id,
        "run_id": "run-1",
        "entries": entries,
        "words": {SALT: "salt", **words},
        "row": incident_row(book.incident, running),
        "clocks": clock_rows(book.incident, running),
        "notices": notice_rows(book.incident),
    }
    return KeepOrder.model_validate({**usual, **changed})
