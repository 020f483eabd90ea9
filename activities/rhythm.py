"""Looks what there is to say in a round of the rhythm, and puts it into its unit's register (R10, R11, R13, R30).

It reads the organisation as it is now, and decides nothing: what follows is the plan's (`plan/rounds.py`). May be
repeated: a round has an id. Errors: ApplicationError, tried again where a file cannot be read, for good where the unit
stands in the organisation no longer.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any, Final

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.figures import Figures
from activities.names import KEEP_ROUND, MALFORMED, MISCONFIGURED, PREPARE_ROUND
from plan.errors import Misconfigured
from plan.organisation import Organisation
from plan.rhythm import Kind
from plan.rounds import (
    Prepared,
    RoundHeld,
    RoundOrder,
    Seen,
    Why,
    insurers_of,
    prepared,
    units_above,
)
from plan.told import WITHIN
from runtime.registers import leave_item
from runtime.seals import Keyring

DOOR: Final = "tocsin"
View = dict[str, Any]


class RhythmActivities:
    """`organisation` gives its current version; it is called in a thread, for it opens a file."""

    def __init__(self, client: Client, keyring: Keyring, organisation: Callable[[], Organisation]) -> None:
        self._client, self._keyring, self._organisation = client, keyring, organisation

    @activity.defn(name=PREPARE_ROUND)
    async def prepare_round(self, order: RoundOrder) -> Prepared:
        """What a round comes to: whom to tell what, what the register keeps, which drill begins."""
        organisation = await self._read(order)
        unit = order.round.unit
        if all(each.id != unit for each in organisation.units):
            raise ApplicationError(
                f"The round {order.round.id} told nobody: {unit} stands in the organisation no longer. Pause its "
                f"schedule (`tocsin schedules adjust {order.round.id} --pause REASON`), or correct the organisation.",
                type=MALFORMED,
                non_retryable=True,
            )
        seen = await self._seen(order, organisation)
        answer = prepared(order, organisation, seen)
        assert answer is not None, "the unit is there"  # noqa: S101 (looked up above)
        return answer

    @activity.defn(name=KEEP_ROUND)
    async def keep_round(self, held: RoundHeld) -> None:
        """Put the round into its unit's register, once."""
        item = {"kind": "round", "fact_id": f"round:{held.id}", "by": WITHIN, "held": held.model_dump(mode="json")}
        await leave_item(self._client, held.unit, item, door=DOOR, keyring=self._keyring)

    async def _read(self, order: RoundOrder) -> Organisation:
        try:
            return await asyncio.to_thread(self._organisation)
        except (Misconfigured, OSError, ValueError) as wrong:
            raise ApplicationError(
                f"The round {order.round.id} was not prepared: the organisation cannot be read "
                f"({type(wrong).__name__}). Run `tocsin check` where the worker runs and mend the file; it is tried "
                "again by itself.",
                type=MISCONFIGURED,
            ) from None

    async def _seen(self, order: RoundOrder, organisation: Organisation) -> Seen:
        """Only what a round of this kind speaks of is looked at."""
        unit, since = order.round.unit, order.at - order.round.looks_back
        figures = Figures(self._client, organisation, unit)
        chain = units_above(organisation, unit)
        match order.round.kind:
            case Kind.MEETING:
                registers = await figures.registers([unit])
                since = _last_meeting(registers.get(unit), order.at) or since
                insurers = [insurer.id for insurer in insurers_of(organisation, unit)]
                counted_at = datetime.now(UTC)
                counts = [await figures.counts(since), *[await figures.counts(since, each) for each in insurers]]
                return Seen(
                    since=since,
                    counted_at=counted_at,
                    counts=counts[0],
                    insurers=dict(zip(insurers, counts[1:], strict=True)),
                    actions=await figures.open_actions(),
                )
            case Kind.SCREENING:
                registers = await figures.registers(chain)
                found = await figures.watched(since)
                return Seen(since=since, watched=_watched(found, registers, unit), points=_points(registers))
            case Kind.TRAINING:
                return Seen(since=since, trained=_trained(await figures.registers(chain)))
            case Kind.READINESS:
                return Seen(since=since)
            case Kind.DRILL:
                return Seen(since=since, drilled=await figures.drilled())


def _last_meeting(register: View | None, at: datetime) -> datetime | None:
    """Up to when the meeting before this round has counted."""
    rounds = [RoundHeld.model_validate(held) for held in (register["rounds"] if register else ())]
    before = [held for held in rounds if held.kind is Kind.MEETING and held.at < at]
    return max((held.counted_at or held.at for held in before), default=None)


def _watched(found: dict[str, set[Why]], registers: dict[str, View], unit: str) -> dict[str, tuple[Why, ...]]:
    """With the outlets that open actions concern, and those whose last screening had findings."""
    for view in registers.values():
        for action in view["actions"]:
            if action["outlet"]:
                found.setdefault(action["outlet"], set()).add(Why.ACTION)
    for outlet in registers[unit]["findings"] if unit in registers else ():
        found.setdefault(outlet, set()).add(Why.FINDINGS)
    return {outlet: tuple(why for why in Why if why in reasons) for outlet, reasons in found.items()}


def _points(registers: dict[str, View]) -> tuple[str, ...]:
    """What lessons have added to the screening standard, here and above (R58)."""
    return tuple(f"{unit}/{point['action_id']}" for unit, view in registers.items() for point in view["standard"])


def _trained(registers: dict[str, View]) -> dict[str, date]:
    held: Iterable[tuple[str, str]] = (each for view in registers.values() for each in view["trained"].items())
    last: dict[str, date] = {}
    for place, on in held:
        day = date.fromisoformat(on)
        last[place] = max(last.get(place, day), day)
    return last
