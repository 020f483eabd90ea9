"""The names on the wire (contract, section 2): others hold on to them, so none is ever changed.

Plain constants without imports: workflows, activities and every way in use them without importing each other.
"""

from typing import Final

WORKFLOWS_QUEUE: Final = "tocsin"
"""Task queue of the workflows, the roster and the links between incidents."""
DELIVERIES_QUEUE: Final = "tocsin.deliver"
"""Task queue of the deliveries, apart so that a slow channel delays no incident."""

INCIDENT: Final = "Incident"
"""Workflow type of an incident; a group event is one too."""

RESOLVE: Final = "resolve"
CONVERT: Final = "convert_to_group_event"
RECORD: Final = "record"
"""Signals: the first two are shorthands of their fact, `record` takes any."""
SUBMIT: Final = "submit"
REVEAL: Final = "reveal"
"""Updates: `submit` judges any fact, `reveal` shows personal data and leaves an entry."""
VIEW: Final = "view"
TIMELINE: Final = "timeline"
"""Queries."""

DIGEST: Final = "tocsin_digest"
"""Memo key: SHA-256 of the complaint as filed, by which a second filing is `existing` or `conflict`."""
OPEN_SEAL: Final = "tocsin_open_seal"
"""Extern function by which a workflow checks a door's seal."""

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
