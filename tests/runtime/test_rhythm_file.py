"""The rhythm's file: every fault with its line, and the one in force (R10, R13)."""

from pathlib import Path

import pytest

from plan.errors import Misconfigured
from runtime.documents import SAMPLE, load_organisation
from runtime.rhythm_file import RHYTHM, check_rhythm, current_rhythm, load_rhythm, planned_rounds
from runtime.schedules import FIXED, everything_planned
from runtime.settings import Settings

WRONG = """\
version: "1"
rounds:
  - kind: "meeting"
    level: "province"
    days: [31]
    at: "09:00"
  - kind: "gathering"
    level: "province"
    days: [1]
    at: "9:00"
    whenever: true
"""


def test_the_one_that_comes_along_holds() -> None:
    assert check_rhythm(RHYTHM, load_organisation(SAMPLE)) == []
    assert load_rhythm(RHYTHM) is load_rhythm(RHYTHM), "read once, until it changes"


@pytest.mark.rule("R13")
def test_every_fault_stands_at_its_line(tmp_path: Path) -> None:
    file = tmp_path / "rhythm.yaml"
    file.write_text(WRONG, encoding="utf-8")
    faults = check_rhythm(file)
    for place in (":5: rounds[0].days[0]", ":7: rounds[1].kind", ":10: rounds[1].at", ":11: rounds[1].whenever"):
        assert any(place in fault for fault in faults), (place, faults)
    with pytest.raises(Misconfigured):
        load_rhythm(file)


def test_the_file_that_is_named_is_in_force_and_is_checked_with_the_organisation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "rhythm.yaml"
    said = 'version: "2"\nrounds: [{kind: "meeting", unit: "gd", days: [3], at: "08:00"}]\n'
    file.write_text(said, encoding="utf-8")
    monkeypatch.setenv("TOCSIN_RHYTHM", str(file))
    settings = Settings()
    assert current_rhythm(settings).version == "2"
    assert [planned.id for planned in everything_planned(settings)] == [*(each.id for each in FIXED), "meeting-gd"]
    file.write_text(said.replace('"gd"', '"gx"'), encoding="utf-8")
    with pytest.raises(Misconfigured, match="gx is no unit"):
        planned_rounds(settings)


def test_a_file_that_is_not_there_says_so() -> None:
    with pytest.raises(Misconfigured, match="does not exist"):
        planned_rounds(Settings(), "nowhere.yaml")
