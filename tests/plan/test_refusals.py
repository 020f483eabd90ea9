"""Every "no" says what, why and what to do, in English and Chinese, and names no customer (style, "Errors")."""

import re
from typing import Any

import pytest

from plan.authority import TABLE, Speaker
from plan.incident import Stage
from plan.receipts import Refusal
from plan.refusals import FIELDS_ZH, SPEAKERS_ZH, STAGES_ZH, TEXTS, refusal
from tests.plan.told import COUNTY, LEAD, Day

HAN = re.compile(r"[\u4e00-\u9fff]")
GIVEN: dict[str, Any] = {
    "speakers": (Speaker.OUTLET, Speaker.WORK_GROUP),
    "stage": Stage.RESOLVED,
    "missing": ("phone", "name"),
    "items": ("moved_off_floor",),
    "group": "G-1",
    "action": "GD-1.1",
    "clock": "outlet_report",
    "due": "2026-11-24T11:00+08:00",
    "advice": "name no payment",
    "person": "gd-gz-th.work",
}


def every() -> list[tuple[str, Refusal]]:
    return [(why, refusal("R20", why, kind="resolved", **GIVEN)) for why in TEXTS]


@pytest.mark.parametrize(("why", "no"), every(), ids=list(TEXTS))
def test_a_refusal_says_what_and_which_rule_and_then_why_in_both_languages(why: str, no: Refusal) -> None:
    assert no.reason.startswith("resolved was not accepted (R20): ")
    assert no.reason_zh.startswith("resolved 未被接受（R20）：")
    assert len(no.reason) > len("resolved was not accepted (R20): ") + 20
    assert HAN.search(no.reason_zh.partition("：")[2])
    for text in (no.reason, no.reason_zh):
        assert "{" not in text, why
        assert text.rstrip()[-1] in ".。"


def test_everything_that_is_named_in_chinese_has_a_chinese_name() -> None:
    assert set(SPEAKERS_ZH) == {str(speaker) for speaker in Speaker}
    assert set(STAGES_ZH) == {str(stage) for stage in Stage}
    assert set(FIELDS_ZH) == set(Day("09:00").incident.customer.model_copy(update={"reason": None}).missing())


def test_every_kind_cites_a_rule_or_a_reading_of_the_plan() -> None:
    for rule, speakers in TABLE.values():
        assert re.fullmatch(r"[RA]\d{1,2}(\.\d)?", rule)
        assert speakers


@pytest.mark.rule("R20")
def test_the_example_of_the_style_reads_as_it_should() -> None:
    no = Day("09:00").tell("09:10", COUNTY, "resolved")
    assert no.reason == (
        "resolved was not accepted (R20): the insurer has not decided yet. Its insurer_decided comes first."
    )


@pytest.mark.rule("R29")
def test_a_fact_id_with_other_content_is_a_conflict_and_the_first_verdict_stays() -> None:
    day = Day("09:00")
    first = day.tell("09:10", LEAD, "noted", fact_id="n-1", text="一")
    other = day.tell("09:11", LEAD, "noted", fact_id="n-1", text="二")
    assert (other.state, other.rule, other.accepted) == ("refused", "conflict", False)
    again = day.tell("09:12", LEAD, "noted", fact_id="n-1", text="一")
    assert (again.state, again.duplicate, again.accepted, again.sequence) == ("duplicate", True, True, first.sequence)


def test_a_refused_fact_told_again_carries_its_first_verdict() -> None:
    day = Day("09:00")
    first = day.tell("09:10", COUNTY, "resolved", fact_id="n-1")
    day.tell("09:11", LEAD, "calming_attempted", outcome="calmed")
    again = day.tell("09:12", COUNTY, "resolved", fact_id="n-1")
    assert (again.state, again.accepted, again.rule, again.sequence) == ("duplicate", False, "R20", first.sequence)
    assert day.tell("09:13", COUNTY, "resolved", fact_id="n-2").accepted
