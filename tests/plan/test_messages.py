"""What arrives at an incident: facts, envelopes, seals and whatever else somebody sends (contract, section 2)."""

from typing import Any

import pytest

from plan.messages import Bad, read_message
from plan.start import Start, filed_at
from plan.told import Told
from tests.plan.times import at

NOW = at("10:00")
FACT = {"kind": "noted", "by": "gd-gz-th.work", "text": "x"}
SEALED: dict[str, Any] = {"fact": FACT, "received_at": "2026-11-24T09:50:00+08:00", "door": "cli", "seal": {"key": "k"}}


def read(said: object, *, valid: bool = True, kind: str | None = None) -> Told | Bad:
    return read_message(
        said, incident_id="I", now=NOW, fact_id="made", open_seal=lambda incident, envelope: valid, kind=kind
    )


def told(said: object, *, valid: bool = True, kind: str | None = None) -> Told:
    found = read(said, valid=valid, kind=kind)
    assert isinstance(found, Told), found
    return found


@pytest.mark.rule("R43")
def test_a_sealed_stamp_is_believed() -> None:
    found = told(SEALED)
    assert (found.received_at, found.recorded_at, found.door, found.sealed) == (at("09:50"), NOW, "cli", True)


@pytest.mark.rule("R43")
def test_without_a_valid_seal_the_stamp_is_the_workflows_own_time() -> None:
    unsealed = {name: value for name, value in SEALED.items() if name != "seal"}
    for found in (told(SEALED, valid=False), told(unsealed), told(FACT)):
        assert (found.received_at, found.door, found.sealed, found.from_within) == (NOW, "temporal", False, False)


@pytest.mark.rule("R43")
def test_a_sealed_stamp_in_the_future_is_held_back_and_noted() -> None:
    found = told({**SEALED, "received_at": "2026-11-24T10:00:01+08:00"})
    assert (found.received_at, found.held_from) == (NOW, at("10:00:01"))


def test_a_seal_over_a_stamp_that_is_none_gives_the_workflows_own_time() -> None:
    found = told({**SEALED, "received_at": "yesterday"})
    assert (found.received_at, found.door) == (NOW, "temporal")


def test_a_fact_without_an_id_is_given_one() -> None:
    assert told(FACT).fact_id == "made"
    assert told({**FACT, "fact_id": "own"}).fact_id == "own"


def test_a_signal_of_one_kind_supplies_it_and_takes_no_other() -> None:
    assert told({"by": "gd-gz-th.work"}, kind="resolved").fact.kind == "resolved"
    found = read(FACT, kind="resolved")
    assert isinstance(found, Bad)
    assert (found.kind, found.by) == ("noted", "gd-gz-th.work")


@pytest.mark.parametrize(
    "said",
    [
        None,
        7,
        "text",
        [],
        [FACT, FACT],
        {},
        {"fact": None},
        {"fact": FACT, "more": 1},
        {"kind": "nothing"},
        {"kind": 7},
    ],
)
def test_whatever_cannot_be_read_is_said_to_be_so_and_never_an_error(said: object) -> None:
    for kind in (None, "resolved"):
        found = read(said, kind=kind)
        assert isinstance(found, Bad) or found.fact.kind == "resolved"
        if isinstance(found, Bad):
            assert found.why


def test_a_malformed_message_names_its_sender_only_where_that_is_an_id() -> None:
    named = read({"kind": "noted", "by": "gd-gz-th.work"})
    other = read({"kind": "noted", "by": "佘某 1390"})
    assert isinstance(named, Bad)
    assert isinstance(other, Bad)
    assert (named.by, other.by, named.kind) == ("gd-gz-th.work", None, "noted")


@pytest.mark.rule("R24", "R43")
def test_a_complaints_stamp_is_believed_when_sealed_and_held_back_when_it_lies_ahead() -> None:
    start = Start(incident_id="I", complaint={}, received_at="2026-11-24T09:50:00+08:00", door="cli", seal={"key": "k"})
    assert filed_at(start, NOW, lambda incident, envelope: True)[:2] == (at("09:50"), "cli")
    assert filed_at(start, NOW, lambda incident, envelope: False)[:2] == (NOW, "temporal")
    ahead = start.model_copy(update={"received_at": "2026-11-24T11:00:00+08:00"})
    assert filed_at(ahead, NOW, lambda incident, envelope: True).at == NOW
    wrong = start.model_copy(update={"received_at": "soon"})
    assert filed_at(wrong, NOW, lambda incident, envelope: True)[:2] == (NOW, "temporal")
