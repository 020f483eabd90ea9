"""Which notices have not arrived, wherever they are: found by a search attribute, read from the incidents' views (R14).

Bounded: incidents are asked in the order of their ids, a few at a time, until a page is full; a page ends with a whole
incident. The attribute may lag a moment behind, the views never do.
Errors: Unreachable, where no incident that was asked answers; NoSuchIncident, where one was named.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from temporalio.client import Client

from plan.errors import Unreachable
from plan.notices import NOT_ARRIVED
from plan.values import Instant, Kept
from starter.client import view
from starter.listing import Wanted, every
from starter.pages.seen import Seen, SeenNotice

STATES: Final = tuple(str(state) for state in NOT_ARRIVED)
_AT_ONCE: Final = 8
_PATIENT_WITH: Final = 16
"""So many incidents that do not answer, and none that does: there is no worker."""


class Undone(Kept):
    """One notice that has not arrived. `at` is when it was tried last, `code` and `why` what came of that."""

    incident_id: str
    notice_id: str
    duty: str
    recipient: str
    unit: str | None = None
    channel: str | None = None
    state: str
    created_at: Instant | None = None
    held_until: Instant | None = None
    attempts: int = 0
    resent: int = 0
    at: Instant | None = None
    code: str = ""
    why: str = ""


class Found(Kept):
    """A page: its notices, how many incidents there are in all, where the next page begins, who did not answer."""

    notices: tuple[Undone, ...]
    incidents: int
    next: str | None = None
    silent: tuple[str, ...] = ()


async def not_arrived(
    client: Client,
    states: Sequence[str],
    *,
    incident: str | None = None,
    drill: bool | None = None,
    limit: int,
    after: str | None = None,
    viewer: str | None = None,
) -> Found:
    """One page. `after` is the id of the last incident of the page before."""
    ids = [incident] if incident else await _with_some(client, states, drill)
    rest = [each for each in ids if after is None or each > after]
    notices: list[Undone] = []
    silent: list[str] = []
    asked = 0
    while asked < len(rest) and len(notices) < limit:
        some = rest[asked : asked + _AT_ONCE]
        seen = await asyncio.gather(*(_seen(client, each, viewer) for each in some))
        for incident_id, shown in zip(some, seen, strict=True):
            if len(notices) >= limit:
                break
            asked += 1
            silent += [incident_id] if shown is None else []
            notices += [_undone(incident_id, each) for each in shown.notices if each.state in states] if shown else []
        _somebody_answers(asked, silent, len(rest))
    last = rest[asked - 1] if asked < len(rest) else None
    return Found(notices=tuple(notices), incidents=len(ids), next=last, silent=tuple(silent))


def _somebody_answers(asked: int, silent: list[str], of: int) -> None:
    if len(silent) == asked and asked >= min(_PATIENT_WITH, of) > 0:
        raise Unreachable(
            f"No worker answers for {', '.join(silent)}. Start one (`tocsin worker`, or `tocsin up`), then ask again."
        )


async def _with_some(client: Client, states: Sequence[str], drill: bool | None) -> list[str]:
    return sorted(found.incident_id for found in await every(client, Wanted(notices=tuple(states), drill=drill)))


async def _seen(client: Client, incident_id: str, viewer: str | None) -> Seen | None:
    """None where no worker answers."""
    try:
        return Seen.model_validate(await view(client, incident_id, viewer=viewer))
    except Unreachable:
        return None


def _undone(incident_id: str, notice: SeenNotice) -> Undone:
    last = notice.last
    return Undone(
        incident_id=incident_id,
        channel=notice.over,
        at=last.at if last else None,
        code=last.code if last else "",
        why=last.why if last else "",
        **notice.model_dump(include=_SAME),
    )


_SAME: Final = {"notice_id", "duty", "recipient", "unit", "state", "created_at", "held_until", "attempts", "resent"}
