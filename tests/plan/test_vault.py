"""Confidential words: out of the record, kept apart, erasable (contract, section 8; R29)."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from plan.complaint import Complaint
from plan.facts import FACT, MODELS, FactBase
from plan.record import GENESIS, append, export_line
from plan.vault import commit, opened, sealed_fact
from plan.verification import verify
from tests.plan.samples import FULL

NOW = datetime(2026, 11, 24, 1, 12, tzinfo=UTC)
SECRETS = ("王小明", "13800138000", "PN-0001", "PN-0002", "他说要找记者")
COMPLAINT = Complaint.model_validate(
    {
        "channel": "outlet",
        "outlet": "gd-gz-th-0001",
        "reason": SECRETS[4],
        "customer": {"name": SECRETS[0], "phone": SECRETS[1], "policy_numbers": SECRETS[2:4]},
        "circumstances": {"headcount": 6, "known_at": "2026-11-24T09:12:00+08:00", "persons": ["p-1"]},
        "complained_at": "2026-11-24T09:10:00+08:00",
    }
)


def sealed(said: FactBase | Complaint, salt: str = "salt", sequence: int = 3) -> tuple[Any, dict[str, JsonValue]]:
    return sealed_fact(said, salt=salt, sequence=sequence)


def fact(kind: str, **fields: object) -> FactBase:
    return FACT.validate_python({"kind": kind, "fact_id": "f-1", "by": "gd-gz-th.work", **fields})


@pytest.mark.rule("R29")
def test_a_complaint_enters_the_record_without_a_word_of_the_customer() -> None:
    public, vault = sealed(COMPLAINT)
    line = export_line(append(GENESIS, 1, "filed", recorded_at=NOW, data=public))
    assert all(secret not in line for secret in SECRETS)
    assert sorted(map(str, vault.values())) == sorted(SECRETS)
    assert public["customer"]["policy_numbers"][0] == {
        "sealed": commit("salt", 3, "customer.policy_numbers.0", "PN-0001")
    }
    assert public["circumstances"] == {
        "headcount": 6,
        "known_at": "2026-11-24T01:12:00.000000Z",
        "persons": ["p-1"],
    }


@pytest.mark.rule("R29")
@pytest.mark.parametrize("kind", MODELS)
def test_no_free_text_of_any_kind_of_fact_is_in_the_record(kind: str) -> None:
    public, vault = sealed(FACT.validate_python(FULL[kind]))
    assert "secret" not in str(public)
    assert str(vault).count("secret") == str(FULL[kind]).count("secret")
    assert "kind" not in public
    assert "by" not in public


@pytest.mark.rule("R29")
def test_the_words_can_be_put_back_while_the_vault_has_them() -> None:
    public, vault = sealed(COMPLAINT)
    again = opened(public, vault)
    assert Complaint.model_validate(again) == COMPLAINT


@pytest.mark.rule("R29")
@given(erased=st.sets(st.integers(0, 4)))
def test_erasing_words_keeps_the_chain_whole(erased: set[int]) -> None:
    public, vault = sealed(COMPLAINT)
    entry = append(GENESIS, 1, "filed", recorded_at=NOW, data=public)
    for place, commitment in enumerate(list(vault)):
        if place in erased:
            del vault[commitment]
    assert verify([export_line(entry)], entry.hash).attested == 1
    assert str(opened(entry.data, vault)).count("'sealed'") == len(erased)


def test_what_was_not_said_is_left_out() -> None:
    assert sealed(fact("scene_support_requested")) == ({}, {})
    assert sealed(fact("report_submitted", content={}, circumstances={}))[0] == {"via": "system"}
    assert sealed(fact("circumstances_reported", media=False, headcount=0))[0] == {"headcount": 0, "media": False}


def test_the_parts_of_a_report_are_sealed_one_by_one() -> None:
    public, vault = sealed(fact("report_submitted", report="initial", content={"course": "a", "people_count": 4}))
    assert public["content"] == {"course": {"sealed": commit("salt", 3, "content.course", "a")}, "people_count": 4}
    assert list(vault.values()) == ["a"]


def test_what_a_member_brings_along_is_sealed_as_one() -> None:
    brought = {"persons": ["p-1"], "outlet": "gd-gz-th-0001"}
    public, vault = sealed(fact("member_joined", incident_id="GD-1", membership=brought))
    assert list(vault.values()) == [brought]
    assert opened(public, vault)["membership"] == brought


@given(words=st.text(max_size=20))
def test_a_commitment_depends_on_all_it_is_made_of(words: str) -> None:
    one = commit("salt", 3, "reason", words)
    assert one == commit("salt", 3, "reason", words)
    others = {
        commit("salt2", 3, "reason", words),
        commit("salt", 4, "reason", words),
        commit("salt", 3, "reason.0", words),
        commit("salt", 3, "reason", words + "x"),
    }
    assert len(others | {one}) == 5
