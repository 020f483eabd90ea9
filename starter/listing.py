"""Which incidents there are, by their search attributes; what is due first stands first.

The server's visibility cannot sort on SQLite, so all that match are read and sorted here; a page is a cut of that.
"""

from datetime import UTC, datetime

from temporalio.client import Client, WorkflowExecution
from temporalio.service import RPCError

from plan.errors import Malformed, Unreachable
from plan.incident import Stage
from plan.values import Instant, Kept
from runtime.names import INCIDENT, incident_id_of
from runtime.search_attributes import (
    DRILL,
    FORM,
    GROUP,
    INSURER,
    NEXT_DUE_AT,
    NOTICES,
    OUTLET,
    OVERDUE,
    PROVINCE,
    SEVERITY,
    STAGE,
    UNDELIVERED,
)

ANY = "any"
_NEVER = datetime.max.replace(tzinfo=UTC)
_DRILLS = {True: f"{DRILL.name} = true", False: f"({DRILL.name} IS NULL OR {DRILL.name} = false)"}


class Wanted(Kept):
    """The filters of `tocsin list`. Without a status: every incident that is not over.

    `drill`: drills only, or none of them (R11); None: both. `notices` are states of which some notice of the incident
    is in one.
    """

    status: tuple[str, ...] = ()
    overdue: bool = False
    crisis: bool = False
    drill: bool | None = None
    outlet: str | None = None
    insurer: str | None = None
    group: str | None = None
    notices: tuple[str, ...] = ()

    def query(self) -> str:
        """The filters in the server's language."""
        parts = [f"WorkflowType = {_quoted(INCIDENT)}"]
        if not self.status:
            parts.append("ExecutionStatus = 'Running'")
        elif ANY not in self.status:
            parts.append(f"{STAGE.name} IN ({', '.join(_quoted(stage) for stage in self.status)})")
        parts += [f"{NOTICES.name} IN ({', '.join(_quoted(state) for state in self.notices)})"] if self.notices else []
        parts += [f"{OVERDUE.name} > 0"] if self.overdue else []
        parts += [f"{SEVERITY.name} = 'crisis'"] if self.crisis else []
        parts += [_DRILLS[self.drill]] if self.drill is not None else []
        parts += [f"{OUTLET.name} = {_quoted(self.outlet)}"] if self.outlet else []
        parts += [f"{INSURER.name} = {_quoted(self.insurer)}"] if self.insurer else []
        parts += [f"{GROUP.name} = {_quoted(self.group)}"] if self.group else []
        return " AND ".join(parts)


class Listed(Kept):
    """One line of the list."""

    incident_id: str
    severity: str | None = None
    stage: str | None = None
    form: str | None = None
    outlet: str | None = None
    province: str | None = None
    insurer: str | None = None
    group_id: str | None = None
    drill: bool = False
    next_due_at: Instant | None = None
    overdue: int = 0
    undelivered: int = 0
    filed_at: Instant

    @property
    def place(self) -> str:
        """Where it stands in the order: what is over last, else by due time, then by id."""
        over = self.stage in (Stage.CLOSED, Stage.WITHDRAWN)
        return f"{int(over)} {(self.next_due_at or _NEVER).isoformat()} {self.incident_id}"


class Listing(Kept):
    """A page, and where the next one begins."""

    incidents: tuple[Listed, ...]
    total: int
    next: str | None = None


async def listing(client: Client, wanted: Wanted, *, limit: int, after: str | None = None) -> Listing:
    """One page. `after` is the id of the last incident of the page before. Errors: `Unreachable`."""
    found = sorted(await every(client, wanted), key=lambda incident: incident.place)
    start = next((n + 1 for n, incident in enumerate(found) if incident.incident_id == after), 0)
    page = tuple(found[start : start + limit])
    more = start + limit < len(found)
    return Listing(incidents=page, total=len(found), next=page[-1].incident_id if more else None)


async def every(client: Client, wanted: Wanted) -> list[Listed]:
    """Every incident that matches, the latest run of each."""
    latest: dict[str, WorkflowExecution] = {}
    try:
        async for execution in client.list_workflows(wanted.query()):
            seen = latest.get(execution.id)
            if seen is None or execution.start_time > seen.start_time:
                latest[execution.id] = execution
    except RPCError as error:
        raise Unreachable(
            f"Temporal did not answer the list ({error.status.name}). Try again; on a new server start a worker first."
        ) from error
    return [_listed(execution) for execution in latest.values()]


def _listed(execution: WorkflowExecution) -> Listed:
    said = execution.typed_search_attributes
    return Listed(
        incident_id=incident_id_of(execution.id),
        severity=said.get(SEVERITY),
        stage=said.get(STAGE),
        form=said.get(FORM),
        outlet=said.get(OUTLET),
        province=said.get(PROVINCE),
        insurer=said.get(INSURER),
        group_id=said.get(GROUP),
        drill=said.get(DRILL) or False,
        next_due_at=said.get(NEXT_DUE_AT),
        overdue=said.get(OVERDUE) or 0,
        undelivered=said.get(UNDELIVERED) or 0,
        filed_at=execution.start_time,
    )


def _quoted(text: str) -> str:
    """A literal of the server's language; the ids we know need no escaping, what else was typed gets it."""
    if not text.isprintable():
        raise Malformed("A filter has a character that no id has, such as a line break. Write the id as it is.")
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
