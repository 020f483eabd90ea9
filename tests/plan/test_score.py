"""What a drill came to: every time, every step missed, and whether it passed, by stated standards (R11, R31)."""

from datetime import timedelta
from typing import Any

import pytest

from plan.drill import Drill
from plan.drill_plan import DrillPlan
from plan.drill_scenario import Standard
from plan.drill_sheet import Answered, Judged, Sheet
from plan.score import score
from tests.plan.exercise import Exercise, named, scenario
from tests.plan.told import ANHE, CITY, COUNTY, LEAD, T1

pytestmark = pytest.mark.rule("R11", "R31")

POST, BANK, CONTACT = "gd-gz-th.post", "gd-gz-th.bank", f"{T1}.contact"
COURSE = {"course": "演练：六人在大厅。"}
RECORD: dict[str, Any] = {"name": "演练客户", "phone": "0000", "policy_numbers": ["D-1"]}


def good(**more: Any) -> Exercise:
    """Everything done, and in time, up to 11:20; the drill ends at 12:00."""
    drill = Exercise(**more)
    drill.does("09:10", LEAD, "calming_attempted", outcome="failed")
    drill.does("09:22", LEAD, "group_signs_seen")
    drill.answers("09:24", COUNTY, duty="tell.group_signs")
    drill.does("09:26", COUNTY, "police_contacted")
    drill.does("09:40", COUNTY, "arrived_on_scene", party="work_group")
    drill.does("09:48", LEAD, "circumstances_reported", headcount=6)
    drill.answers("09:50", LEAD, COUNTY, POST, duty="tell.crisis")
    drill.answers("09:52", BANK, duty="tell.group_event")
    drill.does("10:05", POST, "arrived_on_scene", party="leadership_group")
    report = drill.does("10:15", LEAD, "report_submitted", content=COURSE)
    drill.does("10:20", COUNTY, "report_acknowledged", report_fact_id=report.fact_id)
    drill.does("10:35", COUNTY, "report_submitted", content=COURSE)
    drill.does("10:55", CITY, "report_submitted", content=COURSE)
    drill.does("11:00", LEAD, "customer_recorded", **RECORD)
    drill.does("11:20", LEAD, "scene_over", outcome="left")
    return drill


def standards(sheet: Sheet) -> dict[str, bool]:
    return {str(each.standard): each.passed for each in sheet.standards}


def judged(sheet: Sheet, standard: Standard) -> Judged:
    return next(each for each in sheet.standards if each.standard is standard)


def answer(sheet: Sheet, person: str) -> Answered:
    return next(each for each in sheet.answers if each.person == person)


def test_a_good_run_passes_with_every_point() -> None:
    sheet = good().ended()
    assert sheet.missed == ()
    assert standards(sheet) == dict.fromkeys(map(str, Standard), True)
    assert (sheet.passed, sheet.points) == (True, 100)


def test_each_report_says_how_long_it_took_and_until_when_it_was_due() -> None:
    sheet = good().ended()
    took = {each.clock: (each.took, each.state) for each in sheet.reports}
    assert took["outlet_report"] == (timedelta(minutes=27), "met")
    assert took["relay.county"] == (timedelta(minutes=20), "met")
    assert took["relay.city"] == (timedelta(minutes=20), "met")
    assert took["province_opinion"] == (None, "cancelled"), "it was not due when the drill ended"
    report = next(each for each in sheet.reports if each.clock == "outlet_report")
    assert report.due_at - report.starts_at == timedelta(hours=1)
    assert report.owed_by == T1


def test_who_came_is_timed_from_when_they_were_called() -> None:
    came = {each.clock: each.took for each in good().ended().arrivals}
    assert came == {"work_group_on_scene": timedelta(minutes=18), "leadership_on_scene": timedelta(minutes=17)}


def test_a_bad_run_fails_and_names_every_step_that_was_missed() -> None:
    drill = Exercise()
    sheet = drill.ended()
    assert named(sheet.missed) == {
        ("clock", "outlet_report"),
        ("clock", "work_group_on_scene"),
        ("clock", "leadership_on_scene"),
        ("expected", "calming_attempted"),
        ("expected", "group_signs_seen"),
        ("expected", "police_contacted"),
        ("expected", "circumstances_reported"),
        ("expected", "customer_recorded"),
        ("expected", "scene_over"),
        ("prompt", "prompt.police"),
        ("unanswered", "tell.group_signs"),
        ("unanswered", "tell.crisis"),
        ("unanswered", "tell.group_event"),
    }
    assert (sheet.passed, sheet.points) == (False, 0)
    assert standards(sheet) == {
        "on_time": False,
        "on_scene": False,
        "answered": False,
        "done": False,
        "by_the_rules": True,
        "delivered": True,
    }


def test_what_is_late_counts_half_and_is_told_from_what_never_came() -> None:
    late = Exercise(scenario(expects=[]))
    late.does("09:40", COUNTY, "arrived_on_scene", party="work_group")
    late.does("10:00", POST, "arrived_on_scene", party="leadership_group")
    late.does("10:01", COUNTY, "police_contacted")
    for person in (LEAD, COUNTY, POST):
        late.answers("10:02", person, duty="tell.crisis")
    late.answers("10:03", POST, duty="tell.group_event")
    late.answers("10:04", COUNTY, duty="tell.group_signs")
    late.does("11:00", LEAD, "report_submitted", content=COURSE)
    sheet = late.ended("11:05")
    report = next(each for each in sheet.reports if each.clock == "outlet_report")
    assert (report.state, report.took) == ("met_late", timedelta(minutes=65))
    assert named(sheet.missed) == set()
    assert [str(each.standard) for each in sheet.standards if not each.passed] == ["on_time"]
    assert not sheet.passed
    kept = sum(judged(sheet, each).kept for each in list(Standard)[:4])
    of = sum(judged(sheet, each).of for each in list(Standard)[:4])
    assert sheet.points == round(100 * (kept + 0.5) / of) < 100


def test_the_last_instant_of_an_expectation_is_in_time_and_the_next_minute_is_late() -> None:
    for when, missed in (("09:20", False), ("09:21", True)):
        drill = Exercise()
        drill.does(when, LEAD, "calming_attempted", outcome="failed")
        late = [each for each in drill.ended().missed if each.what == "calming_attempted"]
        assert bool(late) is missed
        assert all(each.late_at is not None for each in late)


def test_calming_after_the_hand_over_is_a_step_missed() -> None:
    expects = [{"kind": "calming_attempted", "within": "PT1H", "before": "handed_to_insurer"}]
    played = scenario(expects=expects, steps=[{"at": "PT5M", "tells": {"media": True}}])
    for first, second, missed in (
        ("calming_attempted", "handed_to_insurer", 0),
        ("handed_to_insurer", "calming_attempted", 1),
    ):
        drill = Exercise(played)
        for when, kind in (("09:10", first), ("09:12", second)):
            fields = {"outcome": "failed"} if kind == "calming_attempted" else {}
            assert drill.does(when, LEAD, kind, **fields).accepted
        assert sum(each.what == "calming_attempted" for each in drill.ended().missed) == missed


def test_what_the_drill_itself_says_is_nobodys_merit() -> None:
    sheet = Exercise(scenario(expects=[{"kind": "group_signs_seen", "within": "PT1H"}])).ended()
    assert ("expected", "group_signs_seen") in named(sheet.missed)


def test_what_was_not_due_when_it_was_stopped_is_held_against_nobody() -> None:
    sheet = Exercise().ended("09:15")
    assert sheet.missed == ()
    assert sheet.points is None


def test_who_answered_how_fast_and_who_never_did() -> None:
    sheet = good().ended()
    county = answer(sheet, COUNTY)
    assert county.asked
    assert (county.told_at < county.answered_at, county.waited) == (True, timedelta(minutes=24))  # type: ignore[operator]
    lead = answer(sheet, LEAD)
    assert lead.acted_at is not None
    assert lead.waited == timedelta(minutes=10), "who acts has heard"
    silent = answer(Exercise().ended(), LEAD)
    assert (silent.asked, silent.waited, silent.answered_at) == (True, None, None)
    assert not answer(sheet, "gd.post").asked, "who is only to know need not answer"


def test_doing_the_thing_answers_the_notice_about_it() -> None:
    drill = Exercise(scenario(expects=[]))
    drill.does("10:20", LEAD, "report_submitted", content=COURSE)
    sheet = drill.ended()
    assert ("unanswered", "tell.crisis") not in named(sheet.missed)
    assert ("unanswered", "tell.group_event") in named(sheet.missed)


def test_a_refused_attempt_is_listed_and_one_that_nobody_may_make_fails_the_drill() -> None:
    for forbidden in (False, True):
        drill = good()
        drill.does("11:30", LEAD, "closed")
        if forbidden:
            drill.does("11:31", LEAD, "statement_issued", text="说明")
        sheet = drill.ended()
        refused = [("closed", LEAD, "R58"), *([("statement_issued", LEAD, "R57.5")] if forbidden else [])]
        assert [(each.kind, each.by, each.rule) for each in sheet.attempts] == refused
        assert judged(sheet, Standard.BY_THE_RULES).passed is not forbidden
        assert sheet.passed is not forbidden
        assert "说明" not in sheet.model_dump_json()


def test_a_notice_that_reached_nobody_is_listed() -> None:
    sheet = good(unreachable=(CONTACT,)).ended()
    assert {each.recipient for each in sheet.not_told} == {CONTACT}
    assert not judged(sheet, Standard.DELIVERED).passed


def test_a_scenario_may_say_which_standards_count() -> None:
    sheet = good(played=scenario(standards=["on_time"]), unreachable=(CONTACT,)).ended()
    assert sheet.passed
    assert [str(each.standard) for each in sheet.standards if each.counts] == ["on_time"]
    assert not judged(sheet, Standard.DELIVERED).passed


@pytest.mark.parametrize("insurers", [True, False])
def test_insurers_owe_something_only_where_they_are_told(insurers: bool) -> None:
    drill = Exercise(plan=DrillPlan(insurers=insurers))
    drill.does("09:10", LEAD, "calming_attempted", outcome="failed")
    sheet = drill.ended()
    assert (("clock", "insurer_on_scene") in named(sheet.missed)) is insurers
    assert (("unanswered", "tell.calming_failed") in named(sheet.missed)) is insurers
    assert any(each.person == ANHE for each in sheet.answers) is insurers


def test_a_drill_that_people_closed_is_scored_as_it_stands() -> None:
    drill = Exercise(scenario(steps=[], expects=[]))
    drill.does("09:10", LEAD, "calming_attempted", outcome="calmed")
    drill.does("09:20", LEAD, "resolved")
    drill.does("09:30", COUNTY, "closed")
    sheet = drill.ended("09:40")
    assert (sheet.missed, sheet.passed) == ((), True)


def test_an_incident_that_ended_by_force_is_named_and_nothing_of_it_is_scored() -> None:
    drill = Exercise()
    drill.ended()
    sheet = score(drill.drill, {})
    assert (sheet.unseen, sheet.passed, sheet.points) == (("D-X",), False, None)


def test_played_twice_as_fast_the_world_comes_sooner_and_the_hour_stays_an_hour() -> None:
    drill = Exercise(speed=2)
    drill.until("09:28")
    assert drill.day.clock("outlet_report").due_at - drill.day.clock("outlet_report").starts_at == timedelta(hours=1)
    assert drill.day.incident.episodes[0].anchor == drill.drill.at(timedelta(minutes=55))
    assert drill.drill.ends_at - drill.drill.began_at == timedelta(minutes=67.5 + 45)


def test_nothing_personal_and_no_free_text_stands_in_a_sheet() -> None:
    drill = good()
    drill.does("11:31", LEAD, "noted", text="客户姓佘")
    said = drill.ended().model_dump_json()
    assert "佘" not in said
    assert RECORD["name"] not in said
    assert COURSE["course"] not in said
    assert Sheet.model_validate_json(said).passed


def test_two_incidents_of_a_drill_are_scored_together() -> None:
    first, second = good(), Exercise(scenario(steps=[], expects=[]))
    second.does("09:10", LEAD, "calming_attempted", outcome="failed")
    second.ended()
    both: Drill = first.drill.model_copy(update={"incidents": ("D-X", "D-X-2")})
    first.ended()
    ended = both.model_copy(update={"ended_at": first.drill.ended_at})
    sheet = score(ended, {"D-X": first.day.book.state, "D-X-2": second.day.book.state})
    assert sheet.incidents == ("D-X", "D-X")
    assert answer(sheet, LEAD).notices > answer(first.ended(), LEAD).notices


def test_what_people_had_no_time_for_is_held_against_nobody() -> None:
    """The world has signs seen at 09:35: the first repeat goes out at 09:45, a prompt takes half an hour."""
    for end, silent, unasked in (("09:44", False, False), ("09:46", True, False), ("10:06", True, True)):
        sheet = Exercise(scenario(expects=[])).ended(end)
        assert (("unanswered", "tell.group_signs") in named(sheet.missed)) is silent, end
        assert (("prompt", "prompt.police") in named(sheet.missed)) is unasked, end
        assert judged(sheet, Standard.ANSWERED).of == (3 if end == "10:06" else int(silent)), end
