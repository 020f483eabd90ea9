"""Who sees what of an incident: one table for the view, one for the record (contract, section 6; R29, R57.6, R57.7).

A seat is where a viewer sits. A field or an entry is seen by the seats its line names; where a seat sees a part only,
`NARROWED` says which. An insurer sees its own incidents and members, never breach, conduct, accountability, report
content or opinion; an outlet no class, route or amount before the decision. What no line names, nobody sees.
Readings: conduct and accountability concern the outlet's own people, so the outlet does not see them (R56, R60), nor
that somebody is asked to decide on them; an action it sees where it owns it. Of the clocks an insurer sees the two it
owes.
Errors: none.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum

from pydantic import JsonValue

from plan.clock import owing
from plan.record import Entry
from plan.roster import Answerer, Role
from plan.values import Kept


class Seat(StrEnum):
    """From who sees most to who sees least. Internal: the operator and the groups and contacts of the chain's units."""

    INTERNAL = "internal"
    OUTLET = "outlet"
    INSURER = "insurer"
    SYSTEM = "system"
    STRANGER = "stranger"


ALL = frozenset(Seat)
KNOWN = ALL - {Seat.STRANGER}
PARTIES = KNOWN - {Seat.SYSTEM}
OURS = frozenset({Seat.INTERNAL, Seat.OUTLET})
INTERNAL = frozenset({Seat.INTERNAL})

FIELDS: Mapping[str, frozenset[Seat]] = {
    "incident_id": ALL,
    "form": KNOWN,
    "severity": KNOWN,
    "stage": KNOWN,
    "drill": KNOWN,
    "imported": KNOWN,
    "channel": PARTIES,
    "subject": PARTIES,
    "product_line": PARTIES,
    "repeat_of": PARTIES,
    "repeats": PARTIES,
    "province": KNOWN,
    "outlet": KNOWN,
    "scene": KNOWN,
    "filed_at": KNOWN,
    "group_id": KNOWN,
    "sequence": KNOWN,
    "head": KNOWN,
    "insurer": KNOWN,
    "insurers": PARTIES,
    "known_at": PARTIES,
    "crisis_at": PARTIES,
    "criteria": PARTIES,
    "people_count": PARTIES,
    "headcounts": PARTIES,
    "group_signs": PARTIES,
    "members": PARTIES,
    "clocks": PARTIES,
    "policies": PARTIES,
    "notices": PARTIES,
    "outstanding": PARTIES,
    "refusals": PARTIES,
    "decision": PARTIES,
    "customer": PARTIES,
    "care": PARTIES,
    "line": PARTIES,
    "evidence": PARTIES,
    "reports": OURS,
    "breaches": OURS,
    "actions": OURS,
    "checklist": OURS,
    "organisation_version": OURS,
    "playbook_version": OURS,
    "rules_version": OURS,
    "opinions": INTERNAL,
    "conduct": INTERNAL,
    "accountability": INTERNAL,
    "accountability_items": INTERNAL,
}
"""Field of the view, and who sees it."""

_TO_ALL_PARTIES = (
    "filed assigned calming_attempted customer_recorded handed_to_insurer insurer_due_extended circumstances_reported "
    "crisis_declared crisis group_signs_seen scene_support_requested on_the_way arrived_on_scene scene_over "
    "policy_examined special_care_flagged insurer_progressed insurer_decided line_agreed decision_relayed "
    "evidence_collected converted_to_group_event repeat_of stood_down resolved closed withdrawn reopened refused "
    "clock_started clock_moved clock_met clock_met_late clock_cancelled clock_carried"
)
_TO_OURS = (
    "report_submitted report_acknowledged regulator_informed police_contacted checklist_done media_contacted "
    "statement_issued member_joined member_left root_cause_recorded notice_acknowledged notice_resent rerouted noted "
    "breach breach_lifted notice held delivered delivery_failed delivery_late undelivered unanswered"
)
_TO_INTERNAL = (
    "handling_opinion_submitted opinion_reviewed conduct_reported conduct_found accountability_decided "
    "action_opened action_done "
    "malformed roster_resolved roster_failed cancellation_refused link_refused link_failed personal_data_shown "
    "unwatched continued resumed unknown_message record_delayed record_refused"
)
ENTRIES: Mapping[str, frozenset[Seat]] = {
    **dict.fromkeys(_TO_ALL_PARTIES.split(), PARTIES),
    **dict.fromkeys(_TO_OURS.split(), OURS),
    **dict.fromkeys(_TO_INTERNAL.split(), INTERNAL),
}
"""What an entry of the record says, and who sees it. A system learns of its own facts by their receipts."""

INSURER_OWES = frozenset({"insurer_answer", "insurer_on_scene"})
WITHIN_ONLY = "prompt.accountability"
"""A duty that the internal seats alone know of."""


class Sight(Kept):
    """What a seat's part of a field depends on. `called`: handed over to the insurer, or it was called to the scene."""

    own_insurer: str | None = None
    viewer: str | None = None
    decided: bool = False
    called: bool = False


def as_seen(
    view: Mapping[str, JsonValue],
    seat: Seat,
    *,
    own_insurer: str | None,
    decided: bool,
    handed_over_or_called: bool,
    viewer: str | None = None,
) -> dict[str, JsonValue]:
    """The view as this seat may see it: hidden fields are absent, not null. `viewer` is the person who sits there.

    A part that is not to be seen yet is null. An insurer that the incident does not concern is a stranger, and a
    stranger is told nothing but the id it asked for.
    """
    sight = Sight(own_insurer=own_insurer, viewer=viewer, decided=decided, called=handed_over_or_called)
    if seat is Seat.INSURER and own_insurer not in (_strings(view.get("insurers")) | _strings(view.get("insurer"))):
        seat = Seat.STRANGER
    return {
        name: NARROWED[name, seat](value, sight) if (name, seat) in NARROWED else value
        for name, value in view.items()
        if seat in FIELDS.get(name, frozenset())
    }


def may_see_entry(seat: Seat, entry: Entry, *, decided: bool) -> bool:
    """Whether this seat may see an entry of the record; of a refusal, whoever may see what was refused (R57.6)."""
    return _may_see(seat, entry.what, entry.about, entry.data, decided)


def seat_of(answerers: Iterable[Answerer]) -> tuple[Seat, str | None]:
    """The seat of a person who is all this to the incident, and the insurer spoken for; whoever left has none."""
    found = [(_SEATS[answerer.role], answerer.insurer) for answerer in answerers if not answerer.left]
    order = list(Seat)
    return min(found, key=lambda each: order.index(each[0]), default=(Seat.STRANGER, None))


_SEATS: Mapping[Role, Seat] = {
    Role.OPERATOR: Seat.INTERNAL,
    Role.WORK_GROUP: Seat.INTERNAL,
    Role.LEADERSHIP_GROUP: Seat.INTERNAL,
    Role.UNIT_CONTACT: Seat.INTERNAL,
    Role.OUTLET_LEAD: Seat.OUTLET,
    Role.OUTLET_CONTACT: Seat.OUTLET,
    Role.INSURER: Seat.INSURER,
    Role.SYSTEM: Seat.SYSTEM,
}


def _may_see(seat: Seat, what: str, about: str | None, data: Mapping[str, JsonValue], decided: bool) -> bool:
    if seat not in ENTRIES.get(what, frozenset()):
        return False
    if seat is not Seat.INTERNAL and (_within_only(about) or _within_only(data.get("notice_id"))):
        return False
    if what == "refused":
        kind = data.get("kind")
        return seat is Seat.INTERNAL or (isinstance(kind, str) and _may_see(seat, kind, None, {}, decided))
    if what == "policy_examined":
        return decided or seat is not Seat.OUTLET
    if what.startswith("clock_"):
        alone = len(owing(str(data.get("owed_by") or ""))) < 2
        return seat is not Seat.INSURER or (_owed_by_insurer(about) and alone)
    return True


def _only(keep: Callable[[dict[str, JsonValue], Sight], bool]) -> Callable[[JsonValue, Sight], JsonValue]:
    """Narrow a list to the items that may be seen."""

    def narrowed(items: JsonValue, sight: Sight) -> JsonValue:
        if not isinstance(items, list):
            return None
        return [item for item in items if isinstance(item, dict) and keep(item, sight)]

    return narrowed


def _own_name(names: JsonValue, sight: Sight) -> JsonValue:
    return [name for name in names if name == sight.own_insurer] if isinstance(names, list) else None


def _owed_by_it(what: str, by: str) -> Callable[[JsonValue, Sight], JsonValue]:
    """An insurer's own clocks; where several insurers owe one together, without the others' names."""
    kept = _only(lambda item, _: _owed_by_insurer(item.get(what)))

    def narrowed(items: JsonValue, sight: Sight) -> JsonValue:
        found = kept(items, sight)
        return [_without_others(item, by, sight) for item in found] if isinstance(found, list) else None

    return narrowed


def _without_others(item: JsonValue, by: str, sight: Sight) -> JsonValue:
    if not isinstance(item, dict):
        return item
    named = item.get(by)
    if isinstance(named, list):
        return {**item, by: _own_name(named, sight)}
    several = isinstance(named, str) and len(owing(named)) > 1
    return {**item, by: sight.own_insurer} if several else item


def _once_called(value: JsonValue, sight: Sight) -> JsonValue:
    return value if sight.called else None


def _once_decided(value: JsonValue, sight: Sight) -> JsonValue:
    return value if sight.decided else None


def _numbers_until_decided(policies: JsonValue, sight: Sight) -> JsonValue:
    """Before the decision an outlet sees which policies were examined, not what was found."""
    if sight.decided or not isinstance(policies, list):
        return policies
    return [{"policy_number": policy.get("policy_number")} for policy in policies if isinstance(policy, dict)]


def _owed_by_insurer(name: JsonValue) -> bool:
    return isinstance(name, str) and name.split(".")[0] in INSURER_OWES


def _within_only(name: JsonValue) -> bool:
    return isinstance(name, str) and name.startswith(WITHIN_ONLY)


def _owed_in_the_open(item: dict[str, JsonValue], sight: Sight) -> bool:
    """Not what only the inside is asked, and of the actions the viewer's own."""
    by = item.get("by")
    own = isinstance(by, list) and sight.viewer in by
    return not _within_only(item.get("what")) and (item.get("state") != "action" or own)


def _without_accountability(items: JsonValue, sight: Sight) -> JsonValue:
    """What a final report lacks, but for whether there is something to answer for."""
    found = _only(_owed_in_the_open)(items, sight)
    if not isinstance(found, list):
        return None
    return [_but_accountability(item) for item in found if isinstance(item, dict)]


def _but_accountability(item: dict[str, JsonValue]) -> JsonValue:
    lacks = item.get("lacks")
    return {**item, "lacks": [each for each in lacks if each != "accountability"]} if isinstance(lacks, list) else item


def _refusal_seen_by(seat: Seat) -> Callable[[dict[str, JsonValue], Sight], bool]:
    return lambda item, sight: _may_see(seat, "refused", None, item, sight.decided)


def _strings(value: JsonValue) -> set[str]:
    return {each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)}


NARROWED: Mapping[tuple[str, Seat], Callable[[JsonValue, Sight], JsonValue]] = {
    ("insurers", Seat.INSURER): _own_name,
    ("members", Seat.INSURER): _only(lambda item, sight: item.get("insurer") == sight.own_insurer),
    ("clocks", Seat.INSURER): _owed_by_it("id", "owed_by"),
    ("outstanding", Seat.INSURER): _owed_by_it("what", "by"),
    ("notices", Seat.INSURER): _only(lambda item, sight: item.get("recipient") == sight.viewer),
    ("refusals", Seat.INSURER): _only(_refusal_seen_by(Seat.INSURER)),
    ("customer", Seat.INSURER): _once_called,
    ("care", Seat.INSURER): _once_called,
    ("actions", Seat.OUTLET): _only(lambda item, sight: item.get("owner") == sight.viewer),
    ("notices", Seat.OUTLET): _only(lambda item, _: not _within_only(item.get("duty"))),
    ("outstanding", Seat.OUTLET): _without_accountability,
    ("policies", Seat.OUTLET): _numbers_until_decided,
    ("decision", Seat.OUTLET): _once_decided,
    ("refusals", Seat.OUTLET): _only(_refusal_seen_by(Seat.OUTLET)),
}
"""Where a seat sees a part of a field: which part."""
