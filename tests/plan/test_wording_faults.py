"""What is wrong with the words is found at load, before anybody reads them (R11, R14, R29, R37, R57)."""

from typing import Any

import pytest

from tests.plan.changed import Change, in_wording

LANGS = ("zh", "en")


@pytest.mark.parametrize("lang", LANGS)
def test_the_words_that_come_along_have_no_fault(lang: str) -> None:
    assert in_wording(lambda _: None, lang) == []


def text(words: str, duty: str = "tell.media") -> Change:
    """This duty with this text for everybody."""
    return lambda data: data["texts"].update({duty: words})


def only(change: Change, lang: str = "zh") -> str:
    (fault,) = in_wording(change, lang)
    return str(fault)


GOOD = "【请看】{outlet}的 {incident}。"


def test_a_plain_text_has_no_fault() -> None:
    assert in_wording(text(GOOD)) == []


@pytest.mark.rule("R29")
@pytest.mark.parametrize("name", ["customer", "customer_name", "phone", "policy_number", "reason", "amount"])
def test_a_notice_asks_for_nothing_personal(name: str) -> None:
    what = only(text(f"{GOOD}{{{name}}}"))
    assert what.startswith(f"{{{name}}} is personal, and a notice is read by many (R29); ")


@pytest.mark.rule("R29")
@pytest.mark.parametrize(
    "number",
    [
        "13800000001",
        "138 0000 0001",
        "138-0000-0001",
        "１３８００００００００１",
        "020-0000-0110",
        "11010519491231002X",
        "P20261124",
        "AB-123456",
        "一三八零零零零零零零一",
    ],
)
def test_no_line_holds_a_number_of_anybody(number: str) -> None:
    changes: list[Change] = [
        text(f"{GOOD}{number}"),
        lambda data: data["missing"].update(superior=number),
        lambda data: data["values"]["state"].update(carried=number),
        lambda data: data["addressed"].update(operator=number),
        lambda data: data.update(shortened=number),
    ]
    for change in changes:
        what = only(change)
        assert what.startswith("holds a long number, which may be somebody's (R29); ")
        assert number not in what


@pytest.mark.rule("R29")
@pytest.mark.parametrize("address", ["https://tocsin.example/", "www.example.cn", "duty@example.cn"])
def test_no_text_leads_away(address: str) -> None:
    assert only(text(f"{GOOD}{address}")).startswith("holds an address (R29); ")


@pytest.mark.rule("R57.1", "R57.2", "R57.6", "R37")
@pytest.mark.parametrize(
    ("words", "rule"),
    [("我们赔偿您", "R57.1"), ("三天内答复", "R57.2"), ("这是瑕疵件", "R57.6"), ("不作任何承诺", None)],
)
@pytest.mark.parametrize("role", ["outlet_lead", "any"])
def test_no_notice_that_may_be_read_aloud_promises_anything(words: str, rule: str | None, role: str) -> None:
    faults = in_wording(lambda data: data["texts"].update({"tell.media": {"any": GOOD, role: GOOD + words}}))
    assert [fault.rule for fault in faults] == ([rule] if rule else [])


@pytest.mark.rule("R57.1")
def test_no_line_at_the_counter_promises_anything() -> None:
    def promise(data: Any) -> None:
        data["prohibitions"][0] = "赔您一半"

    assert "赔您" in only(promise)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (GOOD + "{incidnet}", "{incidnet} is not a word of notices; use one of incident, "),
        (GOOD + "{incident.__class__}", "{incident.__class__} is not a word of notices"),
        (GOOD + "{incident", "a brace stands alone"),
        (GOOD + "啊" * 100, "characters long when filled; say it in 120"),
        (GOOD + "贵司", "speaks to an insurer"),
        (
            "【请" + "看" * 40 + "】{outlet}的 {incident}",
            "begins with a bracket of 43 characters when filled; say it in 40",
        ),
        ("请看{outlet}的 {incident}。", "does not begin with a bracket (R14); "),
        ("【请看】{outlet}。", "does not name the incident, and others read it in a chat (R29); "),
        ("【请看】{incident}。", "does not name the outlet, and others read it in a chat (R29); "),
    ],
)
def test_a_text_that_cannot_stand_is_found(words: str, what: str) -> None:
    assert what in only(text(words))


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("duty", "word"),
    [
        ("tell.media", "due"),
        ("tell.media", "state"),
        ("tell.filed", "number"),
        ("tell.crisis", "left"),
        ("warn.handover", "late"),
        ("breach.handover", "left"),
        ("warn.handover", "level"),
        ("tell.crisis", "unreached"),
        ("repeat", "due"),
        ("repeat.media", "due"),
    ],
)
def test_a_word_that_a_duty_does_not_have_is_found(duty: str, word: str) -> None:
    head = (
        "【{due} 前】" if duty.startswith("warn.") else "【已晚 {late}】" if duty.startswith("breach.") else "【请看】"
    )
    words = f"{head}{{outlet}}的 {{incident}} {{{word}}}"
    said = [str(fault) for fault in in_wording(text(words, duty))]
    assert any(what.startswith(f"{{{word}}} is not known when {duty} is told; use one of ") for what in said)


@pytest.mark.rule("R14")
@pytest.mark.parametrize("duty", ["warn.handover", "breach.handover"])
def test_a_warning_and_a_breach_say_in_the_bracket_until_when(duty: str) -> None:
    what = only(text("【请看】{outlet}的 {incident}，{due}", duty))
    assert what.startswith("says in its bracket neither until when nor how late (R14); ")


@pytest.mark.rule("R14")
def test_a_due_time_that_may_be_over_needs_another_text() -> None:
    what = only(lambda data: data["undated_texts"].pop("tell.group_event"))
    assert what.startswith("names {due}, and tell.group_event may be told when none lies ahead (R14); ")
    what = only(lambda data: data["undated_texts"]["tell.handed_over"].pop("insurer"))
    assert "tell.handed_over" in what
    what = only(lambda data: data["undated_texts"].update({"tell.media": GOOD}))
    assert what == "no text of tell.media needs another without {due}; take it out"


@pytest.mark.rule("R14")
def test_a_text_for_no_due_time_names_none_and_neither_does_a_drills_that_may_have_none() -> None:
    said = only(lambda data: data["undated_texts"].update({"tell.group_event": GOOD + "{due}"}))
    assert said.startswith("{due} is not known when tell.group_event is told")
    said = only(lambda data: data["drill_texts"].update({"tell.group_event": GOOD + "{due}"}))
    assert said.startswith("{due} is not known when tell.group_event is told")


@pytest.mark.rule("R11")
def test_a_text_that_dials_needs_another_for_drills() -> None:
    assert only(text("【请打电话】" + GOOD[4:])).startswith("tells somebody to dial in a drill too (R11); ")
    assert only(text(GOOD + "公安已介入")).startswith("speaks of an authority (R11); ")
    undated = only(lambda data: data["undated_texts"].update({"tell.group_event": "【请打电话】" + GOOD[4:]}))
    assert undated.startswith("tells somebody to dial in a drill too (R11); ")
    what = only(lambda data: data["drill_texts"].pop("prompt.police"))
    assert what.startswith("must say 勿实际拨打 in a drill (R11); ")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("digest_head", "【{n} 条】"),
        ("digest_head", "【几条】"),
        ("link_personal", "看这里"),
        ("link_group", "{link} {link}"),
        ("link_personal", "{incident} {link}"),
    ],
)
def test_a_line_around_notices_has_its_one_word(line: str, words: str) -> None:
    assert only(lambda data: data.update({line: words})).startswith("has one word, {")


def test_a_slip_in_the_frame_is_found() -> None:
    def slips(data: Any) -> None:
        data["drill_mark"] = "[DRILL]"
        data["missing"].pop("due")
        data["missing"]["dew"] = "x"
        data["prohibitions"].pop()
        data["texts"].pop("repeat")
        data["texts"]["tell.medias"] = "x"
        data["texts"]["tell.media"] = {"outlet_leed": "x"}
        data["addressed"]["outlet_leed"] = "x"
        data["addressed"]["operator"] = "{incident}"

    faults = [str(fault) for fault in in_wording(slips)]
    for what in (
        "must say 【演练】[DRILL] (R11)",
        "there is no stand-in for due",
        "dew is not a word of notices",
        "the plan has 7 (R57)",
        "there is no text for repeat (R14)",
        "tell.medias is not a duty that ever comes up",
        "outlet_leed is not a role; write one of outlet_lead, outlet_contact, work_group",
        "has no text for `any`",
        "may name {recipient_unit} and nothing else (R29)",
    ):
        assert any(fault.startswith(what) for fault in faults), what
