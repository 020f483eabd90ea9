"""The clocks of reporting: breaches, a second crisis, relays, telephoned reports (R43-R46; A15, A18, A22, A24)."""

from typing import Any

import pytest

from plan.playbook import Target
from tests.plan.times import said
from tests.plan.told import (
    ANHE,
    CITY,
    COUNTY,
    LEAD,
    ORGANISATION,
    PROVINCE,
    RULES,
    T1,
    Day,
)

POST = "gd-gz-th.post"
COURSE = {"course": "一句话。"}


def crisis(**complaint: Any) -> Day:
    """In crisis from 10:00."""
    day = Day("09:00", **complaint)
    day.tell("10:00", LEAD, "circumstances_reported", media=True)
    return day


# A breach


@pytest.mark.rule("R43", "R62")
def test_a_breach_is_recorded_before_the_late_fact_that_comes_after_it() -> None:
    day = crisis()
    day.stop("10:30")
    day.leave("12:00", LEAD, "report_submitted", content=COURSE)
    day.start("12:30")
    what = [entry.what for entry in day.book.entries]
    assert what.index("breach") < what.index("report_submitted")


@pytest.mark.rule("R43", "R62")
def test_a_report_received_in_time_and_judged_later_lifts_the_breach_and_whoever_heard_of_it_is_told() -> None:
    day = crisis()
    day.until("10:50")
    report = day.fact(LEAD, "report_submitted", content=COURSE)
    day.until("11:30")
    heard = day.told("breach.outlet_report")
    assert heard
    day.judge(report.model_copy(update={"recorded_at": day.now}))
    assert day.state("outlet_report") == "met"
    assert [entry.about for entry in day.entries("breach_lifted")] == ["outlet_report"]
    assert day.told("tell.breach_lifted") == heard
    assert day.breaches() == ["outlet_report"], "the record keeps both"


@pytest.mark.rule("R43")
def test_a_breach_that_nobody_heard_of_is_lifted_without_a_word() -> None:
    day = crisis()
    day.stop("10:30")
    day.leave("11:10", COUNTY, "noted", text="judged first")
    day.leave("10:50", LEAD, "report_submitted", content=COURSE)
    day.start("11:30")
    assert [entry.what for entry in day.book.entries if "breach" in entry.what] == ["breach", "breach_lifted"]
    assert day.begun("10:30") == ["tell.report"]


@pytest.mark.rule("R43", "R62")
def test_a_late_report_leaves_the_breach() -> None:
    day = crisis()
    day.tell("12:00", LEAD, "report_submitted", content=COURSE)
    assert day.state("outlet_report") == "met_late"
    assert day.entries("breach_lifted") == []
    assert day.incident.breaches["outlet_report"].lifted_at is None


@pytest.mark.rule("R43")
def test_a_report_told_before_the_criterion_does_not_count_but_one_after_the_anchor_does() -> None:
    day = Day("09:00")
    day.tell("09:30", LEAD, "report_submitted", content=COURSE)
    day.tell("10:00", LEAD, "circumstances_reported", media=True)
    assert day.state("outlet_report") == "running"
    day.tell("10:10", COUNTY, "circumstances_reported", media=True, known_at="at:09:20")
    assert day.state("outlet_report") == "met", "received after the anchor, even if told before the criterion was"
    assert said(day.clock("outlet_report").met_at) == "09:30"


# Who reports, and how


@pytest.mark.rule("R43")
def test_one_sentence_of_what_happened_is_an_initial_report_and_less_is_not() -> None:
    day = crisis()
    assert day.tell("10:05", LEAD, "report_submitted", content={"course": "  "}).rule == "R43"
    assert day.tell("10:06", LEAD, "report_submitted", content={"place": "大厅"}).rule == "R43"
    assert day.tell("10:07", LEAD, "report_submitted", content=COURSE).accepted


@pytest.mark.rule("R43")
def test_one_form_starts_the_hour_and_meets_it() -> None:
    day = Day("09:00")
    receipt = day.tell("10:00", LEAD, "report_submitted", content=COURSE, circumstances={"headcount": 7})
    assert "outlet_report" in receipt.started_clocks
    assert "outlet_report" in receipt.met_clocks
    assert day.state("outlet_report", "10:00") == "met"


@pytest.mark.rule("R43")
@pytest.mark.parametrize(
    "fields",
    [{"from_unit": T1}, {"spoken_with": LEAD}, {"from_unit": T1, "to_unit": "gd-gz-th"}],
)
def test_a_telephoned_report_may_be_registered_by_the_unit_that_took_the_call(fields: dict[str, str]) -> None:
    day = crisis()
    assert day.tell("10:21", COUNTY, "report_submitted", via="phone", content=COURSE, **fields).accepted
    assert day.state("outlet_report") == "met"


@pytest.mark.rule("R43")
def test_nobody_else_reports_for_an_outlet_not_even_by_telephone() -> None:
    day = crisis()
    for by in (CITY, ANHE, "gd-gz-th-0002.lead"):
        no = day.tell("10:20", by, "report_submitted", via="phone", from_unit=T1, to_unit="gd-gz-th", content=COURSE)
        assert no.rule == "R43"
    assert day.state("outlet_report") == "running"


@pytest.mark.rule("R43", "R44")
def test_a_report_goes_upwards_only() -> None:
    day = crisis()
    assert day.tell("10:20", COUNTY, "report_submitted", to_unit="gd-gz-th", content=COURSE).rule == "R43"
    assert day.tell("10:21", COUNTY, "report_submitted", to_unit=T1, content=COURSE).rule == "R43"
    assert day.tell("10:22", COUNTY, "report_submitted", to_unit="gd-sz", content=COURSE).rule == "R43"


# Levels


@pytest.mark.rule("R44")
def test_each_level_owes_its_relay_from_the_first_report_it_received() -> None:
    day = crisis()
    day.tell("10:10", LEAD, "report_submitted", content=COURSE)
    day.tell("10:40", LEAD, "report_submitted", content=COURSE)
    assert day.state("relay.county", "10:10", "11:10") == "running"
    assert day.state("relay.city") is None
    day.until("11:11")
    assert day.told("breach.relay.county") == [COUNTY, CITY, PROVINCE]


@pytest.mark.rule("R44")
def test_a_level_that_was_passed_over_owes_no_relay() -> None:
    day = crisis()
    day.tell("10:10", LEAD, "report_submitted", to_unit="gd-gz", content=COURSE)
    assert day.state("relay.county") is None
    assert day.state("relay.city", "10:10") == "running"
    assert day.state("outlet_report") == "met"


@pytest.mark.rule("R44", "R45")
def test_an_outlet_straight_under_the_province_has_no_relay_at_all() -> None:
    moved = [o.model_copy(update={"superior": "gd"}) if o.id == T1 else o for o in ORGANISATION.outlets]
    day = crisis(organisation=ORGANISATION.model_copy(update={"outlets": tuple(moved)}))
    day.tell("10:10", LEAD, "report_submitted", content=COURSE)
    assert day.told("tell.report") == [PROVINCE]
    assert not [name for name in day.clocks() if name.startswith("relay.")]
    assert day.state("province_opinion") == "running"


@pytest.mark.rule("R9", "R44")
def test_a_level_may_have_a_target_of_its_own_but_a_statutory_limit_has_none() -> None:
    targets = (
        Target.model_validate({"clock": "relay", "level": "county", "within": "PT30M"}),
        Target.model_validate({"clock": "outlet_report", "insurer": "anhe-life", "within": "PT3H"}),
    )
    day = crisis(playbook=RULES.model_copy(update={"targets": targets}))
    assert day.state("outlet_report", "10:00", "11:00") == "running"
    day.tell("10:10", LEAD, "report_submitted", content=COURSE)
    assert day.state("relay.county", "10:10", "10:40") == "running"


# Standing down, and again


@pytest.mark.rule("R43", "R45")
def test_standing_down_and_resolving_never_cancel_a_statutory_clock() -> None:
    day = crisis()
    day.tell("10:10", POST, "stood_down", reason="已离开")
    assert day.state("outlet_report", "10:00", "11:00") == "running"
    assert day.state("province_opinion") == "running"
    assert day.state("progress.1") == "cancelled"
    day.tell("10:20", ANHE, "insurer_decided", decision="解释")
    day.tell("10:30", COUNTY, "resolved")
    assert day.state("outlet_report") == "running"
    day.until("11:01")
    assert day.state("outlet_report") == "missed"


@pytest.mark.rule("R43")
def test_a_second_crisis_after_standing_down_has_an_hour_of_its_own_and_only_what_came_later_counts() -> None:
    day = Day("09:00", customer={"person_key": "p-1"})
    day.tell("10:00", LEAD, "circumstances_reported", headcount=6, media=True)
    day.tell("10:20", LEAD, "report_submitted", content=COURSE)
    day.tell("11:00", POST, "stood_down", reason="已离开")
    day.tell("12:00", LEAD, "circumstances_reported", headcount=4)
    assert day.severity == "complaint"
    day.tell("13:00", LEAD, "circumstances_reported", headcount=5)
    assert day.state("outlet_report", "10:00") == "met"
    assert day.state("outlet_report.2", "13:00", "14:00") == "running"
    assert day.state("province_opinion.2", "13:00", "D+1 13:00") == "running"
    assert day.told("tell.crisis.2")
    assert "tell.media.2" not in day.begun(), "the press was part of the first crisis"
    day.tell("13:30", LEAD, "report_submitted", content=COURSE)
    assert day.state("outlet_report.2") == "met"
    assert day.state("relay.county.2", "13:30") == "running"


@pytest.mark.rule("R43")
def test_what_was_known_during_the_first_crisis_but_told_after_it_counts_for_the_second_from_then_on() -> None:
    day = crisis()
    day.tell("11:00", POST, "stood_down", reason="已离开")
    day.tell("12:00", COUNTY, "circumstances_reported", disrupts_outlet=True, known_at="at:10:30")
    assert day.state("outlet_report.2", "10:30", "11:30") == "missed"
    assert day.criteria == {"disrupts_outlet"}


# The regulator, progress, the end


@pytest.mark.rule("R46")
def test_what_is_not_statutory_is_called_off_by_closing_and_stays_so() -> None:
    day = crisis()
    day.tell("10:10", LEAD, "report_submitted", content=COURSE)
    day.tell("10:20", PROVINCE, "handling_opinion_submitted", opinion="意见")
    day.tell("10:30", ANHE, "insurer_decided", decision="解释")
    day.tell("10:40", COUNTY, "resolved")
    day.tell("10:41", COUNTY, "root_cause_recorded", root_cause="a", lessons="b")
    assert day.state("regulator_report") == "running"
    assert day.tell("10:45", COUNTY, "closed").accepted
    called_off = {name for name, clock in day.clocks().items() if clock.state == "cancelled"}
    assert {"regulator_report", "relay.county", "decision_relay", "progress.1"} <= called_off
    day.tell("10:50", COUNTY, "reopened")
    for name in ("regulator_report", "relay.county", "decision_relay", "progress.1"):
        assert day.state(name) == "cancelled", name


@pytest.mark.rule("R46")
def test_the_regulators_limit_is_configured() -> None:
    clocks = [
        rule.model_copy(update={"within": RULES.clocks[0].within}) if rule.id == "regulator_report" else rule
        for rule in RULES.clocks
    ]
    day = crisis(playbook=RULES.model_copy(update={"clocks": tuple(clocks)}))
    assert day.state("regulator_report", "10:00", "11:00") == "running"


@pytest.mark.rule("R12")
def test_progress_runs_in_rounds_each_from_when_the_one_before_was_met_or_due() -> None:
    day = crisis()
    day.tell("16:00", COUNTY, "report_submitted", report="follow_up")
    assert day.state("progress.1", "10:00") == "met"
    assert day.state("progress.2", "16:00", "D+1 16:00") == "running"
    day.until("D+1 17:00")
    assert day.state("progress.2") == "missed"
    assert day.state("progress.3", "D+1 16:00", "D+2 16:00") == "running"
    assert day.told("breach.progress.2") == [COUNTY, CITY]
    day.tell("D+1 18:00", COUNTY, "report_submitted", report="follow_up")
    assert day.state("progress.2") == "met_late"
    assert day.state("progress.3") == "met"
    day.tell("D+1 19:00", POST, "stood_down", reason="平息")
    assert day.state("progress.4") == "cancelled"
    day.until("D+5 00:00")
    assert "progress.5" not in day.clocks()


@pytest.mark.rule("R12", "R43")
def test_a_crisis_known_for_days_owes_no_rounds_for_the_time_before_anybody_told() -> None:
    day = Day("D+9 09:00")
    day.tell("D+9 10:00", COUNTY, "circumstances_reported", media=True, known_at="at:D+1 10:00")
    assert day.state("progress.1", "D+9 10:00") == "running"
    assert [name for name in day.clocks() if name.startswith("progress")] == ["progress.1"]
