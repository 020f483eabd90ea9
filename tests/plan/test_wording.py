"""What people read: first what to do, short, nothing personal, nothing that rings in a drill (R11, R14, R29)."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.occasions import DUTIES
from plan.roster import Role
from plan.script import Script
from plan.wording import PLACEHOLDERS, duty_key, render
from plan.wording_faults import LONGEST, script_faults
from tests.plan.changed import Change, found, in_wording, wording

WORDS = {
    "incident": "GD-2026-000123",
    "outlet": "云杉路营业所",
    "outlet_en": "Yunshan Road Outlet",
    "superior": "天河区分公司",
    "superior_en": "Tianhe County",
    "recipient_unit": "天河区分公司",
    "insurer": "安和人寿",
    "insurer_en": "Anhe Life",
    "due": "2026-11-24T02:45:00Z",
    "left": "PT30M",
    "late": "PT2400S",
    "level": "county",
    "state": "missed",
}
LANGS = ("zh", "en")
ROLES = (*Role, None)


def told(duty: str, lang: str = "zh", *, drill: bool = False, **words: str) -> str:
    return render(wording(lang), duty, {**WORDS, **words}, drill=drill)


@pytest.mark.parametrize("lang", LANGS)
def test_the_words_that_come_along_have_no_fault(lang: str) -> None:
    assert in_wording(lambda _: None, lang) == []


@pytest.mark.rule("R14")
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("duty", DUTIES)
def test_every_duty_has_words_for_every_role_short_enough_to_be_read(duty: str, lang: str) -> None:
    for role in ROLES:
        for drill in (False, True):
            text = told(duty, lang, drill=drill, role=str(role or ""))
            assert "{" not in text
            assert 10 < len(text) <= LONGEST[lang]
            assert text.startswith("【演练】[DRILL]") is drill


@pytest.mark.rule("R29")
@pytest.mark.parametrize("lang", LANGS)
def test_what_is_not_known_has_a_stand_in(lang: str) -> None:
    for duty in DUTIES:
        text = render(wording(lang), duty, {}, drill=False)
        assert "{" not in text
        assert "  " not in text


@pytest.mark.rule("R14")
@pytest.mark.parametrize("duty", DUTIES)
def test_an_insurer_is_asked_politely_and_an_outlet_never_called_a_company(duty: str) -> None:
    assert "贵司" not in told(duty, role=Role.OUTLET_LEAD)
    assert "贵司" not in told(duty, role=Role.WORK_GROUP)
    own = wording("zh").texts[duty].get(Role.INSURER)
    if own is not None:
        assert "贵司" in own
        assert "请" in own


@pytest.mark.rule("R11", "R41", "R46")
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("duty", ["prompt.police", "prompt.regulator", "prompt.intervention"])
def test_in_a_drill_nobody_calls_police_or_regulator(duty: str, lang: str) -> None:
    assert "勿实际拨打" in told(duty, lang, drill=True)
    assert "勿实际拨打" not in told(duty, lang)


@pytest.mark.rule("R11")
@pytest.mark.parametrize("duty", DUTIES)
def test_in_a_drill_nobody_is_told_to_dial(duty: str) -> None:
    for role in ROLES:
        text = told(duty, drill=True, role=str(role or "")).replace("勿实际拨打", "")
        assert not re.search("拨打|打电话|打给|致电", text)


@pytest.mark.rule("R57")
@pytest.mark.parametrize("duty", DUTIES)
def test_the_words_of_the_field_are_kept(duty: str) -> None:
    text = told(duty)
    assert not re.search("立案|推给|承诺时限|倒计时|保证|违规|失职", text)


@pytest.mark.rule("R43")
def test_the_outlet_reads_what_to_do_until_when_and_to_whom() -> None:
    text = told("warn.outlet_report.1", role="outlet_lead")
    assert text.startswith("【请现在报告，还有 30 分钟】")
    assert "11月24日 10:45" in text
    assert "天河区分公司" in text


@pytest.mark.rule("R62")
def test_a_breach_says_how_late_it_is_in_either_language() -> None:
    assert "已晚 40 分钟" in told("breach.outlet_report")
    assert "40 min ago" in told("breach.outlet_report", "en")
    assert "24 Nov 10:45" in told("breach.outlet_report", "en")


def test_an_instant_of_the_same_day_needs_no_date() -> None:
    now = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    text = render(wording(), "breach.outlet_report", WORDS, drill=False, now=now)
    assert "应在 10:45 前" in text


@pytest.mark.parametrize(
    ("span", "zh", "en"),
    [
        ("PT30M", "30 分钟", "30 min"),
        ("PT1H25M", "1 小时 25 分钟", "1 h 25 min"),
        ("P1DT2H", "1 天 2 小时", "1 d 2 h"),
        ("PT5400S", "1 小时 30 分钟", "1 h 30 min"),
        ("PT20S", "不到 1 分钟", "under 1 min"),
        ("soon", "soon", "soon"),
    ],
)
def test_a_duration_is_written_in_the_readers_language(span: str, zh: str, en: str) -> None:
    assert f"已晚 {zh}（" in told("breach.outlet_report", late=span)
    assert f"{en} ago" in told("breach.outlet_report", "en", late=span)


def test_codes_are_written_out_several_at_once() -> None:
    assert "（五人以上、影响网点营业）" in told("prompt.follow_up", state="group_of_five,disrupts_outlet")
    assert "five or more people" in told("prompt.follow_up", "en", state="group_of_five")


def test_an_id_that_looks_like_a_duration_stays_an_id() -> None:
    assert "投诉 P7D，" in told("tell.filed", incident="P7D")


@pytest.mark.parametrize(
    ("duty", "key"),
    [
        ("warn.outlet_report.1", "warn.outlet_report"),
        ("breach.outlet_report.2", "breach.outlet_report"),
        ("warn.relay.county.1", "warn.relay"),
        ("warn.progress.3.1", "warn.progress"),
        ("repeat.calming_failed.2.1", "repeat.calming_failed"),
        ("repeat", "repeat"),
    ],
)
def test_a_duty_is_looked_up_without_its_number(duty: str, key: str) -> None:
    assert duty_key(duty) == key


@pytest.mark.rule("R27")
def test_a_repeat_has_its_own_words_or_the_general_ones() -> None:
    assert told("repeat.calming_failed.1", role="insurer").startswith("【再请贵司到场】")
    assert told("repeat.handed_over.1", role="insurer").startswith("【再请贵司回应】")


def test_a_duty_without_words_still_goes_out() -> None:
    assert told("tell.something_new").startswith("【请查看】")


@pytest.mark.rule("R5")
def test_a_contact_reads_what_the_lead_reads() -> None:
    assert told("tell.crisis", role="outlet_contact") == told("tell.crisis", role="outlet_lead")


@given(st.dictionaries(st.sampled_from(sorted(PLACEHOLDERS)), st.text(max_size=300)), st.text(max_size=40))
def test_no_word_can_break_a_notice(words: dict[str, str], duty: str) -> None:
    text = render(wording(), duty, words, drill=False)
    assert "\n" not in text
    assert text


# -- what is found when a text is changed ------------------------------------------------------------------------------


def changed(text: str, duty: str = "tell.media") -> Change:
    return lambda data: data["texts"].update({duty: text})


@pytest.mark.rule("R29")
@pytest.mark.parametrize("name", ["customer", "customer_name", "phone", "policy_number", "reason", "amount"])
def test_a_notice_asks_for_nothing_personal(name: str) -> None:
    (fault,) = in_wording(changed(f"【请看】{{{name}}}"))
    assert str(fault).startswith(f"{{{name}}} is personal, and a notice is read by many (R29); ")


@pytest.mark.rule("R29")
def test_a_notice_holds_no_number_of_anybody() -> None:
    (fault,) = in_wording(changed("【请看】{incident}，13800000001"))
    assert fault.rule == "R29"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("【请看】{incidnet}", "{incidnet} is not a word of notices; use one of incident, "),
        ("【请看】{incident.__class__}", "{incident.__class__} is not a word of notices"),
        ("【请看】{incident", "a brace stands alone"),
        ("【请看】" + "啊" * 130, "characters long when filled; say it in 120"),
        ("【请看】贵司", "speaks to an insurer"),
    ],
)
def test_a_text_that_cannot_stand_is_found(text: str, what: str) -> None:
    assert any(what in str(fault) for fault in in_wording(changed(text)))


@pytest.mark.rule("R11")
def test_a_text_that_dials_needs_another_for_drills() -> None:
    (fault,) = in_wording(changed("【请打电话】{incident}"))
    assert str(fault).startswith("tells somebody to dial in a drill too (R11); ")
    (fault,) = in_wording(changed("【请看】{incident} 公安已介入"))
    assert str(fault).startswith("speaks of an authority (R11); ")
    (fault,) = in_wording(lambda data: data["drill_texts"].pop("prompt.police"))
    assert str(fault).startswith("must say 勿实际拨打 in a drill (R11); ")


def test_a_slip_in_the_frame_is_found() -> None:
    def slips(data: Any) -> None:
        data["drill_mark"] = "[DRILL]"
        data["missing"].pop("due")
        data["missing"]["dew"] = "x"
        data["prohibitions"].pop()
        data["texts"].pop("repeat")
        data["texts"]["tell.medias"] = "x"
        data["texts"]["tell.media"] = {"outlet_leed": "x"}

    faults = [str(fault) for fault in in_wording(slips)]
    for what in (
        "must say 【演练】[DRILL] (R11)",
        "there is no stand-in for due",
        "dew is not a word of notices",
        "the plan has 7 (R57)",
        "there is no text for repeat (R14)",
        "tell.medias is not a duty that ever comes up",
        "outlet_leed is not a role",
        "has no text for `any`",
    ):
        assert any(fault.startswith(what) for fault in faults), what


def script(**line: object) -> Script:
    situation = {"id": "first", "title": "一坐下", "say": ["请坐。"], **line}
    return Script.model_validate({"insurer": "anhe-life", "lang": "zh", "version": "1", "situations": [situation]})


@pytest.mark.rule("R21", "R37", "R57.1", "R57.2", "R57.6")
@pytest.mark.parametrize(
    ("line", "rule"), [("我们赔偿您", "R57.1"), ("三天内答复", "R57.2"), ("这是瑕疵件", "R57.6"), ("请坐。", None)]
)
def test_a_script_promises_nothing(line: str, rule: str | None) -> None:
    assert [fault.rule for fault in script_faults(script(say=[line]))] == ([rule] if rule else [])


@pytest.mark.rule("R21")
def test_a_script_is_read_out_as_it_stands() -> None:
    (fault,) = script_faults(script(say=["{customer}，请坐。"]))
    assert "read out as it stands" in str(fault)
    (fault,) = script_faults(script(say=["慢" * 121]))
    assert fault.path == ("situations", 0, "say", 0)
    twice = Script.model_validate(
        {**script().model_dump(), "situations": [found(script().model_dump(), "situations", "first")] * 2}
    )
    assert ["a second time" in str(fault) for fault in script_faults(twice)] == [True]
