"""When a fact of a crisis, or of what comes after it, may be said: each condition, its rule, and the same when met."""

import pytest

from tests.plan.told import ANHE, COUNTY, LEAD, ORGANISATION, PROVINCE, T1, Day

POST, BANK = "gd-gz-th.post", "gd-gz-th.bank"
COURSE = {"course": "一句话。"}


def crisis() -> Day:
    """In crisis from 10:00, nothing done."""
    day = Day("09:00")
    day.tell("10:00", LEAD, "circumstances_reported", media=True)
    return day


def reported() -> Day:
    """Every statutory clock met."""
    day = crisis()
    day.tell("10:10", LEAD, "report_submitted", content=COURSE)
    day.tell("10:20", PROVINCE, "handling_opinion_submitted", opinion="意见")
    return day


def resolved(day: Day) -> Day:
    day.tell(day.now, ANHE, "insurer_decided", decision="解释")
    assert day.tell(day.now, COUNTY, "resolved").accepted
    return day


def with_causes(day: Day) -> Day:
    assert day.tell(day.now, COUNTY, "root_cause_recorded", root_cause="讲解不清", lessons="改进讲解").accepted
    return day


# In the crisis


@pytest.mark.rule("R2")
def test_a_declaration_needs_its_reason() -> None:
    day = Day("09:00")
    assert day.tell("09:10", COUNTY, "crisis_declared", reason="  ").rule == "R2"
    assert day.tell("09:11", COUNTY, "crisis_declared", reason="事态扩大").accepted
    assert day.criteria == {"declared"}


@pytest.mark.rule("R39", "R43", "R57.3")
def test_reporting_never_waits_for_calming_or_for_the_record() -> None:
    day = Day("09:00", customer={})
    assert day.tell("09:01", LEAD, "group_signs_seen").accepted
    assert day.tell("09:02", LEAD, "report_submitted", content=COURSE, circumstances={"headcount": 9}).accepted


@pytest.mark.rule("R43")
def test_only_a_report_that_is_there_is_acknowledged_and_acknowledged_is_not_reported() -> None:
    day = crisis()
    assert day.tell("10:05", COUNTY, "report_acknowledged", report_fact_id="no-such").rule == "R43"
    day.tell("10:10", LEAD, "report_submitted", fact_id="r-1", content=COURSE)
    assert day.tell("10:11", COUNTY, "report_acknowledged", report_fact_id="r-1").accepted
    assert day.state("relay.county") == "running"


@pytest.mark.rule("R45")
def test_an_opinion_says_something_and_is_reviewed_once_it_is_there() -> None:
    day = crisis()
    assert day.tell("10:10", "hq.post", "opinion_reviewed", agreed=True).rule == "R45"
    assert day.tell("10:11", PROVINCE, "handling_opinion_submitted", opinion=" \n ").rule == "R45"
    assert day.tell("10:12", PROVINCE, "handling_opinion_submitted", opinion="先解释。").accepted
    assert day.tell("10:13", "hq.post", "opinion_reviewed", agreed=True).accepted


@pytest.mark.rule("R8", "R57.4", "R57.5", "R63")
@pytest.mark.parametrize(("kind", "rule"), [("media_contacted", "R57.4"), ("statement_issued", "R57.5")])
def test_nobody_speaks_to_the_press_or_writes_without_the_leaderships_word(kind: str, rule: str) -> None:
    persons = [p.model_copy(update={"left": p.id == "gd.post"}) for p in ORGANISATION.persons]
    day = Day("09:00", organisation=ORGANISATION.model_copy(update={"persons": tuple(persons)}))
    for authorised_by in (None, LEAD, COUNTY, "gd-sz.post", "gd.post", "somebody"):
        fields = {"authorised_by": authorised_by} if authorised_by else {}
        assert day.tell("09:10", LEAD, kind, **fields).rule == rule
    for authorised_by in (BANK, "gd.bank", "hq.post"):
        assert day.tell("09:20", LEAD, kind, authorised_by=authorised_by).accepted


def test_a_crisis_is_stood_down_with_a_reason_and_only_while_there_is_one() -> None:
    day = Day("09:00")
    assert day.tell("09:10", POST, "stood_down", reason="x").rule == "A18"
    day.tell("09:20", LEAD, "circumstances_reported", media=True)
    assert day.tell("09:30", POST, "stood_down", reason="  ").rule == "A18"
    assert day.tell("09:40", POST, "stood_down", reason="平息").accepted
    assert day.tell("09:50", POST, "stood_down", reason="平息").rule == "A18"


# Closing and withdrawing


@pytest.mark.rule("R43", "R45")
@pytest.mark.parametrize("kind", ["closed", "withdrawn"])
def test_nothing_ends_while_a_statutory_clock_runs_or_was_missed_without_a_late_submission(kind: str) -> None:
    day = resolved(with_causes(crisis()))
    assert day.tell("10:30", COUNTY, kind).rule == "R43"
    assert day.tell("12:00", COUNTY, kind).rule == "R43", "missed"
    day.tell("12:10", LEAD, "report_submitted", content=COURSE)
    assert day.tell("12:20", COUNTY, kind).rule == "R45"
    day.tell("12:30", PROVINCE, "handling_opinion_submitted", opinion="意见")
    if kind == "closed":
        day.tell("12:35", POST, "accountability_decided", category=2, decision="谈话")
    assert day.tell("12:40", COUNTY, kind).accepted


@pytest.mark.rule("R43")
def test_what_is_owed_is_said_with_its_time_in_both_languages() -> None:
    no = crisis().tell("10:30", COUNTY, "withdrawn")
    assert no.reason is not None
    assert no.reason_zh is not None
    assert "outlet_report" in no.reason
    assert "2026-11-24T11:00+08:00" in no.reason
    assert "网点报告上级" in no.reason_zh


@pytest.mark.rule("R20", "R58")
def test_a_complaint_is_closed_after_resolved_and_withdrawn_at_any_stage() -> None:
    day = Day("09:00")
    assert day.tell("09:10", COUNTY, "closed").rule == "R20"
    assert day.another().tell("09:20", COUNTY, "withdrawn").accepted
    assert resolved(day).tell("09:30", COUNTY, "closed").accepted


@pytest.mark.rule("R58", "R59")
def test_a_crisis_is_closed_only_with_its_causes_and_lessons_also_when_stood_down() -> None:
    day = reported()
    day.tell("10:25", POST, "stood_down", reason="平息")
    assert resolved(day).tell("10:30", COUNTY, "closed").rule == "R58"
    for blank in ({"root_cause": " ", "lessons": "x"}, {"root_cause": "x", "lessons": ""}):
        assert day.tell("10:31", COUNTY, "root_cause_recorded", **blank).rule == "R58"
    assert with_causes(day).tell("10:40", COUNTY, "closed").accepted


@pytest.mark.rule("R60", "R62")
def test_a_crisis_with_a_breach_of_reporting_is_closed_only_with_an_accountability_decision() -> None:
    day = crisis()
    day.tell("11:10", LEAD, "report_submitted", content=COURSE)
    day.tell("11:20", PROVINCE, "handling_opinion_submitted", opinion="意见")
    with_causes(resolved(day))
    assert day.tell("11:30", COUNTY, "closed").rule == "R60"
    assert day.tell("11:31", POST, "accountability_decided", category=2, outcome="none").rule == "R60"
    for way in (
        {"category": 2, "outcome": "none", "decision": "交通管制，无法及时到岗"},
        {"category": 2, "decision": "谈话提醒", "person": LEAD, "outcome": "talk"},
        {"category": 2, "action_owner": COUNTY, "action_due_on": "2026-12-24"},
    ):
        other = day.another()
        assert other.tell("11:40", POST, "accountability_decided", **way).accepted
        assert other.tell("11:50", COUNTY, "closed").accepted


@pytest.mark.rule("R57", "R60", "R63")
def test_a_crisis_with_reported_conduct_is_closed_only_with_an_accountability_decision() -> None:
    day = reported()
    assert day.tell("10:25", ANHE, "conduct_reported", behaviour=4, person=LEAD, evidence="录像").accepted
    assert day.tell("10:26", COUNTY, "conduct_found", finding="属实", person=LEAD).accepted
    with_causes(resolved(day))
    assert day.tell("10:40", COUNTY, "closed").rule == "R60"
    day.tell("10:50", POST, "accountability_decided", category=3, person=LEAD, decision="警告")
    assert day.tell("11:00", COUNTY, "closed").accepted


@pytest.mark.rule("R62")
def test_a_lifted_breach_and_a_missed_target_need_no_accountability_decision() -> None:
    day = crisis()
    day.until("10:50")
    report = day.fact(LEAD, "report_submitted", content=COURSE)
    day.until("11:30")
    day.judge(report.model_copy(update={"recorded_at": day.now}))
    day.tell("11:40", COUNTY, "report_submitted", content=COURSE)
    day.tell("11:41", "gd-gz.work", "report_submitted", content=COURSE)
    day.tell("11:42", PROVINCE, "handling_opinion_submitted", opinion="意见")
    day.tell("11:43", LEAD, "calming_attempted", outcome="failed")
    day.until("13:00")
    assert "insurer_on_scene" in day.breaches(), "a configured target"
    with_causes(resolved(day))
    assert day.tell("13:10", COUNTY, "closed").accepted


@pytest.mark.rule("R60", "R61", "R62", "R63")
@pytest.mark.parametrize("category", [1, 2, 3])
def test_accountability_is_decided_once_it_is_over_also_after_closing(category: int) -> None:
    day = reported()
    said = {"category": category, "unit": T1, "person": LEAD, "decision": "谈话", "outcome": "talk"}
    assert day.tell("10:25", POST, "accountability_decided", **said).rule == "R60"
    with_causes(resolved(day))
    assert day.another().tell("10:30", POST, "accountability_decided", **said).accepted
    day.tell("10:40", COUNTY, "closed")
    assert day.tell("11:00", POST, "accountability_decided", **said).accepted
    assert day.stage == "closed"


@pytest.mark.rule("R58")
def test_of_what_has_ended_only_a_little_may_still_be_said() -> None:
    day = with_causes(resolved(reported()))
    assert day.another().tell("10:30", COUNTY, "reopened").accepted, "resolved may be re-opened"
    day.tell("10:30", COUNTY, "closed")
    for by, kind, fields in (
        (LEAD, "circumstances_reported", {"headcount": 9}),
        (LEAD, "calming_attempted", {"outcome": "failed"}),
        (COUNTY, "closed", {}),
        (COUNTY, "withdrawn", {}),
        (ANHE, "insurer_decided", {"decision": "x"}),
        (LEAD, "report_submitted", {"content": COURSE}),
    ):
        assert day.tell("10:40", by, kind, **fields).rule == "R58"
    assert day.tell("10:50", COUNTY, "noted", text="x").accepted
    assert day.tell("10:51", LEAD, "notice_acknowledged", notice_id=f"tell.filed~{LEAD}").accepted
    assert day.tell("10:52", COUNTY, "reopened", reason="又来").accepted
    assert day.tell("10:53", COUNTY, "reopened").rule == "R58"
    assert day.tell("10:54", LEAD, "circumstances_reported", headcount=9).accepted
