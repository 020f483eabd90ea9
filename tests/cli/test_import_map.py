"""The map of an import: columns become fields, and what the file does not say is said to be assigned."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.errors import Misconfigured
from starter.import_map import Cell, load_map, slug, text_of
from tests.cli.conftest import EXAMPLE

ROW = {
    "company": "Anhe Life (The)",
    "reason": "Service",
    "opened": "2026-11-24",
    "at": "2026-11-24T09:12:00+08:00",
    "no": "",
}


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ({"value": "outlet"}, "outlet"),
        ({"value": True}, True),
        ({"column": "company"}, "Anhe Life (The)"),
        ({"column": "company", "slug": True}, "anhe-life-the"),
        ({"column": "reason", "values": {"Service": "after_sales"}}, "after_sales"),
        ({"column": "reason", "values": {"Other": "x"}, "otherwise": "other"}, "other"),
        ({"column": "no"}, None),
        ({"column": "no", "otherwise": "other"}, "other"),
        ({"text": "{reason}: {company}"}, "Service: Anhe Life (The)"),
        ({"text": "{no} / {no}", "otherwise": "not stated"}, "not stated"),
        ({"column": "opened", "date": "%Y-%m-%d", "at": "09:00"}, "2026-11-24T01:00:00+00:00"),
        ({"column": "at"}, "2026-11-24T09:12:00+08:00"),
    ],
)
def test_a_cell_says(cell: dict[str, Any], said: object) -> None:
    assert text_of(Cell.model_validate(cell), ROW, "Asia/Shanghai") == said


@pytest.mark.parametrize(
    "cell",
    [
        {"column": "reason", "values": {"Other": "x"}},
        {"column": "reason", "date": "%Y-%m-%d"},
    ],
)
def test_a_row_that_does_not_fit_the_map_is_rejected_without_its_words(cell: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="reason") as refused:
        text_of(Cell.model_validate(cell), ROW, "Asia/Shanghai")
    assert "Service" not in str(refused.value)


@given(st.text(max_size=200))
def test_a_slug_is_an_id_or_nothing(text: str) -> None:
    made = slug(text)
    assert slug(made) == made
    assert made == "" or (made.isascii() and made[0] != "-" and len(made) <= 100)


def test_the_example_says_what_it_assigns() -> None:
    found = load_map(EXAMPLE / "map.yaml")
    assert found.note() == "assigned at import: outlet, time of day 09:00/17:00 America/New_York"
    assert set(found.columns()) >= {"file_no", "opened", "closed", "company", "reason", "disposition"}


def test_an_instant_in_a_zone_with_summer_time_is_placed_in_it() -> None:
    cell = Cell.model_validate({"column": "d", "date": "%Y-%m-%d", "at": "09:00"})
    assert text_of(cell, {"d": "2026-07-01"}, "America/New_York") == datetime(2026, 7, 1, 13, tzinfo=UTC).isoformat()
    assert text_of(cell, {"d": "2026-01-01"}, "America/New_York") == datetime(2026, 1, 1, 14, tzinfo=UTC).isoformat()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("id: {column: a}\n", "complaint"),
        ('id: {column: a}\ncomplaint: {channel: {value: "outlet", column: "b"}}\n', "exactly one"),
        ('id: {column: a}\ncomplaint: {channel: {value: "outlet"}}\ntime_zone: "Mars/One"\n', "time zone"),
        ('id: {column: a}\ncomplaint: {channel: {value: "outlet"}}\nencoding: "utf-16"\n', "encoding"),
        ('id: {column: a}\ncomplaint: {channel: {value: "outlet"}}\nextra: 1\n', "extra"),
        ('id: {column: a}\ncomplaint: {when: {column: "b", at: "09:00"}}\n', "time of day"),
        ("not: [a map\n", "YAML"),
    ],
)
def test_a_faulty_map_is_refused_with_its_line(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Misconfigured, match=why) as refused:
        load_map(path)
    assert "map.yaml:" in str(refused.value)
