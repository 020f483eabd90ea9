"""What a register says of its own accord, how often, and what it says after an outage (R10, R11, R30, R58)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.bulletin import WORDS, Audience
from plan.register_due import lacking, next_instant, owed
from plan.rhythm import ActionRules, Kind
from plan.wording import duty_key
from tests.plan.registering import DUE, NOON, T1, T2, TH, WORK, Desk, duties


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.rule("R58")
def test_an_action_is_spoken_of_when_opened_before_it_is_due_when_overdue_and_so_often_again(desk: Desk) -> None:
    desk.action(feeds="screening_standard")
    found = desk.until(DUE + timedelta(days=365))
    assert duties(found) == [
        "prompt.action",
        "warn.action",
        "breach.action",
        "breach.action.2",
        "breach.action.3",
        "breach.action.4",
    ]
    assert {each.bulletin.rule for each in found} == {"R58"}
    assert len({each.bulletin.reference for each in found}) == len(found), "each is told once, by its own id"


@pytest.mark.rule("R58", "R29")
def test_its_owner_and_the_work_group_hear_of_it_and_no_word_of_what_it_is(desk: Desk) -> None:
    desk.action()
    (told,) = desk.until(NOON)
    assert [(to.who, to.person or to.unit) for to in told.bulletin.to] == [
        (Audience.PERSON, f"{T1}.lead"),
        (Audience.WORK_GROUP, TH),
    ]
    assert told.bulletin.confidential
    assert "双录" not in told.bulletin.model_dump_json()
    assert set(told.bulletin.words) - {"unit_en"} <= WORDS["prompt.action"] | {"left"}


def test_what_is_done_is_spoken_of_no_more(desk: Desk) -> None:
    desk.action()
    assert duties(desk.until(DUE - timedelta(days=1))) == ["prompt.action", "warn.action"]
    desk.tell("action_done", WORK, action_id="A1")
    assert desk.until(DUE + timedelta(days=365)) == []
    assert next_instant(desk.register, desk.at) is None


@pytest.mark.rule("R58")
def test_after_an_outage_only_how_it_stands_now_is_said(desk: Desk) -> None:
    desk.action()
    (told,) = desk.look(DUE + timedelta(days=8))
    assert told.bulletin.duty == "breach.action.2"
    assert told.bulletin.words["late"] == f"PT{8 * 24 * 60}M"
    assert duties(desk.until(DUE + timedelta(days=365))) == ["breach.action.3", "breach.action.4"]


def test_an_action_opened_shortly_before_it_is_due_is_not_warned_of_as_well(desk: Desk) -> None:
    desk.at = DUE - timedelta(days=2)
    desk.action()
    assert duties(desk.until(DUE)) == ["prompt.action", "breach.action"]


def test_one_that_is_opened_overdue_is_told_as_overdue_at_once(desk: Desk) -> None:
    desk.at = DUE + timedelta(days=1)
    desk.action(by="system:tocsin", within=True)
    assert duties(desk.until(desk.at)) == ["breach.action"]


@pytest.mark.rule("R10")
def test_of_a_screening_that_is_not_complete_the_work_group_is_told_once(desk: Desk) -> None:
    held = desk.asked(Kind.SCREENING)
    desk.tell("screening", WORK, outlet=T1, result="ok")
    assert lacking(desk.register, held) == (T2,)
    (told,) = desk.until(held.due_at + timedelta(days=30))
    assert (told.bulletin.duty, told.bulletin.rule, told.bulletin.words["lacking"]) == ("breach.round", "R10", "1")
    assert [(to.who, to.unit) for to in told.bulletin.to] == [(Audience.WORK_GROUP, TH)]
    assert desk.look(held.due_at + timedelta(days=60)) == []


@pytest.mark.rule("R10")
def test_a_screening_of_an_earlier_round_does_not_count_for_this_one(desk: Desk) -> None:
    desk.asked(Kind.SCREENING)
    desk.tell("screening", WORK, outlet=T1, result="ok")
    desk.at += timedelta(days=90)
    held = desk.asked(Kind.SCREENING)
    assert lacking(desk.register, held) == (T1, T2)


@pytest.mark.rule("R30")
def test_readiness_is_confirmed_anew_in_each_round_and_item_by_item(desk: Desk) -> None:
    desk.tell("readiness", f"{T1}.lead", outlet=T1, items=["hotline_posted", "persons_named"])
    desk.at += timedelta(minutes=1)
    held = desk.asked(Kind.READINESS, items=("hotline_posted", "persons_named"))
    assert lacking(desk.register, held) == (T1, T2)
    desk.tell("readiness", f"{T1}.lead", outlet=T1, items=["hotline_posted"])
    assert lacking(desk.register, held) == (T1, T2)
    desk.tell("readiness", f"{T1}.lead", outlet=T1, items=["persons_named"])
    assert lacking(desk.register, held) == (T2,)


@pytest.mark.rule("R11")
def test_a_training_record_takes_a_place_off_the_list(desk: Desk) -> None:
    held = desk.asked(Kind.TRAINING)
    desk.tell("training", WORK, who=f"{T1}.lead", topic="处理流程", held_on="2026-11-24")
    assert lacking(desk.register, held) == (T2,)
    assert duties(desk.until(held.due_at)) == ["breach.round"]


def test_a_round_that_is_complete_is_not_spoken_of(desk: Desk) -> None:
    held = desk.asked(Kind.SCREENING, T1)
    desk.tell("screening", WORK, outlet=T1, result="findings")
    assert desk.until(held.due_at + timedelta(days=1)) == []


@given(
    every=st.integers(1, 40),
    repeats=st.integers(0, 6),
    warn=st.integers(1, 30),
    looks=st.lists(st.integers(0, 200), max_size=12),
)
def test_nothing_is_said_twice_and_nothing_out_of_order(every: int, repeats: int, warn: int, looks: list[int]) -> None:
    rules = ActionRules(warn_before=timedelta(days=warn), repeat_every=timedelta(days=every), repeats=repeats)
    desk = Desk(rules=rules)
    desk.action()
    found = [each for days in sorted(looks) for each in desk.look(NOON + timedelta(days=days))]
    numbers = [each.number for each in found]
    assert numbers == sorted(set(numbers))
    assert owed(desk.register, desk.at) == [] or not looks
    assert all(duty_key(each.bulletin.duty) in WORDS for each in found)
    following = next_instant(desk.register, desk.at)
    assert following is None or following > desk.at
