"""What people hand in as JSON: files, standard input, broken and huge ones; and `--set`."""

from pathlib import Path
from typing import Any

import pytest

from plan.errors import Malformed
from plan.malformed import parse_fact
from starter.reading import MAX_BYTES, parse_object, read_object
from starter.sets import fields_of
from tests.cli.conftest import Tocsin


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"  \n",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"{} {}",
        b'{"a": NaN}',
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 2}}',
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"a": 1' + b"0" * 5_000 + b"}",
    ],
)
def test_what_is_not_one_json_object_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        parse_object(raw, "it")


def test_a_byte_order_mark_is_no_fault() -> None:
    assert parse_object(b'\xef\xbb\xbf{"a": 1}', "it") == {"a": 1}


def test_ten_megabytes_are_refused_without_being_read_whole(tmp_path: Path, tocsin: Tocsin) -> None:
    body = b'{"reason": "' + b"x" * 10_000_000 + b'"}'
    (tmp_path / "big.json").write_bytes(body)
    with pytest.raises(Malformed, match=f"{MAX_BYTES:,}"):
        read_object(str(tmp_path / "big.json"))
    said = tocsin("file", "-", stdin=body)
    assert said.code == 2
    assert len(said.err) < 500


def test_a_message_does_not_repeat_what_was_sent(tocsin: Tocsin) -> None:
    said = tocsin("file", "-", "--json", stdin=b'{"channel": "outlet", "reason": "r", "phone": "13900000000"}')
    assert said.code == 2
    assert said.json["error"]["type"] == "Malformed"
    assert "13900000000" not in said.out + said.err


@pytest.mark.parametrize("source", ["no-such-file.json", "."])
def test_a_file_that_cannot_be_read_is_malformed(tocsin: Tocsin, source: str) -> None:
    said = tocsin("file", source)
    assert said.code == 2
    assert "was not read" in said.err


def test_an_unknown_kind_names_the_kinds(tocsin: Tocsin) -> None:
    said = tocsin("tell", "X-1", "exploded", "--by", "gd.work")
    assert said.code == 2
    assert "calming_attempted" in said.err


def test_a_fact_needs_somebody_who_tells_it(tocsin: Tocsin) -> None:
    said = tocsin("tell", "X-1", "noted", "--set", "text=a")
    assert said.code == 2
    assert "--by" in said.err


@pytest.mark.parametrize(
    ("kind", "settings", "fields"),
    [
        ("circumstances_reported", ["headcount=6", "media=true"], {"headcount": 6, "media": True}),
        ("customer_recorded", ["phone=13800000000", "name=007"], {"phone": "13800000000", "name": "007"}),
        ("customer_recorded", ["policy_numbers=123456"], {"policy_numbers": ["123456"]}),
        ("customer_recorded", ["policy_numbers=1", "policy_numbers=A"], {"policy_numbers": ["1", "A"]}),
        ("customer_recorded", ['policy_numbers=["1","2"]'], {"policy_numbers": ["1", "2"]}),
        ("report_submitted", ["content.course=一句话", "content.people_count=6"],
         {"content": {"course": "一句话", "people_count": 6}}),
        ("report_submitted", ["circumstances.headcount=6"], {"circumstances": {"headcount": 6}}),
        ("handed_to_insurer", ["due_at=2026-12-01T17:00:00+08:00"], {"due_at": "2026-12-01T17:00:00+08:00"}),
        ("noted", ["text=a=b"], {"text": "a=b"}),
        ("noted", ["text=true"], {"text": "true"}),
        ("noted", ["text="], {"text": ""}),
    ],
)  # fmt: skip
def test_set_gives_the_fields_that_the_fact_wants(kind: str, settings: list[str], fields: dict[str, Any]) -> None:
    assert fields_of(kind, settings, {}) == fields
    parse_fact({"kind": kind, "by": "x", **fields})


def test_set_goes_over_a_file() -> None:
    assert fields_of("noted", ["text=b"], {"text": "a", "occurred_at": None}) == {"text": "b", "occurred_at": None}


@pytest.mark.parametrize("setting", ["text", "=a", "a..b=1", ".=1"])
def test_a_set_without_a_field_or_value_is_malformed(setting: str) -> None:
    with pytest.raises(Malformed):
        fields_of("noted", [setting], {})
