"""What holds on any day, whatever is said, by whom and how late (contract, sections 5, 6 and 8)."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan.book import Book, State
from plan.clock import Clock
from plan.incident import Stage
from plan.people import people_count
from plan.playbook import ClockName
from plan.record import export_line
from plan.verification import verify
from tests.plan.moves import Move, a_move, play
from tests.plan.told import COUNTY, Day
from tests.plan.town import Town

ANCHORED = (ClockName.OUTLET_REPORT, ClockName.PROVINCE_OPINION, ClockName.REGULATOR_REPORT)
MOVABLE = (
    ClockName.RELAY,
    ClockName.PROGRESS,
    ClockName.INSURER_ON_SCENE,
    ClockName.WORK_GROUP_ON_SCENE,
    ClockName.LEADERSHIP_ON_SCENE,
)
"""Numbered by rounds and scenes: a fact that is judged late may put the round elsewhere."""
ORDER = list(Stage)
DAYS = st.lists(a_move(), min_size=8, max_size=24)
DEEDS = st.sampled_from(("said", "said", "joins", "leaves"))
TOWNS = st.lists(st.tuples(st.sampled_from("AABBCG"), DEEDS, a_move()), min_size=4, max_size=14)
STEADY = settings(derandomize=True)
"""The same days at every run; `max_examples` raised by hand finds others."""


def days(moves: list[Move]) -> Iterator[tuple[Day, Day, Move]]:
    """The day before and after each move."""
    day = Day("09:00")
    for move in moves:
        before = day.another()
        play(day, move)
        yield before, day, move


@pytest.mark.rule("R2", "R2.1", "R20", "R43", "R45", "R58", "R62")
@settings(STEADY, max_examples=60)
@given(DAYS)
def test_whatever_is_said_nothing_is_lowered_undone_or_told_twice(moves: list[Move]) -> None:
    for before, day, move in days(moves):
        accepted = day.entries(move.kind)[-1:] != before.entries(move.kind)[-1:]
        assert people_count(day.incident) >= people_count(before.incident)
        if before.severity == "crisis" and day.severity != "crisis":
            assert (move.kind, accepted) == ("stood_down", True)
        if not (move.kind == "reopened" and accepted):
            assert ORDER.index(day.incident.stage) >= ORDER.index(before.incident.stage)
        assert day.book.look(day.now) == [], "evaluating again adds nothing"
        coming = day.book.next_instant(day.now)
        assert coming is None or coming > day.now
        assert set(before.incident.started) <= set(day.incident.started)
        assert len(set(day.begun())) == len(day.begun()), "each duty is begun once"
        _clocks_hold(before.clocks(), day.clocks())


def _clocks_hold(before: dict[str, Clock], now: dict[str, Clock]) -> None:
    for clock_id, was in before.items():
        assert clock_id in now or was.name in MOVABLE
        clock = now.get(clock_id)
        if clock is None or clock.name not in ANCHORED:
            continue
        assert clock.due_at <= was.due_at, "an anchor only moves back"
        if clock.statutory:
            assert clock.state != "cancelled"
            assert was.state != "missed" or clock.state in ("missed", "met_late", "met")
            assert was.state != "met" or clock.state in ("met", "met_late")


@pytest.mark.rule("R62")
@settings(STEADY, max_examples=25)
@given(DAYS)
def test_the_same_day_played_again_has_the_same_record_which_verifies_and_survives_being_stored(
    moves: list[Move],
) -> None:
    day, again = Day("09:00"), Day("09:00")
    for number, move in enumerate(moves):
        play(day, move)
        play(again, move)
        if number % 7 == 6:  # as when a run is continued as another
            again.book = Book(State.model_validate_json(again.book.state.model_dump_json(exclude_none=True)))
    assert day.book.head == again.book.head
    assert verify([export_line(entry) for entry in day.book.entries], day.book.head).fault is None
    state = day.book.state
    assert State.model_validate_json(state.model_dump_json()) == state
    breaches = [entry.about for entry in day.entries("breach")]
    lifted = [entry.about for entry in day.entries("breach_lifted")]
    assert all(breaches.count(clock_id) <= 1 + lifted.count(clock_id) for clock_id in breaches)


@pytest.mark.rule("R2.1", "R43")
@settings(STEADY, max_examples=15)
@given(TOWNS)
def test_whatever_members_and_group_are_told_no_clock_is_lost_between_them(told: list[tuple[str, str, Move]]) -> None:
    town = Town(**{name: Day("09:00", incident_id=name, circumstances={"media": True}) for name in "ABC"})
    now = town.members["A"].now
    for name, what, move in told:
        now += move.wait
        town.until(now)
        if what == "joins" and name != "G":
            town.convert(now, COUNTY, "G", name)
        elif what == "leaves" and "G" in town.groups and name != "G":
            town.tell(now, "G", "gd-gz-th.post", "member_left", incident_id=name)
        elif name != "G" or "G" in town.groups:
            play(town.groups[name] if name == "G" else town.members[name], move._replace(wait=now - now))
        for day in town.members.values():
            joined = day.incident.group_id is not None
            owed = {c.name for c in day.clocks().values() if c.name in ANCHORED and c.state == "carried"}
            assert not owed or joined
            if joined:
                theirs = {clock.name for clock in town.groups["G"].clocks().values()}
                assert owed <= theirs, "what a member no longer runs, the group does"
