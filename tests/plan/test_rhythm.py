"""Which rounds are planned for whom, and what may be wrong with the file that says so (R10, R11, R13, R30, R31)."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from plan.fault import Fault
from plan.rhythm import Kind, Rhythm, rounds
from plan.rhythm_faults import rhythm_faults
from runtime.rhythm_file import RHYTHM
from runtime.yaml_files import read_yaml
from tests.plan.changed import organisation

_SHIPPED = read_yaml(RHYTHM).data
MEETING, SCREENING, TRAINING, READINESS, DRILL = range(5)


def rhythm(*lines: dict[str, Any], **changed: Any) -> Rhythm:
    """The shipped file, with other lines, or with fields of its own changed."""
    data: dict[str, Any] = {**deepcopy(_SHIPPED), **changed}
    if lines:
        data["rounds"] = list(lines)
    return Rhythm.model_validate(data, extra="forbid")


def line(number: int, **changed: Any) -> dict[str, Any]:
    """A line of the shipped file with something changed; None takes a field out."""
    shipped: Any = deepcopy(_SHIPPED["rounds"])
    said: dict[str, Any] = {**shipped[number], **changed}
    return {name: value for name, value in said.items() if value is not None}


def faults(*lines: dict[str, Any], **changed: Any) -> list[Fault]:
    return rhythm_faults(rhythm(*lines, **changed), organisation())


@pytest.mark.rule("R10", "R11", "R13", "R30")
def test_the_shipped_file_has_no_fault_and_plans_every_kind() -> None:
    assert faults() == []
    assert {planned.kind for planned in rounds(rhythm(), organisation())} == set(Kind)


@pytest.mark.rule("R10")
def test_every_unit_that_outlets_report_to_screens_them_a_city_too() -> None:
    planned = [each.unit for each in rounds(rhythm(), organisation()) if each.kind is Kind.SCREENING]
    assert planned == ["gd-gz-th", "gd-sz-ns", "gd-zh"]


@pytest.mark.rule("R13")
def test_a_units_own_line_goes_before_that_of_its_level() -> None:
    own = line(MEETING, level=None, unit="gd", months=None, days=[3])
    planned = [each for each in rounds(rhythm(line(MEETING), own), organisation()) if each.unit == "gd"]
    assert [each.when.days for each in planned] == [(3,)]
    assert faults(line(MEETING), own) == []


def test_a_round_carries_what_its_line_says() -> None:
    (drill, *_) = (each for each in rounds(rhythm(line(DRILL)), organisation()))
    assert (drill.id, drill.scenario, drill.catch_up) == ("drill-gd-gz-th", "crowd", timedelta(hours=1))
    (ready, *_) = (each for each in rounds(rhythm(line(READINESS)), organisation()))
    assert ready.items == rhythm().readiness


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (line(MEETING, unit="gd"), "must name either a level or a unit"),
        (line(MEETING, level=None), "must name either a level or a unit"),
        (line(MEETING, level=None, unit="gx"), "gx is no unit of the organisation"),
        (line(MEETING, days=None), "says no day"),
        (line(MEETING, days=[8, 8]), "names something twice"),
        (line(SCREENING, within="P93D"), "ends after the next round begins (89 days later)"),
        (line(MEETING, catch_up="P95D"), "would catch up two rounds at once after an outage (they are 90 days apart)"),
        (line(DRILL, scenario=None), "is a drill without a scenario (R11)"),
        (line(DRILL, outlet="gd-gz-th-0009"), "gd-gz-th-0009 is no outlet of the organisation"),
        (line(MEETING, scenario="crowd"), "is for drills only"),
        (line(TRAINING, recipients="real"), "is for drills only"),
    ],
)
def test_each_fault_of_a_line_is_named(wrong: dict[str, Any], what: str) -> None:
    assert any(str(fault).startswith(what) for fault in faults(wrong)), [str(fault) for fault in faults(wrong)]


def test_what_is_planned_twice_is_named_once() -> None:
    (again,) = faults(line(MEETING), line(MEETING, days=[9]))
    assert (again.path, str(again).startswith("plans meeting for province a second time")) == (("rounds", 1), True)
    (level,) = faults(line(SCREENING), line(SCREENING, level="county"))
    assert level.path == ("rounds", 1, "level")
    assert "plans screening for gd-gz-th, as another level's line does" in str(level)


@pytest.mark.rule("R11")
def test_a_drill_needs_a_scenario_that_there_is() -> None:
    (unknown,) = rhythm_faults(rhythm(line(DRILL)), organisation(), ["quiet"])
    assert (unknown.path, str(unknown)) == (("rounds", 0, "scenario"), "crowd is no scenario (R11); there are quiet")
    assert rhythm_faults(rhythm(line(DRILL)), organisation(), ["crowd"]) == []


@pytest.mark.rule("R30")
def test_outlets_are_not_asked_to_confirm_nothing() -> None:
    assert any("has no item" in str(fault) for fault in faults(readiness=[]))
    assert any("names an item twice" in str(fault) for fault in faults(readiness=["a", "a"]))
