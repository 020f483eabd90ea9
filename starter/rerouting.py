"""Telling open incidents that the people who answer for them have changed (R28; architecture, "what is frozen").

An incident is told when its own chain differs between the two versions: units, people, who is away, how they are
reached, or a name that people read. Telling twice is harmless: a fact's id follows from its content.
Errors: `Unreachable` stops it; a refusal is counted and shown.
"""

import asyncio
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from temporalio.client import Client

from plan.organisation import Organisation
from plan.receipts import Answer
from plan.roster import Roster, roster
from starter.client import tell
from starter.listing import Listed, Wanted, every

_AT_ONCE = 8


@dataclass
class Told:
    """What became of it: incidents told, and those that refused, with the reason."""

    told: list[str] = field(default_factory=list[str])
    pending: list[str] = field(default_factory=list[str])
    refused: dict[str, str] = field(default_factory=dict[str, str])


async def open_incidents(client: Client) -> list[Listed]:
    """Every incident that is not over."""
    return await every(client, Wanted())


def concerned(incidents: Iterable[Listed], old: Organisation, new: Organisation) -> list[tuple[Listed, str | None]]:
    """The incidents whose people changed, each with the lowest unit in which they did."""
    found: list[tuple[Listed, str | None]] = []
    for incident in incidents:
        before, after = _roster(incident, old, new), _roster(incident, new, old)
        if before != after:
            found.append((incident, _lowest_change(before, after)))
    return found


def everybody(incidents: Iterable[Listed]) -> list[tuple[Listed, str | None]]:
    """All of them, whatever changed."""
    return [(incident, None) for incident in incidents]


async def tell_rerouted(
    client: Client,
    incidents: Iterable[tuple[Listed, str | None]],
    *,
    by: str,
    old: str | None,
    new: str,
) -> Told:
    """Tell each, a few at a time."""
    result, waiting = Told(), iter(incidents)

    async def carry() -> None:
        for incident, unit in waiting:
            body: dict[str, str | None] = {
                "kind": "rerouted",
                "by": by,
                "unit": unit,
                "old_version": old,
                "new_version": new,
            }
            said = {name: value for name, value in body.items() if value is not None}
            receipt = await tell(client, incident.incident_id, {**said, "fact_id": _fact_id(said)}, door="cli")
            if receipt.state is Answer.PENDING:
                result.pending.append(incident.incident_id)
            elif receipt.accepted:
                result.told.append(incident.incident_id)
            else:
                result.refused[incident.incident_id] = receipt.reason or ""

    await asyncio.gather(*(carry() for _ in range(_AT_ONCE)))
    return result


def _roster(incident: Listed, organisation: Organisation, other: Organisation) -> Roster:
    """Who answers, its version aside. A group event may concern several insurers, so all of them are looked at."""
    every_insurer = dict.fromkeys(insurer.id for known in (organisation, other) for insurer in known.insurers)
    insurers = tuple(every_insurer) if incident.form == "group_event" or not incident.insurer else (incident.insurer,)
    unit = None if incident.outlet else incident.province
    return roster(organisation, outlet=incident.outlet, unit=unit, insurers=insurers).model_copy(
        update={"version": "", "unknown": ()}
    )


def _lowest_change(before: Roster, after: Roster) -> str | None:
    """The unit nearest to the outlet whose people differ; None where it is not a unit's people that changed."""
    places = [*(unit.id for unit in after.units), *(unit.id for unit in before.units)]
    for place in dict.fromkeys(places):
        was = [who for who in before.people if who.unit == place]
        if was != [who for who in after.people if who.unit == place]:
            return place
    return None


def _fact_id(said: dict[str, str]) -> str:
    return f"rerouted/{hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]}"
