"""A CSV file however broken: a bad row costs itself, never the rest of the file."""

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plan.errors import Misconfigured
from starter.rows import MAX_LINE, Row, Unreadable, columns, rows

PLAIN = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


def read(path: Path, content: bytes) -> list[Row | Unreadable]:
    path.write_bytes(content)
    return list(rows(path))


@given(table=st.lists(st.tuples(PLAIN, PLAIN.map(lambda text: text + '\n"x",')), max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_spreadsheet_writes_is_read_back(tmp_path: Path, table: list[tuple[str, str]]) -> None:
    path = tmp_path / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("a", "b"), *table])
    assert [tuple(row.cells.values()) for row in rows(path) if isinstance(row, Row)] == table


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b'2,"never closed', "quoted cell"),
        (b'2,"a"b', "closing quote"),
        (b"2", "1 cells"),
        (b"2,a,b", "3 cells"),
        (b"2,\xff", "not utf-8"),
        (b"2,a\0b", "NUL"),
        (b"2,a\rb", "carriage return"),
        (b"2," + b"x" * (MAX_LINE + 10), "longer than"),
    ],
)
def test_one_bad_row_costs_itself_only(tmp_path: Path, bad: bytes, why: str) -> None:
    found = read(tmp_path / "t.csv", b"id,reason\n1,one\n" + bad + b"\n3,three\n4,four\n")
    assert [row.cells["id"] for row in found if isinstance(row, Row)] == ["1", "3", "4"]
    wrong = [row for row in found if isinstance(row, Unreadable)]
    assert [row.line for row in wrong] == [3]
    assert why in wrong[0].why


def test_a_cell_cut_at_the_end_of_the_file_is_named(tmp_path: Path) -> None:
    found = read(tmp_path / "t.csv", b'id,reason\n1,one\n2,"cut in the mid')
    assert isinstance(found[-1], Unreadable)
    assert found[-1].why == "a quoted cell is never closed"


def test_a_bad_line_inside_an_open_quote_is_still_its_own_row(tmp_path: Path) -> None:
    found = read(tmp_path / "t.csv", b'id,reason\n2,"open\n3,three\n4,\xff\n5,five\n')
    assert [row.line for row in found if isinstance(row, Unreadable)] == [2, 4]
    assert [row.cells["id"] for row in found if isinstance(row, Row)] == ["3", "5"]


def test_a_byte_order_mark_blank_lines_and_other_line_ends_are_no_fault(tmp_path: Path) -> None:
    found = read(tmp_path / "t.csv", b"\xef\xbb\xbfid,reason\r\n\r\n1,one\r\n\n")
    assert found == [Row(3, {"id": "1", "reason": "one"})]


@pytest.mark.parametrize("content", [b"", b"id,id\n1,2\n", b"id,\n1,2\n", b'"id\n', b"i\0d\n"])
def test_a_file_without_a_usable_header_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(Misconfigured):
        columns(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="was not read"):
        columns(tmp_path / "none.csv")


def test_chinese_encodings_are_read(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("id,reason\n1,收益不符\n".encode("gb18030"))
    assert list(rows(path, encoding="gb18030")) == [Row(2, {"id": "1", "reason": "收益不符"})]
