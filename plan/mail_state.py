"""A mailbox as it is kept from run to run: what waits, what was tried, when it spoke, what became of what (R14).

Kept in histories: no field is ever renamed, and one that is added later has a default.
"""

from plan.channels import Manner
from plan.line import Waiting
from plan.orders import Outcome
from plan.values import Instant, Kept


class Parcel(Kept):
    """One message, however often it goes out: its letters by their numbers, its words, its key, what failed last.

    `place` is where it stands in the line since then.
    """

    key: str
    text: str
    numbers: tuple[int, ...]
    place: int = 0
    attempts: int = 0
    why: str = ""
    code: str = ""


class Owed(Kept):
    """An outcome that its incident has not been told yet."""

    workflow_id: str
    outcome: Outcome


class MailState(Kept):
    """A mailbox as it is carried from run to run. `busy_until` the service asked for; `rest_until` we take."""

    manner: Manner
    letters: tuple[Waiting, ...] = ()
    parcels: tuple[Parcel, ...] = ()
    attempts: tuple[Instant, ...] = ()
    busy_until: Instant | None = None
    rest_until: Instant | None = None
    failures: int = 0
    last: str = ""
    posted: int = 0
    owed: tuple[Owed, ...] = ()
    remembered: dict[str, Outcome] = {}
