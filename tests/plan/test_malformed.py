"""What cannot be read is answered with every fault, what to do, and not a word of what was sent (R29)."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from plan.errors import Malformed
from plan.facts import FACT, Noted
from plan.malformed import MAX_BYTES, faults_of, malformed, parse_complaint, parse_fact
from tests.plan.bad import refused

LEAD = "gd-gz-th-0001.lead"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.datetimes(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text() | st.sampled_from(["kind", "by", "text", "content", "persons"]), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_every_fault_is_named_at_once() -> None:
    found = refused(
        parse_fact,
        {"kind": "circumstances_reported", "headcount": -1, "media": 1, "known_at": 5, "persons": ["x y"], "colour": 1},
    )
    assert {line.split(":")[0] for line in found} == {"by", "headcount", "media", "known_at", "persons.0", "colour"}


@pytest.mark.rule("R29")
def test_nothing_that_was_sent_is_repeated() -> None:
    sent = "王小明13800138000"
    found = "\n".join(
        refused(
            parse_fact,
            {"kind": "circumstances_reported", "by": sent, "fact_id": sent, "headcount": sent, "media": sent}
            | {"known_at": sent, "persons": [sent], sent: sent, "occurred_at": f"2026-11-24T{sent}"},
        )
        + refused(parse_fact, {"kind": sent})
        + refused(parse_complaint, {"channel": sent, "reason": f"{sent}\x00", "customer": {sent: sent}})
    )
    assert sent not in found
    assert "?: is not a field here" in found


@pytest.mark.rule("R29")
def test_the_error_of_the_models_does_not_repeat_it_either() -> None:
    with pytest.raises(ValidationError) as caught:
        FACT.validate_python({"kind": "noted", "by": LEAD, "text": ["secret"]})
    assert "secret" not in str(caught.value)


def test_of_very_many_faults_the_first_are_named_and_the_rest_counted() -> None:
    found = refused(parse_fact, {"kind": "noted", "by": LEAD, "text": "x", **{f"field_{n}": n for n in range(500)}})
    assert len(found) == 31
    assert found[-1] == "and 470 more faults"


def test_a_message_is_at_most_256_kb() -> None:
    for fact in (
        {"kind": "noted", "by": LEAD, "text": "x" * MAX_BYTES},
        {"kind": "noted", "by": LEAD, "text": "字" * (MAX_BYTES // 3)},
        {"kind": "member_joined", "by": LEAD, "incident_id": "a", "membership": {"a": ["x" * 1_000] * 270}},
        {"kind": "member_joined", "by": LEAD, "incident_id": "a", "membership": {"a": [0] * MAX_BYTES}},
    ):
        assert refused(parse_fact, fact) == ["it is larger than 256 kB; shorten its texts"]
    assert refused(parse_complaint, {"x" * MAX_BYTES: 1}) == ["it is larger than 256 kB; shorten its texts"]


def test_a_thing_that_holds_itself_is_too_large() -> None:
    round_and_round: dict[str, Any] = {"kind": "noted", "by": LEAD}
    round_and_round["text"] = round_and_round
    assert refused(parse_fact, round_and_round) == ["it is larger than 256 kB; shorten its texts"]


def test_a_model_made_without_its_checks_is_checked() -> None:
    noted = parse_fact({"kind": "noted", "by": LEAD, "text": "x"})
    assert refused(parse_fact, noted.model_copy(update={"text": 5})) == ["text: must be a text"]
    assert len(refused(parse_fact, Noted.model_construct(by=LEAD))) == 1


@given(data=ANYTHING, kind=st.sampled_from(["noted", "report_submitted", "member_joined"]))
def test_whatever_comes_in_is_read_or_malformed(data: object, kind: str) -> None:
    for parse, sent in (
        (parse_fact, data),
        (parse_complaint, data),
        (parse_fact, {"kind": kind, "by": LEAD, "incident_id": "a", "text": data, "content": data, "membership": data}),
        (parse_complaint, {"channel": "other", "unit": "gd", "reason": data, "customer": data}),
    ):
        with suppress(Malformed):
            parse(sent)


def test_any_other_error_of_a_model_gets_a_sentence_too() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(dict[str, complex]).validate_python({"a": "secret"})
    assert faults_of(caught.value) == ["a: cannot be read"]
    assert str(malformed(caught.value)).startswith("the message cannot be read")
