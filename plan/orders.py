"""What the workflow asks of the world, and what it is answered: one model in, one model out for each activity.

No names, phones or free text in here but what a delivery needs to find a person by id.
"""

from typing import Any

from plan.playbook import Playbook
from plan.roster import Roster
from plan.values import Instant, Kept


class RosterOrder(Kept):
    """Resolve who answers (R28). The playbook is frozen only the first time."""

    incident_id: str
    outlet: str | None = None
    unit: str | None = None
    insurers: tuple[str, ...] = ()
    with_playbook: bool = True


class RosterAnswer(Kept):
    roster: Roster
    playbook: Playbook | None = None


class DeliveryOrder(Kept):
    """Tell one recipient over one channel (R14). `key` goes with the message where the channel allows it.

    `duty` names the wording; `words` are the values its text may use, none of them personal. `recipient` is a person
    id; the address is looked up in the current organisation, so that nobody who has left is told.
    """

    key: str
    incident_id: str
    duty: str
    recipient: str
    channel: str
    drill: bool = False
    confidential: bool = False
    words: dict[str, str] = {}
    due_at: Instant | None = None
    now: Instant


class Delivered(Kept):
    """The channel's own answer: `code` and `message_id` as it gave them, `digest` of the text that went out."""

    channel: str
    code: str
    message_id: str = ""
    digest: str = ""
    attempts: int = 1


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
