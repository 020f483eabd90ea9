"""An agreed script promises a customer nothing, and is read out as it stands (R21, R29, R37, R57)."""

import pytest

from plan.script import Script
from plan.script_faults import script_faults
from tests.plan.changed import found


def script(**line: object) -> Script:
    situation = {"id": "first", "title": "一坐下", "say": ["请坐。"], **line}
    return Script.model_validate({"insurer": "anhe-life", "lang": "zh", "version": "1", "situations": [situation]})


@pytest.mark.rule("R21", "R37", "R57.1", "R57.2", "R57.6")
@pytest.mark.parametrize(
    ("line", "rule"), [("我们赔偿您", "R57.1"), ("三天内答复", "R57.2"), ("这是瑕疵件", "R57.6"), ("请坐。", None)]
)
def test_a_script_promises_nothing(line: str, rule: str | None) -> None:
    assert [fault.rule for fault in script_faults(script(say=[line]))] == ([rule] if rule else [])
    assert [fault.rule for fault in script_faults(script(title=line))] == ([rule] if rule else [])


@pytest.mark.rule("R29")
@pytest.mark.parametrize("number", ["13800000001", "138 0000 0001", "保单 P20261124", "11010519491231002X"])
def test_a_script_holds_nobodys_number(number: str) -> None:
    (fault,) = script_faults(script(say=[f"您打 {number} 找他。"]))
    assert fault.rule == "R29"
    assert number not in str(fault)


@pytest.mark.rule("R30")
@pytest.mark.parametrize("hotline", ["95500", "400-000-0000", "4000000000", "800 000 0000"])
def test_a_hotline_is_nobodys(hotline: str) -> None:
    assert script_faults(script(say=[f"客服热线是 {hotline}。"])) == []


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
