"""A text that is too long is shortened, says so, and is never cut where it would say something else (R29)."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plan.channels import MANNERS
from plan.shortening import LONGEST_WORD, MARKS, shortened, size

MARK = "…（截短）"
FAMILY = "👩\u200d👩\u200d👧"
CHINA = "\U0001f1e8\U0001f1f3"
SCOTLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
texts = st.text(st.one_of(st.characters(), st.sampled_from("投诉网点，。 aé🚨\u0301\u200d\U0001f1e8\n")), max_size=80)


def room_for(begin: str, beside: int = 0) -> int:
    return size(begin) + size(MARK) + beside


@given(text=texts, longest=st.integers(-5, 300))
@example(text="\U0001f1e8" * 30, longest=50)
@example(text="\ud800" * 30, longest=25)
@pytest.mark.rule("R29")
def test_it_is_never_longer_than_allowed(text: str, longest: int) -> None:
    assert size(shortened(text, longest, MARK)) <= max(longest, 0)


@given(text=texts, longest=st.integers(size(MARK), 300))
@pytest.mark.rule("R29")
def test_what_is_shortened_is_a_beginning_and_says_so(text: str, longest: int) -> None:
    told = shortened(text, longest, MARK)

    if size(text) <= longest:
        assert told == text
    else:
        assert told.endswith(MARK)
        assert text.startswith(told.removesuffix(MARK))


@given(text=st.text(st.characters(categories=["Lo"]), min_size=60, max_size=80), longest=st.integers(40, 59))
def test_as_much_is_kept_as_has_room(text: str, longest: int) -> None:
    kept = shortened(text, longest, MARK).removesuffix(MARK)

    assert size(text[: len(kept) + 1]) + size(MARK) > longest


@pytest.mark.rule("R29")
@pytest.mark.parametrize(
    "one",
    ["e\u0301", FAMILY, CHINA, SCOTLAND, "👍🏽", "❤\ufe0f", "1\ufe0f\u20e3"],
    ids=["accent", "family", "flag", "flag of tags", "skin tone", "variant", "keycap"],
)
def test_what_reads_as_one_character_is_kept_or_left_out_as_a_whole(one: str) -> None:
    text = "报" + one + "告" * 20

    for longest in range(room_for("报"), room_for("报" + one)):
        assert shortened(text, longest, MARK) == "报" + MARK
    assert shortened(text, room_for("报" + one), MARK) == "报" + one + MARK


@pytest.mark.rule("R29")
def test_flags_side_by_side_are_not_torn_apart() -> None:
    text = CHINA * 3 + "告" * 20

    assert shortened(text, room_for(CHINA * 2, beside=4), MARK) == CHINA * 2 + MARK


@pytest.mark.rule("R29")
@pytest.mark.parametrize("word", ["GD-2026-000123", "14:30", "https://tocsin.example/n/abc.def", "10.5%"])
def test_half_a_number_or_an_id_is_never_told(word: str) -> None:
    text = f"请在 {word} 前报告{'告' * 20}"

    for cut in range(1, len(word)):
        assert shortened(text, room_for("请在 " + word[:cut]), MARK) == "请在" + MARK


def test_a_word_without_end_is_cut_all_the_same() -> None:
    text = "报" + "x" * 500

    assert shortened(text, 400, MARK) == text[: 400 - size(MARK) - 2] + MARK
    assert shortened("报 " + "x" * LONGEST_WORD * 2, 60, MARK) == "报" + MARK


def test_where_the_mark_has_no_room_the_beginning_is_told() -> None:
    assert shortened("网点请报告", 6, MARK) == "网点"


@pytest.mark.rule("R29")
def test_the_marks_leave_room_for_the_notice() -> None:
    shortest = min(manner.longest for manner in MANNERS.values() if manner.longest)

    assert set(MARKS) == {"zh", "en"}
    assert all(size(mark) * 20 < shortest for mark in MARKS.values())
