"""What a register needs of the world: who is who now; and how an incident leaves something to be done (R28, R58-R63).

What is left goes by signal-with-start, sealed, under an id of its own, so that it may be repeated. Errors:
ApplicationError, tried again where a file cannot be read, for good where what was left cannot be read as an action.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from pydantic import ValidationError
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from activities.names import FINISH_ACTION, MALFORMED, MISCONFIGURED, OPEN_ACTION, RESOLVE_STANDING
from plan.errors import Misconfigured
from plan.malformed import faults_of
from plan.organisation import Organisation
from plan.register_items import ActionOpened, FinishActionOrder, OpenActionOrder
from plan.register_standing import Standing, StandingOrder, standing
from plan.rhythm import Rhythm
from plan.told import WITHIN
from runtime.registers import leave_item
from runtime.seals import Keyring

DOOR: Final = "tocsin"


class RegisterActivities:
    """The two readers are called in a thread, for they open files."""

    def __init__(
        self,
        client: Client,
        keyring: Keyring,
        organisation: Callable[[], Organisation],
        rhythm: Callable[[], Rhythm],
    ) -> None:
        self._client, self._keyring = client, keyring
        self._organisation, self._rhythm = organisation, rhythm

    @activity.defn(name=RESOLVE_STANDING)
    async def resolve_standing(self, order: StandingOrder) -> Standing:
        """What these persons and places are to the register. A file that cannot be read is tried again."""
        try:
            return await asyncio.to_thread(self._answer, order)
        except (Misconfigured, OSError, ValueError) as wrong:
            raise ApplicationError(
                f"Who may enter what into the register of {order.unit} was not looked up (R28): the organisation or "
                f"the rhythm cannot be read ({type(wrong).__name__}). Run `tocsin check` where the worker runs and "
                "mend the file; it is tried again by itself.",
                type=MISCONFIGURED,
            ) from None

    @activity.defn(name=OPEN_ACTION)
    async def open_action(self, order: OpenActionOrder) -> None:
        """Open an action in a unit's register, once for each `action_id` (R58-R63)."""
        said = {"kind": "action", "by": WITHIN, **order.action}
        try:
            action = ActionOpened.model_validate(said)
        except ValidationError as wrong:
            faults = "; ".join(faults_of(wrong))
            raise ApplicationError(
                f"The action for {order.unit} cannot be read: {faults}", type=MALFORMED, non_retryable=True
            ) from None
        item = {**said, "fact_id": f"action:{action.action_id}"}
        await leave_item(self._client, order.unit, item, door=DOOR, keyring=self._keyring, received_at=order.at)

    @activity.defn(name=FINISH_ACTION)
    async def finish_action(self, order: FinishActionOrder) -> None:
        """Say in a unit's register that an action is done, once (R58)."""
        said = {"kind": "action_done", "by": WITHIN, "action_id": order.action_id, "note": order.note}
        item = {**said, "fact_id": f"action_done:{order.action_id}"}
        await leave_item(self._client, order.unit, item, door=DOOR, keyring=self._keyring, received_at=order.at)

    def _answer(self, order: StandingOrder) -> Standing:
        return standing(self._organisation(), self._rhythm().actions, order)
