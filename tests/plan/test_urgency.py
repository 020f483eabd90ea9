"""What is never made to wait at a door."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.urgency import KINDS, cannot_wait

COMPLAINT = {"channel": "outlet", "reason": "r", "outlet": "gd-gz-th-0001"}
CRISES = [
    {"headcount": 5},
    {"persons": ["p-1", "p-2", "p-3", "p-4", "p-5"]},
    {"government": True},
    {"regulator": True},
    {"media": True},
    {"disrupts_outlet": True},
    {"property_loss": True},
    {"reputation_loss": True},
    {"social_impact": True},
]
USUAL = [None, {}, {"headcount": 4}, {"media": False}, {"persons": ["p-1"], "known_at": "2026-11-24T09:12:00+08:00"}]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.rule("R2", "R24")
@pytest.mark.parametrize("circumstances", CRISES)
def test_a_complaint_that_is_a_crisis_cannot_wait(circumstances: dict[str, object]) -> None:
    assert cannot_wait({**COMPLAINT, "circumstances": circumstances})


@pytest.mark.parametrize("circumstances", USUAL)
def test_any_other_complaint_can(circumstances: dict[str, object] | None) -> None:
    assert not cannot_wait({**COMPLAINT, "circumstances": circumstances})


@pytest.mark.rule("R2.2")
@pytest.mark.parametrize("channel", ["media", "regulator"])
def test_one_that_came_by_the_media_or_a_regulator_cannot(channel: str) -> None:
    assert cannot_wait({**COMPLAINT, "channel": channel})


@pytest.mark.rule("R39", "R43", "R45", "R46")
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_starts_or_meets_a_clock_or_tells_of_a_group_cannot(kind: str) -> None:
    assert cannot_wait({"kind": kind})


@pytest.mark.parametrize("kind", ["noted", "insurer_progressed", "closed", "checklist_done", 7, None, ["a"], {}])
def test_what_only_adds_to_the_record_can(kind: object) -> None:
    assert not cannot_wait({"kind": kind})


def test_circumstances_that_cannot_be_read_are_not_held_back() -> None:
    assert cannot_wait({**COMPLAINT, "circumstances": {"headcount": "many"}})


@given(before=st.lists(json_values), after=st.lists(json_values))
def test_one_urgent_row_is_enough(before: list[object], after: list[object]) -> None:
    assert cannot_wait([*before, {"kind": "group_signs_seen"}, *after])
    assert cannot_wait({"specversion": "1.0", "data": {"kind": "group_signs_seen"}})
    assert cannot_wait({"specversion": "1.0", "data_base64": "e30="})


@given(sent=json_values)
def test_whatever_is_sent_is_judged(sent: object) -> None:
    assert cannot_wait(sent) in (True, False)
