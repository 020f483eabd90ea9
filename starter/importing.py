"""Filing many complaints: rows become complaints, a few at a time, and every row ends as created, existing or rejected.

History (the default) is marked `imported`: no notices, no clocks. Live rows are complaints received now, at the lowest
priority. Restartable: an incident's id comes from the file, so a second run files nothing twice. Memory is bounded:
rows are read as they are filed; only the ids are kept. Errors: `Unreachable` stops the import; what is wrong with a row
never does.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from plan.complaint import Complaint
from plan.errors import Conflict, Malformed
from plan.malformed import parse_complaint
from plan.organisation import Organisation
from plan.private_numbers import fault_of
from runtime.telling import Imported
from starter.import_map import ImportMap, text_of
from starter.places import unknown_places
from starter.rows import Row, Unreadable

HISTORY_IN_FLIGHT = 16
LIVE_IN_FLIGHT = 2
"""Filed at a time: live rows are handled no faster, and more of them would only stand before a crisis."""


@dataclass(frozen=True)
class Ready:
    """A row as the complaint it says. `received_at` and `history` are history's; a live row is received now."""

    row: Row
    complaint: Complaint
    received_at: datetime | None = None
    history: Imported | None = None


@dataclass(frozen=True)
class Rejected:
    """A row that was not filed, and why; a row that could not be cut into cells is in one piece."""

    line: int
    why: str
    cells: tuple[str, ...]


@dataclass
class Tally:
    """What became of the rows so far."""

    created: int = 0
    existing: int = 0
    rejected: int = 0

    @property
    def rows(self) -> int:
        return self.created + self.existing + self.rejected


@dataclass
class Reader:
    """Turns rows into complaints by a map."""

    map: ImportMap
    live: bool = False
    organisation: Organisation | None = None
    """What live rows are checked against; history may name what has gone since."""
    _lines: dict[str, int] = field(default_factory=dict[str, int])

    def read(self, rows: Iterable[Row | Unreadable]) -> Iterator[Ready | Rejected]:
        """Every row as a complaint, or the reason why not."""
        for row in rows:
            if isinstance(row, Unreadable):
                yield Rejected(row.line, row.why, (row.text,))
                continue
            try:
                yield self._ready(row)
            except (ValueError, Malformed) as error:
                yield Rejected(row.line, str(error), tuple(row.cells.values()))

    def _ready(self, row: Row) -> Ready:
        complaint = parse_complaint(self._body(row))
        if self.live:
            if self.organisation and (strange := unknown_places(complaint, self.organisation)):
                raise ValueError(" ".join(strange))
            return Ready(row, complaint)
        received_at, closed_at = self._instant(row, "received_at"), self._instant(row, "closed_at")
        if received_at and closed_at and closed_at < received_at:
            raise ValueError("was closed before it was received")
        outcome = self.map.history.outcome
        said = text_of(outcome, row.cells, self.map.time_zone) if outcome else None
        ended = Imported(closed_at=closed_at, outcome=None if said is None else str(said))
        return Ready(row, complaint, received_at, ended)

    def _body(self, row: Row) -> dict[str, Any]:
        body: dict[str, Any] = {"incident_id": self._id(row)}
        for path, cell in self.map.complaint.items():
            value = text_of(cell, row.cells, self.map.time_zone)
            if value is not None:
                _put(body, path.split("."), value)
        note = self.map.note()
        if note:
            source: dict[str, Any] = body.setdefault("source", {"system": "import"})
            source["reference"] = "; ".join(part for part in (source.get("reference"), note) if part)
        return body

    def _id(self, row: Row) -> str:
        said = row.cells[self.map.id.column].strip()
        if not said:
            raise ValueError(f"{self.map.id.column} is blank; every row needs an id, so that it is filed once")
        made = self.map.id.prefix + said
        if why := fault_of(made):
            raise ValueError(f"{self.map.id.column} {why}")
        first = self._lines.setdefault(made, row.line)
        if first != row.line:
            raise ValueError(f"has the same id as line {first}")
        return made

    def _instant(self, row: Row, name: str) -> datetime | None:
        cell = self.map.history.received_at if name == "received_at" else self.map.history.closed_at
        said = text_of(cell, row.cells, self.map.time_zone) if cell else None
        if said is None:
            if cell and name == "received_at":
                raise ValueError("does not say when it was received")
            return None
        found = datetime.fromisoformat(str(said))
        if found.tzinfo is None:
            raise ValueError(f"{name} has no offset; give it a date format, so that the zone of the map is used")
        return found


FileOne = Callable[[Ready], Awaitable[bool]]
"""Files one complaint and says whether it was created."""


async def file_all(
    rows: Iterator[Ready | Rejected],
    file_one: FileOne,
    *,
    in_flight: int,
    tally: Tally,
    rejected: Callable[[Rejected], None],
    progress: Callable[[], None],
) -> None:
    """File what is ready, at most `in_flight` at a time. Stops at what is not a row's fault."""

    async def carry() -> None:
        for row in rows:
            outcome = await _outcome(row, file_one)
            if isinstance(outcome, Rejected):
                tally.rejected += 1
                rejected(outcome)
            elif outcome:
                tally.created += 1
            else:
                tally.existing += 1
            progress()

    carriers = [asyncio.ensure_future(carry()) for _ in range(in_flight)]
    try:
        await asyncio.gather(*carriers)
    finally:
        for carrier in carriers:
            carrier.cancel()
        await asyncio.gather(*carriers, return_exceptions=True)


async def _outcome(row: Ready | Rejected, file_one: FileOne) -> bool | Rejected:
    if isinstance(row, Rejected):
        return row
    try:
        return await file_one(row)
    except (Malformed, Conflict) as error:
        return Rejected(row.row.line, str(error), tuple(row.row.cells.values()))


def _put(body: dict[str, Any], path: list[str], value: object) -> None:
    for step in path[:-1]:
        body = body.setdefault(step, {})
    body[path[-1]] = [value] if path[-1] == "policy_numbers" else value
