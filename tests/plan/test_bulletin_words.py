"""Texts that belong to no incident: in both languages, short, of nobody (R10, R11, R13, R29, R30, R58)."""

import re

import pytest

from plan.bulletin import WORDS
from plan.roster import Role
from plan.wording import PLACEHOLDERS, render
from plan.wording_faults import LONGEST, wording_faults
from tests.plan.changed import wording

LANGS = ("zh", "en")
OTHERS = ("tell.alert", "tell.alert_over", "tell.watchdog", "tell.drill_scene", "tell.drill_over")
RHYTHM = [duty for duty in WORDS if duty not in OTHERS]


@pytest.mark.rule("R10", "R11", "R13", "R30", "R58")
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("duty", RHYTHM)
def test_each_has_a_text_of_its_own(duty: str, lang: str) -> None:
    assert duty in wording(lang).texts
    assert WORDS[duty] <= set(PLACEHOLDERS)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("duty", RHYTHM)
def test_each_begins_with_what_to_do_and_until_when(duty: str, lang: str) -> None:
    for role in (*Role, None):
        words = {"due": "2026-12-04T10:00:00Z", "late": "PT60M", "left": "PT60M", "role": str(role or "")}
        text = render(wording(lang), duty, words, drill=False)
        head = re.match(r"【[^】]*】|\[[^\]]*\]", text)
        assert head, text
        assert any(said in head[0] for said in ("12月4日", "4 Dec", "1 小时", "1 h"))
        assert len(text) <= LONGEST[lang]


@pytest.mark.rule("R29")
@pytest.mark.parametrize("lang", LANGS)
def test_a_text_that_uses_a_word_its_duty_does_not_have_is_a_fault(lang: str) -> None:
    wrong = wording(lang, lambda data: data["texts"].update({"prompt.action": "[{due}] {watched} {action}"}))
    assert any("{watched} is not known when prompt.action is told" in str(fault) for fault in wording_faults(wrong))


def test_the_day_since_which_is_counted_is_written_out() -> None:
    text = render(wording("zh"), "tell.meeting", {"since": "2026-07-08T01:00:00Z"}, drill=False)
    assert "自 7月8日 09:00" in text
