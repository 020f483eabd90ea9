"""A scenario's file: every fault is found, with its place, and those that come along have none (R11, R31)."""

from pathlib import Path
from typing import Any

import pytest

from plan.drill_faults import MOST_STEPS, scenario_faults
from plan.errors import Malformed, Misconfigured
from runtime.scenarios import SCENARIOS, check_scenarios, current_scenario, load_scenario, scenario_files
from runtime.settings import Settings
from tests.plan.exercise import scenario

pytestmark = pytest.mark.rule("R11", "R31")

STEP: dict[str, Any] = {"at": "PT1M", "tells": {"media": True}}
WORDS = {"zh": "看见一件事", "en": "Something is seen"}


def faults(**changes: Any) -> list[str]:
    return [f"{'.'.join(map(str, fault.path))}: {fault}" for fault in scenario_faults(scenario(**changes))]


@pytest.mark.parametrize("name", ["crowd", "reporter", "standstill"])
def test_those_that_come_along_have_no_fault(name: str) -> None:
    assert scenario_faults(load_scenario(SCENARIOS / f"{name}.yaml"), name) == []


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"steps": [{"at": "PT1M"}]}, "steps.0: says nothing"),
    ({"steps": [{**STEP, "at": "PT3H"}]}, "steps.0.at: is not before the end"),
    ({"steps": [STEP, {**STEP, "at": "PT0S"}]}, "steps.1.at: is earlier than the step before it"),
    ({"steps": [STEP] * (MOST_STEPS + 1)}, f"steps: has {MOST_STEPS + 1} steps"),
    ({"steps": [{"at": "PT1M", "tells": {}}]}, "steps.0.tells: states no circumstance"),
    ({"steps": [{"at": "PT1M", "tells": {"kind": "group_signs_seen", "media": True}}]}, "signs have no media"),
    (
        {"steps": [{"at": "PT1M", "seen": {**WORDS, "zh": "请打电话给派出所"}}]},
        "steps.0.seen.zh: tells somebody to dial",
    ),
    (
        {"steps": [{"at": "PT1M", "seen": {**WORDS, "en": "Call the police"}}]},
        "steps.0.seen.en: tells somebody to dial",
    ),
    ({"steps": [{"at": "PT1M", "seen": {**WORDS, "zh": "电话 13900001234 打不通"}}]}, "holds a long number"),
    ({"steps": [{"at": "PT1M", "seen": {**WORDS, "en": "It is {due}"}}]}, "steps.0.seen.en: has a brace"),
    ({"complaint": {"person": "A", "reason": "保单 4400123456789"}}, "complaint.reason: holds a long number"),
    ({"expects": [{"kind": "smiled", "within": "PT1H"}]}, "expects.0.kind: smiled is no kind of fact"),
    ({"expects": [{"kind": "noted", "within": "PT4H"}]}, "expects.0.within: ends after the drill"),
    ({"expects": [{"kind": "noted", "before": "noted", "within": "PT1H"}]}, "expects.0.before: is the same"),
    ({"standards": []}, "standards: is empty"),
    ({"standards": ["done", "done"]}, "standards: names something twice"),
]


@pytest.mark.parametrize(("changes", "said"), FAULTS)
def test_each_fault_is_found_at_its_place(changes: dict[str, Any], said: str) -> None:
    assert any(said in fault for fault in faults(**changes)), faults(**changes)


def test_a_file_is_named_for_its_scenario() -> None:
    assert [fault.path for fault in scenario_faults(scenario(), "flood")] == [("id",)]


def test_do_not_dial_may_stand_in_a_text() -> None:
    assert faults(steps=[{"at": "PT1M", "seen": {**WORDS, "zh": "有人要找公安（勿实际拨打）"}}]) == []


def test_an_own_folder_goes_before_what_comes_along(tmp_path: Path) -> None:
    own = (SCENARIOS / "crowd.yaml").read_text(encoding="utf-8").replace('version: "2026-11"', 'version: "own"')
    (tmp_path / "crowd.yaml").write_text(own, encoding="utf-8")
    settings = Settings(scenarios=tmp_path)
    assert current_scenario(settings, "crowd").version == "own"
    assert set(scenario_files(settings)) == {"crowd", "reporter", "standstill"}
    with pytest.raises(Malformed, match="crowd, reporter, standstill"):
        current_scenario(settings, "flood")


def test_every_fault_of_a_file_is_told_with_its_line(tmp_path: Path) -> None:
    wrong = (SCENARIOS / "crowd.yaml").read_text(encoding="utf-8")
    wrong = wrong.replace("headcount: 6", "headcounts: 6").replace('within: "PT20M", before', 'within: "PT9H", before')
    (tmp_path / "crowd.yaml").write_text(wrong, encoding="utf-8")
    told = check_scenarios(Settings(scenarios=tmp_path))
    line = 1 + wrong[: wrong.index("headcounts")].count("\n")
    assert any(f"crowd.yaml:{line}: steps[6].tells.headcounts: is not a field here" in fault for fault in told)
    assert any("expects[0].within: ends after the drill" in fault for fault in told)
    with pytest.raises(Misconfigured):
        current_scenario(Settings(scenarios=tmp_path), "crowd")
