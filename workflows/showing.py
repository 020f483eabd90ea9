"""What others see of an incident: queries, search attributes and live details, none of it personal unless revealed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from pydantic import JsonValue
from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate
from temporalio.exceptions import ApplicationError

from plan.book import Book
from plan.clock import ClockState
from plan.clocks import overdue
from plan.details import live_details, timer_summary
from plan.events import About
from plan.incident import Stage
from plan.keeping import LiveRow
from plan.kept_rows import chain_of, clock_rows, incident_row
from plan.messages import Bad, as_id
from plan.notices import not_arrived, unreached
from plan.on_record import on_record
from plan.organisation import Level
from plan.outstanding import outstanding
from plan.view import view
from plan.visibility import Seat, as_seen, may_see_entry, seat_of
from runtime.names import HINT
from runtime.search_attributes import (
    DRILL,
    FORM,
    GROUP,
    INSURER,
    NEXT_DUE_AT,
    NOTICES,
    ON_RECORD,
    OUTLET,
    OVERDUE,
    PROVINCE,
    SEVERITY,
    STAGE,
    UNDELIVERED,
)

PAGE = 100
LARGEST_PAGE = 500


class Shown:
    """Publishes once per change, and answers what is asked."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._published: dict[str, Any] = {}
        self._hinted = 0

    def publish_what_changed(self) -> None:
        """One upsert for all attributes that changed; the details cost no event."""
        now = workflow.now()
        self._hint()
        running = self._book.clocks(now)
        owed = outstanding(self._book.incident, self._book.rules, now, running) if self._book.playbook else []
        workflow.set_current_details(
            live_details(self._book.incident, running, owed, record_late=self._book.record_late)
        )
        known = self._book.playbook is not None or self._book.incident.imported
        if known and (updates := self._changes(now)):
            workflow.upsert_search_attributes(updates)  # pyright: ignore[reportUnknownMemberType]

    def _changes(self, now: datetime) -> list[SearchAttributeUpdate[Any]]:
        incident, running = self._book.incident, self._book.clocks(now)
        province = incident.roster.unit_at(Level.PROVINCE)
        due = [clock.due_at for clock in running if clock.state is ClockState.RUNNING]
        values: list[tuple[SearchAttributeKey[Any], Any]] = [
            (SEVERITY, str(incident.severity)),
            (STAGE, str(incident.stage)),
            (FORM, str(incident.form)),
            (OUTLET, incident.place),
            (PROVINCE, province.id if province else None),
            (INSURER, incident.insurer),
            (GROUP, incident.group_id),
            (NEXT_DUE_AT, min(due) if due else None),
            (OVERDUE, len(overdue(running))),
            (UNDELIVERED, len(unreached(incident))),
            (DRILL, incident.drill),
        ]
        if incident.rules_version >= 2:
            values.append((NOTICES, not_arrived(incident) or None))
            values.append((ON_RECORD, on_record(incident) or None))
        known = self._known()
        changed = [(key, value) for key, value in values if known.get(key.name) != value]
        self._published = known | {key.name: value for key, value in changed}
        return [key.value_unset() if value is None else key.value_set(value) for key, value in changed]

    def _hint(self) -> None:
        """Say to this worker, outside of history, that the record has gone on: other systems are told from it.

        The task that this is part of may still come to nothing; whoever hears it looks at the record itself.
        """
        book, replayed = self._book, workflow.unsafe.is_replaying()
        if replayed or book.incident.imported or book.sequence == self._hinted:
            return
        functions = cast("dict[str, Callable[..., None]]", workflow.extern_functions())  # pyright: ignore[reportUnknownMemberType]
        if say := functions.get(HINT):
            say(book.incident.incident_id, book.sequence, chain_of(book.incident), book.incident.insurers)
        self._hinted = book.sequence

    def _known(self) -> dict[str, Any]:
        """What stands there already: published before, or set at the start."""
        if not self._published:
            pairs = cast("list[SearchAttributePair[Any]]", list(workflow.info().typed_search_attributes))
            for pair in pairs:
                self._published[pair.key.name] = pair.value
        return self._published

    def counted(self, now: datetime) -> dict[str, JsonValue]:
        """What figures count, and how far the record reaches."""
        book, running = self._book, self._book.clocks(now)
        live = LiveRow(
            row=incident_row(book.incident, running),
            clocks=clock_rows(book.incident, running),
            sequence=book.sequence,
            head=book.head,
        )
        return live.model_dump(mode="json")

    def timer_summary(self, at: datetime) -> str:
        return timer_summary(self._book.clocks(workflow.now()), at)

    def view(self, now: datetime, *, viewer: str | None, revealed: bool = False) -> dict[str, JsonValue]:
        """As that person may see it; the operator's view when nobody is named."""
        book = self._book
        seen = view(
            book.incident,
            book.playbook,
            now,
            running=book.clocks(now),
            refusals=book.refusals,
            sequence=book.sequence,
            head=book.head,
            revealed=revealed,
            entries=book.entries,
        )
        if viewer is None:
            return seen
        seat, insurer = seat_of(book.incident.roster.roles_of(viewer))
        called = bool(book.incident.handovers or book.incident.signs or book.incident.requests) or book.called
        return as_seen(
            seen,
            seat,
            own_insurer=insurer,
            decided=bool(book.incident.decisions),
            handed_over_or_called=called,
            viewer=viewer,
        )

    def revealed(self, viewer: str | None, now: datetime) -> dict[str, JsonValue]:
        """With the personal words, for a named person whom the plan allows; it leaves an entry."""
        seat, _ = seat_of(self._book.incident.roster.roles_of(viewer)) if viewer else (Seat.STRANGER, None)
        if viewer is None or seat in (Seat.STRANGER, Seat.SYSTEM):
            why = "personal data is shown to a named person of this incident's chain only (R29)"
            self._book.bad(Bad(why=why, by=as_id(viewer), kind="reveal"), now, "refused")
            raise ApplicationError(why, type="R29", non_retryable=True)
        self._book.note("personal_data_shown", now, by=viewer, viewer=viewer)
        return self.view(now, viewer=viewer, revealed=True)


def timeline_page(book: Book, wanted: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Entries after a sequence number, as the viewer may see them; `next_after` is None at the end."""
    after = _number(wanted.get("after"), 0, len(book.entries))
    limit = _number(wanted.get("limit"), PAGE, LARGEST_PAGE) or PAGE
    viewer = wanted.get("viewer")
    page = book.entries[after : after + limit]
    last = after + len(page)
    if viewer is not None:
        seat, _ = seat_of(book.incident.roster.roles_of(str(viewer)))
        decided = bool(book.incident.decisions)
        page = [entry for entry in page if may_see_entry(seat, entry, decided=decided)]
    return {
        "incident_id": book.incident.incident_id,
        "entries": [entry.model_dump(mode="json") for entry in page],
        "next_after": last if last < len(book.entries) else None,
        "head": book.head,
        "sequence": book.sequence,
        "over": book.incident.stage in (Stage.CLOSED, Stage.WITHDRAWN),
        **({"about": _about(book)} if viewer is None else {}),
    }


def _about(book: Book) -> dict[str, JsonValue]:
    """Whom the incident concerns: for the operator, and for whoever tells other systems."""
    incident = book.incident
    return About(
        incident_id=incident.incident_id,
        drill=incident.drill,
        imported=incident.imported,
        units=chain_of(incident),
        insurers=incident.insurers,
    ).model_dump(mode="json")


def _number(value: JsonValue, default: int, most: int) -> int:
    return min(max(value, 0), most) if isinstance(value, int) and not isinstance(value, bool) else default
