"""The registered templates of short messages are read and checked like every other file of the plan."""

from pathlib import Path

import pytest

from plan.errors import Misconfigured
from plan.occasions import DUTIES
from plan.roster import Role
from plan.sms import SmsTemplate, template_of, variables
from plan.wording import variant
from runtime.documents import PLAYBOOK, SAMPLE, check_both, load_wording
from runtime.settings import Settings
from runtime.sms_templates import SMS_TEMPLATES, current_sms_templates, faults_of_sms_templates, load_sms_templates

TEXT = SMS_TEMPLATES.read_text(encoding="utf-8")


def changed(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    path, text = tmp_path / "sms.yaml", TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")
    return path


def test_what_comes_along_has_no_fault() -> None:
    assert faults_of_sms_templates() == ()


@pytest.mark.rule("R11", "R14")
def test_what_comes_along_has_a_template_for_every_notice_and_says_when_it_is_a_drill() -> None:
    book = load_sms_templates(SMS_TEMPLATES)
    for duty in (*DUTIES, "repeat.crisis.1"):
        for role in (None, *Role):
            assert template_of(book, duty, role, drill=True).text.startswith("演练")
            assert "演练" not in template_of(book, duty, role, drill=False).text


WRITTEN = [
    (duty, role, template)
    for duty, by_role in load_sms_templates(SMS_TEMPLATES).real.duties.items()
    for role, template in by_role.items()
]


@pytest.mark.rule("R14")
@pytest.mark.parametrize(("duty", "role", "template"), WRITTEN, ids=[f"{duty}-{role}" for duty, role, _ in WRITTEN])
def test_a_short_message_says_until_when_where_the_notice_itself_does(
    duty: str, role: str, template: SmsTemplate
) -> None:
    written = variant(load_wording("zh"), duty, role, drill=False)
    assert "{due}" not in written or "due" in variables(template)
    if not duty.startswith("breach."):
        assert "${due}前" not in template.text, "once it is over, it says 系统所示"


def test_another_file_may_be_named(tmp_path: Path) -> None:
    path = changed(tmp_path, ('sign_name: "警钟"', 'sign_name: "某某邮政"'))
    assert current_sms_templates(Settings(sms_templates=path)).sign_name == "某某邮政"
    assert current_sms_templates(Settings()).sign_name == "警钟"


@pytest.mark.rule("R29")
def test_every_fault_is_told_with_its_line(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        ("${outlet}，投诉${incident}。", "${outlet}，客户${customer}。"),
        ('any: {code: "SMS_000000032", text: "演练，不是真事：', 'any: {code: "SMS_000000032", text: "'),
    )
    with pytest.raises(Misconfigured) as wrong:
        load_sms_templates(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    first = next(n for n, line in enumerate(lines, 1) if "${customer}" in line)
    assert wrong.value.faults[0].startswith(f"{path}:{first}: real.duties.tell.filed.outlet_lead.text: ${{customer}}")
    assert wrong.value.faults[1].startswith(f"{path}:")
    assert "drill.default.any.text: must begin with 演练" in wrong.value.faults[1]


def test_a_code_that_is_none_is_a_fault_of_the_file(tmp_path: Path) -> None:
    path = changed(tmp_path, ('"SMS_000000001"', '"your code"'))
    (fault,) = faults_of_sms_templates(path)
    assert "code: is not written as it must be" in fault


def test_the_check_of_all_files_finds_them_too(tmp_path: Path) -> None:
    path = changed(tmp_path, ("longest: 35", "longest: 3"))
    (told,) = (fault for fault in check_both(SAMPLE, PLAYBOOK, path) if fault.startswith(f"{path}:"))
    assert "longest" in told
