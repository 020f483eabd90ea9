"""A fact as it reached the plan: the fact, and what the door stamped on it (contract, section 2).

`received_at` is the door's sealed stamp, or the workflow's own time without a valid seal. A stamp in the workflow's
future is held back to its now; `held_from` then says what it was.
"""

from plan.facts import AnyFact
from plan.values import Instant, Kept

WITHIN = "system:tocsin"
"""Tocsin itself; believed only from its own door, sealed."""


class Told(Kept):
    fact: AnyFact
    fact_id: str
    received_at: Instant
    recorded_at: Instant
    door: str = "temporal"
    sealed: bool = False
    held_from: Instant | None = None

    @property
    def from_within(self) -> bool:
        """Told by Tocsin's own worker, and proved so by the seal."""
        return self.door == "tocsin" and self.sealed
