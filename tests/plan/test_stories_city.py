"""An outlet straight under a city: stood down, and yet the opinion is owed (story S10; A15, A18, A24)."""

import pytest

from tests.plan.told import PROVINCE, ZHUHAI, Day

LEAD, WORK, BANK = f"{ZHUHAI}.lead", "gd-zh.work", "gd-zh.bank"
COURSE = {"course": "监管要求书面说明。"}


def stood_down() -> Day:
    """S10 up to the standing down."""
    day = Day("09:00", outlet=ZHUHAI)
    day.tell("09:10", LEAD, "circumstances_reported", regulator=True)
    assert day.criteria == {"authority_or_media"}
    assert day.state("outlet_report", "09:10", "10:10") == "running"
    day.tell("09:40", LEAD, "report_submitted", content=COURSE)
    assert day.state("outlet_report") == "met"
    assert {name for name in day.clocks() if name.startswith("relay.")} == {"relay.city"}
    day.tell("10:00", WORK, "report_submitted", content=COURSE)
    assert day.state("relay.city", "09:40") == "met"
    day.tell("14:00", "anhe-life.gd-zh", "insurer_decided", decision="解释")
    day.tell("14:30", LEAD, "decision_relayed")
    assert day.tell("15:00", WORK, "stood_down", reason="已说明").rule == "A18"
    assert day.tell("15:00", BANK, "stood_down", reason="已说明").accepted
    assert day.severity == "complaint"
    return day


@pytest.mark.rule("R43", "R44", "R45")
def test_an_outlet_under_a_city_has_one_relay_and_a_stood_down_crisis_still_owes_its_opinion() -> None:
    day = stood_down()
    day.tell("15:30", WORK, "resolved")
    day.tell("15:30", WORK, "root_cause_recorded", root_cause="讲解不清", lessons="改进")
    assert day.tell("15:40", WORK, "closed").rule == "R45"
    assert day.tell("15:41", WORK, "withdrawn").rule == "R45"
    day.until("D+1 07:59")
    assert day.told_at("warn.province_opinion.1") == "D+1 05:10"
    assert day.told("warn.province_opinion.1") == [PROVINCE, "gd.post", "gd.bank"]
    day.tell("D+1 08:00", PROVINCE, "regulator_informed")
    assert day.state("regulator_report") == "met"
    assert day.tell("D+1 08:05", PROVINCE, "handling_opinion_submitted", opinion="  ").rule == "R45"
    day.until("D+1 09:11")
    assert day.state("province_opinion", "09:10", "D+1 09:10") == "missed"
    assert day.told("breach.province_opinion") == ["gd.post", "gd.bank", "hq.post", "hq.bank"]
    assert day.tell("D+1 09:30", WORK, "closed").rule == "R45", "missed without a late submission"
    day.tell("D+1 10:00", PROVINCE, "handling_opinion_submitted", opinion="意见")
    assert day.state("province_opinion") == "met_late"
    assert day.tell("D+1 10:20", WORK, "closed").rule == "R60", "a statutory clock was breached"
    none = {"category": 2, "outcome": "none", "decision": "系统外已口头汇报"}
    assert day.tell("D+1 10:25", "gd.post", "accountability_decided", **none).accepted
    assert day.tell("D+1 10:30", WORK, "closed").accepted
