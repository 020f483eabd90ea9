"""Several notices in one message: each is named, the first ones in full, and never more than fits (R14, R29)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.digest import Written, fitting, message
from plan.shortening import size
from plan.wording import brief, render
from runtime.documents import load_wording


def written(number: int, *, text: str | None = None) -> Written:
    return Written(
        text=text or f"【请马上报告】{number} 号网点的 GD-{number} 已到危机标准，一两句就行。",
        line=f"【请马上报告】GD-{number} {number} 号网点",
        head="【共 {number} 条，请逐条处理】",
        cut="…（已截短）",
    )


def letters(number: int) -> list[Written]:
    return [written(each) for each in range(1, number + 1)]


def test_a_notice_alone_stands_as_it_is() -> None:
    [alone] = letters(1)
    assert (fitting([alone], 2_048), message([alone], 2_048)) == (1, alone.text)


def test_a_notice_alone_that_is_too_long_is_shortened_and_says_so() -> None:
    said = message([written(1, text="【请马上报告】" + "长" * 2_000)], 2_048)
    assert size(said) <= 2_048
    assert said.startswith("【请马上报告】长")
    assert said.endswith("…（已截短）")


@pytest.mark.rule("R14")
def test_several_are_counted_and_each_stands_in_full_while_there_is_room() -> None:
    said = message(letters(3), 2_048).splitlines()
    assert said[0] == "【共 3 条，请逐条处理】"
    assert said[1:] == [f"{n}. {letter.text}" for n, letter in enumerate(letters(3), start=1)]


@pytest.mark.rule("R14")
def test_where_there_is_no_room_the_first_stand_in_full_and_each_other_in_a_line_of_its_own() -> None:
    many = letters(20)
    said = message(many, 1_200).splitlines()
    assert size("\n".join(said)) <= 1_200
    assert said[1] == f"1. {many[0].text}"
    assert said[-1] == f"20. {many[-1].line}"
    assert all(letter.line.split()[1] in line for letter, line in zip(many, said[1:], strict=True))


def test_no_more_are_taken_than_can_be_named() -> None:
    taken = fitting(letters(200), 2_048)
    assert 40 < taken < 50
    assert size(message(letters(taken), 2_048)) <= 2_048
    assert fitting(letters(200), None) == 200


def test_the_same_words_to_two_people_are_said_once() -> None:
    same = [written(1), written(1), written(2)]
    assert fitting(same, 2_048) == 3
    assert message(same, 2_048).splitlines()[0] == "【共 2 条，请逐条处理】"
    assert message(same[:2], 2_048) == written(1).text


def paged(number: int, **more: str) -> Written:
    page = f"登录后处理：https://tocsin.example/incidents/GD-{number}"
    said = {"page": page, "front": "登录后处理：https://tocsin.example/", **more}
    return written(number).model_copy(update=said)


def test_where_to_sign_in_stands_once_at_the_end() -> None:
    of_one = [paged(1), paged(1, text="【请接报】GD-1 有报告。")]
    of_two = [paged(1), paged(2), written(3)]
    assert message([paged(1)], None).splitlines() == [written(1).text, paged(1).page]
    assert message(of_one, None).splitlines()[-1] == paged(1).page
    assert message(of_two, None).splitlines()[-1] == paged(1).front
    for said in (of_one, of_two):
        assert message(said, 2_048).count("登录后处理") == 1


def test_a_text_that_is_cut_keeps_the_way_to_the_whole_of_it() -> None:
    long = paged(1, text="【请马上报告】" + "长" * 2_000)
    said = message([long], 2_048)
    assert size(said) <= 2_048
    assert said.splitlines()[0].endswith("…（已截短）")
    assert said.splitlines()[1] == long.page
    assert size(message([long], 60)) <= 60


def test_one_always_goes_however_small_the_room() -> None:
    assert fitting(letters(3), 40) == 1
    assert size(message(letters(1), 40)) <= 40


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=300)


LETTERS = st.builds(Written, text=TEXTS, line=TEXTS, page=st.just("") | TEXTS, front=st.just("") | TEXTS)


@given(st.lists(LETTERS, min_size=1, max_size=60), st.integers(1_900, 6_000))
def test_whatever_the_words_the_message_fits(said: list[Written], longest: int) -> None:
    taken = fitting(said, longest)
    assert 1 <= taken <= len(said)
    assert size(message(said[:taken], longest)) <= longest


@pytest.mark.rule("R11")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_digest_of_the_shipped_wording_names_incident_place_and_what_to_do(lang: str) -> None:
    wording = load_wording(lang)
    words = {"incident": "GD-1", "outlet": "云杉路营业所", "outlet_en": "Yunshan Road", "due": "2026-11-24T02:45:00Z"}
    words |= {"left": "PT20M", "role": "outlet_lead", "superior": "天河", "superior_en": "Tianhe"}
    said = [
        Written(
            text=render(wording, duty, words, drill=True, chat=True),
            line=brief(wording, duty, words, drill=True),
            lang=lang,
            head=wording.drill_mark + wording.digest_head,
            cut=wording.shortened,
        )
        for duty in ("tell.crisis", "warn.outlet_report.1", "breach.outlet_report")
    ]
    head, *lines = message(said, 600).splitlines()
    assert head.startswith("【演练】[DRILL]")
    assert "3" in head
    assert all("GD-1" in line and ("云杉路营业所" in line or "Yunshan Road" in line) for line in lines)
    assert all("【" in line or "[" in line for line in lines)
