"""docs/rules.md names all 63 rules, modules that are there, and tests that mark them."""

from tests.docs.pages import ROOT, cells, page, spans
from tests.docs.rules_page import is_row
from tests.rules import RULES, collected, named

KEPT = collected(ROOT)
ROWS = {cells(line)[0]: cells(line) for line in page("docs/rules.md").splitlines() if is_row(line)}


def test_every_rule_has_a_row() -> None:
    assert tuple(ROWS) == RULES


def test_where_a_rule_lives_there_is_a_module_and_one_that_names_it() -> None:
    for rule, (_, asked, where, _) in ROWS.items():
        files = [ROOT / name for name in spans(where)]
        missing = [file.name for file in files if not file.exists()]
        assert asked, rule
        assert not missing, f"docs/rules.md, {rule}: {', '.join(missing)} is not there"
        if files and KEPT[rule].code:
            assert any(rule in named(file.read_text(encoding="utf-8")) for file in files), f"{rule} is named in none"


def test_what_shows_a_rule_marks_it() -> None:
    for rule, row in ROWS.items():
        marking = {f"tests/{test.partition('::')[0]}" for test in KEPT[rule].tests}
        said = set(spans(row[3]))
        assert said <= marking, f"docs/rules.md, {rule}: {', '.join(said - marking)} does not mark it"
        assert said or not marking, f"docs/rules.md, {rule}: run `python -m tests.docs.rules_page`"


def test_a_rule_without_a_module_is_somebodys() -> None:
    for rule, row in ROWS.items():
        assert spans(row[2]) or KEPT[rule].instead, f"{rule}: docs/not-software.md does not say who does it instead"
