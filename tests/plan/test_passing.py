"""What a member learns after it has joined reaches its group event, or stays with it, by rule (R41-R46, R59; A19)."""

import pytest

from tests.plan.told import ANHE, COUNTY, LEAD, NANSHAN, PROVINCE, T1, T2, ZHONGTAI, Day
from tests.plan.town import Town

POST = "gd-gz-th.post"
LEAD2 = f"{T2}.lead"
COURSE = {"course": "两位客户在场。"}


def three() -> tuple[Town, Day]:
    """A at the scene, B at another outlet of the county, C in another city; no crisis yet."""
    town = Town(
        A=Day("10:00", incident_id="A"),
        B=Day("10:00", incident_id="B", outlet=T2, insurer="zhongtai-life", reported_by=LEAD2),
        C=Day("10:00", incident_id="C", outlet=NANSHAN, reported_by=f"{NANSHAN}.lead"),
    )
    town.convert("10:10", "system:monitor", "G", "A", "B", "C", scene=T1)
    return town, town.groups["G"]


@pytest.mark.rule("R2", "R43", "R45")
def test_a_member_at_the_scene_that_becomes_a_crisis_makes_the_group_event_owe_what_it_has_given_away() -> None:
    town, group = three()
    assert group.severity == "complaint"
    town.tell("10:30", "A", LEAD, "circumstances_reported", media=True, known_at="at:10:25")
    assert town.members["A"].state("outlet_report") == "carried"
    assert group.state("outlet_report", "10:25", "11:25") == "running"
    assert group.state("province_opinion", "10:25", "D+1 10:25") == "running"
    assert group.criteria == {"authority_or_media"}


@pytest.mark.rule("R2", "R43", "R45")
def test_what_a_member_elsewhere_learns_counts_for_the_group_event_from_its_receipt() -> None:
    town, group = three()
    town.tell("10:30", "B", LEAD2, "circumstances_reported", media=True, known_at="at:10:25")
    b = town.members["B"]
    assert b.state("outlet_report", "10:25", "11:25") == "running", "its own outlet owes its own hour"
    assert b.state("province_opinion") == "carried"
    assert group.state("outlet_report", "10:30", "11:30") == "running"
    assert group.state("province_opinion", "10:30") == "running"
    assert not group.view()["refusals"]


@pytest.mark.rule("R43", "R44")
def test_a_report_of_another_outlet_meets_its_own_hour_and_does_not_trouble_the_group_event() -> None:
    town, group = three()
    town.tell("10:20", "B", LEAD2, "report_submitted", content=COURSE, circumstances={"headcount": 6})
    b = town.members["B"]
    assert b.state("outlet_report") == "met"
    assert b.state("relay.county") == "running"
    assert not group.view()["refusals"]
    assert not group.incident.reports
    assert group.criteria == {"group_of_five"}, "what it says of the crowd is known to the group event"


@pytest.mark.rule("R45", "R46")
def test_the_provinces_opinion_told_to_any_member_is_the_group_events() -> None:
    town, group = three()
    town.tell("10:20", "A", LEAD, "circumstances_reported", disrupts_outlet=True)
    town.tell("11:00", "C", PROVINCE, "handling_opinion_submitted", opinion="先解释，再协商。")
    town.tell("11:10", "B", PROVINCE, "regulator_informed")
    assert (group.state("province_opinion"), group.state("regulator_report")) == ("met", "met")


@pytest.mark.rule("R22", "R40", "R41", "R42")
def test_who_is_on_the_way_or_there_is_known_to_the_group_event_although_it_was_told_to_a_member() -> None:
    town, group = three()
    town.tell("10:15", "A", ANHE, "on_the_way", party="insurer", expected_at="at:10:40")
    town.tell("10:20", "A", COUNTY, "arrived_on_scene", party="work_group")
    town.tell("10:25", "A", COUNTY, "police_contacted")
    town.tell("10:40", "A", ANHE, "arrived_on_scene", party="insurer")
    assert (group.state("work_group_on_scene"), group.state("insurer_on_scene")) == ("met", "met")
    assert "prompt.police" not in group.owed()
    town.tell("10:45", "A", LEAD, "circumstances_reported", headcount=6)
    town.tell("10:50", "A", POST, "arrived_on_scene", party="leadership_group")
    assert group.state("leadership_on_scene", "10:45") == "met"


@pytest.mark.rule("R22")
def test_an_arrival_at_another_outlet_is_not_one_at_the_scene() -> None:
    town, group = three()
    town.tell("10:20", "B", ZHONGTAI, "arrived_on_scene", party="insurer")
    assert group.state("insurer_on_scene") == "running"


@pytest.mark.rule("R29")
def test_nobody_passes_anything_on_but_tocsin_itself() -> None:
    _, group = three()
    forged = group.fact(LEAD2, "circumstances_reported", door="cli", media=True)
    assert group.judge(forged).rule == "R2"
    unsealed = group.fact(LEAD2, "circumstances_reported", door="tocsin", sealed=False, media=True)
    assert group.judge(unsealed).rule == "R2"
    other = group.fact(LEAD2, "stood_down", door="tocsin", reason="x")
    assert group.judge(other).rule == "A18", "only what members pass on"


@pytest.mark.rule("R24")
def test_how_a_member_is_handled_stays_with_it() -> None:
    town, group = three()
    before = group.book.sequence
    town.tell("10:20", "A", LEAD, "calming_attempted", outcome="not_persuaded")
    town.tell("10:21", "A", LEAD, "scene_over", outcome="left")
    town.tell("10:22", "A", LEAD, "noted", text="等候中")
    assert group.book.sequence == before


@pytest.mark.rule("R59")
def test_one_final_report_is_written_for_all() -> None:
    town, group = three()
    town.tell("10:20", "A", LEAD, "circumstances_reported", headcount=6)
    town.tell("10:40", "A", LEAD, "report_submitted", content=COURSE)
    for name, insurer in (("A", ANHE), ("B", ZHONGTAI)):
        town.tell("14:00", name, insurer, "insurer_decided", decision="解释", remedy="explanation")
        town.tell("14:10", name, COUNTY, "resolved")
        assert not town.members[name].told("prompt.final_report")
    town.tell("15:00", "G", POST, "stood_down", reason="平息")
    town.tell("15:10", "G", COUNTY, "resolved")
    assert group.told("prompt.final_report") == [COUNTY]
    town.tell("16:00", "A", LEAD, "report_submitted", report="final", content=COURSE)
    assert "prompt.final_report" not in group.owed(), "told to a member it is the group event's as well"


@pytest.mark.rule("R59")
def test_a_crisis_that_has_left_its_group_event_is_asked_for_its_own_final_report() -> None:
    town, _ = three()
    town.tell("10:20", "A", LEAD, "circumstances_reported", headcount=6)
    town.tell("10:30", "G", POST, "member_left", incident_id="A", reason="另一件事")
    town.tell("14:00", "A", ANHE, "insurer_decided", decision="解释", remedy="explanation")
    town.tell("14:10", "A", COUNTY, "resolved")
    assert town.members["A"].told("prompt.final_report") == [COUNTY]


@pytest.mark.rule("R16", "R39")
def test_every_count_of_heads_stays_in_sight() -> None:
    town, group = three()
    town.tell("10:20", "G", LEAD, "circumstances_reported", headcount=4)
    town.tell("10:30", "A", LEAD, "circumstances_reported", headcount=7, known_at="at:10:25")
    town.tell("11:30", "G", LEAD, "circumstances_reported", headcount=2)
    assert [each["headcount"] for each in group.view()["headcounts"]] == [4, 7, 2]
    assert group.view()["people_count"] == 7
