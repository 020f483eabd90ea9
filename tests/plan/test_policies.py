"""Policies classed by signature and call-back, and what follows (R47-R53)."""

from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.facts import PolicyExamined
from plan.marks import Care
from plan.policies import Classification, PolicyClass, PolicyFile, Route, classify, examined, masked, route

NORMAL, FLAWED, PROBLEM = PolicyClass.NORMAL, PolicyClass.FLAWED, PolicyClass.PROBLEM
UNDETERMINED = PolicyClass.UNDETERMINED
ORDER = [NORMAL, FLAWED, PROBLEM]
Answers = tuple[bool | None, bool | None, bool | None, bool | None]
THREE: tuple[bool | None, ...] = (True, False, None)
ANSWERS: list[Answers] = list(product(THREE, THREE, THREE, THREE))

# signed, call-back made, its content compliant (None: there was none), mis-selling proven
TABLE: list[tuple[Answers, PolicyClass]] = [
    ((True, True, True, False), NORMAL),
    ((True, True, False, False), FLAWED),
    ((True, False, None, False), FLAWED),
    ((False, True, True, False), FLAWED),
    ((False, True, False, False), PROBLEM),
    ((False, False, None, False), PROBLEM),
    ((True, True, True, True), PROBLEM),
    ((True, True, False, True), PROBLEM),
    ((True, False, None, True), PROBLEM),
    ((False, True, True, True), PROBLEM),
    ((False, True, False, True), PROBLEM),
    ((False, False, None, True), PROBLEM),
]


def completions(answers: Answers) -> list[Answers]:
    a, b, c, d = ((True, False) if answer is None else (answer,) for answer in answers)
    return list(product(a, b, c, d))


@pytest.mark.rule("R47", "R48", "R49", "R50")
@pytest.mark.parametrize(("answers", "expected"), TABLE)
def test_the_plans_table_holds_row_by_row(answers: Answers, expected: PolicyClass) -> None:
    assert classify(*answers) == Classification(policy_class=expected, possible=(expected,))


@pytest.mark.rule("R48", "R49", "R50")
def test_of_the_sixteen_known_cases_one_is_normal_four_flawed_and_eleven_a_problem() -> None:
    known = [classify(*answers).policy_class for answers in product((True, False), repeat=4)]
    assert [known.count(each) for each in ORDER] == [1, 4, 11]


@pytest.mark.rule("R47")
@pytest.mark.parametrize("answers", ANSWERS)
def test_a_class_is_definite_exactly_when_all_completions_agree(answers: Answers) -> None:
    found = classify(*answers)
    reached = {classify(*each).policy_class for each in completions(answers)}
    assert set(found.possible) == reached
    assert found.policy_class is (reached.pop() if len(reached) == 1 else UNDETERMINED)
    assert list(found.possible) == sorted(found.possible, key=ORDER.index)


@pytest.mark.rule("R50")
@pytest.mark.parametrize("answers", [answers for answers in ANSWERS if answers[3]])
def test_proven_mis_selling_is_a_problem_whatever_else_is_unknown(answers: Answers) -> None:
    assert classify(*answers).policy_class is PROBLEM


@pytest.mark.rule("R49")
@pytest.mark.parametrize("answers", [answers for answers in ANSWERS if answers[1] is False])
def test_what_was_said_in_a_call_that_was_not_made_does_not_matter(answers: Answers) -> None:
    signed, made, _, mis_selling = answers
    assert len({classify(signed, made, compliant, mis_selling).possible for compliant in THREE}) == 1


@pytest.mark.rule("R49", "R50")
@pytest.mark.parametrize("answers", ANSWERS)
@pytest.mark.parametrize(("place", "worse"), [(0, False), (1, False), (2, False), (3, True)])
def test_a_worse_answer_never_improves_the_class(answers: Answers, place: int, worse: bool) -> None:
    a, b, c, d = (worse if at == place else answer for at, answer in enumerate(answers))
    worsened = classify(a, b, c, d)
    before = classify(*answers)
    assert ORDER.index(worsened.possible[0]) >= ORDER.index(before.possible[0])
    assert ORDER.index(worsened.possible[-1]) >= ORDER.index(before.possible[-1])


@pytest.mark.rule("R50")
def test_everything_good_but_mis_selling_not_looked_into_is_not_yet_normal() -> None:
    assert classify(True, True, True, None) == Classification(policy_class=UNDETERMINED, possible=(NORMAL, PROBLEM))


def test_a_policy_of_which_nothing_is_known_may_be_anything() -> None:
    assert classify(None, None, None, None).possible == (NORMAL, FLAWED, PROBLEM)


@pytest.mark.rule("R51", "R53")
@pytest.mark.parametrize("special_care", [True, False])
def test_the_route_follows_the_class(special_care: bool) -> None:
    for answers in ANSWERS:
        found = classify(*answers)
        taken = route(found, special_care=special_care)
        match found.policy_class:
            case PolicyClass.NORMAL:
                assert taken is (Route.ASSIST_WITH_INSURER if special_care else Route.EXPLAIN)
            case PolicyClass.FLAWED | PolicyClass.PROBLEM:
                assert taken is Route.EX_GRATIA_REQUEST
            case PolicyClass.UNDETERMINED:
                assert taken is (None if NORMAL in found.possible else Route.EX_GRATIA_REQUEST)


@pytest.mark.rule("R52")
@pytest.mark.parametrize("flags", list(product((True, False), repeat=4)))
def test_any_one_of_four_reasons_for_special_care_is_enough(flags: tuple[bool, bool, bool, bool]) -> None:
    vulnerable, extreme, collective, referred = flags
    care = Care(vulnerable=vulnerable, extreme_behaviour=extreme, collective_risk=collective, referred=referred)
    assert care.any is any(flags)
    normal = Classification(policy_class=NORMAL, possible=(NORMAL,))
    assert route(normal, special_care=care.any) is (Route.ASSIST_WITH_INSURER if any(flags) else Route.EXPLAIN)


# -- conflicting statements --------------------------------------------------------------------------------------------


def said(by: str, note: str | None = None, **answers: object) -> PolicyExamined:
    fields: dict[str, object] = {"kind": "policy_examined", "by": by, "policy_number": "P-1", "note": note}
    return PolicyExamined.model_validate(fields | answers)


def saying(by: str, note: str | None, question: str, answer: bool) -> PolicyExamined:
    return PolicyExamined.model_validate(
        {"kind": "policy_examined", "by": by, "policy_number": "P-1", "note": note, question: answer}
    )


def told(*facts: PolicyExamined) -> PolicyFile:
    file: PolicyFile | None = None
    for fact in facts:
        file = examined(file, fact, by_work_group=fact.by.endswith(".work"))
    assert file is not None
    return file


@pytest.mark.rule("R47", "R51", "R52")
def test_a_policy_is_examined_by_two_who_each_know_a_part() -> None:
    insurer = said("zhongtai-life.gd-gz", signed=True, call_back_made=True, call_back_compliant=True)
    file = told(insurer)
    assert file.classification.policy_class is UNDETERMINED
    assert file.classification.possible == (NORMAL, PROBLEM)
    assert route(file.classification, special_care=False) is None
    file = told(insurer, said("gd-gz-th.work", mis_selling_proven=False))
    assert file.classification.policy_class is NORMAL
    assert route(file.classification, special_care=False) is Route.EXPLAIN
    assert route(file.classification, special_care=True) is Route.ASSIST_WITH_INSURER


@pytest.mark.rule("R49", "R53")
def test_an_unsigned_policy_with_a_good_call_back_is_flawed() -> None:
    file = told(
        said("gd-gz-th.work", signed=False, call_back_made=True, call_back_compliant=True, mis_selling_proven=False)
    )
    assert file.classification.policy_class is FLAWED
    assert route(file.classification, special_care=True) is Route.EX_GRATIA_REQUEST


@pytest.mark.rule("R47")
def test_a_null_says_nothing_and_takes_nothing_back() -> None:
    assert told(said("a", signed=False), said("gd.work", "all seen", signed=None)).signed is False


WORSE_FIRST = [
    ("signed", False),
    ("call_back_made", False),
    ("call_back_compliant", False),
    ("mis_selling_proven", True),
]


@pytest.mark.rule("R47")
@pytest.mark.parametrize(("question", "worse"), WORSE_FIRST)
def test_of_conflicting_statements_the_worse_holds_until_the_work_group_rules_with_a_note(
    question: str, worse: bool
) -> None:
    a, b = saying("a", None, question, worse), saying("b", None, question, not worse)
    for file in (told(a, b), told(b, a)):
        assert getattr(file, question) is worse
    without_note = saying("gd-gz-th.work", None, question, not worse)
    assert getattr(told(a, b, without_note), question) is worse
    assert getattr(told(a, saying("gd-gz-th.work", "  ", question, not worse)), question) is worse
    ruled = saying("gd-gz-th.work", "the originals were seen", question, not worse)
    assert getattr(told(a, b, without_note, ruled), question) is not worse


@pytest.mark.rule("R47")
def test_a_note_of_anyone_else_rules_nothing() -> None:
    assert told(said("a", signed=False), said("b", "I saw it", signed=True)).signed is False


@pytest.mark.rule("R47")
def test_a_ruling_stands_when_the_same_is_said_again_but_not_against_a_new_voice() -> None:
    facts = [said("a", signed=False), said("gd.work", "seen", signed=True)]
    assert told(*facts, said("a", signed=False)).signed is True
    assert told(*facts, said("b", signed=False)).signed is False
    assert told(*facts, said("b", signed=False), said("gd.work", "seen", signed=True)).signed is True


def test_who_said_what_is_kept_once() -> None:
    file = told(*[said("a", signed=False)] * 3, *[said("gd.work", "seen", signed=True)] * 3)
    assert [(s.by, s.answer, s.ruling) for s in file.heard] == [("a", False, False), ("gd.work", True, True)]


@pytest.mark.rule("R47")
@given(
    statements=st.lists(
        st.builds(
            said, st.sampled_from("abc"), signed=st.sampled_from(THREE), mis_selling_proven=st.sampled_from(THREE)
        ),
        min_size=1,
        max_size=8,
    ),
    order=st.randoms(use_true_random=False),
)
def test_without_a_ruling_the_order_of_statements_does_not_matter(
    statements: list[PolicyExamined], order: Random
) -> None:
    shuffled = list(statements)
    order.shuffle(shuffled)
    assert told(*statements).classification == told(*shuffled).classification


@pytest.mark.rule("R29")
def test_a_policy_number_is_shown_by_its_last_two_characters() -> None:
    assert masked("PN-20260001") == "***01"
    assert masked("12") == "***"


def test_a_file_survives_the_journey_through_a_history() -> None:
    file = told(said("a", signed=False), said("gd.work", "seen", signed=True))
    assert PolicyFile.model_validate_json(file.model_dump_json()) == file
