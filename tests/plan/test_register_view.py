"""Who sees what of a register: texts only those whose business they are (R29, R58)."""

from datetime import timedelta
from typing import Any

import pytest

from plan.register_view import register_details, register_view
from plan.rhythm import Kind
from plan.view import MASK
from tests.plan.registering import DUE, NOON, T1, T2, TH, WORK, Desk

WORDS = "王五说的双录问题"


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.action(text=WORDS, feeds="screening_standard")
    desk.action(action_id="A2", text=WORDS, owner=f"{T2}.lead", from_incident="GD-1", outlet=T2)
    desk.asked(Kind.SCREENING)
    desk.asked(Kind.READINESS, items=("hotline_posted",))
    desk.tell("screening", WORK, outlet=T1, result="findings", note=WORDS)
    desk.tell("training", WORK, who=T2, topic="处理流程", held_on="2026-11-20")
    desk.tell("training", WORK, who=T2, topic="统一话术", held_on="2026-11-10")
    desk.tell("action_done", WORK, action_id="A1", note=WORDS)
    desk.tell("screening", "nobody", outlet=T1, result="ok")
    return desk


def seen(desk: Desk, viewer: str | None = None) -> dict[str, Any]:
    return register_view(desk.register, desk.at, viewer)


@pytest.mark.rule("R29")
def test_the_operator_sees_what_there_is_and_no_text(desk: Desk) -> None:
    view = seen(desk)
    assert WORDS not in str(view)
    assert view["actions"][0]["text"] == MASK
    assert (view["counts"], len(view["refusals"])) == ({"open": 1, "overdue": 0, "standard": 1}, 1)


@pytest.mark.rule("R29", "R58")
@pytest.mark.parametrize("viewer", [WORK, f"{TH}.bank", "gd.work", "hq.post", "operator"])
def test_the_units_people_and_those_above_it_read_the_texts(desk: Desk, viewer: str) -> None:
    view = seen(desk, viewer)
    assert view["standard"][0]["text"] == WORDS
    assert view["screenings"][0]["note"] == WORDS
    assert view["done"][0]["note"] == WORDS


@pytest.mark.rule("R29")
def test_an_owner_reads_its_own_action_and_an_outlet_sees_what_concerns_it(desk: Desk) -> None:
    view = seen(desk, f"{T2}.lead")
    assert [(each["action_id"], each["text"]) for each in view["actions"]] == [("A2", WORDS)]
    assert [each["outlets"] for each in view["rounds"]] == [[T2], [T2]]
    assert (len(view["trainings"]), view["screenings"], view["standard"], view["refusals"]) == (2, [], [], [])


@pytest.mark.rule("R29")
@pytest.mark.parametrize("viewer", ["anhe-life.gd-gz", "gd-zh-0001.lead", "nobody", "system:crm"])
def test_anybody_else_sees_counts(desk: Desk, viewer: str) -> None:
    view = seen(desk, viewer)
    assert view["counts"]["open"] == 1
    for part in ("actions", "done", "standard", "rounds", "screenings", "trainings", "readiness", "refusals"):
        assert not view[part], part


def test_it_says_what_is_overdue_who_was_trained_last_and_where_something_was_found(desk: Desk) -> None:
    desk.at = DUE
    view = seen(desk)
    assert [each["state"] for each in view["actions"]] == ["overdue"]
    assert view["trained"] == {T2: "2026-11-20"}
    assert view["findings"] == [T1]
    ready = next(each for each in view["rounds"] if each["kind"] == "readiness")
    assert ready["unconfirmed"] == {T1: ["hotline_posted"], T2: ["hotline_posted"]}


@pytest.mark.rule("R29")
def test_the_details_in_the_ui_are_numbers(desk: Desk) -> None:
    said = register_details(desk.register, NOON + timedelta(days=1))
    assert WORDS not in said
    assert "未完成事项 1" in said
    assert "风险排查 11-24 12:00：还差 1" in said
