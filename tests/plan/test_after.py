"""After the event: lessons become actions with owners, a final report is made whole (R58, R59; contract, 4 to 6)."""

import pytest

from plan.actions import to_hand_over
from plan.facts import ActionDone, ActionOpened
from plan.parts import FinalPart
from plan.register_items import ActionOpened as Registered
from plan.wording import render
from plan.wording_faults import LONGEST
from plan.words import words_of
from runtime.documents import load_wording
from tests.plan.aftermath import (
    CONTACT,
    COURSE,
    OLD,
    POST,
    acknowledged,
    crisis,
    late,
    opened,
    resolved,
    with_causes,
)
from tests.plan.changed import organisation, person
from tests.plan.times import said
from tests.plan.told import ANHE, COUNTY, LEAD, RULES, Day

REST = {"handling": "已解释", "trend": "平稳", "next_steps": "回访", "accountability": "已谈话"}


# -- lessons become actions --------------------------------------------------------------------------------------------


@pytest.mark.rule("R58", "R59")
def test_recorded_causes_ask_the_work_group_for_an_action_with_an_owner_and_a_date() -> None:
    day = with_causes(resolved(crisis()))
    assert day.told("prompt.lessons") == [COUNTY]
    assert day.owed()["prompt.lessons"].by == (COUNTY,)
    assert opened(day, "12:20").accepted
    assert "prompt.lessons" not in day.owed()
    owed = day.owed()["action.S-1.1"]
    assert (owed.by, said(owed.due_at), owed.state, owed.rule) == ((LEAD,), "D+30 18:00", "action", "R58")


@pytest.mark.rule("R58")
def test_the_work_group_may_say_that_no_action_is_needed() -> None:
    day = with_causes(resolved(crisis()))
    acknowledged(day, "12:20", "prompt.lessons")
    assert "prompt.lessons" not in day.owed()


@pytest.mark.rule("R58")
def test_an_action_opened_before_the_causes_were_recorded_is_not_asked_for_again() -> None:
    day = resolved(crisis())
    opened(day, "12:05")
    assert with_causes(day).told("prompt.lessons") == []


@pytest.mark.rule("R58")
def test_causes_recorded_after_it_was_reopened_ask_anew() -> None:
    day = resolved(crisis())
    opened(with_causes(day), "12:20")
    day.tell("12:30", COUNTY, "reopened", reason="又来")
    day.tell("12:40", ANHE, "insurer_decided", decision="解释")
    with_causes(resolved(day, "12:50"), "13:00")
    assert day.told("prompt.lessons.2") == [COUNTY]


@pytest.mark.rule("R58", "R59", "R60")
def test_an_incident_with_an_older_playbook_is_asked_for_nothing_new() -> None:
    day = with_causes(resolved(crisis(playbook=OLD)))
    day.tell("12:20", ANHE, "conduct_reported", behaviour=1, person=LEAD)
    day.tell("12:30", COUNTY, "report_submitted", report="final", content=COURSE)
    assert opened(day, "12:40").accepted
    assert [duty for duty in day.begun("12:00") if duty.startswith("prompt.")] == []
    assert [what for what in day.owed() if what.startswith("prompt.")] == []
    assert to_hand_over(day.incident, OLD, {}) is None


@pytest.mark.rule("R58")
def test_an_action_has_an_owner_of_post_or_bank_who_is_there_and_a_time_to_come() -> None:
    day = crisis(organisation=organisation(person("gd-gz-th.work2", left=True)))
    for owner in (ANHE, "gd-gz-th.work2", "system:crm", "gd-sz.work", "somebody"):
        assert opened(day, "11:40", owner=owner).rule == "R58", owner
    assert opened(day, "11:40", due_at="at:11:40").rule == "R58"
    for owner in (LEAD, CONTACT, COUNTY, POST, "hq.work", "gd.contact"):
        assert opened(day, "11:41", owner=owner).accepted, owner


@pytest.mark.rule("R58")
def test_an_action_is_named_within_its_incident_and_numbered_where_nobody_names_it() -> None:
    day = crisis()
    for name in (None, "2", None, "script", None):
        assert opened(day, "11:40", **({"action_id": name} if name else {})).accepted
    names = [action.action_id for action in day.incident.actions]
    assert names == ["S-1.1", "S-1.2", "S-1.3", "S-1.script", "S-1.5"]
    for again in ("script", "S-1.script"):
        assert opened(day, "11:41", action_id=again).rule == "R58"
    assert day.tell("11:42", COUNTY, "action_done", action_id="script").accepted
    assert day.tell("11:43", COUNTY, "action_done", action_id="S-1.1").accepted
    assert [action.action_id for action in day.incident.actions if not action.open] == ["S-1.1", "S-1.script"]


@pytest.mark.rule("R58")
def test_its_owner_or_a_work_group_says_that_an_action_is_done_and_nobody_else() -> None:
    day = crisis()
    opened(day, "11:40")
    for by in (CONTACT, POST, ANHE, "gd-sz.work", "operator"):
        assert day.tell("11:41", by, "action_done", action_id="1").rule == "R58", by
    assert day.another().tell("11:42", "gd-gz.work", "action_done", action_id="1").accepted
    assert day.tell("11:42", LEAD, "action_done", action_id="1", note="已修订").accepted
    done = day.incident.actions[0]
    assert (done.done_by, said(done.done_at)) == (LEAD, "11:42")
    assert day.tell("11:43", LEAD, "action_done", action_id="1").rule == "R58", "done already"
    assert day.tell("11:43", COUNTY, "action_done", action_id="9").rule == "R58", "no such action"


@pytest.mark.rule("R58")
def test_an_action_outlives_its_incident() -> None:
    day = with_causes(resolved(crisis()))
    opened(day, "12:20")
    assert day.tell("12:30", COUNTY, "closed").accepted
    assert day.owed() == {}, "the unit's register keeps it now"
    assert opened(day, "12:40").rule == "R58", "into the register, or reopen"
    assert day.tell("D+9 09:00", LEAD, "action_done", action_id="1").accepted
    assert day.stage == "closed"


@pytest.mark.rule("R60", "R62")
def test_a_crisis_with_a_breach_closes_with_an_open_action_and_not_with_one_that_is_done() -> None:
    day = with_causes(resolved(late()))
    assert day.tell("12:20", COUNTY, "closed").rule == "R60"
    opened(day, "12:30", feeds="other")
    assert day.another().tell("12:40", COUNTY, "closed").accepted
    day.tell("12:40", COUNTY, "action_done", action_id="1")
    assert day.tell("12:50", COUNTY, "closed").rule == "R60"


@pytest.mark.rule("R60")
def test_an_accountability_decision_that_says_who_does_what_until_when_opens_an_action() -> None:
    day = resolved(late())
    decided = {"category": 2, "decision": "专项培训", "action_owner": COUNTY, "action_due_on": "2026-12-24"}
    assert day.tell("12:10", POST, "accountability_decided", **decided).accepted
    action = day.incident.actions[0]
    assert (action.action_id, action.text, action.owner, action.feeds) == ("S-1.1", "专项培训", COUNTY, "other")
    assert said(action.due_at) == "D+30 18:00"
    for nothing in ({"action_owner": COUNTY}, {**decided, "action_due_on": "0001-01-01"}):
        assert day.tell("12:20", POST, "accountability_decided", **{"category": 2, **nothing}).accepted
    assert len(day.incident.actions) == 1


# -- into the unit's register ------------------------------------------------------------------------------------------


@pytest.mark.rule("R58")
def test_each_step_of_an_action_goes_to_the_register_once_and_in_order() -> None:
    day = crisis()
    for _ in range(2):
        opened(day, "11:40")
    day.tell("11:50", LEAD, "action_done", action_id="1")
    handed: dict[str, str] = {}
    while step := to_hand_over(day.incident, RULES, handed):
        assert step.key not in handed
        handed[step.key] = step.unit
        assert said(step.at) == ("11:50" if step.done else "11:40")
    assert list(handed) == ["opened:S-1.1", "done:S-1.1", "opened:S-1.2"]
    assert set(handed.values()) == {"gd-gz-th"}


@pytest.mark.rule("R58")
def test_that_it_is_done_goes_to_the_register_that_has_it() -> None:
    day = crisis()
    opened(day, "11:40")
    day.tell("11:50", LEAD, "action_done", action_id="1")
    step = to_hand_over(day.incident, RULES, {"opened:S-1.1": "gd-sz"})
    assert step is not None
    assert (step.done, step.unit) == (True, "gd-sz")


@pytest.mark.rule("R11", "R58")
def test_a_drill_leaves_nothing_to_a_register() -> None:
    day = crisis(drill=True)
    assert opened(day, "11:40").accepted
    assert to_hand_over(day.incident, RULES, {}) is None


@pytest.mark.rule("R58")
def test_what_an_incident_calls_an_action_a_register_can_read() -> None:
    of_an_incident, of_a_register = ActionOpened.model_fields, Registered.model_fields
    for field in ("text", "owner", "feeds"):
        assert of_an_incident[field].annotation == of_a_register[field].annotation
    assert ActionDone.model_fields["note"].annotation is not None
    longest = f"{'A' * 64}.{'b' * 30}"
    Registered.model_validate({"kind": "action", "by": "x", "action_id": longest, "text": "x", "owner": "x", **AT})


AT = {"due_at": "2026-12-24T18:00:00+08:00"}


# -- the final report --------------------------------------------------------------------------------------------------


@pytest.mark.rule("R59")
def test_the_final_report_is_asked_for_with_everything_it_still_lacks() -> None:
    day = resolved(crisis())
    assert day.told("prompt.final_report") == [COUNTY]
    nothing_to_answer_for = tuple(part for part in FinalPart if part != "accountability")
    assert day.owed()["prompt.final_report"].lacks == nothing_to_answer_for
    assert with_causes(day).owed()["prompt.final_report"].lacks == ("course", "handling", "trend", "next_steps")
    assert day.view()["outstanding"][-1]["what"] == "prompt.lessons"
    assert day.view()["outstanding"][-2]["lacks"] == ["course", "handling", "trend", "next_steps"]


@pytest.mark.rule("R59", "R60")
def test_who_answers_belongs_into_it_only_where_there_is_something_to_answer_for() -> None:
    day = resolved(late())
    assert "accountability" in day.owed()["prompt.final_report"].lacks
    day.tell("12:10", POST, "accountability_decided", category=2, decision="谈话")
    assert "accountability" not in day.owed()["prompt.final_report"].lacks


@pytest.mark.rule("R59")
def test_a_final_report_that_lacks_something_is_accepted_and_asked_to_be_completed() -> None:
    day = with_causes(resolved(crisis()))
    assert day.tell("12:20", COUNTY, "report_submitted", report="final", content=COURSE).accepted
    assert "prompt.final_report" not in day.owed()
    assert day.told("prompt.final_report.2") == [COUNTY]
    assert day.owed()["prompt.final_report.2"].lacks == ("handling", "trend", "next_steps")
    assert day.view()["reports"][-1]["fields"] == ["course"]
    day.tell("12:30", CONTACT, "report_submitted", report="final", content={"handling": "已解释", "trend": " "})
    assert day.owed()["prompt.final_report.3"].lacks == ("trend", "next_steps"), "a blank says nothing"
    assert "prompt.final_report.2" not in day.owed()
    assert day.another().tell("12:35", COUNTY, "closed").accepted, "prompted, not a condition"
    day.tell("12:40", COUNTY, "report_submitted", report="final", content=REST)
    assert not [what for what in day.owed() if what.startswith("prompt.final_report")], "all of them together"


@pytest.mark.rule("R59")
def test_the_work_group_may_say_that_there_is_no_more_to_report() -> None:
    day = resolved(crisis())
    acknowledged(day, "12:10", "prompt.final_report")
    assert "prompt.final_report" in day.owed(), "received is not written"
    day.tell("12:20", COUNTY, "report_submitted", report="final", content=COURSE)
    acknowledged(day, "12:30", "prompt.final_report.2")
    assert not [what for what in day.owed() if what.startswith("prompt.final_report")]


@pytest.mark.rule("R59")
def test_a_final_report_before_the_end_is_asked_to_be_completed_too_and_no_other_is() -> None:
    day = crisis()
    day.tell("11:40", COUNTY, "report_submitted", report="final", content=COURSE)
    assert day.told("prompt.final_report") == [COUNTY]
    resolved(day)
    assert [duty for duty in day.begun() if duty.startswith("prompt.final_report")] == ["prompt.final_report"]
    plain = Day("09:00")
    plain.tell("09:10", COUNTY, "report_submitted", report="final", content=COURSE)
    assert plain.told("prompt.final_report") == [], "a complaint is asked for none"


@pytest.mark.rule("R59")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_notice_says_how_many_parts_are_missing_and_which_and_stays_short(lang: str) -> None:
    day, wording = resolved(late(incident_id="GD-2026-000123")), load_wording(lang)
    when, duty = next(pair for pair in day.duties if pair[1].id == "prompt.final_report")
    words = words_of(day.incident, duty, day.notice(duty.id, COUNTY), when)
    text = render(wording, duty.id, words, drill=True, chat=True)
    assert words["number"] == "7"
    for part in FinalPart:
        assert wording.values["state"][part] in text
    assert len(text) <= LONGEST[lang]
