"""What is entered into a unit's register, by whom, and what it keeps (R10, R11, R28, R30, R58-R63)."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from plan.parts import LONGEST
from plan.register import (
    LAST_DONE,
    LAST_REFUSALS,
    LAST_ROUNDS,
    LAST_SCREENINGS,
    LAST_VERDICTS,
    MOST_OPEN,
    Refused,
    Register,
)
from plan.register_items import ITEM
from plan.rhythm import Kind
from plan.values import Sealed
from tests.plan.changed import organisation, person
from tests.plan.registering import ACTION, DUE, NOON, T1, T2, TH, WORK, Desk

INTERNAL = [WORK, f"{TH}.work2", f"{TH}.post", f"{TH}.contact", "gd-gz.work", "gd.bank", "hq.work", "operator"]
OUTSIDE = [f"{T1}.lead", "anhe-life.gd-gz", "gd-sz.work", "gd-zh-0001.lead", "nobody", "system:crm", "system:tocsin"]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.rule("R58", "R28")
@pytest.mark.parametrize("by", INTERNAL)
def test_the_units_people_and_those_above_it_open_actions(desk: Desk, by: str) -> None:
    assert desk.action(by=by).accepted
    (action,) = desk.register.open_actions
    assert (action.opened_by, action.opened_at, action.due_at) == (by, NOON, DUE)


@pytest.mark.rule("R58", "R28")
@pytest.mark.parametrize("by", OUTSIDE)
def test_nobody_else_does_and_it_is_on_record_who_tried(desk: Desk, by: str) -> None:
    receipt = desk.action(by=by)
    assert (receipt.state, receipt.rule, receipt.sequence) == ("refused", "R58", None)
    assert receipt.reason_zh
    assert (desk.register.is_empty, desk.register.sequence) == (True, 0)
    assert [(line.by, line.rule) for line in desk.register.refusals] == [(by, "R58")]


@pytest.mark.rule("R28")
def test_who_has_left_enters_nothing_any_more() -> None:
    desk = Desk(of=organisation(person(WORK, left=True)))
    assert desk.action().state == "refused"
    assert desk.action(by=f"{TH}.work2").accepted


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"owner": "nobody"}, "does not stand in the organisation"),
        ({"owner": "anhe-life.gd-gz"}, "is an insurer's"),
        ({"due_on": "2026-11-23"}, "over already"),
        ({"outlet": "gd-zh-0001"}, "neither this unit nor below it"),
    ],
)
def test_an_action_that_nobody_can_do_is_refused(desk: Desk, changed: dict[str, Any], why: str) -> None:
    receipt = desk.action(**changed)
    assert receipt.state == "refused"
    assert why in str(receipt.reason)


@pytest.mark.rule("R58", "R60")
def test_what_an_incident_leaves_to_be_done_is_taken_as_it_was_decided_there(desk: Desk) -> None:
    left: dict[str, Any] = {"owner": "somebody-who-left", "due_on": "2026-01-01", "from_incident": "GD-1"}
    assert desk.action(by="system:tocsin", within=True, **left).accepted
    (action,) = desk.register.open_actions
    assert (action.owner, action.from_incident) == ("somebody-who-left", "GD-1")


@pytest.mark.rule("R58")
def test_the_same_action_is_opened_once_however_often_it_is_told(desk: Desk) -> None:
    assert desk.action(fact_id="f1").accepted
    again = desk.action(fact_id="f1")
    assert (again.state, again.accepted, again.sequence) == ("duplicate", True, 1)
    under_another_id = desk.action(fact_id="f2")
    assert (under_another_id.state, under_another_id.accepted) == ("duplicate", True)
    assert len(desk.register.open_actions) == 1
    assert desk.action(fact_id="f1", text="另一件").state == "refused"
    assert desk.action(fact_id="f3", text="另一件").state == "refused"


@pytest.mark.rule("R58", "R59")
@pytest.mark.parametrize(("feeds", "points"), [("screening_standard", 1), ("mechanism", 0), ("other", 0)])
def test_a_lesson_that_is_learned_becomes_a_point_of_the_screening_standard(
    desk: Desk, feeds: str, points: int
) -> None:
    desk.action(feeds=feeds)
    assert desk.register.standard == ()
    done = desk.tell("action_done", f"{T1}.lead", action_id="A1", note="已完成")
    assert done.accepted, "its owner says so"
    assert len(desk.register.standard) == points
    assert desk.register.open_actions == ()


def test_an_action_is_done_once_and_only_by_its_owner_or_the_units_people(desk: Desk) -> None:
    desk.action()
    assert desk.tell("action_done", f"{T2}.lead", action_id="A1").state == "refused"
    assert desk.tell("action_done", f"{T1}.contact", action_id="A1").state == "refused"
    assert desk.tell("action_done", WORK, action_id="A9").state == "refused"
    assert desk.tell("action_done", WORK, action_id="A1").accepted
    assert "done already" in str(desk.tell("action_done", WORK, action_id="A1").reason)


@pytest.mark.rule("R11")
@pytest.mark.parametrize(("who", "place"), [(T1, T1), (TH, TH), (f"{T2}.contact", T2), (f"{TH}.post", TH)])
def test_a_training_counts_for_the_place_of_who_was_trained(desk: Desk, who: str, place: str) -> None:
    held: dict[str, Any] = {"who": who, "topic": "处理流程", "held_on": "2026-11-20", "attendees": 12}
    assert desk.tell("training", WORK, **held).accepted
    assert [(each.place, each.attendees, each.by) for each in desk.register.trainings] == [(place, 12, WORK)]


@pytest.mark.rule("R11")
def test_an_outlet_records_its_own_training_and_nobody_elses(desk: Desk) -> None:
    held: dict[str, Any] = {"topic": "统一话术", "held_on": "2026-11-24"}
    assert desk.tell("training", f"{T1}.lead", who=T1, **held).accepted
    assert desk.tell("training", f"{T1}.lead", who=f"{T1}.contact", **held).accepted
    assert desk.tell("training", f"{T1}.lead", who=T2, **held).rule == "R11"
    assert desk.tell("training", WORK, who="gd-zh-0001", **held).rule == "R11"
    assert "has not been held" in str(
        desk.tell("training", WORK, who=T1, topic="统一话术", held_on="2026-11-25").reason
    )


@pytest.mark.rule("R10")
def test_the_work_group_screens_and_an_outlet_does_not_screen_itself(desk: Desk) -> None:
    round = desk.asked(Kind.SCREENING)
    assert desk.tell("screening", f"{T1}.lead", outlet=T1, result="ok").rule == "R10"
    assert desk.tell("screening", WORK, outlet="gd-zh-0001", result="ok").rule == "R10"
    assert desk.tell("screening", WORK, outlet=T1, result="findings", note="双录不全").accepted
    (screening,) = desk.register.screenings
    assert (screening.round, screening.result, screening.by) == (round.id, "findings", WORK)


@pytest.mark.rule("R30", "R31")
def test_an_outlet_confirms_for_itself_bit_by_bit(desk: Desk) -> None:
    assert desk.tell("readiness", f"{T1}.lead", outlet=T1, items=["hotline_posted"]).accepted
    assert desk.tell("readiness", f"{T1}.contact", outlet=T1, items=["persons_named"]).accepted
    assert desk.tell("readiness", f"{T1}.lead", outlet=T2, items=["persons_named"]).rule == "R30"
    assert {item: known.by for item, known in desk.register.readiness[T1].items()} == {
        "hotline_posted": f"{T1}.lead",
        "persons_named": f"{T1}.contact",
    }


def test_a_round_comes_from_within_alone_and_is_kept_once(desk: Desk) -> None:
    held = desk.asked(Kind.SCREENING)
    body = held.model_dump(mode="json")
    assert desk.tell("round", WORK, held=body).state == "refused"
    assert desk.tell("round", "system:tocsin", held=body).state == "refused", "not sealed by a worker"
    assert desk.tell("round", "system:tocsin", within=True, held=body).state == "duplicate"
    assert len(desk.register.rounds) == 1


def test_a_unit_that_nobody_knows_takes_nothing() -> None:
    desk = Desk(unit="gx")
    assert "no such unit" in str(desk.action(by="operator").reason)
    assert desk.register.is_empty


def test_what_it_keeps_is_bounded(desk: Desk) -> None:
    for n in range(MOST_OPEN):
        assert desk.action(action_id=f"A{n}").accepted
    assert "too many open actions" in str(desk.action(action_id="one-more").reason)
    for n in range(LAST_DONE + 1):
        assert desk.tell("action_done", WORK, action_id=f"A{n}").accepted
    assert len(desk.register.actions) == MOST_OPEN - 1
    assert desk.register.action("A0") is None, "the oldest that is done goes first"
    for _ in range(LAST_SCREENINGS + 1):
        desk.tell("screening", WORK, outlet=T1, result="ok")
    assert len(desk.register.screenings) == LAST_SCREENINGS
    for n in range(LAST_ROUNDS + 1):
        desk.at = NOON + timedelta(days=n)
        desk.asked(Kind.SCREENING)
    assert [each.at for each in desk.register.rounds] == [NOON + timedelta(days=n + 1) for n in range(LAST_ROUNDS)]
    for _ in range(LAST_REFUSALS + 1):
        desk.tell("screening", "nobody", outlet=T1, result="ok")
    assert len(desk.register.refusals) == LAST_REFUSALS
    assert len(desk.register.verdicts) == LAST_VERDICTS


def test_at_its_fullest_it_still_fits_into_a_payload() -> None:
    """2 MiB is what a history takes; a register is handed from run to run as one."""
    desk = Desk()
    long = "满" * LONGEST
    for n in range(MOST_OPEN):
        desk.action(action_id=f"A{n}", text=long, feeds="screening_standard")
    for n in range(LAST_DONE):
        desk.tell("action_done", WORK, action_id=f"A{n}", note=long)
        desk.action(action_id=f"B{n}", text=long)
    for n in range(LAST_SCREENINGS):
        desk.tell("screening", WORK, outlet=(T1, T2)[n % 2], result="findings", note=long)
    assert len(desk.register.model_dump_json(exclude_none=True).encode()) < 2 * 1024 * 1024


def test_a_register_of_today_is_read_by_tomorrows_code(desk: Desk) -> None:
    desk.action()
    desk.asked(Kind.SCREENING)
    desk.tell("screening", WORK, outlet=T1, result="ok")
    desk.tell("screening", "nobody", outlet=T1, result="ok")
    desk.tell("training", WORK, who=T1, topic="处理流程", held_on="2026-11-20")
    desk.tell("readiness", f"{T1}.lead", outlet=T1, items=["hotline_posted"])
    desk.tell("action_done", WORK, action_id="A1")
    full = desk.register.refused(Refused(at=NOON, kind="cancel", rule="R58", reason="x"))
    kept = {**full.model_dump(mode="json", exclude_none=True), "added_later": 1}
    assert Register.model_validate(kept) == full


@pytest.mark.rule("R29")
def test_what_people_write_is_marked_as_confidential() -> None:
    for kind, field in (("action", "text"), ("action_done", "note"), ("screening", "note")):
        model = type(ITEM.validate_python({**_minimal(kind), "kind": kind, "by": WORK}))
        assert any(isinstance(mark, Sealed) for mark in _marks(model.model_fields[field])), (kind, field)


def _minimal(kind: str) -> dict[str, Any]:
    return {
        "action": {name: value for name, value in ACTION.items() if name not in ("kind", "by")},
        "action_done": {"action_id": "A1"},
        "screening": {"outlet": T1, "result": "ok"},
    }[kind]


def _marks(field: Any) -> list[Any]:
    return [
        *field.metadata,
        *(mark for part in getattr(field.annotation, "__args__", ()) for mark in getattr(part, "__metadata__", ())),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"due_on": None},
        {"due_at": "2026-12-04T18:00:00+08:00"},
        {"due_on": "9999-12-31"},
        {"due_on": "0001-01-01"},
        {"due_on": None, "due_at": "2026-12-04T18:00:00"},
        {"text": "  "},
        {"text": "长" * (LONGEST + 1)},
        {"feeds": "nothing"},
        {"owner": "张三"},
        {"surplus": 1},
    ],
)
def test_what_is_no_action_cannot_be_read(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ITEM.validate_python({name: value for name, value in {**ACTION, **wrong}.items() if value is not None})


@given(days=st.integers(0, 80_000))
def test_any_day_that_is_read_is_an_instant(days: int) -> None:
    """A day that overflowed in the workflow would wedge it."""
    day = date(1970, 1, 1) + timedelta(days=days)
    desk = Desk()
    desk.action(by="system:tocsin", within=True, due_on=day.isoformat())
    assert len(desk.register.open_actions) == 1
