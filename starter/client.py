"""The Python client: file a complaint, tell a fact, see an incident (contract, section 2).

    client = await connect()
    filed = await file_complaint(client, {"channel": "outlet", "reason": "…", "outlet": "gd-gz-th-0001"})
    receipt = await tell(client, filed.incident_id, {"kind": "group_signs_seen", "by": "gd-gz-th-0001.lead"})

Each call can be repeated: the incident id and the fact id make it so; both are made here when absent. This is a door:
it stamps the instant of receipt, seals it, and derives a person's key where name and phone are known (A12).
Errors: `Malformed`, `Conflict`, `NoSuchIncident`, `Unreachable`. A fact that the plan refuses is a receipt, not one.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from temporalio.client import Client

from plan.complaint import Complaint
from plan.errors import Malformed
from plan.facts import AnyFact, CustomerRecorded
from plan.malformed import parse_complaint, parse_fact
from plan.receipts import Answer, Receipt
from runtime import telling, temporal
from runtime.names import VIEW
from runtime.seals import Keyring, keyring
from runtime.settings import Settings
from runtime.telling import Filed
from starter import ids

__all__ = ["Answer", "Filed", "Receipt", "connect", "file_complaint", "tell", "view"]

PYTHON_DOOR = "python"


async def connect() -> Client:
    """A client by the SDK's own environment configuration (`TEMPORAL_ADDRESS`, `TEMPORAL_PROFILE`, …)."""
    return await temporal.connect()


async def file_complaint(
    client: Client,
    complaint: Complaint | Mapping[str, Any],
    *,
    received_at: datetime | None = None,
    door: str = PYTHON_DOOR,
) -> Filed:
    """File a complaint, once: the same id with the same content is answered as existing (R24).

    `received_at` is the door's stamp, now when absent.
    """
    keys = keyring(Settings())
    stamp = _aware(received_at)
    said = parse_complaint(complaint)
    ids.check_complaint(said)
    known = _with_id(said, stamp or datetime.now(UTC))
    return await telling.file(client, with_person_key(known, keys), door=door, keyring=keys, received_at=stamp)


async def tell(
    client: Client,
    incident_id: str,
    fact: AnyFact | Mapping[str, Any],
    *,
    received_at: datetime | None = None,
    door: str = PYTHON_DOOR,
) -> Receipt:
    """State one fact. `pending` means durably received and not judged yet: ask again with the same fact id."""
    keys = keyring(Settings())
    body = prepared(parse_fact(fact), keys)
    return await telling.tell_fact(client, incident_id, body, door=door, keyring=keys, received_at=_aware(received_at))


async def view(client: Client, incident_id: str, *, viewer: str | None = None, reveal: bool = False) -> dict[str, Any]:
    """The incident as that person may see it, as the operator when None; personal data masked.

    `reveal` shows personal data to a named viewer whom the plan allows, and leaves `personal_data_shown` in the record.
    """
    if not reveal:
        return await telling.ask(client, incident_id, VIEW, {"viewer": viewer})
    if viewer is None:
        raise Malformed(
            "Personal data is only shown to a named person. Say who looks: viewer (--by on the command line)."
        )
    return await telling.reveal(client, incident_id, viewer)


def prepared(fact: AnyFact, keys: Keyring) -> dict[str, Any]:
    """A fact as a door sends it: with an id, and a person's key where name and phone are known. Errors: Malformed."""
    ids.check_fact(fact)
    said = fact.model_copy(update={"fact_id": fact.fact_id or ids.fact_id()})
    if isinstance(said, CustomerRecorded) and said.person_key is None and said.name and said.phone:
        said = said.model_copy(update={"person_key": keys.person_key(said.name, said.phone)})
    return said.model_dump(mode="json", exclude_unset=True)


def _with_id(complaint: Complaint, now: datetime) -> Complaint:
    if complaint.incident_id is not None:
        return complaint
    return complaint.model_copy(update={"incident_id": ids.incident_id(now)})


def with_person_key(complaint: Complaint, keys: Keyring) -> Complaint:
    """A person's key by keyed hash, so that one person with six complaints counts once (A12)."""
    customer = complaint.customer
    if customer.person_key is not None or not customer.name or not customer.phone:
        return complaint
    keyed = customer.model_copy(update={"person_key": keys.person_key(customer.name, customer.phone)})
    return complaint.model_copy(update={"customer": keyed})


def _aware(received_at: datetime | None) -> datetime | None:
    if received_at is not None and received_at.tzinfo is None:
        raise Malformed("received_at has no offset. Pass an aware instant, for example datetime.now(UTC).")
    return received_at
