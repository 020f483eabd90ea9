"""What a telephone reads out: nothing that only an eye can use (R14)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.occasions import DUTIES
from plan.roster import Role
from plan.spoken import spoken
from plan.wording import render
from plan.wording_faults import SAMPLE
from runtime.documents import load_wording

LANGS = ("zh", "en")
FOR_THE_EYE = set('【】[]“”"「」『』（）()')


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("lang", "text", "said"),
    [
        (
            "zh",
            "【10:12 前报告】云杉路营业所的 GD-1 已属危机事件，请向天河报告。点“收到”不算报告。",
            "10:12 前报告。云杉路营业所的 GD-1 已属危机事件，请向天河报告。点收到不算报告。完。",
        ),
        (
            "zh",
            "【请支援现场】云杉路营业所的客户安抚无效（GD-1）。",
            "请支援现场。云杉路营业所的客户安抚无效，GD-1。完。",
        ),
        ("zh", "【演练】[DRILL] 【请接报】GD-1。", "演练。请接报。GD-1。完。"),
        (
            "en",
            "[Please come now, target 10:12] Calming failed at Yunshan (GD-1). Record it.",
            "Please come now, target 10:12. Calming failed at Yunshan, GD-1. Record it. 完。",
        ),
        ("en", "【演练】[DRILL] [Take the report] GD-1.", "DRILL. Take the report. GD-1. 完。"),
    ],
)
def test_the_bracket_is_the_first_sentence_and_nothing_is_quoted(lang: str, text: str, said: str) -> None:
    assert spoken(text, lang, "完。") == said


@pytest.mark.rule("R11", "R14")
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("drill", [False, True], ids=["real", "drill"])
@pytest.mark.parametrize("duty", [*DUTIES, "repeat.crisis"])
def test_every_notice_can_be_listened_to_and_ends_with_what_to_do_now(lang: str, drill: bool, duty: str) -> None:
    wording = load_wording(lang)
    for role in Role:
        words = {**SAMPLE[lang], "incident": "GD-1", "due": "2026-11-24T02:45:00Z", "left": "PT1H", "role": role}
        said = spoken(render(wording, duty, words, drill=drill), lang, wording.spoken_end)
        assert not set(said) & FOR_THE_EYE
        assert said.endswith(wording.spoken_end)
        assert said.startswith(("演练。", "DRILL. ")) == drill


@given(st.text(max_size=200), st.sampled_from(LANGS))
def test_any_text_is_read_to_its_end(text: str, lang: str) -> None:
    assert len(spoken(text, lang)) <= 2 * len(text)
