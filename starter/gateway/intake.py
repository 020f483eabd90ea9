"""Filing for a caller: one complaint read, checked and filed, whichever path it came by (R1, R24; contract, 3 and 9).

What a person files is reported by that person. A key may name as reporter only who is within its units. Outlets and
insurers that the organisation does not know are malformed here; where the organisation cannot be read, nothing is
checked, for that stops no complaint (R24). Errors: Malformed, `KeyReused` among it; Conflict; Forbidden; Unreachable.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from plan.access import Caller, Scope
from plan.complaint import Complaint
from plan.errors import Conflict, Flaw, Malformed
from plan.malformed import parse_complaint
from plan.organisation import Organisation
from runtime import telling
from runtime.names import USUAL_PRIORITY
from runtime.telling import Filed
from starter.client import with_person_key
from starter.gateway import idempotency
from starter.gateway.parts import Parts
from starter.gateway.permission import permit, permit_speaker, place_of
from starter.ids import check_complaint
from starter.ids import incident_id as made_id
from starter.places import unknown_places

DOOR: Final = "gateway"


async def read_complaint(parts: Parts, caller: Caller, body: Mapping[str, Any], named: str | None = None) -> Complaint:
    """What was sent as the complaint it is, with its id; `named` is what the caller calls it, where it has none."""
    complaint = parse_complaint(_with_reporter(caller, body))
    check_complaint(complaint)
    await permit(parts, caller, Scope.FILE, place_of(complaint))
    organisation = await parts.directory.organisation()
    if strange := unknown_places(complaint, organisation):
        raise Malformed("\n".join(["The complaint was not filed:", *strange]), flaws=[*map(_flaw, strange)])
    await _permit_reporter(parts, caller, complaint.reported_by, organisation)
    if complaint.incident_id is None:
        made = idempotency.incident_id(caller.id, named) if named else made_id(parts.clock.now())
        complaint = complaint.model_copy(update={"incident_id": made})
    return with_person_key(complaint, parts.keyring)


async def filed(
    parts: Parts,
    complaint: Complaint,
    received_at: datetime,
    *,
    derived_from: str | None = None,
    priority: int = USUAL_PRIORITY,
) -> Filed:
    """File it. `derived_from`: what its id was derived from, so that a conflict is one of that name's."""
    client = await parts.temporal.client()
    try:
        return await telling.file(
            client, complaint, door=DOOR, keyring=parts.keyring, received_at=received_at, priority=priority
        )
    except Conflict as conflict:
        if derived_from is None:
            raise
        raise idempotency.reused(derived_from) from conflict


def _with_reporter(caller: Caller, body: Mapping[str, Any]) -> Mapping[str, Any]:
    return body if caller.is_system or body.get("reported_by") is not None else {**body, "reported_by": caller.id}


async def _permit_reporter(parts: Parts, caller: Caller, reporter: str | None, organisation: Organisation) -> None:
    """To file for somebody takes no scope but `file`; whoever is in the organisation must be within the key's units."""
    if reporter is None or reporter == caller.id:
        return
    if reporter.startswith("system:") or any(person.id == reporter for person in organisation.persons):
        await permit_speaker(parts, _as_speaker(caller), reporter)


def _as_speaker(caller: Caller) -> Caller:
    def with_speak(scopes: frozenset[Scope]) -> frozenset[Scope]:
        return scopes | {Scope.SPEAK} if Scope.FILE in scopes else scopes

    also = tuple(each.model_copy(update={"scopes": with_speak(each.scopes)}) for each in caller.also)
    return caller.model_copy(update={"scopes": with_speak(caller.scopes), "also": also})


def _flaw(sentence: str) -> Flaw:
    field, _, what = sentence.partition(": ")
    return Flaw(f"/{field}", what)
