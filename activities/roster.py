"""Who answers for an incident now (R3-R5, R14, R28): the organisation's current version, read at each call."""

import asyncio
from collections.abc import Callable

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.names import MISCONFIGURED, RESOLVE_ROSTER
from plan.errors import Misconfigured
from plan.incident import RULES_VERSION
from plan.orders import RosterAnswer, RosterOrder
from plan.organisation import Organisation
from plan.playbook import Playbook
from plan.roster import roster


class RosterActivities:
    """The two readers are called in a thread, for they open files."""

    def __init__(
        self,
        organisation: Callable[[], Organisation],
        playbook: Callable[[], Playbook],
        *,
        keeps_records: bool = False,
    ) -> None:
        self._organisation, self._playbook = organisation, playbook
        self._keeps_records = keeps_records

    @activity.defn(name=RESOLVE_ROSTER)
    async def resolve_roster(self, order: RosterOrder) -> RosterAnswer:
        """Resolve the chain and everybody on it (R28); with the playbook, where it is still to be frozen.

        What the organisation does not know is named in the roster, not an error. A file that cannot be read is tried
        again until somebody has mended it.
        """
        try:
            return await asyncio.to_thread(self._answer, order)
        except (Misconfigured, OSError, ValueError) as wrong:
            raise ApplicationError(_unreadable(order, wrong), type=MISCONFIGURED) from None

    def _answer(self, order: RosterOrder) -> RosterAnswer:
        people = roster(self._organisation(), outlet=order.outlet, unit=order.unit, insurers=order.insurers)
        playbook = self._playbook() if order.with_playbook else None
        return RosterAnswer(
            roster=people, playbook=playbook, rules_version=RULES_VERSION, keeps_records=self._keeps_records
        )


def _unreadable(order: RosterOrder, wrong: Exception) -> str:
    """The faults themselves stay out: they may quote a file that holds names and phones."""
    faults = len(wrong.faults) if isinstance(wrong, Misconfigured) else 0
    counted = f", {faults} faults" if faults else ""
    return (
        f"Who answers for {order.incident_id} was not resolved (R28): the organisation or the playbook cannot be read "
        f"({type(wrong).__name__}{counted}). Run `tocsin check` where the worker runs and mend the file; "
        "it is tried again by itself."
    )
