"""The record: a chain in which every change shows, also one that was meant to be hidden (contract, section 8; R62)."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from plan.record import GENESIS, Entry, append, digest, export_line
from plan.verification import Fault, verify

NOON = datetime(2026, 11, 24, 4, 0, 0, 250_000, tzinfo=UTC)
WORDS: list[dict[str, JsonValue]] = [
    {"headcount": 6, "media": True},
    {"reason": {"sealed": "ab" * 32}},
    {},
    {"due_at": "2026-11-24T02:45:00.000000Z", "owed_by": "gd-gz-th-0001", "zh": "未说服", "escaped": 'a"\\\n\x7f'},
    {"persons": ["k1", "k2"], "nothing": None},
]


def chain(length: int = len(WORDS)) -> list[Entry]:
    entries: list[Entry] = []
    previous = GENESIS
    for place in range(length):
        at = NOON + timedelta(minutes=place // 2)
        entry = append(
            previous,
            place + 1,
            "noted",
            recorded_at=at,
            received_at=at - timedelta(seconds=1),
            by="gd-gz-th.work",
            door="cli",
            rule="R19",
            about=f"f-{place}",
            data=WORDS[place % len(WORDS)],
        )
        entries.append(entry)
        previous = entry.hash
    return entries


def lines_of(entries: list[Entry]) -> list[str]:
    return [export_line(entry) for entry in entries]


def rewritten(entry: Entry, **changes: JsonValue) -> str:
    """The entry changed, and its hash computed again, as someone with time would do it."""
    body: dict[str, JsonValue] = {**json.loads(export_line(entry)), **changes}
    return rfc8785.dumps({**body, "hash": digest(body)}).decode()


@pytest.mark.rule("R62")
def test_a_record_nobody_touched_is_internally_consistent_and_no_more() -> None:
    entries = chain()
    found = verify(line + "\n" for line in lines_of(entries))
    assert (found.entries, found.head, found.fault, found.first_bad) == (5, entries[-1].hash, None, None)
    assert "internally consistent" in found.words
    assert "内部一致" in found.words_zh


def test_the_hash_covers_the_entry_without_its_own_hash_in_canonical_form() -> None:
    entry = chain(2)[1]
    body = json.loads(export_line(entry))
    assert body.pop("hash") == entry.hash == digest(body)
    assert body["previous"] == chain(1)[0].hash
    assert body["recorded_at"] == "2026-11-24T04:00:00.250000Z"
    assert set(body) == set(Entry.model_fields) - {"hash"}


def test_the_same_entries_make_the_same_hashes_in_any_time_zone() -> None:
    at = NOON.astimezone(datetime.fromisoformat("2026-01-01T00:00:00+08:00").tzinfo)
    assert append(GENESIS, 1, "filed", recorded_at=at) == append(GENESIS, 1, "filed", recorded_at=NOON)


def test_what_came_through_no_door_was_received_when_it_was_recorded() -> None:
    assert append(GENESIS, 1, "clock_met", recorded_at=NOON).received_at == NOON


def test_an_entry_survives_the_journey_through_a_history() -> None:
    for entry in chain():
        assert Entry.model_validate_json(entry.model_dump_json()) == entry
        assert export_line(Entry.model_validate_json(export_line(entry))) == export_line(entry)


@pytest.mark.rule("R62")
@given(data=st.data())
def test_any_changed_byte_is_found_and_its_entry_named(data: st.DataObject) -> None:
    lines = [line.encode() for line in lines_of(chain())]
    bad = data.draw(st.integers(0, len(lines) - 1))
    line = bytearray(lines[bad])
    place = data.draw(st.integers(0, len(line) - 1))
    line[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != line[place]))
    lines[bad] = bytes(line)
    found = verify(line.decode(errors="surrogateescape") for line in lines)
    assert found.first_bad == bad + 1
    assert found.fault is not None
    assert found.entries == bad
    assert f"entry {bad + 1} " in found.words
    assert f"第 {bad + 1} 条" in found.words_zh


@given(bad=st.integers(0, 4), junk=st.text())
def test_whatever_a_line_holds_is_answered_with_a_finding(bad: int, junk: str) -> None:
    lines = lines_of(chain())
    lines[bad] = "!" + junk
    assert verify(lines).first_bad == bad + 1


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("not json", Fault.NOT_JSON),
        ("[" * 100_000, Fault.NOT_JSON),
        ("[]", Fault.UNKNOWN_SHAPE),
        ("7", Fault.UNKNOWN_SHAPE),
        ('{"sequence": 1}', Fault.UNKNOWN_SHAPE),
        (export_line(chain(1)[0])[:-1] + ',"more":1}', Fault.UNKNOWN_SHAPE),
        (export_line(chain(1)[0]).replace('"headcount":6', '"headcount":NaN'), Fault.UNKNOWN_SHAPE),
        (export_line(chain(1)[0]).replace('"headcount":6', '"headcount":' + "9" * 30), Fault.UNKNOWN_SHAPE),
        (export_line(chain(1)[0]).replace('"headcount":6', '"x":{"\\ud800":1}'), Fault.UNKNOWN_SHAPE),
        (export_line(chain(1)[0]).replace('"headcount":6', '"headcount":7'), Fault.WRONG_HASH),
        (export_line(chain(1)[0]).replace('"headcount":6', '"headcount":6.0'), Fault.NOT_CANONICAL),
        (export_line(chain(1)[0]).replace('"headcount":6', '"headcount": 6'), Fault.NOT_CANONICAL),
        (rewritten(chain(1)[0], sequence=2), Fault.SEQUENCE_GAP),
        (rewritten(chain(1)[0], previous="1" * 64), Fault.WRONG_PREVIOUS),
        (rewritten(chain(1)[0], recorded_at="yesterday"), Fault.UNKNOWN_SHAPE),
    ],
)
def test_each_kind_of_misfit_has_its_name(line: str, fault: Fault) -> None:
    found = verify([line])
    assert (found.fault, found.first_bad, found.entries, found.head) == (fault, 1, 0, GENESIS)


def test_an_entry_left_out_shows_at_the_next() -> None:
    lines = lines_of(chain())
    del lines[2]
    assert (verify(lines).fault, verify(lines).first_bad) == (Fault.SEQUENCE_GAP, 3)


def test_two_entries_exchanged_show() -> None:
    lines = lines_of(chain())
    lines[1], lines[2] = lines[2], lines[1]
    assert verify(lines).first_bad == 2


def test_an_entry_rewritten_with_a_new_hash_shows_at_the_one_after_it() -> None:
    entries = chain()
    lines = lines_of(entries)
    lines[1] = rewritten(entries[1], by="someone.else")
    assert (verify(lines).fault, verify(lines).first_bad) == (Fault.WRONG_PREVIOUS, 3)


def test_time_does_not_run_backwards_in_a_record() -> None:
    first = append(GENESIS, 1, "filed", recorded_at=NOON)
    second = append(first.hash, 2, "noted", recorded_at=NOON - timedelta(microseconds=1))
    assert verify(lines_of([first, second])).fault is Fault.TIME_BACKWARDS


def test_a_head_that_a_second_party_holds_vouches_for_everything_up_to_it() -> None:
    entries = chain()
    whole = verify(lines_of(entries), entries[-1].hash.upper() + "\n")
    assert (whole.fault, whole.attested) == (None, 5)
    assert "internally" not in whole.words
    older = verify(lines_of(entries), entries[2].hash)
    assert (older.fault, older.attested) == (None, 3)
    assert "2 after it are internally consistent only" in older.words


@pytest.mark.rule("R62")
@pytest.mark.parametrize("kept", [1, 4])
def test_a_cut_end_shows_only_against_the_head_of_a_second_party(kept: int) -> None:
    entries = chain()
    assert verify(lines_of(entries)[:kept]).fault is None
    found = verify(lines_of(entries)[:kept], entries[-1].hash)
    assert (found.fault, found.first_bad, found.attested) == (Fault.OTHER_HEAD, None, None)
    assert "internally consistent, but" in found.words


def test_a_wrong_head_is_not_mistaken_for_none() -> None:
    assert verify(lines_of(chain()), "").fault is Fault.OTHER_HEAD
    assert verify(lines_of(chain()), GENESIS).fault is Fault.OTHER_HEAD


def test_an_empty_record_proves_nothing() -> None:
    assert verify([]).fault is Fault.EMPTY
    assert verify(["\n", ""]).fault is Fault.EMPTY
