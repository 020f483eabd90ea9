"""What people enter into a unit's register: actions, trainings, screenings, readiness (R10, R11, R30, R58-R63).

Told apart by `kind`, in the same envelope as facts. Texts are short and may hold names, hence confidential like facts'.
`round` is what a schedule asks for, told from within. To add a kind: its model here, who may say it in
`register_judging.py`, its fold in `register.py`.
"""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Annotated, Literal, Self, get_args

from pydantic import ConfigDict, Field, TypeAdapter, model_validator

from plan.parts import Feeds, Short
from plan.rounds import RoundHeld
from plan.values import Count, Day, FactId, IncidentId, Instant, Kept, Label, Ref, Stated
from plan.wording import CHINA

EARLIEST, LATEST = 1970, 2200
END_OF_WORK = time(18)


class Result(StrEnum):
    """What a screening of an outlet came to."""

    OK = "ok"
    FINDINGS = "findings"


class ItemBase(Stated):
    """`fact_id` is the idempotency key, `by` a person, or `system:tocsin` from within."""

    fact_id: FactId | None = None
    by: Ref


class ActionOpened(ItemBase):
    """Something to be done by somebody until a day, or an instant. The same `action_id` is the same action."""

    kind: Literal["action"]
    action_id: Ref
    text: Short
    owner: Ref
    due_at: Instant | None = None
    due_on: Day | None = None
    feeds: Feeds = Feeds.OTHER
    from_incident: IncidentId | None = None
    outlet: Ref | None = None

    @model_validator(mode="after")
    def _has_one_due_time(self) -> Self:
        if (self.due_at is None) is (self.due_on is None):
            raise ValueError("needs due_on (a day) or due_at (an instant), and not both; write one of them")
        if self.due_on is not None and not EARLIEST <= self.due_on.year < LATEST:
            raise ValueError("due_on is outside the calendar; check the year")
        return self

    @property
    def due(self) -> datetime:
        """A day ends with its work, at six in the evening in China: whoever is reminded then is still awake."""
        return self.due_at or datetime.combine(self.due_on or date.max, END_OF_WORK, CHINA)


class ActionDone(ItemBase):
    kind: Literal["action_done"]
    action_id: Ref
    note: Short | None = None


class TrainingHeld(ItemBase):
    """`who` was trained: an outlet, a unit, or a person."""

    kind: Literal["training"]
    who: Ref
    topic: Label
    held_on: Day
    attendees: Annotated[Count, Field(ge=1)] = 1


class OutletScreened(ItemBase):
    """`round` is which round it belongs to; the present one when absent."""

    kind: Literal["screening"]
    outlet: Ref
    result: Result
    round: Label | None = None
    note: Short | None = None


class ReadinessConfirmed(ItemBase):
    kind: Literal["readiness"]
    outlet: Ref
    items: Annotated[tuple[Ref, ...], Field(min_length=1, max_length=50)]


class RoundAsked(ItemBase):
    """A round has begun: what was asked of whom until when. From within alone."""

    kind: Literal["round"]
    held: RoundHeld


AnyItem = ActionOpened | ActionDone | TrainingHeld | OutletScreened | ReadinessConfirmed | RoundAsked
ITEM: TypeAdapter[AnyItem] = TypeAdapter(
    Annotated[AnyItem, Field(discriminator="kind")], config=ConfigDict(hide_input_in_errors=True)
)
ITEMS: dict[str, type[ItemBase]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(AnyItem)
}
"""Every kind and its model."""


class ItemTold(Kept):
    """An item as it reached the register, with what the door stamped on it (contract, section 2)."""

    item: AnyItem
    fact_id: str
    received_at: Instant
    door: str = "temporal"
    sealed: bool = False

    @property
    def from_within(self) -> bool:
        """Told by Tocsin's own worker, and proved so by the seal."""
        return self.door == "tocsin" and self.sealed


class OpenActionOrder(Kept):
    """Open an action in a unit's register from elsewhere: `action` has the fields of `ActionOpened`."""

    unit: str
    action: dict[str, str | None]
    at: Instant


class FinishActionOrder(Kept):
    """Say in a unit's register from elsewhere that an action is done."""

    unit: str
    action_id: str
    note: str | None = None
    at: Instant
