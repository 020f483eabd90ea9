"""Saying "received" for a notice, and what there is to show of it (R14).

By a personal link, which proves to whom it was sent, or signed in, as oneself. Told again it is the same fact, and
counts once. Received is not reported: no clock stops. Errors: those of telling; Refused, Malformed of a link.
"""

import asyncio
import hashlib
from datetime import datetime
from typing import Final

from plan.access import Caller, caller_of
from plan.errors import TocsinError
from plan.receipts import Receipt
from runtime import telling
from runtime.ack_links import AckToken
from runtime.names import VIEW
from starter.gateway.parts import Parts
from starter.pages.seen import Seen

BY_LINK: Final = "link"
BRIEF: Final = 3.0
"""Seconds a page waits for what it can do without."""


async def received_by_link(parts: Parts, token: str, said: AckToken, received_at: datetime) -> Receipt:
    fact_id = f"link-{_digest(token)}"
    return await _received(parts, said.incident_id, said.notice_id, said.recipient, fact_id, BY_LINK, received_at)


async def received_by(parts: Parts, person: str, incident_id: str, notice_id: str, received_at: datetime) -> Receipt:
    """Somebody who is signed in, for a notice of their own; of another's the plan says no."""
    fact_id = f"page-{_digest(person, incident_id, notice_id)}"
    return await _received(parts, incident_id, notice_id, person, fact_id, "gateway", received_at)


async def seen_by(parts: Parts, incident_id: str, person: str) -> Seen:
    """The incident as that person may see it. Errors: NoSuchIncident, Unreachable, Malformed."""
    client = await parts.temporal.client()
    return Seen.model_validate(await telling.ask(client, incident_id, VIEW, {"viewer": person}))


async def seen_if_soon(parts: Parts, incident_id: str, person: str) -> Seen:
    """For a page that has something to say without it: at three in the morning the button counts."""
    try:
        async with asyncio.timeout(BRIEF):
            return await seen_by(parts, incident_id, person)
    except (TimeoutError, TocsinError):
        return Seen(incident_id=incident_id)


async def somebody(parts: Parts, person: str) -> Caller:
    """The person with what the organisation gives; with nothing, where it does not know them any more."""
    return caller_of(await parts.directory.organisation(), person) or Caller(id=person)


async def _received(
    parts: Parts, incident_id: str, notice_id: str, by: str, fact_id: str, door: str, received_at: datetime
) -> Receipt:
    fact = {"kind": "notice_acknowledged", "fact_id": fact_id, "notice_id": notice_id, "by": by}
    client = await parts.temporal.client()
    return await telling.tell_fact(client, incident_id, fact, door=door, keyring=parts.keyring, received_at=received_at)


def _digest(*said: str) -> str:
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]
