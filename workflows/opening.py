"""How a run begins: a complaint, a group event, a run carried on, or a closed one that is gone on from (plan/start.py).

Errors: Malformed, whose text is what the workflow fails with: whoever started it by hand reads it there.
"""

from typing import cast

from pydantic import ValidationError
from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import FailureError

from plan.book import Book, State
from plan.complaint import Complaint
from plan.errors import Malformed
from plan.incident import Incident
from plan.intake import group_opened, opened
from plan.malformed import malformed, parse_complaint
from plan.start import GroupStart, Start, filed_at
from runtime.names import workflow_id
from workflows.reading import open_seal

HOW = "Incident takes one argument, its start. File a complaint with `tocsin file`; do not start it by hand."


def open_book(book: Book, raw: object) -> tuple[Start, Complaint | None]:
    """Open the book as the start says; the complaint, where there is one, is folded once it is known who answers."""
    start = _read(raw)
    if workflow.info().workflow_id != workflow_id(start.incident_id):
        raise Malformed(f"the workflow id must be {workflow_id(start.incident_id)}. {HOW}")
    if start.carried is not None and workflow.info().continued_run_id is None:
        raise Malformed(f"only a run that goes on carries a state. {HOW}")
    if start.carried is not None:
        book.restore(start.carried)
        return start, None
    if start.resumes is not None:
        book.restore(State(incident=Incident(incident_id=start.incident_id, filed_at=workflow.now()), salt=""))
        return start, None
    complaint = None if start.group else parse_complaint(start.complaint)
    _file(book, start, complaint)
    return start, complaint


def _file(book: Book, start: Start, complaint: Complaint | None) -> None:
    now = workflow.now()
    filing = filed_at(start, now, open_seal())
    if complaint is not None:
        incident = opened(complaint, start.incident_id, filing.at, imported=start.imported is not None)
    else:
        group = start.group or GroupStart()
        incident = group_opened(start.incident_id, group.scene, filing.at, drill=group.drill)
    if incident.drill and (plan := start.drill_plan or (start.group and start.group.drill_plan)):
        incident = incident.model_copy(update={"drill_plan": plan})
    book.restore(State(incident=incident, salt=str(workflow.uuid4())))
    book.file(complaint, now, door=filing.door, imported=start.imported, held_from=filing.held_from)


def _read(raw: object) -> Start:
    if not isinstance(raw, RawValue):
        raise Malformed(HOW)
    try:
        start = cast("Start | None", workflow.payload_converter().from_payload(raw.payload, Start))
    except ValidationError as error:
        raise malformed(error, "the start") from None
    except (FailureError, RuntimeError, ValueError, KeyError):
        raise Malformed(f"the start cannot be decoded. {HOW}") from None
    if start is None:  # null is nothing, of whatever type
        raise Malformed(HOW)
    return start
