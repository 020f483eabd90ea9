"""Where an incident is, so that it can be said who may do what there; asked of the server, not of a worker.

A report is taken while every worker is down, so what decides about it may need none: search attributes, and the start
of an incident that nobody has looked at yet. What Temporal no longer keeps stands in the store. Errors: NoSuchIncident,
the same whether there is none or the caller may not know of it; Forbidden; Unreachable.
"""

import re
from typing import Any, Final, NamedTuple

from temporalio.client import Client, WorkflowExecutionDescription

from plan.access import Caller, Scope
from plan.errors import NoSuchIncident, Unreachable
from plan.incident import Form
from plan.organisation import Organisation
from runtime.names import incident_id_of, workflow_id
from runtime.reach import PATIENCE, insisting, no_such, within
from runtime.records.reading import KeptAs, kept_as
from runtime.search_attributes import FORM, INSURER, OUTLET, PROVINCE
from starter.gateway.parts import Parts
from starter.gateway.permission import Named, permit, permit_somewhere, permitted
from starter.gateway.problems import HTTPProblem
from starter.kept import in_store, is_there
from starter.listing import ANY, Wanted, every

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Found(NamedTuple):
    """An incident that the caller may ask about. `kept`: what the store has of it, where Temporal has it no longer."""

    incident_id: str
    place: Named
    kept: KeptAs | None = None


async def found(parts: Parts, caller: Caller, scope: Scope, incident_id: str) -> Found:
    """The incident, for somebody who may do this there."""
    permit_somewhere(caller, scope)
    incident = await _found(parts, incident_id)
    if await permitted(parts, caller, scope, incident.place):
        return incident
    for other in Scope:
        if await permitted(parts, caller, other, incident.place):
            await permit(parts, caller, scope, incident.place)
    raise unseen(incident_id)


def unseen(incident_id: str) -> NoSuchIncident:
    """What a stranger is told: the same as of an incident that does not exist."""
    return no_such(incident_id)


def gone(incident_id: str) -> HTTPProblem:
    """What only the live incident knows, or hears, of one that Temporal has let go."""
    return HTTPProblem(
        410,
        f"{incident_id} is closed, and the time is over in which it could be seen whole or gone on from. Its record is "
        f"kept: /v1/incidents/{incident_id}/timeline and /v1/incidents/{incident_id}/audit.",
    )


async def _found(parts: Parts, incident_id: str) -> Found:
    if not _ID.fullmatch(incident_id):
        raise NoSuchIncident("There is no such incident: this is not the form of an incident's id. Check the id.")
    client = await parts.temporal.client()
    handle = client.get_workflow_handle(workflow_id(incident_id))
    try:
        described = await within(PATIENCE, insisting(incident_id, handle.describe))
    except NoSuchIncident:
        return await _in_the_store(parts, incident_id)
    if described is None:
        raise Unreachable(f"Temporal does not answer, so nothing is known of {incident_id} now. Try again.")
    return Found(incident_id, await _place(client, described, await parts.directory.organisation()))


async def _place(client: Client, described: WorkflowExecutionDescription, organisation: Organisation) -> Named:
    said = described.typed_search_attributes
    insurer = said.get(INSURER)
    insurers = (insurer,) if insurer else ()
    if said.get(FORM) == Form.GROUP_EVENT.value:
        insurers = await insurers_of_group(client, incident_id_of(described.id))
    outlet = said.get(OUTLET) or await unit_at_the_start(client, described.id, described.run_id)
    return named(outlet, said.get(PROVINCE), insurers, organisation)


def named(outlet: str | None, province: str | None, insurers: tuple[str, ...], organisation: Organisation) -> Named:
    """Of an incident whose outlet is not known yet, a unit stands in the outlet's place."""
    if any(unit.id == outlet for unit in organisation.units):
        return Named(None, outlet, insurers)
    return Named(outlet, province, insurers)


async def unit_at_the_start(client: Client, workflow: str, run_id: str | None) -> str | None:
    """The unit that the complaint named, of an incident that no worker has looked at."""
    handle = client.get_workflow_handle(workflow, run_id=run_id)
    start: dict[str, Any] = {}
    async for event in handle.fetch_history_events(page_size=1):
        payloads = event.workflow_execution_started_event_attributes.input.payloads
        start = (await client.data_converter.decode(payloads, [dict]))[0] if payloads else {}
        break
    complaint: Any = start.get("complaint")
    unit: Any = complaint.get("unit") if isinstance(complaint, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return unit if isinstance(unit, str) else None


async def insurers_of_group(client: Client, group_id: str) -> tuple[str, ...]:
    """A group event concerns the insurers of its members."""
    members = await every(client, Wanted(status=(ANY,), group=group_id))
    return tuple(dict.fromkeys(member.insurer for member in members if member.insurer))


async def _in_the_store(parts: Parts, incident_id: str) -> Found:
    settings = parts.settings
    kept = await in_store(settings, lambda store: kept_as(store, incident_id)) if is_there(settings) else None
    if kept is None:
        raise no_such(incident_id)
    place = named(kept.outlet, kept.province, kept.insurers, await parts.directory.organisation())
    return Found(incident_id, place, kept)
