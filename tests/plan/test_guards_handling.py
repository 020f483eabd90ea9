"""When a fact of ordinary handling may be said: each condition, its rule, and the same with the condition met."""

from typing import Any

import pytest

from plan.guards import FULL_AT, LONG_TEXT
from tests.plan.told import ANHE, COUNTY, LEAD, T1, T2, Day, record_of

FIELDS = ("name", "phone", "policy_numbers", "reason")


def calmed_in_vain(**complaint: Any) -> Day:
    """Not persuaded, nothing recorded but the reason."""
    day = Day("09:00", **complaint)
    day.tell("09:10", LEAD, "calming_attempted", outcome="not_persuaded")
    return day


def signs(day: Day) -> None:
    day.tell(day.now, LEAD, "group_signs_seen")


def crisis(day: Day) -> None:
    day.tell(day.now, LEAD, "circumstances_reported", media=True)


# Assignment


@pytest.mark.rule("R4")
def test_an_assignment_names_an_outlet_or_an_insurer() -> None:
    day = Day("09:00", unit="gd-gz-th", insurer=None)
    assert day.tell("09:10", COUNTY, "assigned").rule == "R4"
    assert day.tell("09:11", COUNTY, "assigned", outlet=T1).accepted
    assert day.tell("09:12", "operator", "assigned", insurer="anhe-life").accepted


@pytest.mark.rule("R4", "R43")
def test_the_outlet_of_a_running_crisis_stays_but_its_insurer_may_be_named() -> None:
    day = Day("09:00", insurer=None)
    crisis(day)
    assert day.tell("09:10", COUNTY, "assigned", outlet=T2).rule == "R43"
    assert day.tell("09:11", COUNTY, "assigned", outlet=T1, insurer="anhe-life").accepted
    calm = Day("09:00")
    assert calm.tell("09:10", COUNTY, "assigned", outlet=T2).accepted


# Handing over


@pytest.mark.rule("R25", "R57.3")
@pytest.mark.parametrize("channel", ["outlet", "online", "hotline"])
def test_a_customer_is_calmed_before_being_handed_over(channel: str) -> None:
    day = Day("09:00", channel=channel)
    record_of(day)
    assert day.tell("09:10", LEAD, "handed_to_insurer").rule == "R57.3"
    day.tell("09:11", LEAD, "calming_attempted", outcome="not_reachable")
    assert day.tell("09:12", LEAD, "handed_to_insurer").accepted, "tried is enough"


@pytest.mark.rule("R57.3")
@pytest.mark.parametrize("channel", ["regulator", "insurer", "other"])
def test_where_nobody_stands_at_the_counter_nobody_must_be_calmed_first(channel: str) -> None:
    day = Day("09:00", channel=channel)
    record_of(day)
    assert day.tell("09:10", LEAD, "handed_to_insurer").accepted


@pytest.mark.rule("R35")
@pytest.mark.parametrize("missing", FIELDS[:3])
def test_each_of_the_four_fields_is_recorded_before_the_hand_over(missing: str) -> None:
    day = calmed_in_vain()
    record_of(day, *(field for field in FIELDS if field != missing))
    no = day.tell("09:20", LEAD, "handed_to_insurer")
    assert no.rule == "R35"
    assert no.reason is not None
    assert missing in no.reason
    record_of(day, missing)
    assert day.tell("09:30", LEAD, "handed_to_insurer").accepted


@pytest.mark.rule("R35", "R57.3")
@pytest.mark.parametrize("urgent", [crisis, signs])
def test_in_a_crisis_or_with_signs_nothing_holds_the_hand_over_up(urgent: Any) -> None:
    day = Day("09:00")
    assert day.tell("09:10", LEAD, "handed_to_insurer").rule == "R57.3"
    urgent(day)
    assert day.tell("09:20", LEAD, "handed_to_insurer").accepted


@pytest.mark.rule("R4", "R36")
def test_nothing_is_handed_to_an_insurer_that_is_not_known() -> None:
    day = calmed_in_vain(insurer=None)
    record_of(day)
    assert day.tell("09:20", LEAD, "handed_to_insurer").rule == "R4"
    day.tell("09:21", COUNTY, "assigned", insurer="anhe-life")
    assert day.tell("09:22", LEAD, "handed_to_insurer").accepted


# Policies


@pytest.mark.rule("R49")
@pytest.mark.parametrize("said", [{"call_back_made": True}, {"call_back_compliant": False}])
def test_the_call_back_is_not_the_outlets_to_state(said: dict[str, bool]) -> None:
    day = Day("09:00")
    assert day.tell("09:10", LEAD, "policy_examined", policy_number="P-1", **said).rule == "R49"
    for by in (COUNTY, ANHE):
        assert day.tell("09:11", by, "policy_examined", policy_number="P-1", **said).accepted
    assert day.tell("09:12", LEAD, "policy_examined", policy_number="P-1", signed=False).accepted


@pytest.mark.rule("R50", "R56")
def test_an_outlet_may_admit_mis_selling_but_not_clear_itself_of_it() -> None:
    day = Day("09:00")
    assert day.tell("09:10", LEAD, "policy_examined", policy_number="P-1", mis_selling_proven=False).rule == "R50"
    assert day.tell("09:11", LEAD, "policy_examined", policy_number="P-1", mis_selling_proven=True).accepted
    assert day.view()["policies"][0]["class"] == "problem"
    assert day.tell("09:12", ANHE, "policy_examined", policy_number="P-2", mis_selling_proven=False).accepted


# Decision and end


@pytest.mark.rule("R20", "R53")
def test_the_insurer_decides_at_any_time_before_resolved_and_says_what() -> None:
    day = Day("09:00")
    assert day.tell("09:10", ANHE, "insurer_decided", decision="  ").rule == "R20"
    assert day.tell("09:11", ANHE, "insurer_decided", decision="解释", remedy="explanation").accepted
    assert day.stage == "decided"
    day.tell("09:20", COUNTY, "resolved")
    assert day.tell("09:30", ANHE, "insurer_decided", decision="另一决定").rule == "R20"
    assert day.tell("09:31", COUNTY, "resolved").rule == "R20"
    day.tell("09:40", COUNTY, "reopened")
    assert day.tell("09:50", ANHE, "insurer_decided", decision="另一决定").accepted


@pytest.mark.rule("R55", "R57.6")
def test_nothing_is_relayed_before_there_is_a_decision() -> None:
    day = Day("09:00")
    assert day.tell("09:10", LEAD, "decision_relayed").rule == "R55"
    day.tell("09:20", ANHE, "insurer_decided", decision="解释")
    assert day.tell("09:30", LEAD, "decision_relayed").accepted


@pytest.mark.rule("R20", "R34")
@pytest.mark.parametrize(
    ("calming", "by", "accepted"),
    [
        (["calmed"], LEAD, True),
        (["failed", "calmed"], LEAD, True),
        (["calmed", "failed"], LEAD, False),
        (["not_persuaded"], LEAD, False),
        ([], LEAD, False),
        (["calmed"], COUNTY, True),
        (["calmed"], ANHE, True),
        (["not_persuaded"], COUNTY, False),
    ],
)
def test_without_a_decision_only_a_calmed_customer_is_resolved(calming: list[str], by: str, accepted: bool) -> None:
    day = Day("09:00")
    for outcome in calming:
        day.tell(day.now, LEAD, "calming_attempted", outcome=outcome)
    receipt = day.tell("09:30", by, "resolved")
    assert receipt.accepted is accepted
    assert receipt.rule == (None if accepted else "R20")


@pytest.mark.rule("R20")
def test_a_crisis_is_not_resolved_by_having_calmed_somebody() -> None:
    day = Day("09:00")
    day.tell("09:10", LEAD, "calming_attempted", outcome="calmed")
    crisis(day)
    assert day.tell("09:20", LEAD, "resolved").rule == "R20"
    day.tell("09:30", ANHE, "insurer_decided", decision="解释")
    assert day.tell("09:40", LEAD, "resolved").rule == "R20", "then it is for the work group or the insurer"
    assert day.tell("09:50", COUNTY, "resolved").accepted


@pytest.mark.rule("R20")
def test_a_reopened_complaint_needs_a_decision_of_its_own() -> None:
    day = Day("09:00")
    day.tell("09:10", ANHE, "insurer_decided", decision="解释")
    day.tell("09:20", COUNTY, "resolved")
    day.tell("09:30", COUNTY, "closed")
    day.tell("10:00", COUNTY, "reopened", reason="客户又来")
    assert day.stage == "open"
    assert day.tell("10:10", COUNTY, "resolved").rule == "R20"
    assert day.tell("10:11", LEAD, "decision_relayed").rule == "R55"
    day.tell("10:20", ANHE, "insurer_decided", decision="通融")
    assert day.tell("10:30", COUNTY, "resolved").accepted


@pytest.mark.rule("R27")
def test_a_customer_who_comes_back_after_resolved_still_calls_the_insurer() -> None:
    day = Day("09:00")
    day.tell("09:10", LEAD, "calming_attempted", outcome="calmed")
    day.tell("09:20", LEAD, "resolved")
    assert day.tell("15:00", LEAD, "calming_attempted", outcome="failed").accepted
    assert day.told("tell.calming_failed") == [ANHE, COUNTY, LEAD]


# Words and lists


@pytest.mark.rule("R29", "R37", "R57.1", "R57.2", "R57.6", "R63")
@pytest.mark.parametrize("text", ["我们保证全额退款。", "三天内一定办好。", "这是问题件。"])
def test_an_agreed_line_that_promises_or_tells_too_much_is_refused(text: str) -> None:
    day = Day("09:00")
    no = day.tell("09:10", COUNTY, "line_agreed", text=text)
    assert no.rule is not None
    assert no.rule.startswith("R57.")
    assert no.reason is not None
    assert not any(word in no.reason + (no.reason_zh or "") for word in ("全额退款", "三天", "问题件"))
    assert day.tell("09:11", ANHE, "line_agreed", text="请您先坐，我们照实记录并转告保险公司。").accepted


@pytest.mark.rule("R18", "R30", "R33", "R36", "R54")
def test_an_item_of_the_checklist_is_ticked_by_its_owner_or_a_deputy_of_the_same_place() -> None:
    day = Day("09:00")
    assert day.tell("09:10", LEAD, "checklist_done", item="nothing_of_the_kind").rule == "R30"
    assert day.tell("09:11", COUNTY, "checklist_done", item="moved_off_floor").rule == "R30"
    assert day.tell("09:12", LEAD, "checklist_done", item="materials_explained").rule == "R30"
    for by, item in (
        (LEAD, "moved_off_floor"),
        (f"{T1}.contact", "timetable_told"),
        (LEAD, "hotline_posted"),
        (COUNTY, "materials_explained"),
        ("gd-gz-th.work2", "materials_explained"),
        (LEAD, "recordings_kept"),
    ):
        assert day.tell("09:20", by, "checklist_done", item=item).accepted
    assert day.view()["checklist"] == [
        "moved_off_floor", "timetable_told", "hotline_posted", "materials_explained", "recordings_kept",
    ]  # fmt: skip


@pytest.mark.rule("R18")
def test_evidence_is_collected_and_listed_once() -> None:
    day = Day("09:00")
    for _ in range(2):
        assert day.tell("09:10", LEAD, "evidence_collected", item="sale_recording").accepted
    assert day.view()["evidence"] == ["sale_recording"]


@pytest.mark.rule("R14")
def test_a_notice_is_acknowledged_by_whoever_got_it_and_by_nobody_who_has_left() -> None:
    day = Day("09:00")
    assert day.tell("09:10", LEAD, "notice_acknowledged", notice_id="tell.nothing~x").rule == "R14"
    assert day.tell("09:11", COUNTY, "notice_acknowledged", notice_id=f"tell.filed~{LEAD}").rule == "R14"
    assert day.tell("09:12", LEAD, "notice_acknowledged", notice_id=f"tell.filed~{LEAD}").accepted
    assert day.notice("tell.filed", LEAD).state == "acknowledged"


@pytest.mark.rule("R24")
def test_a_full_record_takes_no_more_long_texts_but_every_short_fact() -> None:
    day = Day("09:00")
    full = day.incident.model_copy(update={"weight": FULL_AT + 1})
    day.book.incident = full
    assert day.tell("09:10", LEAD, "noted", text="长" * (LONG_TEXT + 400)).rule == "R24"
    assert day.tell("09:11", LEAD, "noted", text="短").accepted
    assert day.tell("09:12", LEAD, "circumstances_reported", headcount=5).accepted


@pytest.mark.rule("R16", "R34")
def test_which_script_was_used_to_calm_and_how_it_went_is_on_record() -> None:
    day = Day("09:00")
    day.tell("09:10", f"{T1}.contact", "calming_attempted", outcome="calmed", script="returns-1")
    assert day.entries("calming_attempted")[0].data == {"outcome": "calmed", "script": "returns-1"}
