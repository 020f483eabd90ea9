"""From signs to a crowd, and six complaints that are one event (stories S4 and S8)."""

from typing import cast

import pytest

from plan.visibility import Seat, as_seen
from plan.wording import render
from plan.words import words_of
from runtime.documents import load_wording
from tests.plan.told import ANHE, CITY, COUNTY, LEAD, PROVINCE, T1, ZHONGTAI, Day
from tests.plan.town import Town

POST, BANK = "gd-gz-th.post", "gd-gz-th.bank"
TOLD_OF_CRISIS = [LEAD, f"{T1}.contact", COUNTY, CITY, PROVINCE, POST, BANK, "gd.post", "gd.bank", ANHE]


def crowd(*, drill: bool = False) -> Day:
    """S4 up to the three parties on the scene."""
    day = Day("09:12", drill=drill)
    day.tell("09:20", LEAD, "calming_attempted", outcome="failed")
    signs = day.tell("09:31", LEAD, "group_signs_seen")
    assert signs.started_clocks == ("work_group_on_scene",)
    assert day.told("tell.group_signs") == [COUNTY, ANHE, POST, BANK]
    assert day.told("prompt.police") == [COUNTY]
    assert "outlet_report" not in day.clocks()
    assert "prompt.police" in day.owed()
    day.tell("09:36", COUNTY, "police_contacted")
    assert "prompt.police" not in day.owed()
    day.tell("09:40", LEAD, "circumstances_reported", headcount=4)
    assert (day.view()["people_count"], day.severity) == (4, "complaint")
    day.tell("09:48", LEAD, "circumstances_reported", headcount=6, known_at="at:09:45")
    assert day.criteria == {"group_of_five"}
    assert day.state("outlet_report", "09:45", "10:45") == "running"
    assert day.state("province_opinion", "09:45", "D+1 09:45") == "running"
    assert day.state("regulator_report", "09:45", "D+1 09:45") == "running"
    assert day.state("leadership_on_scene") == "running"
    assert day.told("tell.crisis") == TOLD_OF_CRISIS
    assert day.told("tell.group_event") == [POST, BANK]
    day.tell("09:58", COUNTY, "arrived_on_scene", party="work_group")
    day.tell("10:05", ANHE, "arrived_on_scene", party="insurer")
    day.tell("10:12", POST, "arrived_on_scene", party="leadership_group")
    for party in ("work_group", "insurer", "leadership"):
        assert day.state(f"{party}_on_scene") == "met"
    return day


def reported(day: Day) -> None:
    """S4 on to the regulator."""
    assert day.tell("10:30", LEAD, "report_submitted", content={"course": "六人到网点。"}).met_clocks == (
        "outlet_report",
    )
    assert day.told_at("warn.outlet_report.1") == "10:15"
    assert day.told("warn.outlet_report.1") == [LEAD, f"{T1}.contact"]
    assert day.told("tell.report") == [COUNTY]
    assert day.state("relay.county", "10:30") == "running"
    assert day.tell("10:41", COUNTY, "report_acknowledged", report_fact_id=_report(day)).accepted
    day.tell("10:55", COUNTY, "report_submitted", to_unit="gd-gz", content={"course": "同上。"})
    assert day.state("relay.county") == "met"
    assert day.state("relay.city", "10:55") == "running"
    day.tell("11:20", CITY, "report_submitted", to_unit="gd", content={"course": "同上。"})
    assert day.state("relay.city") == "met"
    day.tell("11:30", LEAD, "circumstances_reported", headcount=2)
    assert (day.severity, day.view()["people_count"]) == ("crisis", 6)
    day.tell("14:00", COUNTY, "report_submitted", report="follow_up")
    assert day.state("progress.1") == "met"
    day.tell("17:30", PROVINCE, "handling_opinion_submitted", opinion="先解释，再协商。")
    assert day.state("province_opinion") == "met"
    assert day.told("tell.opinion") == ["hq.post", "hq.bank"]
    day.tell("18:00", PROVINCE, "regulator_informed")
    assert day.state("regulator_report") == "met"


def ended(day: Day) -> None:
    """S4 to its end."""
    assert day.tell("D+1 09:00", POST, "stood_down", reason="现场平息").accepted
    assert day.told("tell.stood_down") == TOLD_OF_CRISIS
    day.tell("D+1 09:05", ANHE, "insurer_decided", decision="解释", remedy="explanation")
    day.tell("D+1 09:10", LEAD, "decision_relayed")
    day.tell("D+1 09:15", COUNTY, "resolved")
    assert day.told("tell.resolved") == TOLD_OF_CRISIS
    assert day.told("prompt.final_report") == [COUNTY]
    assert day.tell("D+1 09:20", COUNTY, "closed").rule == "R58"
    day.tell("D+1 09:25", COUNTY, "root_cause_recorded", root_cause="收益讲解不清", lessons="改进讲解")
    day.tell("D+1 09:30", COUNTY, "report_submitted", report="final", content={"course": "已平息。"})
    assert "prompt.final_report" not in day.owed()
    assert day.tell("D+1 09:35", COUNTY, "closed").accepted
    assert day.breaches() == []


@pytest.mark.rule("R2.1", "R6", "R12", "R22", "R39", "R40", "R41", "R42")
def test_from_signs_to_a_crowd_everybody_who_must_come_is_called_and_comes() -> None:
    crowd()


@pytest.mark.rule("R12", "R43", "R44", "R45", "R46")
def test_the_report_climbs_level_by_level_and_everything_is_in_time() -> None:
    day = crowd()
    reported(day)
    assert day.begun("11:20") == ["tell.report.4", "tell.opinion"]


@pytest.mark.rule("R19", "R58", "R59")
def test_a_crisis_kept_in_time_closes_with_its_causes_and_lessons() -> None:
    day = crowd()
    reported(day)
    ended(day)


@pytest.mark.rule("R11", "R31")
def test_a_drill_runs_the_same_clocks_and_every_notice_says_that_it_is_one() -> None:
    real, drill = crowd(), crowd(drill=True)
    for day in (real, drill):
        reported(day)
        ended(day)
    assert drill.begun() == real.begun()
    assert drill.clocks() == real.clocks()
    for lang, mark in (("zh", "【演练】"), ("en", "[DRILL]")):
        wording = load_wording(lang)
        for when, duty in drill.duties:
            for person in duty.recipients:
                words = words_of(drill.incident, duty, drill.notice(duty.id, person), when)
                text = render(wording, duty.id, words, drill=True)
                assert text.startswith(mark) or mark in text[:20]
                if duty.id in ("prompt.police", "prompt.regulator") and lang == "zh":
                    assert "勿实际拨打" in text


def six_complaints(*, reported_before: bool = False) -> Town:
    """S8 up to the fifth person."""
    a = Day("09:00", incident_id="A", customer={"person_key": "p-1"})
    b = Day("09:30", incident_id="B", customer={"person_key": "p-2"})
    c = Day("10:00", incident_id="C", customer={"person_key": "p-1"})
    d = Day("10:20", incident_id="D", channel="hotline", customer={"person_key": "p-3"})
    e = Day("11:00", incident_id="E", insurer="zhongtai-life", customer={"person_key": "p-4"})
    b.tell("11:10", LEAD, "circumstances_reported", media=True)
    assert b.state("outlet_report", "11:10", "12:10") == "running"
    if reported_before:
        b.tell("11:20", LEAD, "report_submitted", content={"course": "有记者。"})
        assert b.state("outlet_report") == "met"
    f = Day("11:30", incident_id="F", insurer="zhongtai-life", customer={"person_key": "p-5"})
    town = Town(A=a, B=b, C=c, D=d, E=e, F=f)
    receipts = town.convert("11:30", "system:monitor", "G", *"ABCDEF")
    assert all(receipt.accepted for receipt in receipts)
    return town


@pytest.mark.rule("R2.1", "R42", "R43")
def test_five_persons_in_six_complaints_are_one_group_event_with_one_hour() -> None:
    town = six_complaints()
    group, b = town.groups["G"], town.members["B"]
    assert group.view()["people_count"] == 5
    assert [member["incident_id"] for member in group.view()["members"]] == list("ABCDEF")
    assert group.criteria == {"group_of_five", "authority_or_media"}
    assert group.state("outlet_report", "11:10", "12:10") == "running"
    assert group.state("province_opinion", "11:10", "D+1 11:10") == "running"
    assert {b.state(name) for name in ("outlet_report", "province_opinion", "regulator_report")} == {"carried"}
    assert group.view()["insurers"] == ["anhe-life", "zhongtai-life"]
    assert set(group.told("tell.crisis")) == {*TOLD_OF_CRISIS, ZHONGTAI}
    assert group.told("tell.group_event") == [POST, BANK]
    for insurer, own in (("anhe-life", "ABCD"), ("zhongtai-life", "EF")):
        seen = as_seen(group.view(), Seat.INSURER, own_insurer=insurer, decided=False, handed_over_or_called=True)
        members = cast("list[dict[str, str]]", seen["members"])
        assert [member["incident_id"] for member in members] == list(own)


@pytest.mark.rule("R43", "R62")
def test_one_report_on_the_group_event_meets_the_hour_and_the_member_is_not_told_again() -> None:
    town = six_complaints()
    group, b = town.groups["G"], town.members["B"]
    assert town.tell("12:05", "G", LEAD, "report_submitted", content={"course": "五人。"}).met_clocks == (
        "outlet_report",
    )
    town.until("13:00")
    assert group.state("outlet_report") == "met"
    assert b.state("outlet_report") == "carried"
    assert b.begun("11:30") == []
    assert "outlet_report" not in group.breaches() + b.breaches()


def test_a_member_told_again_by_the_hotline_is_a_duplicate_and_changes_nothing() -> None:
    town = six_complaints()
    f = town.members["F"]
    f.until("12:20")
    first = f.judge(f.fact("system:hotline", "circumstances_reported", fact_id="h-1", persons=["p-5"]))
    sequence = f.book.sequence
    for _ in range(2):
        again = f.judge(f.fact("system:hotline", "circumstances_reported", fact_id="h-1", persons=["p-5"]))
        assert (again.state, again.accepted, again.sequence) == ("duplicate", True, first.sequence)
    assert f.book.sequence == sequence
    assert town.groups["G"].view()["people_count"] == 5


@pytest.mark.rule("R20", "R26")
def test_each_member_keeps_its_own_insurer_and_nobody_else_decides_for_it() -> None:
    town = six_complaints()
    e = town.members["E"]
    assert e.tell("11:40", LEAD, "handed_to_insurer").accepted is False, "a member that is no crisis is calmed first"
    e.tell("11:41", LEAD, "calming_attempted", outcome="not_persuaded")
    e.tell("11:42", LEAD, "customer_recorded", name="佘某", phone="1390", policy_numbers=["P"], reason="不符")
    e.tell("11:43", LEAD, "handed_to_insurer")
    assert e.state("insurer_answer", "11:43") == "running"
    assert e.tell("11:50", COUNTY, "insurer_decided", decision="x").rule == "R20"
    assert e.tell("11:51", ANHE, "insurer_decided", decision="x").rule == "R20"
    group = town.groups["G"]
    assert town.tell("11:52", "G", ANHE, "insurer_decided", decision="x").rule == "R20"
    for kind in ("handed_to_insurer", "decision_relayed"):
        assert town.tell("11:53", "G", COUNTY, kind).rule == "R20"
    assert town.tell("11:54", "G", COUNTY, "policy_examined", policy_number="P").rule == "R20"
    assert "insurer_answer" not in group.clocks()
    assert e.tell("11:55", ZHONGTAI, "insurer_decided", decision="x").accepted
    assert e.state("insurer_answer") == "met"


@pytest.mark.rule("R2.1", "R43")
def test_a_report_met_before_the_fifth_person_leaves_the_group_its_own_hour() -> None:
    town = six_complaints(reported_before=True)
    group, b = town.groups["G"], town.members["B"]
    assert b.state("outlet_report") == "met"
    assert group.state("outlet_report", "11:30", "12:30") == "running"
    town.tell("12:30", "G", LEAD, "report_submitted", content={"course": "五人。"})
    assert group.state("outlet_report") == "met"


def _report(day: Day) -> str:
    return day.incident.reports[-1].fact_id
