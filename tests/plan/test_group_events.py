"""A group event and its members: clocks carried, given back, and owed anew (R2.1, R42, R43; A12, A19)."""

from typing import Any

import pytest

from tests.plan.told import ANHE, COUNTY, LEAD, NANSHAN, T1, T2, ZHONGTAI, Day
from tests.plan.town import Town

POST = "gd-gz-th.post"
COURSE = {"course": "一句话。"}
REPORTING = ("outlet_report", "province_opinion", "regulator_report")


def member(when: str, name: str, **complaint: Any) -> Day:
    return Day(when, incident_id=name, **complaint)


def crisis(when: str, name: str, **complaint: Any) -> Day:
    """A member that is a crisis from when it was filed."""
    return member(when, name, circumstances={"media": True}, **complaint)


# Carried


@pytest.mark.rule("R43", "R45")
def test_of_two_carried_clocks_the_earlier_due_time_is_the_groups() -> None:
    town = Town(A=crisis("10:20", "A"), B=crisis("10:00", "B"))
    town.convert("10:30", LEAD, "G", "A", "B")
    assert town.groups["G"].state("outlet_report", "10:00", "11:00") == "running"
    assert town.groups["G"].state("province_opinion", "10:00", "D+1 10:00") == "running"
    for day in town.members.values():
        assert {day.state(name) for name in REPORTING} == {"carried"}


@pytest.mark.rule("R43", "R62")
def test_a_carried_instant_is_never_clamped_and_what_was_done_is_not_done_again() -> None:
    a = crisis("10:00", "A")
    a.until("11:10")
    assert a.told("breach.outlet_report")
    town = Town(A=a)
    town.convert("11:20", LEAD, "G", "A")
    group = town.groups["G"]
    assert group.state("outlet_report", "10:00", "11:00") == "missed"
    assert group.breaches() == ["outlet_report"]
    assert not any("outlet_report" in duty for duty in group.begun())
    town.tell("11:30", "G", LEAD, "report_submitted", content=COURSE)
    assert group.state("outlet_report") == "met_late"


@pytest.mark.rule("R43", "R62")
def test_a_breach_that_a_member_told_and_then_made_good_is_not_told_again_by_the_group() -> None:
    a = crisis("10:00", "A")
    a.tell("11:30", LEAD, "report_submitted", content=COURSE)
    assert a.told("breach.outlet_report")
    town = Town(A=a)
    town.convert("12:00", LEAD, "G", "A")
    group = town.groups["G"]
    assert group.state("outlet_report", "10:00") == "met_late"
    assert group.breaches() == ["outlet_report"]
    assert group.told("breach.outlet_report") == []


@pytest.mark.rule("R43", "R62")
def test_the_second_hour_of_a_member_is_the_groups_first_with_what_was_told_of_it() -> None:
    a = crisis("10:00", "A")
    a.tell("11:30", LEAD, "report_submitted", content=COURSE)
    a.tell("11:40", POST, "stood_down", reason="平息")
    a.tell("12:00", LEAD, "circumstances_reported", headcount=5)
    a.until("12:35")
    assert a.told("warn.outlet_report.2.1")
    town = Town(A=a)
    town.convert("12:40", LEAD, "G", "A")
    group = town.groups["G"]
    assert group.state("outlet_report", "12:00", "13:00") == "running"
    town.until("13:01")
    assert group.told("warn.outlet_report.1") == []
    assert group.told("warn.outlet_report.2")
    assert group.told("breach.outlet_report"), "the breach of the first crisis was another one"


@pytest.mark.rule("R43")
def test_the_hour_of_a_member_elsewhere_is_not_carried_but_its_opinion_is() -> None:
    town = Town(A=crisis("10:00", "A"), B=crisis("10:10", "B", outlet=T2))
    town.convert("10:30", COUNTY, "G", "A", "B", scene=T1)
    b = town.members["B"]
    assert b.state("outlet_report", "10:10") == "running"
    assert {b.state("province_opinion"), b.state("regulator_report")} == {"carried"}
    assert b.tell("10:40", f"{T2}.lead", "report_submitted", content=COURSE).met_clocks == ("outlet_report",)
    assert town.groups["G"].state("outlet_report", "10:00") == "running", "the scene's own report is still owed"


@pytest.mark.rule("R22")
def test_the_scene_of_a_member_elsewhere_stays_its_own() -> None:
    a, b = member("10:00", "A"), member("10:00", "B", outlet=T2)
    for day, lead in ((a, LEAD), (b, f"{T2}.lead")):
        day.tell("10:05", lead, "calming_attempted", outcome="failed")
    town = Town(A=a, B=b)
    town.convert("10:10", COUNTY, "G", "A", "B", scene=T1)
    assert a.state("insurer_on_scene") == "carried"
    assert b.state("insurer_on_scene") == "running"
    assert town.groups["G"].state("insurer_on_scene", "10:10") == "running"


@pytest.mark.rule("R43")
def test_a_report_told_to_a_member_is_passed_on_and_meets_the_groups_hour() -> None:
    town = Town(A=crisis("10:00", "A"))
    town.convert("10:10", LEAD, "G", "A")
    town.tell("10:40", "A", LEAD, "report_submitted", content=COURSE)
    group, a = town.groups["G"], town.members["A"]
    assert group.state("outlet_report") == "met"
    assert a.state("outlet_report") == "carried"
    assert group.incident.reports[0].fact_id == a.incident.reports[0].fact_id


@pytest.mark.rule("R2.1")
def test_a_group_of_members_without_a_crisis_has_no_hour_until_the_fifth_person() -> None:
    days = [member("10:00", name) for name in "ABCDE"]
    town = Town(**dict(zip("ABCDE", days, strict=True)))
    town.convert("10:10", LEAD, "G", *"ABCD")
    group = town.groups["G"]
    assert (group.severity, group.view()["people_count"]) == ("complaint", 4)
    assert group.state("work_group_on_scene", "10:10") == "running"
    assert group.state("leadership_on_scene") is None
    town.convert("10:20", LEAD, "G", "E")
    assert (group.severity, group.view()["people_count"]) == ("crisis", 5)
    assert group.state("outlet_report", "10:20", "11:20") == "running"
    assert group.state("leadership_on_scene", "10:20") == "running"


@pytest.mark.rule("R2.1")
def test_people_of_members_are_counted_once_and_a_head_count_is_never_added() -> None:
    a = member("10:00", "A", customer={"person_key": "p-1"})
    a.tell("10:01", LEAD, "circumstances_reported", headcount=3)
    b = member("10:00", "B", customer={"person_key": "p-1"})
    c = member("10:00", "C")
    town = Town(A=a, B=b, C=c)
    town.convert("10:10", LEAD, "G", "A", "B", "C")
    assert town.groups["G"].view()["people_count"] == 3


@pytest.mark.rule("R42", "R6")
def test_leadership_is_local_at_the_scene_and_where_the_members_meet() -> None:
    a = member("10:00", "A", circumstances={"headcount": 5})
    b = member("10:00", "B", outlet=NANSHAN)
    town = Town(A=a, B=b)
    town.convert("10:10", "system:monitor", "G", "A", "B", scene=T1)
    group = town.groups["G"]
    assert group.told("tell.group_event") == [POST, "gd-gz-th.bank", "gd.post", "gd.bank"]


@pytest.mark.rule("R14")
def test_an_insurer_whose_member_joins_later_is_told_as_well_and_only_once() -> None:
    town = Town(A=crisis("10:00", "A"), B=member("10:00", "B", insurer="zhongtai-life"))
    town.convert("10:10", LEAD, "G", "A")
    group = town.groups["G"]
    assert ZHONGTAI not in group.told("tell.crisis")
    town.convert("10:20", LEAD, "G", "B")
    town.until("12:00")
    assert group.told("tell.crisis").count(ZHONGTAI) == 1
    assert group.told("tell.crisis").count(ANHE) == 1


@pytest.mark.rule("R2.1", "R43")
def test_the_conversion_of_a_report_met_before_the_fifth_person_leaves_the_group_its_own() -> None:
    a = crisis("10:00", "A")
    a.tell("10:10", LEAD, "report_submitted", content=COURSE)
    days = {name: member("10:15", name) for name in "BCDE"}
    town = Town(A=a, **days)
    town.convert("10:20", LEAD, "G", "A")
    group = town.groups["G"]
    assert group.state("outlet_report", "10:00") == "met", "the member's own report counts while there is no fifth"
    town.convert("10:30", LEAD, "G", *"BCDE")
    assert group.state("outlet_report", "10:30", "11:30") == "running"


# Given back


@pytest.mark.rule("R43", "R45")
def test_a_member_that_leaves_has_its_clocks_back_as_they_would_have_been() -> None:
    town = Town(A=crisis("10:00", "A"), B=crisis("10:10", "B"))
    town.convert("10:20", LEAD, "G", "A", "B")
    assert town.tell("10:30", "G", POST, "member_left", incident_id="A", reason="另一件事").accepted
    a, group = town.members["A"], town.groups["G"]
    assert a.state("outlet_report", "10:00", "11:00") == "running"
    assert a.state("province_opinion", "10:00", "D+1 10:00") == "running"
    assert a.incident.group_id is None
    assert [m["incident_id"] for m in group.view()["members"] if m["left_at"] is None] == ["B"]
    assert group.severity == "crisis"
    town.until("11:01")
    assert a.state("outlet_report") == "missed"


@pytest.mark.rule("R2.1")
def test_a_crisis_is_not_undone_because_the_fifth_person_left() -> None:
    days = {name: member("10:00", name) for name in "ABCDE"}
    town = Town(**days)
    town.convert("10:10", LEAD, "G", *"ABCDE")
    group = town.groups["G"]
    before = group.incident.episodes
    town.tell("10:30", "G", POST, "member_left", incident_id="E")
    assert group.severity == "crisis"
    assert group.incident.episodes == before
    assert group.state("outlet_report", "10:10", "11:10") == "running"


@pytest.mark.rule("R43")
def test_who_left_may_join_again() -> None:
    town = Town(A=crisis("10:00", "A"))
    town.convert("10:10", LEAD, "G", "A")
    town.tell("10:20", "G", POST, "member_left", incident_id="A")
    assert town.convert("10:30", LEAD, "G", "A")[0].accepted
    assert town.members["A"].state("outlet_report") == "carried"


# Refused


def test_one_group_at_a_time() -> None:
    town = Town(A=crisis("10:00", "A"))
    town.convert("10:10", LEAD, "G", "A")
    again = town.convert("10:20", LEAD, "H", "A")[0]
    assert (again.accepted, again.rule) == (False, "A19")
    assert again.reason is not None
    assert "G" in again.reason


def test_a_drill_joins_a_drill_only_and_keeps_its_clocks_otherwise() -> None:
    town = Town(A=crisis("10:00", "A"), B=crisis("10:00", "B", drill=True))
    town.convert("10:10", LEAD, "G", "A")
    town.convert("10:10", LEAD, "G", "B")
    group, b = town.groups["G"], town.members["B"]
    assert [m["incident_id"] for m in group.view()["members"]] == ["A"]
    assert b.state("outlet_report", "10:00") == "running"
    assert b.incident.group_id is None
    assert b.entries("link_refused")
    assert group.view()["refusals"][-1]["rule"] == "A19"


def test_nothing_joins_itself_a_member_joins_no_single_incident_and_nobody_unknown_leaves() -> None:
    town = Town(A=crisis("10:00", "A"))
    assert town.convert("10:05", LEAD, "A", "A")[0].rule == "A19"
    assert town.tell("10:06", "A", COUNTY, "member_joined", incident_id="B").rule == "A19"
    assert town.tell("10:07", "A", POST, "member_left", incident_id="B").rule == "A19"
    town.convert("10:10", LEAD, "G", "A")
    assert town.tell("10:11", "G", POST, "member_left", incident_id="B").rule == "A19"
    assert town.tell("10:12", "G", LEAD, "converted_to_group_event", group_id="H").rule == "A19"


def test_an_incident_without_an_outlet_is_assigned_before_it_joins() -> None:
    town = Town(A=member("10:00", "A", unit="gd-gz-th", insurer=None))
    assert town.convert("10:05", COUNTY, "G", "A")[0].rule == "R4"


def test_a_person_who_says_that_an_incident_belongs_brings_no_clocks_of_its_own_making() -> None:
    town = Town(A=crisis("10:00", "A"))
    town.convert("10:10", LEAD, "G", "A")
    forged = {"incident_id": "Z", "joined_at": "2026-11-24T01:00:00Z", "persons": ["x", "y", "z", "u", "v"]}
    receipt = town.tell("10:20", "G", COUNTY, "member_joined", incident_id="Z", membership=forged)
    assert receipt.accepted
    assert town.groups["G"].view()["people_count"] == 2
