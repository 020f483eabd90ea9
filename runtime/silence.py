"""Whether Temporal is silent, told by those who ask to those who wait for their turn (`gate.py`, `turns.py`).

Who waited while somebody else heard nothing for the whole patience need not try and hear nothing too. One that hears
nothing while others do is only slow, and says nothing about those who wait. Instants are the loop's. Errors: none.
"""

import asyncio


class Silence:
    """Of one gate or line."""

    def __init__(self) -> None:
        self._silent_at: float | None = None
        self._heard_at: float | None = None

    def since(self, arrived_at: float) -> bool:
        """Whether somebody has heard nothing since then, and nobody anything after that."""
        return self._silent_at is not None and self._silent_at >= arrived_at

    def heard(self, anything: bool, asked_at: float) -> None:
        """What came of asking, begun at that instant."""
        if anything:
            self._silent_at, self._heard_at = None, now()
        elif self._heard_at is None or self._heard_at < asked_at:
            self._silent_at = now()


def now() -> float:
    """The loop's clock, in seconds."""
    return asyncio.get_running_loop().time()
