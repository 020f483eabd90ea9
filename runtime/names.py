"""The names on the wire (contract, section 2): others hold on to them, so none is ever changed.

Plain constants without imports: workflows, activities and every way in use them without importing each other.
"""

from typing import Final

WORKFLOWS_QUEUE: Final = "tocsin"
"""Task queue of the workflows, the roster and the links between incidents."""
DELIVERIES_QUEUE: Final = "tocsin.deliver"
"""Task queue of the deliveries, apart so that a slow channel delays no incident."""

EVENTS_QUEUE: Final = "tocsin.events"
"""Task queue of what other systems are told, apart so that no receiver delays a notice or an incident."""

INCIDENT: Final = "Incident"
"""Workflow type of an incident; a group event is one too."""

MAILBOX: Final = "Mailbox"
"""Workflow type of a mailbox: what waits for one address that may not be spoken to faster."""

WATCH: Final = "Watch"
"""Workflow type of a watch: what one outlet, one insurer's line, or one person has had of complaints."""
ALERT: Final = "Alert"
"""Workflow type of a heightened alert: in force as long as it runs."""
WATCHDOG: Final = "Watchdog"
"""Workflow type of the look from outside; the schedule that runs it is `tocsin-watchdog`."""
BULLETIN: Final = "Bulletin"
"""Workflow type of a notice that belongs to no incident."""
RHYTHM: Final = "Rhythm"
"""Workflow type of one round of the rhythm; the schedules that begin them are `tocsin-<kind>-<unit>`."""
DRILL: Final = "Drill"
"""Workflow type of one exercise."""
ROOT: Final = "Root"
"""Workflow type of the day's root over all records; the schedule that runs it is `tocsin-root`."""
FEED: Final = "Feed"
"""Workflow type of what one subscription is told."""
RETENTION: Final = "Retention"
"""Workflow type of the day's erasing of what is past its term; the schedule that runs it is `tocsin-retention`."""
REGISTER: Final = "Register"
"""Workflow type of a unit's register: open actions, trainings, screenings, readiness."""

RESOLVE: Final = "resolve"
CONVERT: Final = "convert_to_group_event"
RECORD: Final = "record"
"""Signals: the first two are shorthands of their fact, `record` takes any."""
SETTLE: Final = "settle"
"""Signal: what became of letters in a mailbox, sealed by a worker."""
POST: Final = "post"
"""Signal of a mailbox: one more letter."""
SEEN: Final = "seen"
"""Signal of a watch: what an incident is now, sealed by a worker."""
LOOK: Final = "look"
"""Signal: evaluate anew what is due; it says nothing and changes nothing."""
HAPPENED: Final = "happened"
"""Signal of a feed: `[{incident_id, sequence}, ...]`, incidents whose records may have gone on."""
TRY: Final = "try"
"""Update of a feed: send an event about nothing, and say what the receiver answered."""
SUBMIT: Final = "submit"
REVEAL: Final = "reveal"
"""Updates: `submit` judges any fact, `reveal` shows personal data and leaves an entry."""
VIEW: Final = "view"
TIMELINE: Final = "timeline"
"""Queries."""
FIGURES: Final = "figures"
"""Query: what figures count of an open incident, and how far its record reaches; nothing personal."""

DIGEST: Final = "tocsin_digest"
"""Memo key: SHA-256 of the complaint as filed, by which a second filing is `existing` or `conflict`."""
OPEN_SEAL: Final = "tocsin_open_seal"
"""Extern function by which a workflow checks a door's seal."""

HINT: Final = "tocsin_hint"
"""Extern function by which an incident says that its record has gone on; it leaves nothing in its history."""

SURPLUS: Final = "tocsin: more than one argument"
"""What a handler is given instead of several arguments, so that it can say so."""

CRISIS_PRIORITY: Final = 1
USUAL_PRIORITY: Final = 2
IMPORT_PRIORITY: Final = 5

_PREFIX: Final = "incident/"


def workflow_id(incident_id: str) -> str:
    """The id of the workflow that keeps an incident."""
    return f"{_PREFIX}{incident_id}"


def incident_id_of(workflow: str) -> str:
    """The incident a workflow id stands for; the id itself where it is none of ours."""
    return workflow.removeprefix(_PREFIX)


def mailbox_id(channel: str, address: str) -> str:
    """The id of a mailbox; `address` is a digest of the address, which may be a secret."""
    return f"mailbox/{channel}/{address}"


def watch_id(kind: str, *of: str, drill: bool = False) -> str:
    """The id of a watch: `watch/outlet/<outlet>`, `watch/line/<insurer>/<line>`, `watch/person/<key>`; drills apart."""
    return "/".join(("watch", *(("drill",) if drill else ()), kind, *of))


def alert_id(province: str | None, insurer: str | None) -> str:
    """The id of a heightened alert; `all` where it holds for every province, or every insurer."""
    return f"alert/{province or 'all'}/{insurer or 'all'}"


def bulletin_id(reference: str) -> str:
    """The id of the workflow that tells what belongs to no incident."""
    return f"bulletin/{reference}"


def register_id(unit: str) -> str:
    """The id of a unit's register."""
    return f"register/{unit}"


def unit_of_register(workflow: str) -> str:
    """The unit whose register this is."""
    return workflow.removeprefix("register/")


def feed_id(subscription: str) -> str:
    """The id of the workflow that feeds a subscription."""
    return f"feed/{subscription}"


def subscription_of(workflow: str) -> str:
    """The subscription that a feed serves."""
    return workflow.removeprefix("feed/")


def drill_id(drill: str) -> str:
    """The id of the workflow that plays a drill."""
    return f"drill/{drill}"


def drill_of(workflow: str) -> str:
    """The drill that a workflow id stands for."""
    return workflow.removeprefix("drill/")
