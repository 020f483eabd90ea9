"""Days at the counter: calmed, handed over, and calming that failed (stories S1-S3)."""

import pytest

from tests.plan.told import ANHE, COUNTY, LEAD, RULES, T1, T2, ZHONGTAI, Day, record_of

LEAD2 = f"{T2}.lead"
FILED = [LEAD, f"{T1}.contact", COUNTY, ANHE]


@pytest.mark.rule("R1", "R4", "R14", "R20", "R34")
def test_a_customer_calmed_at_the_counter_is_done_in_half_an_hour_without_the_insurer() -> None:
    day = Day("10:00")
    assert day.told("tell.filed") == FILED
    assert day.clocks() == {}
    assert day.tell("10:18", LEAD, "calming_attempted", outcome="calmed").accepted
    assert day.begun("10:00") == []
    assert day.owed() == {}
    assert day.tell("10:20", LEAD, "resolved").accepted
    assert day.stage == "resolved"
    assert day.tell("10:30", COUNTY, "closed").accepted
    assert day.stage == "closed"
    assert day.begun() == ["tell.filed"], "nobody is asked for a phone number, the insurer is not chased"


@pytest.mark.rule("R20")
def test_once_something_was_handed_over_the_outlet_no_longer_resolves() -> None:
    day = Day("10:00")
    day.tell("10:10", LEAD, "calming_attempted", outcome="not_persuaded")
    record_of(day)
    day.tell("10:15", LEAD, "handed_to_insurer")
    day.tell("10:18", LEAD, "calming_attempted", outcome="calmed")
    assert day.tell("10:20", LEAD, "resolved").rule == "R20"


def not_persuaded(channel: str = "outlet") -> Day:
    """S2 up to the hand-over."""
    day = Day("09:12", outlet=T2, insurer="zhongtai-life", channel=channel)
    assert day.told("tell.filed") == [LEAD2, f"{T2}.contact", COUNTY, ZHONGTAI]
    if channel == "outlet":
        assert day.tell("09:15", LEAD2, "handed_to_insurer").rule == "R57.3"
    day.tell("09:30", LEAD2, "calming_attempted", outcome="not_persuaded")
    assert day.told("tell.not_persuaded") == [COUNTY]
    assert day.told("prompt.customer_record") == [LEAD2]
    assert day.tell("09:32", LEAD2, "handed_to_insurer").rule == "R35"
    assert day.tell(
        "09:34", LEAD2, "customer_recorded", name="佘某", policy_numbers=["P-1", "P-2"], reason="不符"
    ).accepted
    no = day.tell("09:35", LEAD2, "handed_to_insurer")
    assert no.rule == "R35"
    assert no.reason is not None
    assert no.reason_zh is not None
    assert "phone" in no.reason
    assert "联系电话" in no.reason_zh
    day.tell("09:38", LEAD2, "customer_recorded", phone="13900000000")
    assert "prompt.customer_record" not in day.owed()
    receipt = day.tell("09:38", LEAD2, "handed_to_insurer", due_at="at:D+7 17:00")
    assert receipt.started_clocks == ("insurer_answer",)
    assert receipt.met_clocks == ("handover",)
    assert day.told("tell.handed_over") == [ZHONGTAI]
    assert day.state("insurer_answer", "09:38", "D+7 17:00") == "running"
    assert day.stage == "with_insurer"
    return day


@pytest.mark.rule("R14", "R17", "R35", "R36", "R57.3")
def test_a_customer_not_persuaded_is_calmed_and_recorded_before_the_hand_over() -> None:
    not_persuaded()


@pytest.mark.rule("R47", "R48", "R49", "R51", "R52", "R53")
def test_policies_are_classed_as_each_side_says_what_it_knows() -> None:
    day = not_persuaded()
    first = {"policy_number": "P-1", "signed": True, "call_back_made": True, "call_back_compliant": True}
    day.tell("D+1 09:00", ZHONGTAI, "policy_examined", **first)
    assert _policies(day) == [("undetermined", ["normal", "problem"], None)]
    day.tell("D+1 09:10", COUNTY, "policy_examined", policy_number="P-1", mis_selling_proven=False)
    assert _policies(day) == [("normal", ["normal"], "explain")]
    day.tell("D+1 09:20", COUNTY, "special_care_flagged", vulnerable=True)
    assert _policies(day) == [("normal", ["normal"], "assist_with_insurer")]
    second = {"signed": False, "call_back_made": True, "call_back_compliant": True, "mis_selling_proven": False}
    day.tell("D+1 09:30", COUNTY, "policy_examined", policy_number="P-2", **second)
    assert _policies(day)[1] == ("flawed", ["flawed"], "ex_gratia_request")


@pytest.mark.rule("R14", "R20", "R23", "R26", "R36", "R55")
def test_an_insurer_that_answers_late_is_chased_and_alone_decides() -> None:
    day = not_persuaded()
    assert day.tell("D+2 09:00", COUNTY, "insurer_decided", decision="退保").rule == "R20"
    assert day.tell("D+2 09:05", LEAD2, "decision_relayed").rule == "R55"
    assert day.tell("D+2 09:10", COUNTY, "resolved").rule == "R20"
    day.until("D+7 17:00")
    assert day.told_at("warn.insurer_answer.1") == "D+6 17:00"
    assert day.told("warn.insurer_answer.1") == [ZHONGTAI]
    assert day.state("insurer_answer") == "running", "on the boundary is on time"
    day.until("D+7 17:01")
    assert day.state("insurer_answer") == "missed"
    assert day.told("breach.insurer_answer") == [ZHONGTAI, "zhongtai-life.gd", COUNTY]
    assert day.severity == "complaint"
    receipt = day.tell("D+8 10:00", ZHONGTAI, "insurer_decided", decision="通融", remedy="ex_gratia", amount="3000")
    assert receipt.met_clocks == ("insurer_answer",)
    assert day.state("insurer_answer") == "met_late"
    assert day.told("tell.decided") == [LEAD2, COUNTY]
    assert day.state("decision_relay", "D+8 10:00") == "running"
    day.tell("D+8 10:40", LEAD2, "decision_relayed")
    assert day.state("decision_relay") == "met"
    assert day.stage == "relayed"
    assert day.tell("D+8 15:00", COUNTY, "resolved").accepted
    assert day.tell("D+8 15:00", COUNTY, "closed").accepted
    assert day.breaches() == ["insurer_answer"]


@pytest.mark.rule("R2.2", "R52")
def test_a_complaint_that_a_regulator_passes_on_gets_special_care_and_is_no_crisis() -> None:
    day = not_persuaded(channel="regulator")
    assert day.view()["care"]["referred"]
    assert day.severity == "complaint"
    assert day.told("prompt.intervention") == [COUNTY]
    assert "outlet_report" not in day.clocks()


@pytest.mark.rule("R2.2")
def test_a_referral_is_a_crisis_only_where_the_playbook_says_so() -> None:
    switched = RULES.model_copy(update={"referral_is_intervention": True})
    day = Day("09:00", channel="regulator", playbook=switched)
    assert day.criteria == {"authority_or_media"}
    assert day.told("prompt.intervention") == []


def calming_failed() -> Day:
    """S3 up to the insurer's being on the way."""
    day = Day("15:02")
    receipt = day.tell("15:08", LEAD, "calming_attempted", outcome="failed")
    assert "insurer_on_scene" in receipt.started_clocks
    assert day.told("tell.calming_failed") == [ANHE, COUNTY, LEAD]
    assert day.state("insurer_on_scene", "15:08") == "running"
    assert day.severity == "complaint"
    assert "outlet_report" not in day.clocks()
    day.until("15:29")
    assert day.told_at("repeat.calming_failed.1") == "15:18"
    assert day.told("repeat.calming_failed.1") == [ANHE]
    assert day.told_at("repeat.calming_failed.2") == "15:28"
    assert day.told("repeat.calming_failed.2") == ["anhe-life.gd"]
    answer = "repeat.calming_failed.2~anhe-life.gd"
    assert day.tell("15:30", "anhe-life.gd", "notice_acknowledged", notice_id=answer).accepted
    day.tell("15:35", ANHE, "on_the_way", party="insurer", expected_at="at:16:05")
    assert day.told("tell.on_the_way") == [LEAD, COUNTY]
    assert day.state("insurer_on_scene") == "running", "acknowledged is not there"
    return day


@pytest.mark.rule("R22", "R27", "R36", "R38")
def test_an_insurer_that_does_not_answer_is_chased_upwards_until_the_customer_has_left() -> None:
    day = calming_failed()
    assert day.tell("15:50", LEAD, "scene_over", outcome="left").accepted
    assert day.state("insurer_on_scene") == "cancelled"
    day.tell("16:10", LEAD, "customer_recorded", name="佘某", phone="1390", policy_numbers=["P"], reason="不符")
    assert day.tell("16:10", LEAD, "handed_to_insurer").accepted, "it was tried, although it failed"
    day.until("23:00")
    assert [duty for duty in day.begun("15:35") if "calming_failed" in duty or "on_scene" in duty] == []


@pytest.mark.rule("R22")
def test_without_a_word_that_the_scene_is_over_the_insurer_is_missed_at_its_target() -> None:
    day = calming_failed()
    day.until("16:08")
    assert day.state("insurer_on_scene", "15:08", "16:08") == "running"
    assert day.begun("15:35") == [], "whoever is on the way is not chased before the time that was named"
    day.until("16:09")
    assert day.state("insurer_on_scene") == "missed"
    assert day.told("breach.insurer_on_scene") == [ANHE, "anhe-life.gd", COUNTY]


def _policies(day: Day) -> list[tuple[str, list[str], str | None]]:
    return [(policy["class"], policy["possible"], policy["route"]) for policy in day.view()["policies"]]
