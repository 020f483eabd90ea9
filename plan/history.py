"""History that was imported: incidents of the past, filed for the record (contract, section 1)."""

from plan.values import Instant, Kept


class Imported(Kept):
    """History, not an open incident: no notices, no clocks. `outcome` is the source's own word for how it ended."""

    closed_at: Instant | None = None
    outcome: str | None = None
