"""A seal holds a fact to its incident, its stamp and its door."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.errors import Malformed
from runtime.seals import Keyring, stamp

OLD, NEW, PERSON = b"o" * 32, b"n" * 32, b"p" * 32
KEYRING = Keyring({"new": NEW, "old": OLD}, PERSON)
AT = "2026-11-24T01:12:00.000000Z"
FACT = {"kind": "circumstances_reported", "fact_id": "f-1", "by": "gd-gz-th-0001.lead", "headcount": 6, "media": True}

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(fact=st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), values, max_size=5))
def test_a_sealed_fact_is_recognised_after_its_journey_as_json(fact: dict[str, Any]) -> None:
    envelope = json.loads(json.dumps(KEYRING.envelope("A-1", fact, AT, "cli")))
    assert KEYRING.valid("A-1", envelope)


@pytest.mark.parametrize(
    "change",
    [
        {"fact": {**FACT, "headcount": 5}},
        {"fact": {**FACT, "extra": None}},
        {"received_at": "2026-11-24T00:12:00.000000Z"},
        {"door": "gateway"},
        {"seal": {"key": "old", "mac": KEYRING.sign("A-1", FACT, AT, "cli")["mac"]}},
        {"seal": {"key": "unknown", "mac": KEYRING.sign("A-1", FACT, AT, "cli")["mac"]}},
        {"seal": {"key": "new", "mac": "é" * 64}},
        {"seal": {"key": "new", "mac": ""}},
        {"seal": {"key": ["new"], "mac": 5}},
        {"seal": None},
        {"seal": "new"},
        {"fact": "text"},
        {"fact": None},
        {"received_at": 7},
        {"door": 1.5},
    ],
)
def test_whatever_is_changed_breaks_the_seal_and_raises_nothing(change: dict[str, Any]) -> None:
    assert not KEYRING.valid("A-1", {**KEYRING.envelope("A-1", FACT, AT, "cli"), **change})


def test_a_seal_does_not_fit_another_incident() -> None:
    assert not KEYRING.valid("A-2", KEYRING.envelope("A-1", FACT, AT, "cli"))


def test_a_complaint_is_sealed_like_a_fact() -> None:
    complaint = {"channel": "outlet", "reason": "r", "outlet": "gd-gz-th-0001"}
    start = {
        "complaint": complaint,
        "received_at": AT,
        "door": "cli",
        "seal": KEYRING.sign("A-1", complaint, AT, "cli"),
    }
    assert KEYRING.valid("A-1", start)


def test_the_first_key_signs_and_an_older_one_is_still_recognised() -> None:
    before = Keyring({"old": OLD}, PERSON).envelope("A-1", FACT, AT, "cli")
    assert before["seal"]["key"] == "old"
    assert KEYRING.valid("A-1", before)
    assert KEYRING.envelope("A-1", FACT, AT, "cli")["seal"]["key"] == "new"


@pytest.mark.parametrize("said", [{"n": 2**60}, {"n": float("nan")}, {"n": b"x"}, {"n": "\ud800"}])
def test_what_is_not_plain_json_is_malformed(said: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match="plain JSON"):
        KEYRING.sign("A-1", said, AT, "cli")


def test_a_stamp_is_utc_with_microseconds() -> None:
    shanghai = timezone(timedelta(hours=8))
    assert stamp(datetime(2026, 11, 24, 9, 12, tzinfo=shanghai)) == AT
    assert stamp(datetime(2026, 11, 24, 1, 12, tzinfo=UTC)) == AT


def test_a_stamp_without_an_offset_is_malformed() -> None:
    with pytest.raises(Malformed, match="offset"):
        stamp(datetime(2026, 11, 24, 9, 12))  # noqa: DTZ001 - that is the fault


@pytest.mark.parametrize(
    ("name", "phone"),
    [
        ("张 三", "138-0000-0001"),
        ("张三", "+86 13800000001"),
        ("张三", "１３８００００００01"),
        ("张三 ", "008613800000001"),
    ],
)
def test_one_person_written_differently_has_one_key(name: str, phone: str) -> None:
    assert KEYRING.person_key(name, phone) == KEYRING.person_key("张三", "13800000001")


def test_a_person_key_tells_nothing_and_differs_by_person_and_by_installation() -> None:
    key = KEYRING.person_key("张三", "13800000001")
    assert key.startswith("p-")
    assert len(key) == 22
    assert KEYRING.person_key("张三", "13800000002") != key
    assert KEYRING.person_key("李四", "13800000001") != key
    assert Keyring({"new": NEW}, b"q" * 32).person_key("张三", "13800000001") != key


@pytest.mark.rule("R14")
@pytest.mark.parametrize("number", ["GZ 2024-000871", "gz2024000871", "ＧＺ2024000871", " GZ2024 000871 "])
def test_one_policy_written_differently_has_one_key(number: str) -> None:
    assert KEYRING.policy_key(number) == KEYRING.policy_key("GZ2024000871")


@pytest.mark.rule("R14", "R29")
def test_a_policy_key_tells_nothing_and_differs_by_policy_and_by_installation() -> None:
    key = KEYRING.policy_key("GZ2024000871")
    assert "000871" not in key
    assert key != KEYRING.policy_key("GZ2024000872")
    assert key != Keyring({"new": NEW}, b"q" * 32).policy_key("GZ2024000871")
    assert key != KEYRING.person_key("policy", "gz2024000871")
