"""What a round comes to: who is told what, and what the register keeps (R10, R11, R13, R30, R31, R58)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from plan.bulletin import WORDS, listeners
from plan.cadence import When
from plan.rhythm import Kind, Round
from plan.rounds import Counts, Prepared, RoundOrder, Seen, Why, prepared
from plan.wording import render
from plan.wording_faults import LONGEST
from tests.plan.changed import organisation, person, wording

AT = datetime(2026, 10, 8, 1, tzinfo=UTC)
T1, T2 = "gd-gz-th-0001", "gd-gz-th-0002"


def planned(kind: Kind, unit: str = "gd-gz-th", **more: Any) -> RoundOrder:
    round = Round(
        kind=kind,
        unit=unit,
        when=When(months=(10,), days=(8,), at="09:00"),
        within=timedelta(days=14),
        looks_back=timedelta(days=92),
        **more,
    )
    return RoundOrder(round=round, at=AT)


def comes_to(order: RoundOrder, **seen: Any) -> Prepared:
    answer = prepared(order, organisation(), Seen(since=AT - timedelta(days=92), **seen))
    assert answer is not None
    return answer


def people(answer: Prepared, number: int = 0) -> list[str]:
    return [each.person for each in listeners(organisation(), answer.bulletins[number].to, AT)]


@pytest.mark.rule("R13")
def test_both_sides_get_one_digest_and_each_insurer_its_own() -> None:
    theirs = {"anhe-life": Counts(new=3, open=2, waiting=1, crises=1, overdue=9, breaches=9, undelivered=9)}
    answer = comes_to(planned(Kind.MEETING, "gd"), counts=Counts(new=5, breaches=2), insurers=theirs, actions=4)
    both, anhe, zhongtai = answer.bulletins
    assert people(answer) == ["gd.work", "gd.post", "gd.bank"]
    assert (both.words["new"], both.words["breaches"], both.words["actions"]) == ("5", "2", "4")
    assert people(answer, 1) == ["anhe-life.gd"]
    assert people(answer, 2) == ["zhongtai-life.gd"]
    assert (anhe.words["new"], anhe.words["waiting"], zhongtai.words["new"]) == ("3", "1", "0")


@pytest.mark.rule("R13", "R29")
def test_an_insurer_hears_nothing_of_breaches_deliveries_and_actions() -> None:
    theirs = {"anhe-life": Counts(overdue=9, breaches=9, undelivered=9)}
    both, anhe, _ = comes_to(planned(Kind.MEETING, "gd"), insurers=theirs, actions=9).bulletins
    assert "9" not in anhe.words.values()
    assert both.confidential, "it goes to no chat that insurers read"


@pytest.mark.rule("R10", "R58")
def test_a_screening_asks_for_every_outlet_and_says_which_are_watched_and_why() -> None:
    watched = {T1: (Why.SIGNS, Why.ACTION), "gd-zh-0001": (Why.CRISIS,)}
    answer = comes_to(planned(Kind.SCREENING), watched=watched, points=("gd/A1",))
    assert people(answer) == ["gd-gz-th.work"]
    assert answer.held.outlets == (T1, T2)
    assert answer.held.watched == {T1: (Why.SIGNS, Why.ACTION)}, "another unit's outlet is not this one's"
    words = answer.bulletins[0].words
    assert (words["outlets"], words["watched"], words["points"]) == ("2", "1", "1")


@pytest.mark.rule("R11")
def test_a_training_round_names_who_has_no_recent_record() -> None:
    order = planned(Kind.TRAINING).model_copy(update={"at": AT})
    trained = {T1: date(2026, 7, 8), T2: date(2026, 7, 7)}  # 92 days before the round, and one more
    answer = comes_to(order, trained=trained)
    assert answer.held.lacking == ("gd-gz-th", T2)
    assert answer.bulletins[0].words["lacking"] == "2"


@pytest.mark.rule("R30", "R31")
def test_every_outlet_is_asked_to_confirm_and_the_work_group_to_see_to_it() -> None:
    answer = comes_to(planned(Kind.READINESS, items=("hotline_posted", "persons_named")))
    assert people(answer) == ["gd-gz-th.work", f"{T1}.lead", f"{T2}.lead"]
    assert answer.held.items == ("hotline_posted", "persons_named")


@pytest.mark.rule("R10")
def test_a_city_asks_for_the_outlets_that_report_to_it_and_not_for_its_counties() -> None:
    assert comes_to(planned(Kind.SCREENING, "gd-zh")).held.outlets == ("gd-zh-0001",)
    every = comes_to(planned(Kind.SCREENING, "gd")).held.outlets
    assert len(every) == 4, "a unit without outlets of its own asks for all below it"


@pytest.mark.rule("R11", "R31")
@pytest.mark.parametrize(
    ("drilled", "next_one"),
    [({}, T1), ({T1: AT}, T2), ({T1: AT, T2: AT - timedelta(days=1)}, T2)],
)
def test_the_outlet_that_was_drilled_least_lately_is_drilled(drilled: dict[str, datetime], next_one: str) -> None:
    answer = comes_to(planned(Kind.DRILL, scenario="crowd", insurers=True), drilled=drilled)
    assert answer.drill is not None
    assert answer.drill.model_dump() == {
        "scenario": "crowd",
        "outlet": next_one,
        "recipients": "drill",
        "insurers": True,
    }
    assert answer.held.drill == "20261008T010000Z-gd-gz-th"
    assert answer.bulletins == ()


@pytest.mark.rule("R11")
def test_a_drill_at_a_named_outlet_stays_there() -> None:
    answer = comes_to(planned(Kind.DRILL, scenario="crowd", outlet=T2))
    assert answer.drill is not None
    assert answer.drill.outlet == T2


def test_a_unit_that_is_gone_has_no_round() -> None:
    assert prepared(planned(Kind.MEETING, "gx"), organisation(), Seen(since=AT)) is None


@pytest.mark.rule("R28")
def test_who_has_left_is_told_of_nothing_and_the_deputy_is() -> None:
    answer = comes_to(planned(Kind.SCREENING))
    left = organisation(person("gd-gz-th.work", left=True))
    assert [each.person for each in listeners(left, answer.bulletins[0].to, AT)] == ["gd-gz-th.work2"]


@pytest.mark.rule("R10", "R11", "R13", "R30")
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.DRILL])
def test_every_round_is_told_in_words_that_are_all_there(kind: Kind, lang: str) -> None:
    answer = comes_to(planned(kind, items=("hotline_posted",)))
    for bulletin in answer.bulletins:
        assert set(bulletin.words) - {"unit_en"} <= WORDS[bulletin.duty]
        for listener in listeners(organisation(), bulletin.to, AT):
            words = {**bulletin.words, "due": "2026-10-22T01:00:00Z", "role": str(listener.role)}
            text = render(wording(lang), bulletin.duty, {**words, "recipient_unit": listener.unit_name}, drill=False)
            assert "{" not in text
            assert 20 < len(text) <= LONGEST[lang]
            for word, stand_in in wording(lang).missing.items():
                assert word in words or stand_in not in text or word in ("recipient_unit", "unit"), (word, text)
