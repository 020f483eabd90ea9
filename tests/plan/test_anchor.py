"""Since when a crisis runs: from what was known, and only ever further back (R2, R43; A7, A12, A18)."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.clock import TICK, ClockState, state_at
from tests.plan.times import at, said
from tests.plan.told import COUNTY, LEAD, Day

MOMENTS = st.integers(0, 3 * 24 * 60).map(lambda minutes: at("00:00") + timedelta(minutes=minutes))
INSTANTS = st.timedeltas(timedelta(0), timedelta(days=400)).map(lambda wait: at("00:00") + wait)
WAITS = st.timedeltas(timedelta(0), timedelta(days=400))


def anchor(day: Day) -> str | None:
    return said(day.incident.episodes[-1].anchor) if day.incident.episodes else None


# The boundary


@pytest.mark.rule("R43", "R45")
@given(due_at=INSTANTS)
def test_on_the_boundary_is_on_time_and_a_tick_later_is_not(due_at: datetime) -> None:
    assert state_at(due_at, due_at) is ClockState.RUNNING
    assert state_at(due_at + TICK, due_at) is ClockState.MISSED
    assert state_at(due_at, due_at, met_at=due_at) is ClockState.MET
    assert state_at(due_at + TICK, due_at, met_at=due_at + TICK) is ClockState.MET_LATE


@pytest.mark.rule("R43")
@given(due_at=INSTANTS, after=WAITS)
def test_a_missed_clock_stays_missed_and_a_late_report_never_makes_it_met(due_at: datetime, after: timedelta) -> None:
    late = due_at + TICK + after
    assert state_at(late, due_at) is ClockState.MISSED
    assert state_at(late, due_at, cancelled_at=late) is ClockState.MISSED
    assert state_at(late, due_at, met_at=late) is ClockState.MET_LATE


# Where a statement stands


@pytest.mark.rule("R43")
def test_a_crisis_runs_from_what_was_known_not_from_when_it_was_told() -> None:
    day = Day("09:00")
    day.tell("10:00", LEAD, "circumstances_reported", headcount=5, known_at="at:09:20")
    assert anchor(day) == "09:20"
    assert said(day.incident.episodes[0].crisis_at) == "10:00"


@pytest.mark.rule("R43")
def test_a_complaint_that_was_known_earlier_counts_from_then_unless_its_circumstances_say_otherwise() -> None:
    day = Day("09:00", known_at="at:08:30", circumstances={"media": True})
    assert anchor(day) == "08:30"
    other = Day("09:00", known_at="at:08:30", circumstances={"media": True, "known_at": "at:08:45"})
    assert anchor(other) == "08:45"


@pytest.mark.rule("R2", "R43")
def test_every_way_to_say_it_starts_the_same_clock() -> None:
    for kind, fields in (
        ("circumstances_reported", {"media": True, "known_at": "at:09:40"}),
        ("crisis_declared", {"reason": "事态扩大", "known_at": "at:09:40"}),
        ("report_submitted", {"content": {"course": "x"}, "circumstances": {"media": True, "known_at": "at:09:40"}}),
    ):
        day = Day("09:00")
        day.tell("10:00", LEAD, kind, **fields)
        assert day.clock("outlet_report").due_at == at("10:40")


@pytest.mark.rule("R2.1", "R43")
def test_the_fifth_person_makes_the_crisis_where_that_person_was_known() -> None:
    day = Day("09:00", customer={"person_key": "p-1"})
    day.tell("09:30", LEAD, "circumstances_reported", persons=["p-2", "p-3"], known_at="at:09:10")
    day.tell("10:00", LEAD, "circumstances_reported", persons=["p-4", "p-1"])
    assert day.severity == "complaint", "four persons are four, however often they are named"
    day.tell("10:30", LEAD, "circumstances_reported", persons=["p-5"], known_at="at:09:50")
    assert day.criteria == {"group_of_five"}
    assert anchor(day) == "10:00", "the fourth was not known before"


@pytest.mark.rule("R2.1")
@pytest.mark.parametrize(("people", "severity"), [(4, "complaint"), (5, "crisis"), (6, "crisis")])
def test_five_people_are_a_crisis_and_four_are_not(people: int, severity: str) -> None:
    day = Day("09:00")
    day.tell("09:30", LEAD, "circumstances_reported", headcount=people)
    assert day.severity == severity


@pytest.mark.rule("R2.1")
def test_people_are_never_summed() -> None:
    day = Day("09:00", customer={"person_key": "p-1"})
    day.tell("09:30", LEAD, "circumstances_reported", headcount=3, persons=["p-2", "p-3"])
    day.tell("09:40", LEAD, "circumstances_reported", headcount=4, persons=["p-1"])
    assert day.view()["people_count"] == 4
    assert day.severity == "complaint"


@pytest.mark.rule("R2.1", "R43")
def test_a_customer_recorded_under_another_key_is_the_same_person() -> None:
    day = Day("09:00", customer={"person_key": "crm-1"})
    day.tell("09:30", LEAD, "circumstances_reported", persons=["p-2", "p-3", "p-4"])
    day.tell("09:40", LEAD, "customer_recorded", person_key="p-1")
    assert day.view()["people_count"] == 4
    day.tell("09:50", LEAD, "circumstances_reported", persons=["p-5"])
    day.tell("12:00", LEAD, "customer_recorded", person_key="p-9")
    assert anchor(day) == "09:50", "a correction never moves the anchor forward"


@pytest.mark.rule("R2.2", "R2.3", "R2.4", "R2.5")
@pytest.mark.parametrize(
    ("said_of_it", "criterion"),
    [
        ("government", "authority_or_media"),
        ("regulator", "authority_or_media"),
        ("media", "authority_or_media"),
        ("disrupts_outlet", "disrupts_outlet"),
        ("property_loss", "major_loss"),
        ("reputation_loss", "major_loss"),
        ("social_impact", "social_impact"),
    ],
)
def test_each_circumstance_of_the_plan_makes_a_crisis_and_its_denial_does_not(said_of_it: str, criterion: str) -> None:
    day = Day("09:00")
    day.tell("09:10", LEAD, "circumstances_reported", **{said_of_it: False})
    assert day.severity == "complaint"
    day.tell("09:20", LEAD, "circumstances_reported", **{said_of_it: True})
    assert day.criteria == {criterion}
    day.tell("09:30", LEAD, "circumstances_reported", **{said_of_it: False})
    assert day.severity == "crisis", "never lowered by saying otherwise"


# Moving back


@pytest.mark.rule("R43", "R62")
def test_a_system_does_not_move_a_running_anchor_back_but_a_person_does() -> None:
    day = Day("09:00")
    day.tell("10:00", LEAD, "circumstances_reported", media=True)
    assert day.tell("10:10", "system:monitor", "circumstances_reported", media=True, known_at="at:08:00").accepted
    assert anchor(day) == "10:00"
    assert day.entries("circumstances_reported")[-1].data["placed_at"] == "2026-11-24T02:10:00.000000Z"
    day.tell("10:20", LEAD, "circumstances_reported", media=True, known_at="at:09:30")
    assert anchor(day) == "09:30"


@pytest.mark.rule("R43")
@pytest.mark.parametrize(
    ("by", "moved"), [(LEAD, False), ("anhe-life.gd-gz", False), (COUNTY, True), ("gd-gz-th.bank", True)]
)
def test_more_than_seven_days_back_only_the_work_or_leadership_group_is_believed(by: str, moved: bool) -> None:
    day = Day("D+10 09:00")
    day.tell("D+10 10:00", LEAD, "circumstances_reported", media=True)
    assert day.tell("D+10 11:00", by, "circumstances_reported", media=True, known_at="at:D+3 10:59").accepted
    assert anchor(day) == ("D+3 10:59" if moved else "D+10 10:00")


@pytest.mark.rule("R43")
def test_exactly_seven_days_back_is_believed_of_anybody() -> None:
    day = Day("D+10 09:00")
    day.tell("D+10 11:00", LEAD, "circumstances_reported", media=True, known_at="at:D+3 11:00")
    assert anchor(day) == "D+3 11:00"


@pytest.mark.rule("R43")
def test_a_known_at_in_the_future_is_held_to_the_stamp_and_noted() -> None:
    day = Day("09:00")
    day.tell("10:00", LEAD, "circumstances_reported", media=True, known_at="at:23:00")
    assert anchor(day) == "10:00"
    assert day.entries("circumstances_reported")[-1].data["placed_at"] == "2026-11-24T02:00:00.000000Z"


@pytest.mark.rule("R43")
def test_a_stamp_in_the_future_is_noted_with_what_it_was() -> None:
    day = Day("09:00")
    told = day.fact(LEAD, "circumstances_reported", media=True).model_copy(update={"held_from": at("11:00")})
    day.judge(told)
    assert day.entries("circumstances_reported")[-1].data["held_from"] == "2026-11-24T03:00:00.000000Z"


@pytest.mark.rule("R12", "R43")
def test_a_new_criterion_restarts_nothing_but_owes_a_follow_up() -> None:
    day = Day("09:00")
    day.tell("10:00", LEAD, "circumstances_reported", media=True)
    day.tell("10:30", LEAD, "circumstances_reported", headcount=6)
    assert day.state("outlet_report", "10:00", "11:00") == "running"
    assert day.criteria == {"authority_or_media", "group_of_five"}
    assert day.told("prompt.follow_up") == [LEAD, COUNTY]
    assert "prompt.follow_up" in day.owed()
    day.tell("10:40", LEAD, "report_submitted", content={"course": "x"})
    assert "prompt.follow_up" not in day.owed()


@pytest.mark.rule("R42", "R43")
def test_the_leadership_comes_for_the_fifth_person_not_for_the_first_criterion() -> None:
    day = Day("09:00")
    day.tell("10:00", LEAD, "circumstances_reported", media=True)
    day.tell("10:30", LEAD, "circumstances_reported", headcount=6)
    assert day.state("leadership_on_scene", "10:30", "11:30") == "running"
    assert day.clock("leadership_on_scene").anchored_by == "f-2"


@pytest.mark.rule("R43")
@given(st.lists(st.tuples(MOMENTS, MOMENTS), min_size=1, max_size=8))
def test_whatever_is_told_the_anchor_is_the_earliest_place_and_only_moves_back(
    told: list[tuple[datetime, datetime]],
) -> None:
    day = Day("00:00")
    before: datetime | None = None
    for received_at, known_at in sorted(told, key=lambda pair: pair[0]):
        day.now = received_at
        day.judge(day.fact(COUNTY, "circumstances_reported", media=True, known_at=known_at.isoformat()))
        now = day.incident.episodes[0].anchor
        assert now <= (before or now)
        before = now
    assert before == min(min(pair) for pair in told)
