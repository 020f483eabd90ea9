"""What rounds of the rhythm look at: figures of incidents, and units' registers (R10, R11, R13).

Figures are counts that the server makes from search attributes: whatever an incident holds stays there, and it is a few
queries however many there are. Drills count nowhere, nor does imported history until somebody speaks of it. Runs of one
incident count once. Errors: RPCError where Temporal does not answer.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError, RPCStatusCode

from plan.incident import Stage
from plan.on_record import OnRecord
from plan.organisation import Level, Organisation
from plan.rounds import Counts, Why, units_below
from runtime.names import INCIDENT, REGISTER, VIEW, register_id, unit_of_register
from runtime.search_attributes import (
    DRILL,
    INSURER,
    ON_RECORD,
    OUTLET,
    OVERDUE,
    PROVINCE,
    STAGE,
    UNDELIVERED,
)

AT_ONCE: Final = 4
"""Queries under way: a digest is in no hurry, and a crisis may be."""
PLACES_AT_ONCE: Final = 100
"""Places that one query names."""
MOST: Final = 5_000
"""Incidents read one by one of a list; only those with a crisis, a breach, signs or a repeat on record ever are."""
ANSWERS: Final = timedelta(seconds=10)

_OPEN: Final = "ExecutionStatus = 'Running'"
_REASONS: Final = {OnRecord.SIGNS: Why.SIGNS, OnRecord.CRISIS: Why.CRISIS, OnRecord.REPEAT: Why.REPEAT}


class Figures:
    """What Temporal's lists and the registers say, seen from a unit."""

    def __init__(self, client: Client, organisation: Organisation, unit: str) -> None:
        self._client = client
        self._unit = unit
        self._below = units_below(organisation, unit)
        self._scopes = scopes(organisation, unit, self._below)
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def counts(self, since: datetime, insurer: str | None = None) -> Counts:
        """How many incidents; an insurer's alone where one is named."""
        own = f"{INSURER.name} = '{insurer}' AND " if insurer else ""
        began, ended = f"{own}StartTime > '{since.isoformat()}'", f"{own}CloseTime > '{since.isoformat()}'"
        new, gone_on, is_open, waiting, overdue, undelivered = await asyncio.gather(
            self._count(began),
            self._count(f"{ended} AND ExecutionStatus = 'ContinuedAsNew'"),
            self._count(f"{own}{_OPEN}"),
            self._count(f"{own}{_OPEN} AND {STAGE.name} = '{Stage.WITH_INSURER}'"),
            self._count(f"{own}{_OPEN} AND {OVERDUE.name} > 0"),
            self._count(f"{own}{_OPEN} AND {UNDELIVERED.name} > 0"),
        )
        noted = await self._noted(since, (OnRecord.CRISIS, OnRecord.BREACH), own)
        return Counts(
            new=max(new - gone_on, 0),
            open=is_open,
            waiting=waiting,
            overdue=overdue,
            undelivered=undelivered,
            crises=sum(1 for on_record in noted.values() if OnRecord.CRISIS in on_record),
            breaches=sum(1 for on_record in noted.values() if OnRecord.BREACH in on_record),
        )

    async def watched(self, since: datetime) -> dict[str, set[Why]]:
        """The outlets that had signs, a crisis or a repeat complaint in the time since."""
        found: dict[str, set[Why]] = {}
        async for run in self._open_since(since, tuple(_REASONS), ""):
            outlet = run.typed_search_attributes.get(OUTLET)
            if outlet is not None:
                on_record = run.typed_search_attributes.get(ON_RECORD) or ()
                found.setdefault(outlet, set()).update(_REASONS[each] for each in _REASONS if each in on_record)
        return found

    async def drilled(self) -> dict[str, datetime]:
        """When each outlet was drilled last, as far back as Temporal keeps it."""
        found: dict[str, datetime] = {}
        for scope in self._scopes:
            query = f"WorkflowType = '{INCIDENT}' AND {DRILL.name} = true AND {scope}"
            async for run in self._client.list_workflows(query, limit=MOST):
                outlet = run.typed_search_attributes.get(OUTLET)
                if outlet is not None:
                    found[outlet] = max(found.get(outlet, run.start_time), run.start_time)
        return found

    async def registers(self, units: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The registers of these units, as their `view` shows them without texts; those that are there."""
        views = await asyncio.gather(*(self._register(unit) for unit in units))
        return {unit: view for unit, view in zip(units, views, strict=True) if view is not None}

    async def open_actions(self) -> int:
        """Of the unit and of every unit below it."""
        query = f"WorkflowType = '{REGISTER}' AND {_OPEN}"
        there = [unit_of_register(run.id) async for run in self._client.list_workflows(query, limit=MOST)]
        views = await self.registers([unit for unit in there if unit in self._below])
        return sum(int(view["counts"]["open"]) for view in views.values())

    async def _register(self, unit: str) -> dict[str, Any] | None:
        async with self._turn:
            try:
                handle = self._client.get_workflow_handle(register_id(unit))
                return await handle.query(VIEW, {}, result_type=dict, rpc_timeout=ANSWERS)
            except RPCError as failed:
                if failed.status is RPCStatusCode.NOT_FOUND:
                    return None
                raise

    async def _noted(self, since: datetime, wanted: Sequence[OnRecord], own: str) -> dict[str, set[str]]:
        """What of this stands on record, by incident."""
        found: dict[str, set[str]] = {}
        async for run in self._open_since(since, wanted, own):
            found.setdefault(run.id, set()).update(run.typed_search_attributes.get(ON_RECORD) or ())
        return found

    async def _open_since(
        self, since: datetime, wanted: Sequence[OnRecord], own: str
    ) -> AsyncIterator[WorkflowExecution]:
        noted = ", ".join(f"'{each}'" for each in wanted)
        there = f"({_OPEN} OR CloseTime > '{since.isoformat()}')"
        for scope in self._scopes:
            query = f"{_real(scope)} AND {own}{ON_RECORD.name} IN ({noted}) AND {there}"
            async for run in self._client.list_workflows(query, limit=MOST):
                yield run

    async def _count(self, condition: str) -> int:
        return sum([await self._counted(f"{_real(scope)} AND {condition}") for scope in self._scopes])

    async def _counted(self, query: str) -> int:
        async with self._turn:
            return (await self._client.count_workflows(query)).count


def scopes(organisation: Organisation, unit: str, below: Sequence[str]) -> list[str]:
    """Conditions that together mean all incidents of a unit and of those below it, each in one of them."""
    there = next(each for each in organisation.units if each.id == unit)
    if there.superior is None:
        return [f"{PROVINCE.name} IS NOT NULL"]
    if there.level is Level.PROVINCE:
        return [f"{PROVINCE.name} = '{unit}'"]
    places = [*below, *(outlet.id for outlet in organisation.outlets if outlet.superior in below)]
    parts = (places[n : n + PLACES_AT_ONCE] for n in range(0, len(places), PLACES_AT_ONCE))
    return [f"{PROVINCE.name} IS NOT NULL AND {OUTLET.name} IN ({_listed(part)})" for part in parts]


def _real(scope: str) -> str:
    return f"WorkflowType = '{INCIDENT}' AND {DRILL.name} = false AND {scope}"


def _listed(places: Sequence[str]) -> str:
    return ", ".join(f"'{place}'" for place in places)
