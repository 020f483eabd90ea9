"""Telling a fact for a caller, whichever path it came by (contract, 4 and 9).

`by` absent is the caller. A key that may speak for persons says so for whoever is within its units; a person speaks for
themself alone. The answer's status: 200 accepted, or told before and accepted; 202 received and not judged yet; 409
refused by the plan, now or before. Errors: Malformed, `KeyReused` among it; NoSuchIncident; Forbidden; Unreachable;
HTTPProblem 410 for what is only in the records.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from plan.access import Caller, Scope
from plan.errors import Refused
from plan.malformed import parse_fact
from plan.receipts import Answer, Receipt
from runtime import telling
from starter.client import prepared
from starter.gateway import idempotency
from starter.gateway.answers import PendingReceipt
from starter.gateway.intake import DOOR
from starter.gateway.parts import Parts
from starter.gateway.permission import permit_speaker
from starter.gateway.whereabouts import found, gone

CONFLICT = "conflict"
"""The rule of a refusal where a fact id was used with other content."""


async def told(
    parts: Parts,
    caller: Caller,
    incident_id: str,
    body: Mapping[str, Any],
    received_at: datetime,
    *,
    named: str | None = None,
    name_is: str = "Idempotency-Key",
) -> Receipt:
    """The receipt; `named` is what the caller calls this fact, where it has no id of its own."""
    fact = parse_fact({"by": caller.id, **body} if body.get("by") is None else body)
    await permit_speaker(parts, caller, fact.by)
    incident = await found(parts, caller, Scope.TELL if fact.by == caller.id else Scope.SPEAK, incident_id)
    if incident.kept is not None:
        raise gone(incident_id)
    derived = named is not None and fact.fact_id is None
    if derived:
        fact = fact.model_copy(update={"fact_id": idempotency.fact_id(caller.id, incident_id, named or "")})
    client = await parts.temporal.client()
    said = prepared(fact, parts.keyring)
    receipt = await telling.tell_fact(
        client, incident.incident_id, said, door=DOOR, keyring=parts.keyring, received_at=received_at
    )
    if derived and receipt.state is Answer.REFUSED and receipt.rule == CONFLICT:
        raise idempotency.reused(name_is)
    if receipt.state is Answer.PENDING:
        return PendingReceipt.model_validate(receipt.model_dump())
    return receipt


def status_of(receipt: Receipt) -> int:
    """Told again after it was refused, it is refused still, whatever it is called."""
    if receipt.state is Answer.PENDING:
        return 202
    return 200 if receipt.accepted else 409


def refusal_of(receipt: Receipt, kind: str, incident_id: str) -> Refused:
    """The plan's no, as the problem says it."""
    why = f"{receipt.reason_zh or ''} {receipt.reason or ''}".strip()
    rule = f" ({receipt.rule})" if receipt.rule else ""
    return Refused(f"{kind} was not accepted for {incident_id}{rule}: {why}", rule=receipt.rule)
