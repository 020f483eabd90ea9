"""While nobody answers: repeats, the next person, the next level, a cap; what is not replayed (R14, R22, R27, R40)."""

from typing import Any

import pytest

from plan.clock import TICK
from plan.history import Imported
from plan.playbook import Playbook
from tests.plan.changed import both, insurer, notice, organisation, person, playbook
from tests.plan.times import at
from tests.plan.told import ANHE, CITY, COUNTY, LEAD, T1, Day

CONTACT = f"{T1}.contact"
POST, BANK = "gd-gz-th.post", "gd-gz-th.bank"
NEXT = "anhe-life.gd"
COURSE = {"course": "一句话。"}


def failed(**more: Any) -> Day:
    """Calming failed at 09:10."""
    day = Day("09:00", **more)
    day.tell("09:10", LEAD, "calming_attempted", outcome="failed")
    return day


def crisis(by: str = LEAD, **more: Any) -> Day:
    """A crisis since 10:00."""
    day = Day("09:00", **more)
    assert day.tell("10:00", by, "circumstances_reported", media=True).accepted
    return day


def answers(day: Day, when: str, duty: str, *people: str) -> None:
    for by in people:
        assert day.tell(when, by, "notice_acknowledged", notice_id=f"{duty}~{by}").accepted


def repeats(day: Day) -> list[str]:
    return [duty for duty in day.begun() if duty.startswith("repeat.")]


def unanswered(day: Day) -> dict[str, tuple[str, ...]]:
    """What stands in sight as answered by nobody, and who did not."""
    return {what: owed.by for what, owed in day.owed().items() if owed.state == "unanswered"}


def before_there_were_steps() -> Playbook:
    """The playbook that older incidents have frozen."""
    old = {"of": ["insurer.nearest"], "every": "PT10M", "then": ["insurer.next"], "at_most": 4, "pauses_for": "insurer"}
    return playbook(both(notice("tell.calming_failed", chase=old), _without_unanswered))


def _without_unanswered(data: Any) -> None:
    data["notices"] = [each for each in data["notices"] if each["duty"] != "tell.unanswered"]


@pytest.mark.rule("R14", "R27")
def test_a_notice_nobody_answers_is_repeated_then_goes_up_and_stops_at_its_cap() -> None:
    day = failed()
    day.until("12:00")
    assert repeats(day) == [f"repeat.calming_failed.{n}" for n in (1, 2, 3, 4)]
    assert [day.told_at(duty) for duty in repeats(day)] == ["09:20", "09:30", "09:40", "09:50"]
    told = [day.told(duty) for duty in repeats(day)]
    assert told == [[ANHE], [NEXT], [NEXT, COUNTY], [NEXT, COUNTY]]


@pytest.mark.rule("R14", "R27")
def test_only_the_answer_of_those_who_are_chased_stops_the_chase() -> None:
    day = failed()
    for by in (COUNTY, LEAD):
        assert day.tell("09:15", by, "notice_acknowledged", notice_id=f"tell.calming_failed~{by}").accepted
    day.until("09:21")
    assert repeats(day) == ["repeat.calming_failed.1"]
    day.tell("09:25", ANHE, "notice_acknowledged", notice_id=f"tell.calming_failed~{ANHE}")
    day.until("12:00")
    assert repeats(day) == ["repeat.calming_failed.1"]


@pytest.mark.rule("R27")
@pytest.mark.parametrize(
    ("by", "kind", "fields"),
    [(ANHE, "arrived_on_scene", {"party": "insurer"}), (LEAD, "scene_over", {"outcome": "calmed"})],
)
def test_the_thing_itself_stops_the_chase(by: str, kind: str, fields: dict[str, str]) -> None:
    day = failed()
    day.tell("09:15", by, kind, **fields)
    day.until("12:00")
    assert repeats(day) == []


@pytest.mark.rule("R14", "R27")
def test_a_second_failure_is_told_and_chased_anew() -> None:
    day = failed()
    day.tell("09:15", ANHE, "notice_acknowledged", notice_id=f"tell.calming_failed~{ANHE}")
    day.tell("09:20", LEAD, "calming_attempted", outcome="failed")
    assert day.told("tell.calming_failed.2") == [ANHE, COUNTY, LEAD]
    day.until("09:31")
    assert repeats(day) == ["repeat.calming_failed.2.1"]


@pytest.mark.rule("R43")
def test_a_crisis_is_chased_until_it_is_reported_and_acknowledging_is_not_reporting() -> None:
    day = crisis()
    answers(day, "10:05", "tell.crisis", COUNTY, POST)
    day.until("10:31")
    assert [day.told(duty) for duty in repeats(day)] == [[LEAD], [LEAD, CONTACT], [COUNTY]]
    answers(day, "10:32", "repeat.crisis.3", COUNTY)
    day.until("10:45")
    assert repeats(day) == ["repeat.crisis.1", "repeat.crisis.2", "repeat.crisis.3"]
    assert day.state("outlet_report") == "running"
    assert "warn.outlet_report.1" in day.begun(), "the warnings go on"


@pytest.mark.rule("R43")
def test_the_contact_speaks_for_the_outlet_and_a_report_ends_every_chase_of_the_crisis() -> None:
    day = crisis()
    answers(day, "10:05", "tell.crisis", CONTACT)
    day.until("10:11")
    assert day.told("repeat.crisis.1") == [COUNTY, POST, BANK], "the outlet is awake"
    day.tell("10:15", CONTACT, "report_submitted", content=COURSE)
    day.until("12:00")
    assert repeats(day) == ["repeat.crisis.1"]
    assert unanswered(day) == {}


@pytest.mark.rule("R6", "R43", "R44")
def test_an_outlet_that_is_awake_wakes_nobody_above_it() -> None:
    day = crisis()
    answers(day, "10:02", "tell.crisis", LEAD)
    day.until("10:11")
    answers(day, "10:12", "repeat.crisis.1", COUNTY)
    day.until("10:21")
    answers(day, "10:22", "tell.crisis", BANK)
    day.until("10:40")
    assert [day.told(duty) for duty in repeats(day)] == [[COUNTY, POST, BANK], [POST, BANK]]


@pytest.mark.rule("R14", "R43")
def test_who_was_told_beside_answers_for_themselves_until_the_ladder_comes_to_them() -> None:
    day = crisis()
    answers(day, "10:05", "tell.crisis", BANK)
    day.until("10:11")
    assert day.told("repeat.crisis.1") == [LEAD, COUNTY]
    answers(day, "10:12", "repeat.crisis.1", COUNTY)
    day.until("10:21")
    assert day.told("repeat.crisis.2") == [LEAD, CONTACT], "the county's word is not the outlet's"
    day.until("12:00")
    assert repeats(day) == ["repeat.crisis.1", "repeat.crisis.2"], "it would be asked now, and has answered"
    assert unanswered(day) == {}


@pytest.mark.rule("R14", "R28")
def test_a_step_where_nobody_is_gives_way_to_the_next_at_the_same_instant() -> None:
    alone = organisation(insurer("anhe-life", contacts=[{"unit": "gd-gz", "person": ANHE}]))
    day = failed(organisation=alone)
    day.until("09:41")
    assert [day.told_at(duty) for duty in repeats(day)] == ["09:20", "09:30", "09:40"]
    assert [day.told(duty) for duty in repeats(day)] == [[ANHE], [COUNTY], [COUNTY]]


@pytest.mark.rule("R14", "R28")
def test_where_nobody_is_above_the_last_step_that_has_somebody_is_kept() -> None:
    alone = organisation(insurer("anhe-life", contacts=[{"unit": "gd-gz", "person": ANHE}]))
    chase = {"of": ["insurer.nearest"], "every": "PT10M", "at_most": 2}
    short = playbook(notice("tell.calming_failed", chase={**chase, "steps": [["insurer.nearest"], ["insurer.next"]]}))
    day = failed(organisation=alone, playbook=short)
    day.until("09:31")
    assert [day.told(duty) for duty in repeats(day)] == [[ANHE], [ANHE]]


@pytest.mark.rule("R28")
def test_who_has_left_is_no_rung() -> None:
    gone = organisation(both(person(LEAD, left=True), person(CONTACT, left=True)))
    day = crisis(COUNTY, organisation=gone)
    day.until("10:11")
    assert day.told("repeat.crisis.1") == [COUNTY, POST, BANK]


@pytest.mark.rule("R6", "R28")
def test_beside_a_step_nobody_is_waited_for_who_is_not_there() -> None:
    gone = organisation(both(person(POST, left=True), person(BANK, left=True)))
    day = crisis(organisation=gone)
    answers(day, "10:05", "tell.crisis", LEAD, COUNTY)
    day.until("12:00")
    assert repeats(day) == []
    assert unanswered(day) == {}


@pytest.mark.rule("R22", "R27")
def test_being_on_the_way_stops_the_ladders_time_and_an_arrival_that_does_not_come_lets_it_run_on() -> None:
    day = failed()
    day.tell("09:14", ANHE, "on_the_way", party="insurer", expected_at="at:09:44")
    day.until("09:49")
    assert repeats(day) == [], "four minutes had passed"
    day.until("09:50")
    assert repeats(day) == ["repeat.calming_failed.1"]
    day.until("10:01")
    assert day.told_at("repeat.calming_failed.2") == "10:00"


@pytest.mark.rule("R22", "R27")
def test_who_names_no_time_is_given_one_interval_and_departures_that_overlap_count_once() -> None:
    day = failed()
    day.tell("09:14", ANHE, "on_the_way", party="insurer")
    day.tell("09:18", ANHE, "on_the_way", party="insurer", expected_at="at:09:34")
    day.tell("09:20", ANHE, "on_the_way", party="insurer", expected_at="at:09:30")
    day.tell("09:21", COUNTY, "on_the_way", party="work_group", expected_at="at:12:00")
    day.until("10:00")
    assert [day.told_at(duty) for duty in repeats(day)] == ["09:40", "09:50", "10:00"]


@pytest.mark.rule("R22")
def test_a_repeat_that_was_due_before_a_pause_waits_for_its_end() -> None:
    day = failed()
    day.stop("09:11")
    day.now = at("09:22")
    day.leave("09:22", ANHE, "on_the_way", party="insurer", expected_at="at:09:30")
    day.start("09:23")
    assert repeats(day) == []
    day.until("09:30")
    assert repeats(day) == ["repeat.calming_failed.1"]


@pytest.mark.rule("R14", "R27")
def test_at_the_cap_the_operator_is_told_once_and_who_did_not_answer_stays_in_sight() -> None:
    day = failed()
    day.until("09:59")
    assert day.entries("unanswered") == []
    day.until("12:00")
    (entry,) = day.entries("unanswered")
    assert (entry.about, entry.rule, entry.data) == (
        "tell.calming_failed",
        "R27",
        {"recipients": [ANHE, NEXT, COUNTY]},
    )
    assert day.told("tell.unanswered") == ["operator"]
    assert day.told_at("tell.unanswered") == "10:00", "an interval after the last repeat"
    assert unanswered(day) == {"tell.calming_failed": (ANHE, NEXT, COUNTY)}
    assert day.view()["outstanding"][-1]["state"] == "unanswered"


@pytest.mark.rule("R14")
def test_an_answer_after_all_takes_it_out_of_sight_and_so_does_the_thing_itself() -> None:
    day = failed()
    day.until("10:30")
    other = day.another()
    answers(day, "10:31", "tell.calming_failed", ANHE)
    assert unanswered(day) == {}
    other.tell("10:31", LEAD, "scene_over", outcome="left")
    assert unanswered(other) == {}
    day.until("12:00")
    assert len(day.entries("unanswered")) == 1, "what is on record stays there"


@pytest.mark.rule("R6", "R14")
def test_those_beside_who_never_answer_are_named_and_the_outlet_that_did_is_not() -> None:
    day = crisis()
    answers(day, "10:05", "tell.crisis", LEAD, COUNTY)
    day.until("10:50")
    assert unanswered(day) == {"tell.crisis": (POST, BANK)}
    assert day.told("tell.unanswered") == ["operator"]


@pytest.mark.rule("R14")
def test_each_chase_is_given_up_for_itself() -> None:
    day = failed()
    day.tell("09:12", LEAD, "group_signs_seen")
    day.until("12:00")
    assert [entry.about for entry in day.entries("unanswered")] == ["tell.group_signs", "tell.calming_failed"]
    assert day.told("tell.unanswered.2") == ["operator"]


@pytest.mark.rule("R14")
def test_after_an_outage_the_last_repeat_is_given_its_time_before_the_chase_is_given_up() -> None:
    day = failed()
    day.stop("09:11")
    day.start("11:00")
    assert repeats(day) == ["repeat.calming_failed.4"]
    assert day.entries("unanswered") == []
    day.until("11:10")
    assert day.told_at("tell.unanswered") == "11:10"


@pytest.mark.rule("R42")
def test_the_leadership_called_to_a_group_event_is_chased_until_somebody_is_on_the_way_or_there() -> None:
    day = Day("09:00")
    day.tell("10:00", LEAD, "circumstances_reported", headcount=6)
    day.until("10:21")
    assert day.told("repeat.group_event.1") == [POST, BANK]
    assert day.told("repeat.group_event.2") == [POST, BANK, COUNTY]
    day.tell("10:22", POST, "on_the_way", party="leadership_group", expected_at="at:10:40")
    day.tell("10:38", POST, "arrived_on_scene", party="leadership_group")
    day.until("12:00")
    assert [duty for duty in repeats(day) if "group_event" in duty] == ["repeat.group_event.1", "repeat.group_event.2"]


@pytest.mark.rule("R14")
def test_a_repeat_tries_first_what_wakes_people() -> None:
    day = failed()
    day.until("09:21")
    wake = {duty.id: duty.wake for _, duty in day.duties}
    assert wake["repeat.calming_failed.1"] == ("voice", "sms")
    assert wake["tell.calming_failed"] == ()


@pytest.mark.rule("R14", "R27")
def test_an_incident_with_a_playbook_from_before_there_were_steps_goes_on_as_it_did() -> None:
    day = failed(playbook=before_there_were_steps())
    other = day.another()
    day.until("12:00")
    assert [day.told(duty) for duty in repeats(day)] == [[ANHE], [NEXT], [NEXT], [NEXT]]
    assert day.entries("unanswered") == []
    assert unanswered(day) == {}
    other.until("09:56")
    assert other.book.next_instant(other.now) == other.clock("insurer_on_scene").due_at + TICK, (
        "nothing else is awaited"
    )
    other = failed(playbook=before_there_were_steps())
    other.tell("09:14", ANHE, "on_the_way", party="insurer", expected_at="at:09:34")
    other.until("12:00")
    assert [other.told_at(duty) for duty in repeats(other)] == ["09:40", "09:50"], "what fell into the pause is dropped"


@pytest.mark.rule("R43")
def test_a_crisis_without_an_insurer_is_chased_like_any_other() -> None:
    day = Day("09:00", insurer=None)
    day.tell("10:00", LEAD, "circumstances_reported", media=True)
    day.until("10:11")
    assert repeats(day) == ["repeat.crisis.1"]


@pytest.mark.rule("R40")
def test_signs_are_chased_up_to_the_next_level() -> None:
    day = Day("09:00")
    day.tell("09:10", LEAD, "group_signs_seen")
    day.until("09:31")
    assert day.told("repeat.group_signs.1") == [COUNTY, ANHE]
    assert day.told("repeat.group_signs.2") == [CITY, "anhe-life.gd"]


@pytest.mark.rule("R39")
def test_signs_seen_again_while_the_scene_goes_on_are_told_once() -> None:
    day = Day("09:00")
    day.tell("09:10", LEAD, "group_signs_seen")
    day.tell("09:20", COUNTY, "group_signs_seen")
    assert "tell.group_signs.2" not in day.begun()


@pytest.mark.rule("R14")
def test_after_an_outage_what_is_still_needed_goes_out_once_and_nothing_is_replayed() -> None:
    day = failed()
    day.stop("09:11")
    day.start("09:45")
    assert repeats(day) == ["repeat.calming_failed.3"]
    day.until("10:30")
    assert repeats(day) == ["repeat.calming_failed.3", "repeat.calming_failed.4"]


@pytest.mark.rule("R43")
def test_after_an_outage_only_the_latest_warning_goes_out() -> None:
    day = Day("09:00")
    day.tell("10:00", LEAD, "circumstances_reported", media=True)
    day.stop("10:01")
    day.start("10:55")
    assert [duty for duty in day.begun("10:00") if duty.startswith("warn.")] == ["warn.outlet_report.2"]


@pytest.mark.rule("R43")
def test_no_warning_is_sent_for_a_time_before_it_was_known_that_the_clock_runs() -> None:
    day = Day("09:00")
    day.tell("10:00", LEAD, "circumstances_reported", media=True, known_at="at:09:20")
    assert "warn.outlet_report.1" not in day.begun(), "thirty minutes before 10:20 nobody knew"
    day.until("10:21")
    assert day.told_at("warn.outlet_report.2") == "10:10"


@pytest.mark.rule("R24")
def test_history_that_is_imported_tells_nobody_and_runs_no_clock_whatever_is_said_of_it() -> None:
    day = Day("09:00", imported=Imported(closed_at=at("08:00"), outcome="withdrawn"), circumstances={"media": True})
    assert day.stage == "closed"
    day.tell("09:10", COUNTY, "reopened")
    day.tell("09:20", LEAD, "circumstances_reported", headcount=9)
    assert day.severity == "crisis"
    assert (day.begun(), day.clocks(), day.book.next_instant(day.now)) == ([], {}, None)
    assert day.incident.notices == {}
