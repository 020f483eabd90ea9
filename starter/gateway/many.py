"""Filing many complaints in one call: each row answered for itself, in order (R24).

What may be a crisis goes first and as usual; the rest follows at the priority of an import, so that whoever files a
crisis meanwhile overtakes it. A few rows are under way at once, whoever sends how many. Once Temporal does not answer
for one row, the rows behind it are not tried: they say so, and the whole may be sent again, for nothing counts twice.
Errors: none of a row's; Unreachable where no row was accepted because Temporal is away.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from starlette.requests import Request

from plan.access import Caller
from plan.complaint import Complaint
from plan.errors import Malformed, TocsinError, Unreachable
from plan.urgency import cannot_wait
from runtime.names import IMPORT_PRIORITY, USUAL_PRIORITY
from starter.gateway.answers import Row
from starter.gateway.bodies import Unreadable
from starter.gateway.intake import filed, read_complaint
from starter.gateway.parts import Parts
from starter.gateway.problems import problem_of

MOST: Final = 2_000
IN_FLIGHT: Final = 16
"""Rows under way at once, of all calls together."""
_ATTRIBUTE: Final = "many_in_flight"


class Named(NamedTuple):
    """A row as it was sent, and what the caller calls it; `name_is` where that name stands."""

    body: Mapping[str, Any] | Unreadable
    named: str | None = None
    name_is: str = "Idempotency-Key"


class _Ready(NamedTuple):
    row: int
    complaint: Complaint
    derived_from: str | None
    urgent: bool


def check_count(rows: Sequence[object], what: str = "rows") -> None:
    """So many, and no more, in one call."""
    if not rows:
        raise Malformed(f"There are no {what} in the body. Send at least one.")
    if len(rows) > MOST:
        raise Malformed(f"There are more than {MOST:,} {what} in the body. Send them in several calls.")


async def file_many(
    request: Request, parts: Parts, caller: Caller, rows: Mapping[int, Named], received_at: datetime
) -> dict[int, Row]:
    """The answer of every row, by its number."""
    await parts.temporal.client()
    answers: dict[int, Row] = {}
    ready: list[_Ready] = []
    for number, row in rows.items():
        try:
            ready.append(await _read(parts, caller, number, row))
        except TocsinError as error:
            answers[number] = failed(request, number, error)
        await asyncio.sleep(0)  # many rows are read meanwhile others are served
    first = [each for each in ready if each.urgent]
    filing = _Filing(request, parts, received_at)
    answers |= await filing.all(first, USUAL_PRIORITY)
    answers |= await filing.all([each for each in ready if each not in first], IMPORT_PRIORITY)
    return answers


def failed(request: Request, row: int, error: TocsinError) -> Row:
    """A row that was not accepted, as its own call would have been answered."""
    return Row(row=row, status=error.http_status, problem=problem_of(request, error))


def raise_if_away(answers: Sequence[Row]) -> None:
    """Nothing accepted, because nobody answers: that is the call's own answer then."""
    if any(row.status == Unreachable.http_status for row in answers) and all(row.problem for row in answers):
        raise Unreachable("Temporal does not answer, so no row is accepted for sure. Send them again once it does.")


async def _read(parts: Parts, caller: Caller, number: int, row: Named) -> _Ready:
    if isinstance(row.body, Unreadable):
        raise row.body.why
    complaint = await read_complaint(parts, caller, row.body, named=row.named)
    derived = row.name_is if row.named and row.body.get("incident_id") is None else None
    return _Ready(number, complaint, derived, urgent=cannot_wait(row.body))


class _Filing:
    """Files what is ready, a few at a time, until Temporal does not answer."""

    def __init__(self, request: Request, parts: Parts, received_at: datetime) -> None:
        self._request, self._parts, self._received_at = request, parts, received_at
        self._away: Unreachable | None = None

    async def all(self, rows: Sequence[_Ready], priority: int) -> dict[int, Row]:
        left, answers = iter(rows), dict[int, Row]()

        async def carry() -> None:
            for row in left:
                answers[row.row] = await self._one(row, priority)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(IN_FLIGHT, len(rows))):
                group.create_task(carry())
        return answers

    async def _one(self, row: _Ready, priority: int) -> Row:
        async with _in_flight(self._request):
            if self._away is not None:
                return failed(self._request, row.row, self._away)
            try:
                done = await filed(
                    self._parts,
                    row.complaint,
                    self._received_at,
                    derived_from=row.derived_from,
                    priority=priority,
                )
            except Unreachable as away:
                self._away = away
                return failed(self._request, row.row, away)
            except TocsinError as error:
                return failed(self._request, row.row, error)
        return Row(row=row.row, status=201 if done.created else 200, incident_id=done.incident_id, created=done.created)


def _in_flight(request: Request) -> asyncio.Semaphore:
    """One for the whole app."""
    state = request.app.state
    if not hasattr(state, _ATTRIBUTE):
        setattr(state, _ATTRIBUTE, asyncio.Semaphore(IN_FLIGHT))
    found: asyncio.Semaphore = getattr(state, _ATTRIBUTE)
    return found
