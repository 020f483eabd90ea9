"""What other systems are told of an incident: an event for each change of state (CloudEvents 1.0; R14, R29, R57.6).

An event is an entry of the record in other clothes. Its content follows from the record alone, so that telling it
again says the very same. `EVENTS` names the entries that change what an incident is: its stage, severity, form and
place, its clocks, its reports, and that somebody could not be told. Deliveries, refusals, notes and the running of the
workflow are none; what is confidential to the inside (opinions, conduct, accountability) never is.
Who is told: a system of ours what an outlet may see, an insurer's system what that insurer may see (`visibility.py`).
Of an entry goes out its id and instants, where the incident is, and the fields its line names: no person, no free
text, no criteria, no counts. History that was imported is told to nobody.
Errors: none.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import rfc8785
from pydantic import JsonValue

from plan.record import Entry
from plan.values import Instant, Kept, stamp
from plan.visibility import Seat, may_see_entry

PREFIX: Final = "cn.tocsin."
TEST: Final = f"{PREFIX}test"
"""The event that a test sends; it is about nothing."""


class Line(NamedTuple):
    """The type of an event without `PREFIX`, and the fields of its entry that go out under their own names."""

    type: str
    fields: tuple[str, ...] = ()


EVENTS: Final[Mapping[str, Line]] = {
    "filed": Line("incident.filed"),
    "assigned": Line("incident.assigned"),
    "handed_to_insurer": Line("incident.handed_to_insurer", ("due_at",)),
    "insurer_due_extended": Line("incident.insurer_due_extended", ("due_at",)),
    "insurer_decided": Line("incident.decided"),
    "decision_relayed": Line("incident.decision_relayed"),
    "resolved": Line("incident.resolved"),
    "closed": Line("incident.closed"),
    "withdrawn": Line("incident.withdrawn"),
    "reopened": Line("incident.reopened"),
    "crisis": Line("incident.crisis", ("number",)),
    "stood_down": Line("incident.stood_down"),
    "group_signs_seen": Line("incident.group_signs_seen"),
    "scene_over": Line("incident.scene_over", ("outcome",)),
    "converted_to_group_event": Line("incident.converted", ("group_id",)),
    "member_joined": Line("incident.member_joined"),
    "member_left": Line("incident.member_left"),
    "clock_started": Line("clock.started", ("due_at", "owed_by")),
    "clock_moved": Line("clock.moved", ("from", "to")),
    "clock_met": Line("clock.met", ("at", "due_at")),
    "clock_met_late": Line("clock.met_late", ("at", "due_at")),
    "clock_cancelled": Line("clock.cancelled", ("due_at",)),
    "clock_carried": Line("clock.carried", ("due_at",)),
    "breach": Line("clock.breached", ("at",)),
    "breach_lifted": Line("clock.breach_lifted", ("at",)),
    "report_submitted": Line("report.submitted", ("report", "from_unit", "to_unit")),
    "report_acknowledged": Line("report.acknowledged"),
    "regulator_informed": Line("report.regulator_informed"),
    "undelivered": Line("notice.undelivered"),
    "unanswered": Line("notice.unanswered"),
}
"""By the entry's `what`. A type is never renamed: others select by it."""
TYPES: Final = (*dict.fromkeys(PREFIX + line.type for line in EVENTS.values()),)

_INSTANTS: Final = frozenset({"at", "due_at", "from", "to"})


class About(Kept):
    """What never changes of an incident, and who may hear of it as it is now."""

    incident_id: str
    drill: bool = False
    imported: bool = False
    units: tuple[str, ...] = ()
    insurers: tuple[str, ...] = ()


class Standing(Kept):
    """Where an incident is, folded from its record up to some entry."""

    form: str = "single"
    outlet: str | None = None
    scene: str | None = None
    insurer: str | None = None


class Cursor(Kept):
    """How far somebody has been told of an incident. `told` is the last event's sequence, 0 before the first."""

    incident_id: str
    sequence: int = 0
    told: int = 0
    standing: Standing = Standing()


class Event(Kept):
    """One event, ready to be sent, and how far whoever has it has been told."""

    id: str
    type: str
    body: bytes
    cursor: Cursor


def events(
    about: About,
    entries: Iterable[Entry],
    cursor: Cursor,
    *,
    since: Instant,
    types: frozenset[str] = frozenset(),
    insurer: str | None = None,
) -> Iterator[Event | Cursor]:
    """In order, for each entry after the cursor: its event, or else how far the cursor has come.

    `since`: what was recorded before is told to nobody who came later. `types`: those alone, where some are named.
    `insurer`: whose system it is.
    """
    for entry in entries:
        if entry.sequence <= cursor.sequence:
            continue
        standing = _after(cursor.standing, entry)
        come = cursor.model_copy(update={"sequence": entry.sequence, "standing": standing})
        kind = None if entry.recorded_at < since or about.imported else type_of(entry, insurer)
        if kind is None or (types and kind not in types):
            cursor = come
            yield cursor
            continue
        body = _body(about, entry, kind, standing, previous=cursor.told)
        cursor = come.model_copy(update={"told": entry.sequence})
        yield Event(id=event_id(about.incident_id, entry.sequence), type=kind, body=body, cursor=cursor)


def type_of(entry: Entry, insurer: str | None = None) -> str | None:
    """The type of the event that an entry is, for a system of ours or of an insurer; None where it is none."""
    line = EVENTS.get(entry.what)
    seat = Seat.OUTLET if insurer is None else Seat.INSURER
    return PREFIX + line.type if line and may_see_entry(seat, entry, decided=True) else None


def event_id(incident_id: str, sequence: int) -> str:
    """Unique for good: one entry, one event."""
    return f"{incident_id}/{sequence}"


def trial(reference: str, subscription: str, at: Instant) -> bytes:
    """An event about nothing, by which a receiver sees that it is reached."""
    return rfc8785.dumps(
        {
            "specversion": "1.0",
            "id": reference,
            "source": f"/subscriptions/{subscription}",
            "type": TEST,
            "subject": subscription,
            "time": stamp(at),
            "datacontenttype": "application/json",
            "data": {"subscription": subscription},
        }
    )


def _after(standing: Standing, entry: Entry) -> Standing:
    """Where the incident is after an entry."""
    said = entry.data
    match entry.what:
        case "filed":
            named = {name: said[name] for name in ("form", "outlet", "scene", "insurer") if said.get(name)}
        case "assigned":
            named = {name: said[name] for name in ("outlet", "insurer") if said.get(name)}
        case _:
            return standing
    return Standing.model_validate({**standing.model_dump(), **named})


def _body(about: About, entry: Entry, kind: str, standing: Standing, *, previous: int) -> bytes:
    """RFC 8785: the same bytes whenever and by whomever they are made."""
    event: dict[str, JsonValue] = {
        "specversion": "1.0",
        "id": event_id(about.incident_id, entry.sequence),
        "source": f"/incidents/{about.incident_id}",
        "type": kind,
        "subject": about.incident_id,
        "time": stamp(entry.recorded_at),
        "datacontenttype": "application/json",
        "sequence": f"{entry.sequence:010}",
        "data": _data(about, entry, standing, previous),
    }
    if about.drill:
        event["drill"] = True
    return rfc8785.dumps(event)


def _data(about: About, entry: Entry, standing: Standing, previous: int) -> dict[str, JsonValue]:
    where: dict[str, JsonValue] = {
        name: value for name, value in standing.model_dump(mode="json").items() if value is not None
    }
    return {
        "incident_id": about.incident_id,
        "sequence": entry.sequence,
        "previous": previous or None,
        "drill": about.drill,
        "received_at": stamp(entry.received_at),
        **({"rule": entry.rule} if entry.rule else {}),
        **where,
        **_subject(entry),
        **{name: entry.data[name] for name in EVENTS[entry.what].fields if _sayable(name, entry.data.get(name))},
    }


def _subject(entry: Entry) -> dict[str, JsonValue]:
    """What the entry is about, under the name of what that is; of a notice its duty, and nobody's id."""
    if entry.what in ("member_joined", "member_left"):
        return {"member": entry.data.get("incident_id")}
    if entry.about is None:
        return {}
    kind = EVENTS[entry.what].type.partition(".")[0]
    match kind:
        case "clock":
            return {"clock": entry.about}
        case "notice":
            return {"duty": entry.about.partition("~")[0]}
        case _:
            return {} if entry.what == "crisis" else {"fact_id": entry.about}


def _sayable(name: str, value: JsonValue) -> bool:
    """A word, a number or an instant; never a part that might hold what was sealed."""
    return isinstance(value, str | int) and (name not in _INSTANTS or isinstance(value, str))
