"""The clocks of handling and of the scene (R17, R22, R23, R27, R36, R40, R42, R55)."""

from datetime import timedelta

import pytest

from plan.playbook import ClockName, Target
from tests.plan.times import at
from tests.plan.told import ANHE, COUNTY, LEAD, RULES, T1, Day, record_of

POST = "gd-gz-th.post"


def asked(outcome: str = "not_persuaded") -> Day:
    """Not persuaded at 09:10, the record complete."""
    day = Day("09:00")
    day.tell("09:10", LEAD, "calming_attempted", outcome=outcome)
    record_of(day)
    return day


# Hand-over


@pytest.mark.rule("R17", "R36")
@pytest.mark.parametrize("outcome", ["not_persuaded", "failed"])
def test_what_did_not_calm_starts_the_hand_over(outcome: str) -> None:
    day = asked(outcome)
    assert day.clock("handover").due_at == at("09:10") + RULES.within(ClockName.HANDOVER, insurer=None, level=None)
    day.tell("10:00", LEAD, "handed_to_insurer")
    assert day.state("handover") == "met"


@pytest.mark.rule("R34")
@pytest.mark.parametrize("outcome", ["calmed", "not_reachable"])
def test_calmed_or_not_reached_owes_nothing(outcome: str) -> None:
    assert asked(outcome).clocks() == {}


@pytest.mark.rule("R36")
def test_a_hand_over_is_called_off_when_the_customer_is_calmed_after_all_or_the_insurer_decides() -> None:
    calmed = asked()
    calmed.tell("09:30", LEAD, "calming_attempted", outcome="calmed")
    assert calmed.state("handover") == "cancelled"
    decided = asked()
    decided.tell("09:30", ANHE, "insurer_decided", decision="解释")
    assert decided.state("handover") == "cancelled"


@pytest.mark.rule("R36", "R17")
def test_a_missed_hand_over_is_told_to_the_lead_and_the_superior() -> None:
    day = asked()
    assert day.told("breach.handover") == []
    day.until(day.clock("handover").due_at + timedelta(minutes=1))
    assert day.state("handover") == "missed"
    assert day.told("warn.handover.1") == [LEAD]
    assert day.told("breach.handover") == [LEAD, COUNTY]


# The insurer's answer


@pytest.mark.rule("R23", "R36")
def test_the_insurers_answer_is_due_at_the_planned_date_else_at_the_target() -> None:
    planned, usual = asked(), asked()
    planned.tell("10:00", LEAD, "handed_to_insurer", due_at="at:D+2 12:00")
    usual.tell("10:00", LEAD, "handed_to_insurer")
    assert planned.state("insurer_answer", "10:00", "D+2 12:00") == "running"
    assert usual.state("insurer_answer", "10:00", "D+7 10:00") == "running"


@pytest.mark.rule("R36")
def test_a_later_hand_over_brings_the_date_forward_and_never_puts_it_off() -> None:
    day = asked()
    day.tell("10:00", LEAD, "handed_to_insurer", due_at="at:D+5 12:00")
    assert day.tell("11:00", COUNTY, "handed_to_insurer", due_at="at:D+6 12:00").rule == "R36"
    assert day.tell("11:30", COUNTY, "handed_to_insurer", due_at="at:D+3 12:00").accepted
    assert day.state("insurer_answer", "10:00", "D+3 12:00") == "running"
    assert day.tell("12:00", COUNTY, "handed_to_insurer").accepted
    assert day.state("insurer_answer", "10:00", "D+3 12:00") == "running"
    assert day.entries("clock_moved")[-1].about == "insurer_answer"


@pytest.mark.rule("R36")
def test_the_work_group_extends_with_a_reason_and_before_the_date_only() -> None:
    day = asked()
    assert day.tell("09:50", COUNTY, "insurer_due_extended", due_at="at:D+5 12:00", reason="x").rule == "R36"
    day.tell("10:00", LEAD, "handed_to_insurer", due_at="at:D+3 12:00")
    assert day.tell("10:10", COUNTY, "insurer_due_extended", due_at="at:D+5 12:00", reason=" ").rule == "R36"
    assert day.tell("10:11", COUNTY, "insurer_due_extended", due_at="at:D+3 12:00", reason="x").rule == "R36"
    assert day.tell("10:12", COUNTY, "insurer_due_extended", due_at="at:D+5 12:00", reason="查资料").accepted
    assert day.state("insurer_answer", "10:00", "D+5 12:00") == "running"
    assert day.tell("D+5 12:01", COUNTY, "insurer_due_extended", due_at="at:D+9 12:00", reason="x").rule == "R36"
    assert day.state("insurer_answer") == "missed"


@pytest.mark.rule("R36")
def test_a_planned_date_that_is_past_is_no_plan() -> None:
    day = asked()
    assert day.tell("10:00", LEAD, "handed_to_insurer", due_at="at:10:00").rule == "R36"


@pytest.mark.rule("R9", "R36")
def test_an_insurer_may_have_a_target_of_its_own() -> None:
    targets = (Target.model_validate({"clock": "insurer_answer", "insurer": "anhe-life", "within": "P3D"}),)
    day = Day("09:00", playbook=RULES.model_copy(update={"targets": targets}))
    day.tell("09:10", LEAD, "calming_attempted", outcome="failed")
    record_of(day)
    day.tell("09:20", LEAD, "handed_to_insurer")
    assert day.state("insurer_answer", "09:20", "D+3 09:20") == "running"


@pytest.mark.rule("R23", "R55")
def test_after_a_decision_a_new_hand_over_and_a_new_decision_are_rounds_of_their_own() -> None:
    day = asked()
    day.tell("10:00", LEAD, "handed_to_insurer")
    day.tell("11:00", ANHE, "insurer_decided", decision="解释")
    assert day.state("decision_relay", "11:00", "D+1 11:00") == "running"
    day.tell("11:30", LEAD, "decision_relayed")
    day.tell("12:00", LEAD, "handed_to_insurer")
    assert day.state("insurer_answer.2", "12:00") == "running"
    day.tell("13:00", ANHE, "insurer_decided", decision="通融")
    assert day.state("insurer_answer.2") == "met"
    assert day.state("decision_relay.2", "13:00") == "running"
    assert day.stage == "relayed", "stages only move on; the clock says what is owed anew"


@pytest.mark.rule("R36")
def test_a_withdrawn_complaint_that_is_reopened_and_handed_over_again_owes_a_new_answer() -> None:
    day = asked()
    day.tell("10:00", LEAD, "handed_to_insurer")
    day.tell("11:00", COUNTY, "withdrawn", reason="客户撤回")
    assert day.state("insurer_answer") == "cancelled"
    day.tell("12:00", COUNTY, "reopened", reason="客户又来")
    assert day.tell("12:10", LEAD, "handed_to_insurer", due_at="at:D+20 12:00").accepted
    assert day.state("insurer_answer.2", "12:10", "D+20 12:00") == "running"
    day.tell("13:00", ANHE, "insurer_decided", decision="解释")
    assert (day.state("insurer_answer"), day.state("insurer_answer.2")) == ("cancelled", "met")


@pytest.mark.rule("R55")
def test_a_decision_not_relayed_after_resolved_leaves_a_prompt_and_its_clock() -> None:
    day = asked()
    day.tell("10:00", ANHE, "insurer_decided", decision="解释")
    day.tell("11:00", COUNTY, "resolved")
    assert day.told("prompt.decision_relay") == [LEAD]
    assert day.state("decision_relay") == "running"
    day.tell("12:00", LEAD, "decision_relayed")
    assert "prompt.decision_relay" not in day.owed()
    assert (day.stage, day.state("decision_relay")) == ("resolved", "met")


# The scene


@pytest.mark.rule("R22")
@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("scene_support_requested", {}),
        ("calming_attempted", {"outcome": "failed"}),
        ("group_signs_seen", {}),
        ("circumstances_reported", {"headcount": 5}),
    ],
)
def test_the_insurer_is_called_by_whichever_comes_first(kind: str, fields: dict[str, object]) -> None:
    day = Day("09:00")
    day.tell("09:10", LEAD, kind, **fields)
    day.tell("09:20", LEAD, "scene_support_requested")
    assert day.state("insurer_on_scene", "09:10", "10:10") == "running"


@pytest.mark.rule("R40", "R42")
def test_signs_call_the_work_group_and_the_fifth_person_the_leadership() -> None:
    day = Day("09:00")
    day.tell("09:10", LEAD, "group_signs_seen")
    assert day.state("work_group_on_scene", "09:10") == "running"
    assert day.state("leadership_on_scene") is None
    day.tell("09:30", LEAD, "circumstances_reported", headcount=5)
    assert day.state("leadership_on_scene", "09:30") == "running"
    assert day.state("work_group_on_scene", "09:10") == "running"


@pytest.mark.rule("R22", "R40")
def test_each_scene_has_its_own_clocks_and_whoever_is_there_already_need_not_come_again() -> None:
    day = Day("09:00")
    day.tell("09:05", COUNTY, "arrived_on_scene", party="work_group")
    day.tell("09:10", LEAD, "group_signs_seen")
    assert day.state("work_group_on_scene") == "met"
    assert day.state("insurer_on_scene") == "running"
    day.tell("09:40", LEAD, "scene_over", outcome="dispersed")
    assert day.state("insurer_on_scene") == "cancelled"
    assert not day.view()["group_signs"]
    day.tell("14:00", LEAD, "group_signs_seen")
    assert day.view()["group_signs"]
    assert day.state("work_group_on_scene.2", "14:00") == "running"
    assert day.state("insurer_on_scene.2", "14:00") == "running"
    assert day.told("tell.group_signs.2")


@pytest.mark.rule("R40")
@pytest.mark.parametrize("kind", ["stood_down", "resolved"])
def test_standing_down_and_resolving_call_off_the_scene(kind: str) -> None:
    day = Day("09:00")
    day.tell("09:10", LEAD, "circumstances_reported", headcount=5)
    day.tell("09:20", ANHE, "insurer_decided", decision="解释")
    assert day.tell("09:30", POST if kind == "stood_down" else COUNTY, kind, **_reason(kind)).accepted
    for party in ("insurer", "work_group", "leadership"):
        assert day.state(f"{party}_on_scene") == "cancelled"


@pytest.mark.rule("R22")
def test_a_scene_that_was_missed_stays_missed_when_it_is_over() -> None:
    day = Day("09:00")
    day.tell("09:10", LEAD, "group_signs_seen")
    day.tell("10:30", LEAD, "scene_over", outcome="left")
    assert day.state("insurer_on_scene") == "missed"
    assert "insurer_on_scene" not in day.owed(), "nobody need come any more"


@pytest.mark.rule("R22")
def test_being_on_the_way_pauses_the_chase_until_the_time_named_and_never_the_clock() -> None:
    day = Day("09:00")
    day.tell("09:10", LEAD, "group_signs_seen")
    day.tell("09:15", COUNTY, "on_the_way", party="work_group", expected_at="at:09:58")
    day.until("10:11")
    assert day.state("work_group_on_scene", "09:10", "10:10") == "missed"
    assert "warn.work_group_on_scene.1" not in day.begun(), "its warning fell into the pause"
    assert day.told_at("warn.insurer_on_scene.1") == "09:55", "the insurer is not on the way"
    assert day.told_at("repeat.group_signs.1") == "10:03", "five minutes had passed before, five more after the pause"


def _reason(kind: str) -> dict[str, str]:
    return {"reason": "平息"} if kind == "stood_down" else {}


def test_the_place_that_owes_is_named() -> None:
    day = asked("failed")
    assert day.clock("handover").owed_by == T1
    assert day.clock("insurer_on_scene").owed_by == "anhe-life"
