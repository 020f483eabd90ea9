"""The hour: the last instant, a night with nobody, a day without software, and what was known earlier (S5-S7, S9)."""

import pytest

from plan.words import words_of
from tests.plan.times import said
from tests.plan.told import COUNTY, LEAD, NANSHAN, PROVINCE, T1, T2, Day

LEAD2 = f"{T2}.lead"
POST, BANK = "gd-gz-th.post", "gd-gz-th.bank"
COURSE = {"course": "一句话。"}


def reporter() -> Day:
    """S5 up to ten minutes before the hour."""
    day = Day("14:00:00", outlet=T2, insurer="zhongtai-life", circumstances={"media": True})
    assert day.criteria == {"authority_or_media"}
    assert day.state("outlet_report", "14:00", "15:00") == "running"
    assert day.told("tell.media") == [POST, BANK, "gd.post", "gd.bank", LEAD2]
    assert not any(name.endswith("on_scene") for name in day.clocks())
    before = day.clocks()
    assert day.tell("14:05", LEAD2, "statement_issued", text="声明").rule == "R57.5"
    assert day.entries("refused")[-1].by == LEAD2
    assert day.clocks() == before
    assert day.tell("14:20", BANK, "media_contacted", authorised_by=BANK).accepted
    day.until("14:55")
    assert day.told_at("warn.outlet_report.1") == "14:30"
    assert day.told("warn.outlet_report.1") == [LEAD2, f"{T2}.contact"]
    assert day.told_at("warn.outlet_report.2") == "14:50"
    assert day.told("warn.outlet_report.2") == [LEAD2, f"{T2}.contact", COUNTY]
    return day


@pytest.mark.rule("R2.2", "R8", "R43", "R57.4", "R57.5")
def test_a_report_on_the_last_instant_is_on_time() -> None:
    day = reporter()
    assert day.tell("15:00:00", LEAD2, "report_submitted", content=COURSE).met_clocks == ("outlet_report",)
    day.until("15:30")
    assert day.state("outlet_report") == "met"
    assert day.breaches() == []


@pytest.mark.rule("R43", "R62")
def test_a_report_one_second_late_is_a_breach_recorded_and_told_once() -> None:
    day = reporter()
    day.tell("15:00:01", LEAD2, "report_submitted", content=COURSE)
    day.until("15:30")
    assert day.state("outlet_report") == "met_late"
    assert day.breaches() == ["outlet_report"]
    assert day.begun().count("breach.outlet_report") == 1
    assert said(day.incident.breaches["outlet_report"].at) == "15:00"


@pytest.mark.rule("R14", "R28", "R43", "R44", "R45", "R60", "R62")
def test_late_at_night_nobody_reports_and_the_record_says_who_was_told_and_who_answered() -> None:
    lead, contact = f"{NANSHAN}.lead", f"{NANSHAN}.contact"
    day = Day(
        "22:40",
        outlet=NANSHAN,
        channel="media",
        insurer="zhongtai-life",
        reported_by="system:monitor",
        circumstances={"media": True},
        unreachable=[lead],
    )
    assert day.state("outlet_report", "22:40", "23:40") == "running"
    assert day.state("province_opinion", "22:40", "D+1 22:40") == "running"
    assert day.told("tell.undelivered") == [contact, "gd-sz-ns.work"]
    assert day.entries("undelivered")
    assert day.tell("22:55", contact, "notice_acknowledged", notice_id=f"tell.crisis~{contact}").accepted
    assert day.state("outlet_report") == "running", "acknowledged is not reported"
    day.until("D+1 00:00")
    assert day.state("outlet_report") == "missed"
    assert set(day.told("breach.outlet_report")) == {
        lead,
        contact,
        "gd-sz-ns.work",
        "gd-sz-ns.post",
        "gd-sz-ns.bank",
        "gd-sz.work",
    }
    breach = day.entries("breach")[0].data
    assert breach["outlet_first_told_at"] == "2026-11-24T14:40:00+00:00"
    assert breach["outlet_first_acknowledged_at"] == "2026-11-24T14:55:00+00:00"
    assert breach["acknowledged_by"] == contact
    day.tell("D+1 00:25", contact, "report_submitted", content=COURSE)
    assert day.state("outlet_report") == "met_late"
    assert day.breaches() == ["outlet_report"]
    day.tell("D+1 00:40", "gd-sz-ns.work", "report_submitted", content=COURSE)
    day.tell("D+1 01:05", "gd-sz.work", "report_submitted", content=COURSE)
    assert {day.state("relay.county"), day.state("relay.city")} == {"met"}
    day.tell("D+1 20:00", PROVINCE, "handling_opinion_submitted", opinion="意见")
    day.tell("D+1 20:30", PROVINCE, "regulator_informed")
    assert {day.state("province_opinion"), day.state("regulator_report")} == {"met"}
    assert day.tell("D+1 20:40", "gd-sz-ns.post", "accountability_decided", category=2).rule == "R60"
    day.tell("D+1 20:45", "zhongtai-life.gd-sz", "insurer_decided", decision="解释")
    day.tell("D+1 20:50", "gd-sz-ns.work", "resolved")
    assert day.tell("D+1 20:55", "gd-sz-ns.post", "accountability_decided", category=2).accepted


def outage() -> Day:
    """S7 up to the death of the workers."""
    day = Day("10:00", circumstances={"disrupts_outlet": True})
    assert day.criteria == {"disrupts_outlet"}
    assert day.state("outlet_report", "10:00", "11:00") == "running"
    day.stop("10:20")
    return day


@pytest.mark.rule("R2.3", "R43", "R44")
def test_a_report_made_while_the_software_was_down_counts_from_when_it_was_received() -> None:
    day = outage()
    day.leave("10:50", LEAD, "report_submitted", content=COURSE)
    receipts = day.start("11:40")
    assert receipts[0].met_clocks == ("outlet_report",)
    assert said(day.clock("outlet_report").met_at) == "10:50"
    assert day.state("relay.county", "10:50") == "running"
    assert day.told("tell.report") == [COUNTY]
    day.until("11:45")
    assert day.breaches() == []
    assert not any("outlet_report" in duty for duty in day.begun("10:20"))


@pytest.mark.rule("R43", "R62")
def test_a_late_report_during_an_outage_is_one_breach_and_one_notice() -> None:
    day = outage()
    day.leave("11:05", LEAD, "report_submitted", content=COURSE)
    day.start("11:40")
    assert day.state("outlet_report") == "met_late"
    assert day.breaches() == ["outlet_report"]
    assert said(day.incident.breaches["outlet_report"].at) == "11:00"
    told = [duty for duty in day.begun("10:20") if "outlet_report" in duty]
    assert told == ["breach.outlet_report"]
    assert _late(day) == "PT300S", "five minutes late"


@pytest.mark.rule("R43", "R45", "R62")
def test_nobody_having_reported_in_an_outage_one_notice_says_how_late_it_is() -> None:
    day = outage()
    day.start("11:40")
    assert day.state("outlet_report") == "missed"
    assert [duty for duty in day.begun("10:20") if "outlet_report" in duty] == ["breach.outlet_report"]
    assert _late(day) == "PT2400S", "forty minutes late"
    assert day.state("province_opinion", "10:00", "D+1 10:00") == "running"


@pytest.mark.rule("R43", "R62")
def test_when_it_turns_out_that_the_outlet_knew_earlier_the_hour_moves_back_with_it() -> None:
    day = Day("10:00", outlet=T2, insurer="zhongtai-life")
    day.tell("10:20", LEAD2, "circumstances_reported", headcount=5)
    assert day.state("outlet_report", "10:20", "11:20") == "running"
    day.tell("11:10", LEAD2, "report_submitted", content=COURSE)
    assert day.state("outlet_report") == "met"
    day.tell("13:00", COUNTY, "circumstances_reported", headcount=5, known_at="at:09:50")
    assert day.state("outlet_report", "09:50", "10:50") == "met_late"
    assert day.state("province_opinion", "09:50", "D+1 09:50") == "running"
    assert said(day.incident.breaches["outlet_report"].recorded_at) == "13:00"
    moved = next(entry for entry in day.entries("clock_moved") if entry.about == "outlet_report")
    fact = day.entries("circumstances_reported")[-1]
    assert (moved.by, moved.data["by_fact"]) == (COUNTY, fact.about)
    assert moved.data["from"] == "2026-11-24T03:20:00+00:00"
    assert day.told("tell.anchor_moved") == [LEAD2]
    assert LEAD2 in day.told("breach.outlet_report")
    before = day.clocks()
    assert day.tell("13:30", LEAD2, "circumstances_reported", headcount=5, known_at="at:10:05").accepted
    assert day.tell("13:31", LEAD2, "circumstances_reported", headcount=5, known_at="at:14:00").accepted
    assert day.clocks()["outlet_report"] == before["outlet_report"], "never forward"
    assert day.entries("circumstances_reported")[-1].data["placed_at"] == "2026-11-24T05:31:00.000000Z"
    assert len(day.incident.circumstances) == 5, "every statement stays"


@pytest.mark.rule("R43")
def test_a_complaint_that_becomes_a_crisis_runs_from_then_not_from_its_filing() -> None:
    day = Day("09:00")
    day.tell("15:00", LEAD, "circumstances_reported", headcount=5)
    assert day.state("outlet_report", "15:00", "16:00") == "running"


def _late(day: Day) -> str:
    when, duty = next(pair for pair in day.duties if pair[1].id == "breach.outlet_report")
    return words_of(day.incident, duty, day.notice(duty.id, f"{T1}.lead"), when)["late"]
