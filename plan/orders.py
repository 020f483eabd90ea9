"""What the workflow asks of the world, and what it is answered: one model in, one model out for each activity.

No names, phones or free text in here but what a delivery needs to find a person by id.
"""

from datetime import timedelta
from typing import Any, Final

from plan.digest import Written
from plan.playbook import Playbook
from plan.roster import Roster
from plan.values import Instant, Kept

URGENT: Final = 1
"""The priority of a crisis, the first of Temporal's (`runtime.names`)."""


class RosterOrder(Kept):
    """Resolve who answers (R28). The playbook is frozen only the first time."""

    incident_id: str
    outlet: str | None = None
    unit: str | None = None
    insurers: tuple[str, ...] = ()
    with_playbook: bool = True


class RosterAnswer(Kept):
    """`rules_version` is of the code that answered, `keeps_records` whether it keeps them; frozen with the playbook."""

    roster: Roster
    playbook: Playbook | None = None
    rules_version: int = 1
    keeps_records: bool = False


class DeliveryOrder(Kept):
    """Tell one recipient over one channel (R14). `key` goes with the message where the channel allows it.

    `duty` names the wording; `words` are the values its text may use, none of them personal. `recipient` is a person
    id; the address is looked up in the current organisation, so that nobody who has left is told. `desk` is who is told
    in the recipient's place, in a drill (R11).
    """

    key: str
    incident_id: str
    duty: str
    recipient: str
    channel: str
    drill: bool = False
    desk: str | None = None
    confidential: bool = False
    words: dict[str, str] = {}
    due_at: Instant | None = None
    now: Instant

    @property
    def reaches(self) -> str:
        """Whom it really goes to."""
        return self.desk if self.drill and self.desk else self.recipient


class Delivered(Kept):
    """The channel's own answer: `code` and `message_id` as it gave them, `digest` of the text that went out.

    `held`: it is not sent yet but lies in the mailbox of its address, which settles it (`Outcome`). `at`: when the
    channel said so, where that is known; it may be written down a little later.
    """

    channel: str
    code: str
    message_id: str = ""
    digest: str = ""
    attempts: int = 1
    held: bool = False
    at: Instant | None = None


class Letter(Kept):
    """A notice in a mailbox. `give_up_after` is how long it may wait there before another way is tried.

    It holds its words as they were written when it was posted, so that a repeat says the same.
    """

    order: DeliveryOrder
    written: Written
    workflow_id: str
    priority: int
    give_up_after: timedelta

    @property
    def urgent(self) -> bool:
        return self.priority <= URGENT


class SendOrder(Kept):
    """One message of a mailbox: a notice alone, or several folded into one that names each.

    `key` stands for exactly this text. `mailbox` is the workflow's id: an order whose address leads elsewhere by now is
    not for it any more.
    """

    channel: str
    mailbox: str
    key: str
    text: str
    lang: str = "zh"
    drill: bool = False
    orders: tuple[DeliveryOrder, ...]


class Outcome(Kept):
    """What became of one letter, by the key of its order.

    `delivered` is the channel's own yes; `held_until` when its turn comes; `failure` why it will not be sent here, with
    the channel's `code`; `again` means that its address is another one now. Exactly one of them is there.
    """

    key: str
    delivered: Delivered | None = None
    held_until: Instant | None = None
    failure: str | None = None
    code: str = ""
    attempts: int = 0
    again: bool = False


class SendAnswer(Kept):
    """Either the channel's yes, for all of them; or nothing was sent, for some must not go there, or not any more."""

    delivered: Delivered | None = None
    unfit: tuple[Outcome, ...] = ()


class Trouble(Kept):
    """What a failed attempt says of itself beside its words: the details of the activity's failure.

    `attempt` counts from 1; `tried` is false where the channel was not spoken to at all; `retry_after` is what the
    channel asked for.
    """

    code: str = ""
    attempt: int = 1
    tried: bool = True
    retry_after: timedelta | None = None


class SettleOrder(Kept):
    """Tell incidents what became of their letters: outcomes by workflow id."""

    outcomes: dict[str, tuple[Outcome, ...]]


class LinkOrder(Kept):
    """Tell another incident a fact, under its own id and stamp: a member joins its group, a report is passed on.

    `opens` is the group event to open where it does not exist yet.
    """

    incident_id: str
    fact: dict[str, Any]
    received_at: Instant
    opens: dict[str, Any] | None = None


class LinkAnswer(Kept):
    """`gone` when the other incident no longer exists; else its receipt."""

    gone: bool = False
    receipt: dict[str, Any] | None = None


class ResumeOrder(Kept):
    """Load the state a closed incident ended with, for the run that goes on from it: `asked_by`, by its id."""

    incident_id: str
    run_id: str
    asked_by: str | None = None
