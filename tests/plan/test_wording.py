"""What people read: first what to do and until when, short, nothing that rings in a drill (R11, R14, R29, R43)."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.occasions import DUTIES, NEVER_FOR
from plan.roster import Role
from plan.wording import PLACEHOLDERS, brief, duty_key, headline, render, written_out
from plan.wording_faults import LONGEST
from tests.plan.changed import wording

WORDS = {
    "incident": "GD-2026-000123",
    "outlet": "云杉路营业所",
    "outlet_en": "Yunshan Road Outlet",
    "superior": "天河区分公司",
    "superior_en": "Tianhe County",
    "recipient_unit": "天河区分公司",
    "recipient_unit_en": "Tianhe County",
    "unreached": "广州市分公司",
    "insurer": "安和人寿",
    "insurer_en": "Anhe Life",
    "due": "2026-11-24T02:45:00Z",
    "left": "PT30M",
    "late": "PT2400S",
    "level": "county",
    "state": "missed",
}
LANGS = ("zh", "en")
KNOWN = {lang: wording(lang) for lang in LANGS}
OUTLET = {"zh": "云杉路营业所", "en": "Yunshan Road Outlet"}
SUPERIOR = {"zh": "天河区分公司", "en": "Tianhe County"}
ROLES = (*Role, None)


def told(duty: str, lang: str = "zh", *, drill: bool = False, chat: bool = False, **words: str) -> str:
    return render(KNOWN[lang], duty, {**WORDS, **words}, drill=drill, chat=chat)


def first_words(duty: str, lang: str = "zh", *, role: str) -> str:
    return headline(KNOWN[lang], told(duty, lang, role=role))


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
        text = render(KNOWN[lang], duty, {}, drill=False)
        assert "{" not in text
        assert "  " not in text


@pytest.mark.rule("R14")
@pytest.mark.parametrize("duty", DUTIES)
def test_an_insurer_is_asked_politely_and_an_outlet_never_called_a_company(duty: str) -> None:
    assert "贵司" not in told(duty, role=Role.OUTLET_LEAD)
    assert "贵司" not in told(duty, role=Role.WORK_GROUP)
    own = KNOWN["zh"].texts[duty].get(Role.INSURER)
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


@pytest.mark.rule("R43", "R14")
@pytest.mark.parametrize(
    ("duty", "zh", "en"),
    [
        ("tell.crisis", "【11月24日 10:45 前报告】", "[Report by 24 Nov 10:45]"),
        (
            "warn.outlet_report.1",
            "【11月24日 10:45 前报告，还有 30 分钟】",
            "[Report by 24 Nov 10:45, 30 min left]",
        ),
        ("repeat.crisis.1", "【11月24日 10:45 前报告】", "[Report by 24 Nov 10:45]"),
        ("breach.outlet_report", "【请马上补报，已晚 40 分钟】", "[Report now, 40 min late]"),
        ("warn.handover.1", "【11月24日 10:45 前转交，还有 30 分钟】", "[Hand over by 24 Nov 10:45, 30 min left]"),
        ("tell.decided", "【11月24日 10:45 前反馈客户】", "[Tell the customer by 24 Nov 10:45]"),
    ],
)
def test_an_outlet_lead_reads_first_what_to_do_until_when(duty: str, zh: str, en: str) -> None:
    assert first_words(duty, role="outlet_lead") == zh
    assert first_words(duty, "en", role="outlet_lead") == en


@pytest.mark.rule("R43")
@pytest.mark.parametrize("lang", LANGS)
def test_an_outlet_lead_reads_to_whom_to_report(lang: str) -> None:
    for duty in ("tell.crisis", "warn.outlet_report.1", "breach.outlet_report", "repeat.crisis.1"):
        assert SUPERIOR[lang] in told(duty, lang, role="outlet_lead")


@pytest.mark.rule("R14", "R62")
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("duty", [duty for duty in DUTIES if duty.startswith(("warn.", "breach."))])
def test_the_first_words_of_a_warning_and_a_breach_say_until_when_or_how_late(duty: str, lang: str) -> None:
    for role in ROLES:
        words = first_words(duty, lang, role=str(role or ""))
        assert "10:45" in words or "40 " in words


@pytest.mark.rule("R14")
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("duty", [*DUTIES, "repeat.crisis.1", "repeat.opinion.1"])
def test_without_a_due_time_ahead_no_text_speaks_of_one(duty: str, lang: str) -> None:
    undated = {name: word for name, word in WORDS.items() if name not in ("due", "left", "late")}
    for role in ROLES:
        text = render(KNOWN[lang], duty, {**undated, "role": str(role or "")}, drill=False)
        stand_in = KNOWN[lang].missing["due"]
        assert stand_in not in text or duty.startswith(("warn.", "breach."))


@pytest.mark.rule("R43")
def test_a_due_time_that_is_over_is_not_named_as_one_to_come() -> None:
    late = {name: word for name, word in WORDS.items() if name != "left"} | {"role": "outlet_lead"}
    assert headline(KNOWN["zh"], render(KNOWN["zh"], "tell.crisis", late, drill=False)) == "【请马上报告】"
    assert "10:45" in render(KNOWN["zh"], "breach.outlet_report", late, drill=False)


@pytest.mark.rule("R62")
def test_a_breach_says_how_late_it_is_in_either_language() -> None:
    assert "已晚 40 分钟" in told("breach.outlet_report")
    assert "40 min late" in told("breach.outlet_report", "en")
    assert "24 Nov 10:45" in told("breach.outlet_report", "en")


def test_an_instant_of_the_same_day_needs_no_date() -> None:
    now = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    text = render(KNOWN["zh"], "breach.outlet_report", WORDS, drill=False, now=now)
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
    assert f"已晚 {zh}】" in told("breach.outlet_report", late=span)
    assert f"{en} late]" in told("breach.outlet_report", "en", late=span)


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
    assert told("repeat.calming_failed.1", role="insurer").startswith("【再请贵司到场，")
    assert told("repeat.handed_over.1", role="insurer").startswith("【再请贵司回应】")


def test_a_duty_without_words_still_goes_out() -> None:
    assert told("tell.something_new").startswith("【请查看】")


@pytest.mark.rule("R5")
def test_a_contact_reads_what_the_lead_reads() -> None:
    assert told("tell.crisis", role="outlet_contact") == told("tell.crisis", role="outlet_lead")


@given(
    st.dictionaries(st.sampled_from([*sorted(PLACEHOLDERS), "role"]), st.text(max_size=300)),
    st.text(max_size=40),
    st.booleans(),
)
def test_no_word_can_break_a_notice(words: dict[str, str], duty: str, chat: bool) -> None:
    text = render(KNOWN["zh"], duty, words, drill=False, chat=chat)
    assert "\n" not in text
    assert text
    assert "\n" not in brief(KNOWN["zh"], duty, words, drill=False)


# -- in a chat ---------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R29")
@pytest.mark.parametrize(
    ("role", "zh", "en"),
    [
        ("work_group", "】天河区分公司工作组：", "] Tianhe County work group: "),
        ("unit_contact", "】天河区分公司工作组：", "] Tianhe County work group: "),
        ("leadership_group", "】天河区分公司领导小组：", "] Tianhe County leadership group: "),
        ("insurer", "】安和人寿：", "] Anhe Life: "),
        ("operator", "】值班台：", "] Duty desk: "),
    ],
)
def test_in_a_chat_a_notice_says_whom_it_means_after_what_to_do(role: str, zh: str, en: str) -> None:
    unit = {"recipient_unit": "安和人寿", "recipient_unit_en": "Anhe Life"} if role == "insurer" else {}
    words = {**WORDS, **unit, "role": role}
    for lang, whom in (("zh", zh), ("en", en)):
        text = render(KNOWN[lang], "tell.crisis", words, drill=False, chat=True)
        assert whom in text
        assert whom not in render(KNOWN[lang], "tell.crisis", words, drill=False)
        assert headline(KNOWN[lang], text) == first_words("tell.crisis", lang, role=role)


@pytest.mark.rule("R29")
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("duty", [*(duty for duty in DUTIES if duty not in NEVER_FOR), "repeat.crisis.1"])
def test_in_a_chat_an_outlet_is_named_by_its_texts_and_not_once_more(duty: str, lang: str) -> None:
    for role in (Role.OUTLET_LEAD, Role.OUTLET_CONTACT):
        text = told(duty, lang, chat=True, role=role)
        assert text == told(duty, lang, role=role)
        assert text.count(OUTLET[lang]) == 1


@pytest.mark.rule("R29")
def test_whose_unit_is_not_known_is_not_named() -> None:
    words = {**WORDS, "role": "work_group", "recipient_unit": ""}
    assert render(KNOWN["zh"], "tell.crisis", words, drill=False, chat=True) == render(
        KNOWN["zh"], "tell.crisis", words, drill=False
    )


@pytest.mark.rule("R29")
@pytest.mark.parametrize("lang", LANGS)
def test_a_notice_among_many_says_what_until_when_who_which_and_where(lang: str) -> None:
    words = {**WORDS, "role": "work_group"}
    line = brief(KNOWN[lang], "warn.outlet_report.2", words, drill=False)
    assert line.startswith(first_words("warn.outlet_report.2", lang, role="work_group"))
    for said in ("10:45", "GD-2026-000123", OUTLET[lang], {"zh": "天河区分公司工作组", "en": "Tianhe County"}[lang]):
        assert said in line
    assert len(line) <= {"zh": 90, "en": 180}[lang]


@pytest.mark.rule("R11", "R41")
@pytest.mark.parametrize("lang", LANGS)
def test_among_many_a_drill_tells_nobody_to_dial_either(lang: str) -> None:
    assert "勿实际拨打" in brief(KNOWN[lang], "prompt.police", {**WORDS, "role": "work_group"}, drill=True)


@pytest.mark.rule("R29")
@pytest.mark.parametrize("incident", ["13912345678", "CRM-13912345678", "11010519491231002X"])
def test_a_chat_reads_no_number_that_may_be_somebodys(incident: str) -> None:
    for duty in DUTIES:
        assert incident[-8:] not in told(duty, chat=True, incident=incident)
        assert incident[-8:] not in brief(KNOWN["zh"], duty, {**WORDS, "incident": incident}, drill=False)
    assert incident in told("tell.crisis", incident=incident), "the person themselves needs it to find the incident"


@pytest.mark.rule("R29")
def test_every_word_can_be_written_out_by_itself() -> None:
    out = written_out(KNOWN["zh"], WORDS)
    assert set(out) == set(PLACEHOLDERS)
    assert (out["due"], out["left"], out["state"]) == ("11月24日 10:45", "30 分钟", "还没完成")
    assert out["group"] == KNOWN["zh"].missing["group"]


# -- when a file leaves something out ----------------------------------------------------------------------------------


def test_a_wording_without_undated_texts_or_addressees_still_tells() -> None:
    bare = wording("zh", lambda data: [data.pop(part) for part in ("undated_texts", "addressed")])
    words = {"incident": "X-1", "role": "work_group"}
    assert render(bare, "tell.crisis", words, drill=False, chat=True).startswith(
        "【请守着接报，网点 系统所示时间 前报】"
    )
