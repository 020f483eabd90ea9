"""Which registered template a notice goes out as, and with which values (R11, R14, R29)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.occasions import DUTIES
from plan.roster import Role
from plan.sms import SmsBook, SmsTemplate, names_due, spoken_to, template_of, values_of, variables
from plan.sms_faults import LONGEST_FIXED, sms_faults
from plan.wording import PLACEHOLDERS


def book(**parts: Any) -> SmsBook:
    """A small one; `parts` replace its own."""
    usual: dict[str, Any] = {
        "sign_name": "警钟",
        "longest": 10,
        "stand_in": "系统所示",
        "real": {
            "default": {
                "any": {"code": "SMS_000001", "text": "请查看：${outlet}的${incident}"},
                "insurer": {"code": "SMS_000002", "text": "请贵司查看：${incident}"},
            },
            "duties": {
                "warn.outlet_report": {
                    "outlet_lead": {"code": "SMS_000003", "text": "请在${due}前报告${incident}"},
                    "work_group": {"code": "SMS_000004", "text": "请催一下${incident}，还有${left}"},
                    "any": {"code": "SMS_000005", "text": "${incident}还没报来"},
                },
                "repeat": {"code": "SMS_000006", "text": "请回应${incident}"},
            },
        },
        "drill": {"default": {"code": "SMS_000007", "text": "演练：请查看${incident}"}},
    }
    return SmsBook.model_validate({**usual, **parts})


def real(**duties: Any) -> dict[str, Any]:
    default = {"code": "SMS_000001", "text": "请查看${incident}"}
    return {"default": default, "duties": {name.replace("__", "."): by_role for name, by_role in duties.items()}}


def told(faulty: SmsBook) -> list[str]:
    return [f"{'.'.join(map(str, fault.path))}: {fault}" for fault in sms_faults(faulty)]


# -- which template ----------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("duty", "role", "code"),
    [
        ("warn.outlet_report.1", "outlet_lead", "SMS_000003"),
        ("warn.outlet_report.1", "outlet_contact", "SMS_000003"),
        ("warn.outlet_report.2", "work_group", "SMS_000004"),
        ("warn.outlet_report.2", "unit_contact", "SMS_000004"),
        ("warn.outlet_report.2", "operator", "SMS_000005"),
        ("warn.outlet_report.2", None, "SMS_000005"),
        ("warn.outlet_report.2", "", "SMS_000005"),
        ("tell.filed", "insurer", "SMS_000002"),
        ("tell.filed", "outlet_lead", "SMS_000001"),
        ("repeat.crisis.3", "insurer", "SMS_000006"),
        ("what.never.was", "nobody", "SMS_000001"),
    ],
)
def test_a_template_is_found_by_duty_then_role_then_default(duty: str, role: str | None, code: str) -> None:
    assert template_of(book(), duty, role, drill=False).code == code


@pytest.mark.rule("R11")
@pytest.mark.parametrize("duty", [*DUTIES, "repeat.crisis.1"])
def test_no_notice_of_a_drill_goes_out_as_a_real_one(duty: str) -> None:
    for role in (None, *Role):
        assert template_of(book(), duty, role, drill=True).text.startswith("演练")


# -- which values ------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R29")
def test_every_variable_gets_a_value_and_nothing_else_is_said() -> None:
    template = SmsTemplate(code="SMS_000001", text="${outlet}的${incident}，再说一次${incident}")
    words = {"incident": "T-1", "outlet": "", "superior": "天河区", "role": "outlet_lead"}
    assert values_of(book(), template, words, due=True) == {"outlet": "系统所示", "incident": "T-1"}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("天河一号网点", "天河一号网点"),
        ("  天河\n一号 ", "天河 一号"),
        ("一二三四五六七八九十", "一二三四五六七八九十"),
        ("一二三四五六七八九十一", "一二三四五六七八九…"),
        ("【一】号", "一号"),
        ("【】", "系统所示"),
    ],
)
def test_a_value_is_as_long_and_as_plain_as_the_gateway_takes(word: str, value: str) -> None:
    template = SmsTemplate(code="SMS_000001", text="${outlet}")
    assert values_of(book(), template, {"outlet": word}, due=True) == {"outlet": value}


@given(word=st.text(max_size=60), longest=st.integers(6, 40))
def test_no_value_is_empty_or_too_long(word: str, longest: int) -> None:
    template = SmsTemplate(code="SMS_000001", text="${outlet}")
    value = values_of(book(longest=longest), template, {"outlet": word}, due=True)["outlet"]
    assert 0 < len(value) <= longest
    assert not set(value) & set("【】\n")


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("duty", "ahead", "named"),
    [("tell.crisis", True, True), ("tell.crisis", False, False), ("breach.outlet_report", False, True)],
)
def test_a_due_time_that_is_over_is_named_by_its_breach_only(duty: str, ahead: bool, named: bool) -> None:
    template = SmsTemplate(code="SMS_000001", text="${due}前")
    value = values_of(book(), template, {"due": "10:12"}, due=names_due(duty, ahead=ahead))["due"]
    assert value == ("10:12" if named else "系统所示")


def test_variables_stand_once_in_their_order() -> None:
    assert variables(SmsTemplate(code="SMS_000001", text="${due}、${incident}、${due}")) == ("due", "incident")


# -- faults ------------------------------------------------------------------------------------------------------------


def test_a_book_in_order_has_no_fault() -> None:
    assert told(book()) == []


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        (
            {"real": {"default": {"insurer": {"code": "SMS_000001", "text": "请看${incident}"}}}},
            "real.default: has no template for `any`",
        ),
        (
            {
                "real": real(
                    tell__filed={
                        "any": {"code": "SMS_000002", "text": "看"},
                        "boss": {"code": "SMS_000003", "text": "看"},
                    }
                )
            },
            "real.duties.tell.filed.boss: boss is not a role",
        ),
        (
            {"real": real(tell__never={"code": "SMS_000002", "text": "看"})},
            "real.duties.tell.never: tell.never is not a duty",
        ),
        (
            {"real": real(tell__filed={"code": "SMS_000002", "text": "${customer}在等"})},
            "real.duties.tell.filed.any.text: ${customer} is not a word of notices (R29)",
        ),
        (
            {"real": real(tell__filed={"code": "SMS_000002", "text": "还有${left}"})},
            "real.duties.tell.filed.any.text: ${left} may not be known here (R14)",
        ),
        (
            {"real": real(tell__filed={"code": "SMS_000002", "text": "请看{incident}"})},
            "real.duties.tell.filed.any.text: has a sign that belongs to no value",
        ),
        (
            {"real": real(tell__filed={"code": "SMS_000002", "text": "【急】请看${incident}"})},
            "real.duties.tell.filed.any.text: has brackets or signs that no gateway registers",
        ),
        (
            {"real": real(tell__filed={"code": "SMS_000002", "text": "长" * (LONGEST_FIXED + 1)})},
            f"real.duties.tell.filed.any.text: is {LONGEST_FIXED + 1} characters long",
        ),
        (
            {"real": real(tell__filed={"code": "SMS_000002", "text": "请打13800000001"})},
            "real.duties.tell.filed.any.text: holds a long number, which may be somebody's (R29)",
        ),
        (
            {"real": real(tell__filed={"code": "SMS_000002", "text": "演练：请看${incident}"})},
            "real.duties.tell.filed.any.text: speaks of 演练, and is sent when it is none (R11)",
        ),
        (
            {"drill": {"default": {"code": "SMS_000007", "text": "请看${incident}"}}},
            "drill.default.any.text: must begin with 演练, so that nobody takes it for real (R11)",
        ),
        (
            {"real": real(tell__filed={"code": "SMS_000001", "text": "另一句${incident}"})},
            "real.duties.tell.filed.any.code: SMS_000001 stands here with another text than before",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(parts: dict[str, Any], fault: str) -> None:
    faults = told(book(**parts))
    assert len(faults) == 1
    assert faults[0].startswith(fault)
    assert ";" in faults[0]


def test_a_due_time_may_stand_where_it_may_be_over_for_then_a_stand_in_is_sent() -> None:
    assert told(book(real=real(tell__crisis={"code": "SMS_000002", "text": "请在${due}前报告${incident}"}))) == []


def test_every_fault_is_said_at_once() -> None:
    faulty = real(
        tell__filed={"code": "SMS_000002", "text": "【${nobody}】"}, tell__never={"code": "SMS_000003", "text": "看"}
    )
    assert len(told(book(real=faulty))) == 3


def test_no_word_of_a_notice_is_left_out_of_the_words_a_template_may_use() -> None:
    template = SmsTemplate(code="SMS_000001", text="".join(f"${{{name}}}，" for name in PLACEHOLDERS))
    assert set(variables(template)) == set(PLACEHOLDERS)


@pytest.mark.rule("R11")
def test_only_a_drills_desk_has_a_template_that_names_whom_a_notice_is_for() -> None:
    desk = {"code": "SMS_000000077", "text": "演练：应发${meant_for}，${outlet}的${incident}"}
    anybody = {"code": "SMS_000000078", "text": "演练：${outlet}的${incident}"}
    good = book(drill={"default": {"desk": desk, "any": anybody}})
    assert sms_faults(good) == []
    at_the_desk = {"role": "work_group", "meant_for": "gd.work", "outlet": "某所", "incident": "D-1"}
    found = template_of(good, "tell.crisis", spoken_to(at_the_desk), drill=True)
    assert found.code == desk["code"]
    assert values_of(good, found, at_the_desk, due=False)["meant_for"] == "gd.work"
    assert template_of(good, "tell.crisis", spoken_to({"role": "work_group"}), drill=True).code == anybody["code"]
    elsewhere = {"default": {"any": {**desk, "code": "SMS_000000079"}}}
    assert any("${meant_for} is not a word of notices" in fault for fault in told(book(drill=elsewhere)))
    in_earnest = {"default": {"desk": anybody, "any": anybody}}
    assert any("desk is not a role" in fault for fault in told(book(real=in_earnest)))
