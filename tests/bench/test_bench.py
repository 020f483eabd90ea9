"""What can be held to without a quiet machine, and that the measurements still run."""

from pathlib import Path

import pytest

from bench import complaints, evaluation, history
from bench.books import after
from bench.tables import Options, Table, spread
from runtime.documents import SAMPLE, load_organisation
from starter.import_map import load_map
from starter.importing import Reader, Ready
from starter.rows import rows


@pytest.mark.server
async def test_an_ordinary_complaint_stays_within_its_history_events() -> None:
    table = await history.measure(Options(rounds=1))
    assert table.held


async def test_an_evaluation_is_measured_part_by_part() -> None:
    table = await evaluation.measure(Options(rounds=1))
    ratios = {row[0]: float(row[3]) for row in table.rows}
    assert list(ratios)[:3] == ["evaluation", "advance", "check"]
    assert max(ratios.values()) < 5, "what twenty times as many facts cost: chases that are over were looked at anew"


def test_every_fact_of_the_long_crisis_is_accepted() -> None:
    book = after(40).book
    assert sum(entry.what == "refused" for entry in book.entries) == 0
    assert book.incident.episodes


def test_the_made_up_file_is_importable_row_by_row(tmp_path: Path) -> None:
    file, map_file = complaints.write(tmp_path)
    for live in (False, True):
        reader = Reader(load_map(map_file), live=live, organisation=load_organisation(SAMPLE) if live else None)
        read = list(reader.read(rows(file)))
        assert len(read) == complaints.ROWS
        assert all(isinstance(row, Ready) for row in read)


def test_a_table_says_whether_its_claim_held() -> None:
    table = Table(
        title="speed", claim="fast.", columns=("what", "ms"), rows=[("all", spread([1.0, 3.0, 2.0]))], held=True
    )
    assert "Claim: fast. **held**" in str(table)
    assert "| all | 2.00 (1.00-3.00) |" in str(table)
