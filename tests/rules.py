"""`make rules`: every rule of the plan, the tests that show it and the code that names it.

A rule is kept when a test is marked with it, or when docs/not-software.md has a line `- R10: who does it instead`.
A part of a rule (R57.3) counts for the rule. Nothing is imported: tests are read as syntax, code as text.
Exit code 1 names every rule that nobody keeps.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
RULES: Final = tuple(f"R{number}" for number in range(1, 64))
CODE: Final = ("plan", "workflows", "activities", "starter", "playbooks")
NAMED: Final = re.compile(r"\bR([1-9]\d?)(?:\.\d)?(?:-R([1-9]\d?))?\b")
"""One rule, a part of one, or a range such as R47-R50."""
INSTEAD: Final = re.compile(r"^- (R\d{1,2}(?:\.\d)?): (\S.*)$", re.MULTILINE)


@dataclass
class Kept:
    """How one rule is kept."""

    tests: list[str] = field(default_factory=list[str])
    code: set[str] = field(default_factory=set[str])
    instead: str = ""

    @property
    def by_somebody(self) -> bool:
        return bool(self.tests or self.instead)


def main(root: Path = ROOT) -> int:
    kept = collected(root)
    for rule in RULES:
        print(_row(rule, kept[rule]))  # noqa: T201 - this is the command's output
    if lost := [rule for rule in RULES if not kept[rule].by_somebody]:
        print(  # noqa: T201
            f"Neither a test nor a line in docs/not-software.md: {', '.join(lost)}. "
            "Mark a test with @pytest.mark.rule, or say there who does it instead.",
            file=sys.stderr,
        )
    return 1 if lost else 0


def collected(root: Path) -> Mapping[str, Kept]:
    kept: defaultdict[str, Kept] = defaultdict(Kept)
    for path in sorted((root / "tests").rglob("test_*.py")):
        for test, rule in marks(path.read_text(encoding="utf-8")):
            kept[whole(rule)].tests.append(f"{path.relative_to(root / 'tests')}::{test}")
    for path in _code(root):
        for rule in named(path.read_text(encoding="utf-8")):
            kept[rule].code.add(str(path.relative_to(root)))
    said = root / "docs" / "not-software.md"
    for rule, who in INSTEAD.findall(said.read_text(encoding="utf-8") if said.exists() else ""):
        kept[whole(rule)].instead = who
    return kept


def marks(source: str) -> Iterator[tuple[str, str]]:
    """Every test of a file with every rule it is marked with; `pytestmark` counts for all of its tests."""
    tree = ast.parse(source)
    everywhere = [rule for node in tree.body if isinstance(node, ast.Assign) for rule in _rules(node.value)]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            own = [rule for decorator in node.decorator_list for rule in _rules(decorator)]
            for rule in dict.fromkeys([*own, *everywhere]):
                yield node.name, rule


def named(text: str) -> Iterator[str]:
    """Every rule a text names; R47-R50 names four."""
    for first, last in NAMED.findall(text):
        for number in range(int(first), int(last or first) + 1):
            yield f"R{number}"


def whole(rule: str) -> str:
    """The rule that a part belongs to."""
    return rule.partition(".")[0]


def _rules(node: ast.expr) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("mark.rule"):
            yield from (arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


def _code(root: Path) -> Iterator[Path]:
    for room in CODE:
        yield from sorted(path for path in (root / room).rglob("*") if path.suffix in {".py", ".yaml"})


def _row(rule: str, kept: Kept) -> str:
    tests = f"{len(kept.tests)} tests, first {kept.tests[0]}" if kept.tests else "no test"
    code = ", ".join(sorted(kept.code)) or "-"
    return f"{rule:<4} {'✓' if kept.by_somebody else '✗'} {kept.instead or tests}\n       {code}"


if __name__ == "__main__":
    sys.exit(main())
