"""Which lines of the list a caller sees, and what of them (R29; `plan/access.py`, `plan/visibility.py`).

An insurer learns of no clock but its own and of no delivery, so the numbers of a line that tell of them are not there
for it, nor do they order its list or answer its filters. Errors: Unreachable, Misconfigured.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from temporalio.client import Client

from plan.access import Caller, Scope, allowed, place_in
from plan.errors import Unreachable
from plan.incident import Form
from plan.organisation import Organisation
from runtime.names import workflow_id
from runtime.reach import within
from starter.gateway.parts import Parts
from starter.gateway.whereabouts import insurers_of_group, named, unit_at_the_start
from starter.listing import Listed, Wanted, every

LONGEST: Final = timedelta(seconds=30)
UNTOLD: Final = {"next_due_at": None, "overdue": 0, "undelivered": 0}


async def seen_lines(parts: Parts, caller: Caller, wanted: Wanted) -> Sequence[Listed]:
    """Every line that the caller may see, in order."""
    client, organisation = await parts.temporal.client(), await parts.directory.organisation()
    found = await within(LONGEST, every(client, wanted))
    if found is None:
        raise Unreachable("The list did not come in time: Temporal is slow to answer. Try again, or ask for less.")
    new = {line.incident_id for line in found if line.outlet is None and line.province is None}
    units = {each: await unit_at_the_start(client, workflow_id(each), None) for each in new}
    insurers = await _insurers(client, caller, found)
    lines = [
        _seen(caller, line, units.get(line.incident_id), insurers.get(line.incident_id, ()), organisation, wanted)
        for line in found
    ]
    return sorted((line for line in lines if line is not None), key=lambda line: line.place)


async def _insurers(client: Client, caller: Caller, found: Sequence[Listed]) -> dict[str, tuple[str, ...]]:
    """Of group events, for a caller who sees an insurer's incidents: those of its members."""
    groups = [line.incident_id for line in found if line.form == Form.GROUP_EVENT]
    if all(grant.insurer is None for grant in caller.grants):
        return {}
    return {each: await insurers_of_group(client, each) for each in groups}


def _seen(
    caller: Caller,
    line: Listed,
    unit: str | None,
    of_group: tuple[str, ...],
    organisation: Organisation,
    wanted: Wanted,
) -> Listed | None:
    """The line; without its numbers for an insurer; None where it is not the caller's business."""
    insurers = (line.insurer,) if line.insurer else of_group
    where = named(line.outlet or unit, line.province, insurers, organisation)
    place = place_in(organisation, outlet=where.outlet, unit=where.unit, insurers=where.insurers)
    if allowed(without_insurers(caller), Scope.READ, place) is None:
        return line
    if wanted.overdue or wanted.notices or allowed(caller, Scope.READ, place) is not None:
        return None
    return line.model_copy(update=UNTOLD)


def without_insurers(caller: Caller) -> Caller:
    """The same without what it was given as an insurer's."""
    grants = tuple(grant for grant in caller.grants if grant.insurer is None)
    return Caller(id=caller.id, also=grants)
