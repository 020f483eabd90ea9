"""An incident and its record as one caller may see them, wherever they are kept (R29; `plan/visibility.py`).

A live incident knows its own people and is asked as that viewer. Of one that only the store has, the organisation in
force says who the caller is to it. Errors: NoSuchIncident for a person who is nobody to the incident; Unreachable.
"""

import asyncio
from datetime import timedelta
from typing import Any, Final, Protocol

from temporalio.client import Client

from plan.access import Caller
from plan.errors import Unreachable
from plan.record import GENESIS, Entry
from plan.roster import roster
from plan.values import Kept
from plan.visibility import Seat, may_see_entry, seat_of
from runtime import telling
from runtime.names import TIMELINE, VIEW
from runtime.reach import PATIENCE, within
from starter.gateway.parts import Parts
from starter.gateway.whereabouts import Found, unseen
from starter.kept import stored_record
from starter.record import Page

AT_ONCE: Final = 500
LOOK: Final = timedelta(seconds=0.1)


class SeenPage(Kept):
    """What may be seen of a stretch; the next one begins behind `next_after`."""

    entries: tuple[Entry, ...]
    next_after: int | None
    head: str
    sequence: int


class Sight(Protocol):
    async def page(self, after: int, limit: int) -> SeenPage:
        """Up to so many entries after a sequence number."""
        ...


async def sight_of(parts: Parts, caller: Caller, incident: Found) -> Sight:
    """How this caller sees the record of an incident that it may ask about."""
    if incident.kept is not None:
        return await _kept(parts, caller, incident)
    client = await parts.temporal.client()
    if not caller.is_system:
        await view_of(client, caller, incident.incident_id)
    return _Live(client, incident.incident_id, caller.id)


async def view_of(client: Client, caller: Caller, incident_id: str) -> dict[str, Any]:
    """The view. To an incident just filed every person is a stranger: who answers for it is waited for, a little."""
    seen = await within(PATIENCE, _once_known(client, caller, incident_id))
    if seen is None:
        raise Unreachable(f"{incident_id} is filed, and who answers for it is not known yet. Ask again in a moment.")
    return seen


async def _once_known(client: Client, caller: Caller, incident_id: str) -> dict[str, Any]:
    known = False
    while True:
        seen = await telling.ask(client, incident_id, VIEW, {"viewer": caller.id})
        if caller.is_system or seen.keys() - {"incident_id"}:
            return seen
        if known:
            raise unseen(incident_id)
        whole = await telling.ask(client, incident_id, VIEW)
        known = bool(whole["organisation_version"] or whole["imported"])  # and so it is asked once more
        await asyncio.sleep(0 if known else LOOK.total_seconds())


async def _kept(parts: Parts, caller: Caller, incident: Found) -> Sight:
    place, organisation = incident.place, await parts.directory.organisation()
    answering = roster(organisation, outlet=place.outlet, unit=place.unit, insurers=place.insurers)
    seat, _ = seat_of(answering.roles_of(caller.id))
    if seat is Seat.STRANGER and not caller.is_system:
        raise unseen(incident.incident_id)
    return _Stored(await stored_record(incident.incident_id, parts.settings), seat)


class _Live:
    def __init__(self, client: Client, incident_id: str, viewer: str) -> None:
        self._client, self._incident_id, self._viewer = client, incident_id, viewer

    async def page(self, after: int, limit: int) -> SeenPage:
        """Stretches of which nothing may be seen are passed over."""
        entries: list[Entry] = []
        while True:
            asked = {"after": after, "limit": AT_ONCE, "viewer": self._viewer}
            page = Page.model_validate(await telling.ask(self._client, self._incident_id, TIMELINE, asked))
            entries += page.entries
            if page.next_after is None or len(entries) >= limit:
                return _cut(entries, limit, page.next_after, page.head, page.sequence)
            after = page.next_after


class _Stored:
    def __init__(self, entries: list[Entry], seat: Seat) -> None:
        decided = any(entry.what == "insurer_decided" for entry in entries)
        self._seen = [entry for entry in entries if may_see_entry(seat, entry, decided=decided)]
        self._head, self._sequence = (entries[-1].hash, entries[-1].sequence) if entries else (GENESIS, 0)

    async def page(self, after: int, limit: int) -> SeenPage:
        behind = [entry for entry in self._seen if entry.sequence > after]
        return _cut(behind, limit, None, self._head, self._sequence)


def _cut(entries: list[Entry], limit: int, next_after: int | None, head: str, sequence: int) -> SeenPage:
    page = tuple(entries[:limit])
    place = page[-1].sequence if len(entries) > limit else next_after
    return SeenPage(entries=page, next_after=place, head=head, sequence=sequence)
