"""`tocsin import` without a server: every row is read and checked, and ends somewhere."""

import asyncio
import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from plan.errors import Conflict, Unreachable
from plan.organisation import Organisation
from runtime.documents import SAMPLE, load_organisation
from starter.import_map import ImportMap, load_map
from starter.importing import Reader, Ready, Rejected, Tally, file_all
from starter.rows import Row, rows
from tests.cli.conftest import EXAMPLE, Tocsin

HEADER = "file_no,opened,closed,company,coverage,subcoverage,reason,subreason,disposition,conclusion,recovery,n_lines\n"
GOOD = "{},2026-01-05,2026-02-01,Some Life Company,Individual Life,Term,Underwriting,Rescission,No Action,,0.0,1\n"
REAL = Path(__file__).parents[3] / "shared" / "data" / "ct_life_annuity_marketing.csv"


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def written(*lines: str) -> Path:
        path = tmp_path / "rows.csv"
        path.write_text(HEADER + "".join(lines), encoding="utf-8")
        return path

    return written


def dry(tocsin: Tocsin, path: Path, *more: str) -> tuple[int, dict[str, object]]:
    said = tocsin("import", path, "--map", EXAMPLE / "map.yaml", "--dry-run", "--json", *more)
    return said.code, said.json


def test_a_dry_run_asks_no_server_and_files_nothing(tocsin: Tocsin, file: Callable[..., Path]) -> None:
    code, said = dry(tocsin, file(GOOD.format(1), GOOD.format(2)))
    assert code == 0
    assert said == {"ready": 2, "rejected": 0, "dry_run": True, "rejected_file": None}


def test_rejected_rows_go_to_a_file_with_line_and_reason(tocsin: Tocsin, file: Callable[..., Path]) -> None:
    path = file(
        GOOD.format(1),
        GOOD.format(1),
        GOOD.format(""),
        GOOD.format("a b"),
        GOOD.format(2).replace("2026-01-05", "05.01.2026"),
        GOOD.format(3).replace("2026-02-01", "2025-02-01"),
        "4,too,few\n",
        GOOD.format(5),
    )
    code, said = dry(tocsin, path)
    assert (code, said["ready"], said["rejected"]) == (1, 2, 6)
    with (path.parent / "rows.rejected.csv").open(encoding="utf-8", newline="") as rejected:
        found = list(csv.DictReader(rejected))
    assert [row["rejected_line"] for row in found] == ["3", "4", "5", "6", "7", "8"]
    reasons = [row["rejected_because"] for row in found]
    for reason, words in zip(
        reasons, ("same id as line 2", "blank", "id", "date", "closed before", "3 cells"), strict=True
    ):
        assert words in reason
    assert found[0]["company"] == "Some Life Company"


@pytest.mark.rule("R29")
@pytest.mark.parametrize("live", [False, True])
def test_a_row_whose_id_may_be_somebodys_number_is_rejected_with_the_reason(
    file: Callable[..., Path], live: bool
) -> None:
    number, good = read(file(GOOD.format("13912345678"), GOOD.format("70210813")), live=live)
    assert isinstance(number, Rejected)
    assert number.why.startswith("file_no holds what looks like a mobile number")
    assert "13912345678" not in number.why
    assert isinstance(good, Ready)


def test_rejected_rows_of_an_earlier_run_do_not_stay(tocsin: Tocsin, file: Callable[..., Path]) -> None:
    assert dry(tocsin, file("1\n"))[0] == 1
    path = file(GOOD.format(1))
    assert dry(tocsin, path)[0] == 0
    assert not (path.parent / "rows.rejected.csv").exists()


@pytest.mark.parametrize(
    ("content", "code"), [("a,b\n1,2\n", 2), ("", 2), (HEADER, 0)], ids=["other columns", "empty", "no rows"]
)
def test_a_file_that_does_not_fit_the_map_is_refused(tocsin: Tocsin, tmp_path: Path, content: str, code: int) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(content, encoding="utf-8")
    assert tocsin("import", path, "--map", EXAMPLE / "map.yaml", "--dry-run").code == code


def test_no_server_is_exit_code_3_and_says_how_to_go_on(tocsin: Tocsin, file: Callable[..., Path]) -> None:
    assert tocsin("import", file(GOOD.format(1)), "--map", EXAMPLE / "map.yaml").code == 3


def read(path: Path, *, live: bool = False, organisation: Organisation | None = None) -> list[Ready | Rejected]:
    return list(Reader(load_map(EXAMPLE / "map.yaml"), live=live, organisation=organisation).read(rows(path)))


def test_history_carries_its_stamps_and_how_it_ended(file: Callable[..., Path]) -> None:
    (ready,) = read(file(GOOD.format(7)))
    assert isinstance(ready, Ready)
    assert ready.history is not None
    assert ready.received_at is not None
    assert ready.received_at.isoformat() == "2026-01-05T14:00:00+00:00"
    assert str(ready.history.closed_at) == "2026-02-01 22:00:00+00:00"
    assert ready.history.outcome == "No Action /"
    assert ready.complaint.incident_id == "CT-7"
    assert ready.complaint.source is not None
    assert "assigned at import: outlet" in str(ready.complaint.source.reference)


def test_a_live_row_is_received_now_and_is_no_history(file: Callable[..., Path]) -> None:
    (ready,) = read(file(GOOD.format(7)), live=True)
    assert isinstance(ready, Ready)
    assert (ready.received_at, ready.history) == (None, None)
    assert ready.complaint.complained_at is not None


def test_a_live_row_at_a_place_nobody_knows_is_rejected(file: Callable[..., Path]) -> None:
    path = file(GOOD.format(7))
    (rejected,) = read(path, live=True, organisation=load_organisation(SAMPLE))
    assert isinstance(rejected, Rejected)
    assert "ct-hfd-0001 is not in the organisation" in rejected.why
    (ready,) = read(path, organisation=load_organisation(SAMPLE))
    assert isinstance(ready, Ready)


@pytest.mark.skipif(not REAL.exists(), reason="the department's file is not part of the project")
def test_every_row_of_the_departments_file_is_ready(tocsin: Tocsin, tmp_path: Path) -> None:
    path = tmp_path / "ct.csv"
    path.write_bytes(REAL.read_bytes())
    code, said = dry(tocsin, path)
    assert (code, said["ready"]) == (0, 1507)


def ready_rows(count: int) -> list[Ready | Rejected]:
    chosen = ImportMap.model_validate(
        {
            "id": {"column": "id"},
            "complaint": {"channel": {"value": "outlet"}, "reason": {"value": "r"}, "unit": {"value": "gd"}},
        }
    )
    return list(Reader(chosen).read(Row(n, {"id": f"X-{n}"}) for n in range(count)))


async def test_no_more_than_so_many_are_on_their_way() -> None:
    on_the_way, most = 0, 0

    async def file_one(ready: Ready) -> bool:
        nonlocal on_the_way, most
        on_the_way += 1
        most = max(most, on_the_way)
        await asyncio.sleep(0)
        on_the_way -= 1
        return True

    tally = Tally()
    await file_all(iter(ready_rows(50)), file_one, in_flight=8, tally=tally, rejected=print, progress=lambda: None)
    assert (tally.created, most) == (50, 8)


async def test_a_conflict_rejects_its_row_and_no_temporal_stops_the_import() -> None:
    async def file_one(ready: Ready) -> bool:
        if ready.complaint.incident_id == "X-3":
            raise Conflict("another complaint has this id")
        if ready.complaint.incident_id == "X-20":
            raise Unreachable("away")
        return ready.complaint.incident_id != "X-1"

    tally, rejected = Tally(), list[Rejected]()
    with pytest.raises(Unreachable):
        await file_all(
            iter(ready_rows(50)), file_one, in_flight=2, tally=tally, rejected=rejected.append, progress=lambda: None
        )
    assert [row.line for row in rejected] == [3]
    assert tally.existing == 1
    assert tally.rows < 50
