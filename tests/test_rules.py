"""The table of rules finds marks and mentions, and misses none."""

from pathlib import Path

import pytest

from tests.rules import RULES, main, marks, named

MARKED = """
import pytest
pytestmark = [pytest.mark.server, pytest.mark.rule("R14")]

@pytest.mark.rule("R43", "R57.3")
async def test_one(): ...

class TestMore:
    @pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.rule("R20"))])
    def test_two(self, x): ...

def helper(): ...
"""


def test_every_mark_counts_wherever_it_stands() -> None:
    assert list(marks(MARKED)) == [
        ("test_one", "R43"),
        ("test_one", "R57.3"),
        ("test_one", "R14"),
        ("test_two", "R20"),
        ("test_two", "R14"),
    ]


def test_parts_and_ranges_name_their_rules() -> None:
    assert list(named("kept (R2.1, R47-R49) but not R100, RFC 8785 or xR5")) == ["R2", "R47", "R48", "R49"]


def test_a_rule_that_nobody_keeps_fails_and_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(
        tmp_path,
        "tests/test_a.py",
        "".join(f'@rule\n@pytest.mark.rule("{r}")\ndef test_{r}(): ...\n' for r in RULES[2:]),
    )
    write(tmp_path, "docs/not-software.md", "# Not software\n\n- R1: the outlet lead, by telephone\n")
    write(tmp_path, "plan/a.py", '"""R43 and the rest."""')
    assert main(tmp_path) == 1
    said = capsys.readouterr()
    assert "R2." in said.err
    assert "R1," not in said.err
    assert "plan/a.py" in said.out
    assert "the outlet lead, by telephone" in said.out
    write(tmp_path, "docs/not-software.md", "- R1: the outlet lead\n- R2.1: the work group\n")
    assert main(tmp_path) == 0


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
