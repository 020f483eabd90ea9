"""Who sees what: one table, complete, and its three hard lines (contract, section 6; R29, R57.6, R57.7)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from plan.facts import MODELS
from plan.incident import Incident
from plan.organisation import Level, Side
from plan.record import GENESIS, Entry, append
from plan.roster import Answerer, Role
from plan.view import view
from plan.visibility import ENTRIES, FIELDS, NARROWED, Seat, as_seen, may_see_entry, seat_of

VIEW: dict[str, Any] = {
    "incident_id": "GD-2026-000123",
    "form": "group_event",
    "severity": "crisis",
    "stage": "with_insurer",
    "drill": False,
    "imported": False,
    "channel": "outlet",
    "subject": "returns",
    "product_line": "fortune-plus",
    "repeat_of": "GD-0",
    "repeats": 1,
    "outlet": "gd-gz-th-0001",
    "province": "gd",
    "scene": "gd-gz-th-0001",
    "insurer": None,
    "insurers": ["anhe-life", "zhongtai-life"],
    "filed_at": "2026-11-24T01:12:00Z",
    "known_at": "2026-11-24T01:45:00Z",
    "crisis_at": "2026-11-24T01:48:00Z",
    "criteria": ["group_of_five"],
    "people_count": 6,
    "headcounts": [{"at": "2026-11-24T01:48:00Z", "headcount": 6}],
    "group_signs": True,
    "group_id": None,
    "members": [
        {"incident_id": "A", "insurer": "anhe-life"},
        {"incident_id": "E", "insurer": "zhongtai-life"},
        {"incident_id": "X", "insurer": None},
    ],
    "clocks": [
        {"id": "outlet_report", "state": "met_late"},
        {"id": "outlet_report.2", "state": "missed"},
        {"id": "relay.county", "state": "missed"},
        {"id": "insurer_answer", "state": "missed"},
        {"id": "insurer_on_scene", "state": "met"},
    ],
    "policies": [
        {
            "policy_number": "***01",
            "class": "flawed",
            "possible": ["flawed"],
            "route": "ex_gratia_request",
            "signed": False,
        }
    ],
    "notices": [
        {"notice_id": "n-1", "duty": "breach.outlet_report", "recipient": "gd-gz-th.work"},
        {"notice_id": "n-2", "duty": "tell.calming_failed", "recipient": "anhe-life.gd-gz"},
    ],
    "outstanding": [
        {"what": "outlet_report", "by": "gd-gz-th-0001.lead", "until": "2026-11-24T02:45:00Z"},
        {"what": "insurer_answer", "by": "anhe-life.gd-gz", "until": "2026-12-01T09:00:00Z"},
    ],
    "refusals": [
        {"kind": "conduct_reported", "by": "gd-gz-th-0001.contact", "reason": "no"},
        {"kind": "insurer_decided", "by": "gd-gz-th.work", "reason": "no"},
    ],
    "decision": {"remedy": "ex_gratia", "amount": "1000", "decision": "words"},
    "customer": {"name": "王**"},
    "care": {"vulnerable": True},
    "line": "agreed words",
    "evidence": ["recording"],
    "checklist": ["moved_off_floor"],
    "organisation_version": "1",
    "playbook_version": "1",
    "rules_version": 1,
    "conduct": [{"behaviour": 1}],
    "accountability": [{"category": 2}],
    "accountability_items": [{"category": 2, "about": "outlet_report", "evidence": [12, 31]}],
    "actions": [
        {"action_id": "GD-2026-000123.1", "owner": "gd-gz-th.work"},
        {"action_id": "GD-2026-000123.2", "owner": "gd-gz-th-0001.lead"},
    ],
    "reports": [{"number": 1}],
    "opinions": [{"at": "2026-11-24T09:30:00Z"}],
    "breaches": {"outlet_report": {"at": "2026-11-24T02:45:00Z"}},
    "sequence": 41,
    "head": "ab" * 32,
}
NEVER_FOR_AN_INSURER = (
    "breaches",
    "conduct",
    "accountability",
    "accountability_items",
    "actions",
    "reports",
    "opinions",
)


def seen(
    seat: Seat, *, own_insurer: str | None = None, decided: bool = False, called: bool = False, **changed: Any
) -> Any:
    own = own_insurer or ("anhe-life" if seat is Seat.INSURER else None)
    return as_seen(
        {**VIEW, **changed},
        seat,
        own_insurer=own,
        decided=decided,
        handed_over_or_called=called,
        viewer="anhe-life.gd-gz" if seat is Seat.INSURER else None,
    )


@pytest.mark.rule("R29")
def test_every_field_of_the_view_is_in_the_table_and_no_other() -> None:
    at = datetime(2026, 11, 24, 1, 12, tzinfo=UTC)
    told = view(
        Incident(incident_id="GD-1", filed_at=at), None, at, running=[], refusals=[], sequence=1, head="ab" * 32
    )
    assert set(FIELDS) == set(VIEW) == set(told)


@pytest.mark.rule("R29")
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("seat", Seat)
def test_every_seat_is_decided_for_every_field(seat: Seat, field: str) -> None:
    assert (field in seen(seat, decided=True, called=True)) is (seat in FIELDS[field])
    if (field, seat) in NARROWED:
        assert seat in FIELDS[field], "a part of nothing"


@pytest.mark.rule("R29")
def test_internal_seats_see_everything_as_it_is() -> None:
    assert seen(Seat.INTERNAL) == VIEW


@pytest.mark.rule("R29", "R57.7")
def test_a_stranger_is_told_nothing() -> None:
    assert seen(Seat.STRANGER, decided=True, called=True) == {"incident_id": "GD-2026-000123"}


@pytest.mark.rule("R29")
def test_an_insurer_the_incident_does_not_concern_is_a_stranger() -> None:
    assert seen(Seat.INSURER, own_insurer="other-life", called=True) == {"incident_id": "GD-2026-000123"}
    assert seen(Seat.INSURER, own_insurer="other-life", insurers=[], insurer="other-life")["stage"] == "with_insurer"
    nobody = as_seen(VIEW, Seat.INSURER, own_insurer=None, decided=True, handed_over_or_called=True)
    assert nobody == {"incident_id": "GD-2026-000123"}


@pytest.mark.rule("R29", "R62")
@pytest.mark.parametrize("decided", [True, False])
@pytest.mark.parametrize("called", [True, False])
def test_an_insurer_never_sees_breach_conduct_accountability_report_or_opinion(decided: bool, called: bool) -> None:
    found = seen(Seat.INSURER, decided=decided, called=called)
    assert not set(NEVER_FOR_AN_INSURER) & set(found)
    assert [clock["id"] for clock in found["clocks"]] == ["insurer_answer", "insurer_on_scene"]
    assert [item["what"] for item in found["outstanding"]] == ["insurer_answer"]
    assert [notice["notice_id"] for notice in found["notices"]] == ["n-2"]
    assert [refusal["kind"] for refusal in found["refusals"]] == ["insurer_decided"]
    assert "outlet_report" not in str(found)


@pytest.mark.rule("R29")
def test_an_insurer_sees_its_own_members_only() -> None:
    found = seen(Seat.INSURER, own_insurer="zhongtai-life")
    assert [member["incident_id"] for member in found["members"]] == ["E"]
    assert found["insurers"] == ["zhongtai-life"]
    assert "anhe-life" not in str(found["members"])


@pytest.mark.rule("R29", "R36")
def test_an_insurer_sees_the_customer_once_handed_over_or_called_to_the_scene() -> None:
    assert seen(Seat.INSURER)["customer"] is None
    assert seen(Seat.INSURER)["care"] is None
    assert seen(Seat.INSURER, called=True)["customer"] == VIEW["customer"]


@pytest.mark.rule("R57.6", "R55")
def test_an_outlet_sees_no_class_route_or_amount_before_the_decision_then_the_decision() -> None:
    before = seen(Seat.OUTLET)
    assert before["policies"] == [{"policy_number": "***01"}]
    assert before["decision"] is None
    assert not {"flawed", "ex_gratia_request", "ex_gratia", "1000"} & set(str(before).replace("'", " ").split())
    after = seen(Seat.OUTLET, decided=True)
    assert after["decision"] == VIEW["decision"]
    assert after["policies"] == VIEW["policies"]


@pytest.mark.rule("R57.6", "R56", "R60")
def test_an_outlet_sees_neither_opinion_nor_what_is_looked_into_about_its_people() -> None:
    found = seen(Seat.OUTLET, decided=True)
    assert not {"opinions", "conduct", "accountability"} & set(found)
    assert [refusal["kind"] for refusal in found["refusals"]] == ["insurer_decided"]


@pytest.mark.rule("R29")
def test_a_field_nobody_decided_is_seen_by_nobody() -> None:
    assert all("brand_new" not in seen(seat, brand_new=1) for seat in Seat)


# -- the record --------------------------------------------------------------------------------------------------------

OTHERS = {
    "filed",
    "unanswered",
    "refused",
    "malformed",
    "clock_started",
    "clock_moved",
    "clock_met",
    "clock_met_late",
    "breach",
    "breach_lifted",
    "clock_cancelled",
    "clock_carried",
    "crisis",
    "notice",
    "held",
    "delivered",
    "delivery_failed",
    "delivery_late",
    "undelivered",
    "roster_resolved",
    "roster_failed",
    "cancellation_refused",
    "link_refused",
    "personal_data_shown",
    "link_failed",
    "unwatched",
    "continued",
    "resumed",
    "record_delayed",
    "record_refused",
    "unknown_message",
}
"""What an entry may say beside an accepted fact."""


def entry(what: str, about: str | None = None, **data: Any) -> Entry:
    at = datetime(2026, 11, 24, 1, 12, tzinfo=UTC)
    return append(GENESIS, 1, what, recorded_at=at, about=about, data=data)


def may(seat: Seat, what: str, about: str | None = None, *, decided: bool = False, **data: Any) -> bool:
    return may_see_entry(seat, entry(what, about, **data), decided=decided)


@pytest.mark.rule("R29")
def test_every_kind_of_entry_is_in_the_table_and_no_other() -> None:
    assert set(ENTRIES) == {*MODELS, *OTHERS}


@pytest.mark.rule("R29")
@pytest.mark.parametrize("what", ENTRIES)
def test_the_record_hides_from_whom_it_should(what: str) -> None:
    assert may(Seat.INTERNAL, what, kind="noted")
    assert not may(Seat.STRANGER, what, kind="noted")
    assert not may(Seat.SYSTEM, what, kind="noted")


@pytest.mark.rule("R29", "R62")
@pytest.mark.parametrize(
    "what",
    [
        *("breach", "breach_lifted", "conduct_reported", "conduct_found", "accountability_decided", "notice"),
        *("report_submitted", "handling_opinion_submitted", "opinion_reviewed", "member_joined", "noted"),
    ],
)
def test_an_insurer_does_not_read_it_in_the_record_either(what: str) -> None:
    assert not may(Seat.INSURER, what, "insurer_answer", decided=True)
    assert not may(Seat.INSURER, "refused", kind=what, decided=True)


@pytest.mark.rule("R29")
def test_of_the_clocks_an_insurer_reads_its_own() -> None:
    assert may(Seat.INSURER, "clock_met_late", "insurer_answer")
    assert may(Seat.INSURER, "clock_started", "insurer_on_scene.2")
    assert not may(Seat.INSURER, "clock_met_late", "outlet_report")
    assert not may(Seat.INSURER, "clock_started")
    assert may(Seat.OUTLET, "breach", "outlet_report")


@pytest.mark.rule("R57.6")
def test_an_outlet_reads_what_was_found_of_a_policy_after_the_decision() -> None:
    assert not may(Seat.OUTLET, "policy_examined")
    assert may(Seat.OUTLET, "policy_examined", decided=True)
    assert may(Seat.INSURER, "policy_examined")
    assert not may(Seat.OUTLET, "refused", kind="policy_examined")
    assert not may(Seat.OUTLET, "refused", kind="conduct_found")
    assert not may(Seat.OUTLET, "refused", kind=7)
    assert may(Seat.OUTLET, "refused", kind="resolved")


def test_an_entry_nobody_decided_is_seen_by_nobody() -> None:
    assert not any(may(seat, "brand_new") for seat in Seat)


# -- seats -------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R29")
@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_seat(role: Role) -> None:
    insurer = "anhe-life" if role is Role.INSURER else None
    answerer = Answerer(person="p", role=role, unit="u", level=Level.CITY, side=Side.POST, insurer=insurer)
    seat, spoken_for = seat_of([answerer])
    assert seat is not Seat.STRANGER
    assert spoken_for == insurer
    assert seat_of([answerer.model_copy(update={"left": True})]) == (Seat.STRANGER, None)


@pytest.mark.rule("R29")
def test_whoever_sits_on_two_seats_has_the_one_that_sees_more() -> None:
    lead = Answerer(person="p", role=Role.OUTLET_LEAD, unit="gd-gz-th-0001")
    worker = Answerer(person="p", role=Role.WORK_GROUP, unit="gd-gz-th")
    assert seat_of([lead, worker]) == seat_of([worker, lead]) == (Seat.INTERNAL, None)
    assert seat_of([]) == (Seat.STRANGER, None)
