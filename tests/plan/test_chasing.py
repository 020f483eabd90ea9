"""While nobody answers: repeats, the next person, the next level, a cap; what is not replayed (R14, R22, R27, R40)."""

import pytest

from plan.history import Imported
from tests.plan.times import at
from tests.plan.told import ANHE, CITY, COUNTY, LEAD, T1, Day

CONTACT = f"{T1}.contact"
COURSE = {"course": "一句话。"}


def failed() -> Day:
    """Calming failed at 09:10."""
    day = Day("09:00")
    day.tell("09:10", LEAD, "calming_attempted", outcome="failed")
    return day


def repeats(day: Day) -> list[str]:
    return [duty for duty in day.begun() if duty.startswith("repeat.")]


@pytest.mark.rule("R14", "R27")
def test_a_notice_nobody_answers_is_repeated_then_goes_up_and_stops_at_its_cap() -> None:
    day = failed()
    day.until("10:00")
    assert repeats(day) == [f"repeat.calming_failed.{n}" for n in (1, 2, 3, 4)]
    assert [day.told_at(duty) for duty in repeats(day)] == ["09:20", "09:30", "09:40", "09:50"]
    assert day.told("repeat.calming_failed.1") == [ANHE]
    for number in (2, 3, 4):
        assert day.told(f"repeat.calming_failed.{number}") == ["anhe-life.gd"]


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
    day = Day("09:00")
    day.tell("10:00", LEAD, "circumstances_reported", media=True)
    day.tell("10:05", COUNTY, "notice_acknowledged", notice_id=f"tell.crisis~{COUNTY}")
    day.until("10:21")
    assert day.told("repeat.crisis.1") == [LEAD]
    assert day.told("repeat.crisis.2") == [CONTACT, COUNTY]
    day.tell("10:25", CONTACT, "notice_acknowledged", notice_id=f"repeat.crisis.2~{CONTACT}")
    day.until("10:45")
    assert repeats(day) == ["repeat.crisis.1", "repeat.crisis.2"]
    assert day.state("outlet_report") == "running"
    assert "warn.outlet_report.1" in day.begun(), "the warnings go on"


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
