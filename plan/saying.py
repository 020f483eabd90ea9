"""What a watch has decided to say, and has not said yet: a fact to an incident, or an alert to be raised.

It is kept in the watch until it is answered, so that nothing decided is lost; each has an id, so that saying it again
counts once.
"""

from typing import Any, Literal

from plan.told import WITHIN
from plan.values import Instant, Kept


class Tell(Kept):
    """Tell an incident a fact, as of `at`. Where it is over by then, one of `instead` is told.

    `looks_at` is an earlier incident of which the fact says whether it is still open (`reopen`).
    """

    what: Literal["tell"] = "tell"
    id: str
    incident_id: str
    fact: dict[str, Any]
    at: Instant
    instead: tuple[str, ...] = ()
    looks_at: str | None = None

    @property
    def key(self) -> str:
        return f"{self.incident_id} {self.id}"


class RaiseAlert(Kept):
    """Raise a heightened alert for an insurer (R32); `province` is None where no single one stands out.

    So many `people` complained where `usual` did as a rule.
    """

    what: Literal["alert"] = "alert"
    id: str
    province: str | None
    insurer: str
    product_line: str | None = None
    people: int
    usual: float = 0
    at: Instant
    until: Instant

    @property
    def key(self) -> str:
        return self.id


Say = Tell | RaiseAlert


class Said(Kept):
    """What became of it: `accepted` with the number of its entry, refused under a rule, or nobody there any more."""

    accepted: bool = False
    gone: bool = False
    rule: str | None = None
    reason: str | None = None
    sequence: int = 0


def fact(kind: str, **said: Any) -> dict[str, Any]:
    """A fact that Tocsin itself states."""
    return {"kind": kind, "by": WITHIN, **said}
