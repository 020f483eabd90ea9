"""Promises to a customer are found, and what is no promise is left alone (R37, R57, A9)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.lint import promises


def rules(text: str) -> set[str]:
    return {finding.rule for finding in promises(text)}


@pytest.mark.rule("R57.1")
@pytest.mark.parametrize(
    "text",
    [
        "我们会赔偿您的损失",
        "这笔钱我们补偿给您",
        "可以全额退",
        "把本金退给您",
        "退还您交的保费",
        "我保证给您办好",
        "这事我承诺下来",
        "一定会让您满意",
        "我們會賠償",
        "赔 偿您的损失",
        "赔\u200b偿您的损失",
        "我们不会不赔偿",
        "您放心，肯定能解决",
        "我许诺您",
        "我答應您",
        "这事我答应下来",
        "我们不是不答应您",
        "You will be compensated",
        "We guarantee that",
        "I promise you",
        "You will get a full refund",
        "We will pay you back",
        "Not only do we promise",
    ],
)
def test_a_promise_of_money_or_outcome_is_found(text: str) -> None:
    assert "R57.1" in rules(text)


@pytest.mark.rule("R57.2")
@pytest.mark.parametrize(
    "text",
    [
        "三天内给您答复",
        "3个工作日之内解决",
        "３天内",
        "明天给您答复",
        "下周一办好",
        "马上给您解决",
        "最迟周五",
        "You will hear within 3 days",
        "It will be settled by tomorrow",
        "It is solved immediately",
        "in two working days",
    ],
)
def test_a_promise_of_a_time_is_found(text: str) -> None:
    assert "R57.2" in rules(text)


@pytest.mark.rule("R57.6", "R57.7")
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("您这是问题件", "R57.6"),
        ("可以给您通融办理", "R57.6"),
        ("领导已经同意了", "R57.6"),
        ("处理方案是分两次", "R57.6"),
        ("别的客户都退了", "R57.7"),
        ("This will be an ex gratia case", "R57.6"),
        ("Headquarters has approved it", "R57.6"),
        ("Other customers got it", "R57.7"),
    ],
)
def test_what_the_customer_is_not_to_hear_yet_is_found(text: str, rule: str) -> None:
    assert rule in rules(text)


@pytest.mark.rule("R57.3", "R25")
@pytest.mark.parametrize("text", ["您直接去找保险公司", "这不归我们管", "That is not our problem"])
def test_nobody_is_sent_away(text: str) -> None:
    assert rules(text) == {"R57.3"}


@pytest.mark.rule("R36", "R57.2")
@pytest.mark.parametrize(
    "text",
    [
        "保险公司计划3天内答复您",
        "预计下周一有结果",
        "犹豫期15日内您可以提出",
        "The insurer plans to answer within 7 days",
        "An answer is expected by Friday",
    ],
)
def test_a_planned_date_may_be_told_as_planned(text: str) -> None:
    assert promises(text) == []


@pytest.mark.rule("R57.1", "R57.2")
@pytest.mark.parametrize(
    "text",
    [
        "不作任何承诺",
        "我不能替保险公司承诺",
        "这是计划，不是保证",
        "我们不能对处理时限做出承诺",
        "不得擅自向客户承诺赔偿",
        "我不能替他们答应您",
        "不答应赔钱、退钱或任何补偿",
        "别许诺",
        "当初谁答应过什么，您说我记",
        "请勿保证",
        "缴纳保证金",
        "We cannot promise anything",
        "I can't guarantee it",
        "Nobody may promise a refund",
        "Explain by the agreed script, promise nothing",
        "请坐，先喝口水，慢慢说，我来记。",
        "Please take a seat and have some water first.",
    ],
)
def test_a_denial_and_plain_words_are_no_promise(text: str) -> None:
    assert promises(text) == []


@pytest.mark.rule("R57.1")
def test_a_denial_does_not_cover_the_next_clause() -> None:
    assert rules("时间我不承诺，但一定会退") == {"R57.1"}
    assert rules("I cannot say when, but we will refund it") == {"R57.1"}


@given(st.text(max_size=200))
def test_any_text_is_read_to_its_end(text: str) -> None:
    assert all(finding.words and finding.advice for finding in promises(text))
