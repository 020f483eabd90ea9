"""What stays on an incident's record, for watch-lists and meetings (R10, R13, R14, R39)."""

from datetime import UTC, datetime

import pytest

from plan.clock import Breach
from plan.incident import Incident
from plan.marks import Criterion, Episode, Mark, Repeat
from plan.on_record import on_record

AT = datetime(2026, 11, 24, 4, tzinfo=UTC)


def incident(**fields: object) -> Incident:
    return Incident(incident_id="X", filed_at=AT).model_copy(update=fields)


@pytest.mark.rule("R10", "R13")
def test_an_ordinary_complaint_has_nothing_on_record() -> None:
    assert on_record(incident()) == []


@pytest.mark.rule("R13")
def test_a_crisis_that_was_stood_down_has_been_one() -> None:
    over = Episode(number=1, anchor=AT, anchored_by="f", crisis_at=AT, criteria=(Criterion.DECLARED,), ended_at=AT)
    assert on_record(incident(episodes=(over,))) == ["crisis"]


@pytest.mark.rule("R13", "R43")
def test_a_breach_counts_until_it_is_lifted() -> None:
    breach = Breach.model_validate({"at": AT, "recorded_at": AT})
    assert on_record(incident(breaches={"outlet_report": breach})) == ["breach"]
    lifted = breach.model_copy(update={"lifted_at": AT})
    assert on_record(incident(breaches={"outlet_report": lifted})) == []


@pytest.mark.rule("R10", "R14", "R39")
def test_signs_and_repeats_are_on_record() -> None:
    repeat = Repeat(incident_id="Y", number=1, at=AT, by="system:tocsin", fact_id="f")
    signs = Mark(at=AT, by="gd-gz-th-0001.lead", fact_id="f")
    assert on_record(incident(signs=(signs,), repeat=repeat)) == ["signs", "repeat"]
