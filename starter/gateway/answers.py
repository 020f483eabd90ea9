"""What the paths for systems answer with: the names of the models everywhere, instants with their offset.

Nothing of a wide view is modelled twice: an incident is described field by field in `openapi.py`, from the one table of
who sees what.
"""

from pydantic import Field

from plan.receipts import Receipt
from plan.record import Entry
from plan.values import Kept
from starter.gateway.problems import Problem
from starter.listing import Listed


class FiledAnswer(Kept):
    """`created` is False where the very same complaint had been filed before."""

    incident_id: str = Field(examples=["GD-2026-000123"])
    created: bool = Field(examples=[True])


class PendingReceipt(Receipt):
    """Durably received and not judged yet. `ask_again` says how the verdict is had."""

    ask_again: str = "Send the same fact again, with this fact_id, to the same path: it counts once."


class RefusedProblem(Problem):
    """A refusal of the plan, with its receipt."""

    receipt: Receipt | None = None


class Incidents(Kept):
    """A page of the list, what is due first. `total` is how many there are that the caller may see."""

    incidents: tuple[Listed, ...]
    total: int = Field(examples=[214])
    next: str | None = Field(default=None, description="The cursor of the next page; null behind the last one.")


class Timeline(Kept):
    """A page of the record, as the caller's seat sees it. `head` and `sequence` are the whole record's last."""

    incident_id: str
    entries: tuple[Entry, ...]
    head: str
    sequence: int
    next: str | None = Field(default=None, description="The cursor of the next page; null behind the last one.")


class Row(Kept):
    """What became of one of many: the status a call of its own would have had, and what it would have answered."""

    row: int = Field(description="Counted from 1, in the order in which they were sent.", examples=[1])
    status: int = Field(examples=[201])
    incident_id: str | None = Field(default=None, examples=["GD-2026-000123"])
    created: bool | None = None
    receipt: Receipt | None = Field(default=None, description="Of a fact.")
    problem: Problem | None = None


class Rows(Kept):
    """Every row's answer, in the order in which they were sent, and how many became what."""

    created: int = 0
    existing: int = 0
    told: int = 0
    failed: int = 0
    rows: tuple[Row, ...]


def rows(answered: list[Row]) -> Rows:
    """All rows, counted."""
    return Rows(
        created=sum(1 for row in answered if row.created),
        existing=sum(1 for row in answered if row.created is False),
        told=sum(1 for row in answered if row.receipt is not None and row.problem is None),
        failed=sum(1 for row in answered if row.problem is not None),
        rows=tuple(answered),
    )
