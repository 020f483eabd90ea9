"""A complaint as it is filed (contract, section 3): the plan's part 1(1) and R1, R24, R35.

Intake is never refused for what is missing: only the channel, the reason and an outlet or a unit must be there.
"""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from plan.parts import Circumstances, Numbers
from plan.values import (
    Flag,
    FreeText,
    IncidentId,
    Instant,
    Label,
    MaybePersonal,
    PersonKey,
    Ref,
    Stated,
)


class Channel(StrEnum):
    """How the complaint came in (R1; an open list, hence `other`)."""

    HOTLINE = "hotline"
    ONLINE = "online"
    MEDIA = "media"
    OUTLET = "outlet"
    REGULATOR = "regulator"
    INSURER = "insurer"
    OTHER = "other"


class Subject(StrEnum):
    """What it is about (R1)."""

    CONTRACT_TERMS = "contract_terms"
    TERM = "term"
    AFTER_SALES = "after_sales"
    RETURNS = "returns"
    SALES_CONDUCT = "sales_conduct"
    OTHER = "other"


class Customer(Stated):
    """Who complains. Any part may come later (R24, R35)."""

    name: MaybePersonal = None
    phone: MaybePersonal = None
    policy_numbers: Numbers = ()
    person_key: PersonKey | None = None


class Source(Stated):
    """The system a complaint was copied from."""

    system: Label
    reference: Label | None = None


class Complaint(Stated):
    """One complaint. Errors name the field; `incident_id` is made by the door when absent."""

    incident_id: IncidentId | None = None
    channel: Channel
    subject: Subject = Subject.OTHER
    outlet: Ref | None = None
    unit: Ref | None = None
    insurer: Ref | None = None
    product_line: Ref | None = None
    reason: Annotated[FreeText, Field(min_length=1)]
    complained_at: Instant | None = None
    known_at: Instant | None = None
    reported_by: Ref | None = None
    customer: Customer = Customer()
    circumstances: Circumstances | None = None
    drill: Flag = False
    source: Source | None = None

    @model_validator(mode="after")
    def _stands_somewhere(self) -> Self:
        if self.outlet is None and self.unit is None:
            raise ValueError("needs outlet, or unit where the outlet is not known yet")
        return self
